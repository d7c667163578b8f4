"""Tasks that make a build visible: the manifest and the switch on disk, the artifacts in Prefect."""

from __future__ import annotations

import base64
from pathlib import Path

import pandas as pd
from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from tasks.adapters import outputs
from tasks.adapters.render import small_png
from tasks.core.manifest import ChartEntry, Manifest
from tasks.core.report import artifact_key, frontier_rows, headline_profiles, summary_markdown
from tasks.plan import RunPlan

_HEADLINE_STEMS = ("benchmark",)
MOST_PICTURE_BYTES = 140_000
"""As a data URI a picture grows by a third; 200 KB is what an artifact should stay under."""


@task(cache_policy=NO_CACHE, task_run_name="publish {manifest.snapshot}")
def publish_outputs(plan: RunPlan, build: Path, manifest: Manifest) -> None:
    """Write the manifest last and switch the outputs folder to this build in one step."""
    outputs.write_manifest(build, manifest)
    outputs.publish(plan.outputs, build, manifest.build)
    get_run_logger().info("published %s: %d files", plan.outputs, len(manifest.files))


@task(cache_policy=NO_CACHE, task_run_name="artifacts {manifest.snapshot}")
def publish_artifacts(plan: RunPlan, manifest: Manifest, tables: dict[str, pd.DataFrame]) -> None:
    """Show the run in the Prefect UI: a summary, and for a few profiles the frontier and a picture."""
    prefix = ["sample"] if manifest.sample else []
    create_markdown_artifact(
        key=artifact_key(*prefix, "summary"),
        markdown=summary_markdown(manifest, tables["coverage"], tables["changes"]),
        description=f"Snapshot {manifest.snapshot}",
    )
    merged = tables["merged"]
    for device, profile in headline_profiles(tables["benchmarks"], merged).items():
        create_table_artifact(
            key=artifact_key(*prefix, "frontier", device),
            table=frontier_rows(merged[merged["profile"] == profile]),
            description=f"Most accurate models on the Pareto frontier of {profile}, {manifest.snapshot}",
        )
        for chart in manifest.charts:
            if chart.profile == profile and chart.name.split("-", 1)[1] in _HEADLINE_STEMS:
                _picture(plan, chart, artifact_key(*prefix, "chart", device, chart.name))


def _picture(plan: RunPlan, chart: ChartEntry, key: str) -> None:
    """Publish a chart as markdown with an inline picture, which needs no file server."""
    svg = (plan.outputs / "charts" / chart.profile / f"{chart.name}.svg").read_text(encoding="utf-8")
    data = base64.b64encode(small_png(svg, MOST_PICTURE_BYTES)).decode()
    words = chart.description.replace("[", "(").replace("]", ")")
    create_markdown_artifact(
        key=key,
        markdown=f"## {chart.question}\n\n![{words}](data:image/png;base64,{data})\n\n{words}\n",
        description=chart.title,
    )
