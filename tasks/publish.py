"""Tasks that make a build visible: the switch on disk, the artifacts in Prefect, the event."""

from __future__ import annotations

import base64
from pathlib import Path

import pandas as pd
from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from prefect.logging import get_run_logger

from tasks.artifacts.changes import MOST_TABLE_ROWS, change_counts, changes_rows
from tasks.artifacts.summary import artifact_key, frontier_rows, headline_profiles, summary_markdown
from tasks.outputs import local as outputs
from tasks.outputs.manifest import ChartEntry, Manifest
from tasks.outputs.record import Drawn
from tasks.outputs.reuse import Standing
from tasks.pages.render import small_png
from tasks.runs.plan import RunPlan

RESULTS_CHANGED = "timm-charts.results-changed"
"""Event of a run that made the outputs show another snapshot than before."""
_HEADLINE_STEMS = ("benchmark",)
MOST_PICTURE_BYTES = 140_000
"""As a data URI a picture grows by a third; 200 KB is what an artifact should stay under."""


@task(cache_policy=NO_CACHE, task_run_name="publish {manifest.snapshot}")
def publish_outputs(plan: RunPlan, build: Path, manifest: Manifest, before: Standing | None) -> None:
    """Write the manifest last and switch the outputs folder to this build in one step."""
    if before and not plan.settings.force:
        outputs.link_unchanged(plan.outputs, build, before, manifest.files)
    outputs.write_manifest(build, manifest)
    outputs.publish(plan.outputs, build, manifest.build)
    get_run_logger().info("published %s: %d files", plan.outputs, len(manifest.files))


@task(cache_policy=NO_CACHE, task_run_name="artifacts {manifest.snapshot}")
def publish_artifacts(
    plan: RunPlan, manifest: Manifest, tables: dict[str, pd.DataFrame], drawn: Drawn
) -> None:
    """Show the run in the Prefect UI: a summary, the changes, and for a few profiles frontier and picture."""
    prefix = ["sample"] if manifest.sample else []
    gallery = plan.settings.gallery_url
    create_markdown_artifact(
        key=artifact_key(*prefix, "summary"),
        markdown=summary_markdown(
            manifest, tables["coverage"], tables["changes"], kept=drawn.stayed, gallery=gallery
        ),
        description=f"Snapshot {manifest.snapshot}",
    )
    if manifest.source.previous_snapshot:
        shown = min(len(tables["changes"]), MOST_TABLE_ROWS)
        create_table_artifact(
            key=artifact_key(*prefix, "changes"),
            table=changes_rows(tables["changes"]),
            description=f"{shown} of {len(tables['changes'])} changes from "
            f"{manifest.source.previous_snapshot} to {manifest.snapshot}",
        )
    if gallery:
        create_link_artifact(
            key=artifact_key(*prefix, "gallery"),
            link=f"{gallery}/index.html",
            link_text=f"All {len(manifest.charts)} charts",
            description=f"Gallery of {manifest.snapshot}",
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


@task(cache_policy=NO_CACHE, task_run_name="announce {manifest.snapshot}")
def announce(
    plan: RunPlan, manifest: Manifest, changes: pd.DataFrame, drawn: Drawn, before: Standing | None
) -> None:
    """Emit an event where the outputs show another snapshot than before, for automations to react to."""
    replaced = before.manifest.snapshot if before else None
    if replaced == manifest.snapshot:
        return
    redrawn = {chart.profile for chart in manifest.charts if chart.label not in drawn.kept}
    emit_event(
        RESULTS_CHANGED,
        resource={
            "prefect.resource.id": f"timm-charts.upstream.{artifact_key(plan.upstream)}",
            "prefect.resource.name": plan.upstream,
        },
        payload={
            "snapshot": manifest.snapshot,
            "previous_snapshot": manifest.source.previous_snapshot,
            "replaced_snapshot": replaced,
            "results_commit": manifest.source.commit,
            "upstream": plan.upstream,
            "counts": change_counts(changes),
            "charts": len(manifest.charts),
            "merged_rows": manifest.tables["merged"],
            "redrawn": sorted(redrawn),
            "gallery": plan.settings.gallery_url,
        },
    )
    get_run_logger().info("event %s: %s, before %s", RESULTS_CHANGED, manifest.snapshot, replaced or "none")


def _picture(plan: RunPlan, chart: ChartEntry, key: str) -> None:
    """Publish a chart as markdown with an inline picture, which needs no file server."""
    svg = (plan.outputs / "charts" / chart.profile / f"{chart.name}.svg").read_text(encoding="utf-8")
    data = base64.b64encode(small_png(svg, MOST_PICTURE_BYTES)).decode()
    words = chart.description.replace("[", "(").replace("]", ")")
    gallery = plan.settings.gallery_url
    link = f"\n[Interactive chart]({gallery}/charts/{chart.label}.html)\n" if gallery else ""
    create_markdown_artifact(
        key=key,
        markdown=f"## {chart.question}\n\n![{words}](data:image/png;base64,{data})\n\n{words}\n{link}",
        description=chart.title,
    )
