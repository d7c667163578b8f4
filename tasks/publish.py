"""Tasks that make a build visible: the switch on disk, the artifacts in Prefect, the event."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from prefect.logging import get_run_logger

from tasks.artifacts.changes import MOST_TABLE_ROWS, change_counts, changes_rows, headline
from tasks.artifacts.summary import artifact_key, frontier_rows, headline_profiles, summary_markdown
from tasks.outputs import layout
from tasks.outputs.manifest import ChartEntry, Manifest
from tasks.outputs.record import Drawn
from tasks.outputs.reuse import Standing
from tasks.outputs.store import Store
from tasks.pages.render import small_png
from tasks.tables.news import News
from tasks.tables.source import snapshot_in_words

RESULTS_CHANGED = "timm-charts.results-changed"
"""Event of a run that made the outputs show another snapshot than before."""
_HEADLINE_STEMS = ("benchmark",)
MOST_PICTURE_BYTES = 148_000
"""As a data URI a picture grows by a third; 200 KB is what an artifact should stay under."""


@task(cache_policy=NO_CACHE, task_run_name="publish {manifest.in_words}")
def publish_outputs(store: Store, build: Path, manifest: Manifest, before: Standing | None) -> None:
    """Write the manifest last and switch the outputs to this build in one step.

    Files that are as in the build before serve again; None: none do.
    """
    store.publish(build, manifest, before)
    get_run_logger().info("published %s: %d files", store, len(manifest.files))


@task(cache_policy=NO_CACHE, task_run_name="artifacts {manifest.in_words}")
def publish_artifacts(
    store: Store,
    manifest: Manifest,
    tables: Mapping[str, pd.DataFrame],
    news: News,
    drawn: Drawn,
    gallery_url: str | None,
) -> None:
    """Show the run in the Prefect UI: a summary, the changes, and for a few profiles frontier and picture."""
    _summary(manifest, tables["coverage"], news, drawn, gallery_url)
    if news.since and not news.cannot:
        _changes(manifest, news)
    if gallery_url:
        create_link_artifact(
            key=_key(manifest, "gallery"),
            link=f"{gallery_url}/{layout.GALLERY}",
            link_text=f"All {len(manifest.charts)} charts",
            description=f"Gallery of {manifest.in_words}",
        )
    merged = tables["merged"]
    for device, profile in headline_profiles(tables["benchmarks"], merged).items():
        create_table_artifact(
            key=_key(manifest, "frontier", device),
            table=frontier_rows(merged[merged["profile"] == profile]),
            description=f"Most accurate models on the Pareto frontier of {profile}, {manifest.in_words}",
        )
        for chart in manifest.charts:
            if chart.profile == profile and chart.name.split("-", 1)[1] in _HEADLINE_STEMS:
                _picture(store, chart, _key(manifest, "chart", device, chart.name), gallery_url)


def _summary(
    manifest: Manifest, coverage: pd.DataFrame, news: News, drawn: Drawn, gallery_url: str | None
) -> None:
    create_markdown_artifact(
        key=_key(manifest, "summary"),
        markdown=summary_markdown(manifest, coverage, news, kept=drawn.stayed, gallery_url=gallery_url),
        description=f"Snapshot {manifest.in_words}",
    )


def _changes(manifest: Manifest, news: News) -> None:
    shown = min(len(news.changes), MOST_TABLE_ROWS)
    since = snapshot_in_words(news.since or "")
    create_table_artifact(
        key=_key(manifest, "changes"),
        table=changes_rows(news.changes),
        description=f"{shown} of {len(news.changes)} changes from {since} to {manifest.in_words}",
    )


def _picture(store: Store, chart: ChartEntry, key: str, gallery_url: str | None) -> None:
    """Publish a chart as markdown with an inline picture, which needs no file server."""
    svg = store.read(layout.chart_file(chart.label, "svg")).decode("utf-8")
    data = base64.b64encode(small_png(svg, MOST_PICTURE_BYTES)).decode()
    words = chart.description.replace("[", "(").replace("]", ")")
    page = layout.chart_file(chart.label, "html")
    link = f"\n[Interactive chart]({gallery_url}/{page})\n" if gallery_url else ""
    create_markdown_artifact(
        key=key,
        markdown=f"## {chart.question}\n\n![{words}](data:image/png;base64,{data})\n\n{words}\n{link}",
        description=chart.title,
    )


def _key(manifest: Manifest, *parts: str) -> str:
    return artifact_key(*parts, sample=manifest.sample)


@task(cache_policy=NO_CACHE, task_run_name="announce {manifest.in_words}")
def announce(manifest: Manifest, news: News, drawn: Drawn, gallery_url: str | None) -> None:
    """Emit an event where the outputs show another snapshot than before, for automations to react to."""
    if news.turn == "same":
        return
    previous, since = manifest.source.previous_snapshot, news.since
    redrawn = {chart.profile for chart in manifest.charts if chart.label not in drawn.kept}
    emit_event(
        RESULTS_CHANGED,
        resource={
            "prefect.resource.id": f"timm-charts.upstream.{artifact_key(manifest.upstream)}",
            "prefect.resource.name": manifest.upstream,
        },
        payload={
            "headline": headline(news),
            "turn": news.turn,
            "snapshot": manifest.snapshot,
            "snapshot_in_words": manifest.in_words,
            "replaced_snapshot": news.shown_before,
            "compared_with": since,
            "compared_in_words": snapshot_in_words(since) if since else None,
            "cannot_compare": news.cannot or None,
            "counts": change_counts(news.changes),
            "previous_snapshot": previous,
            "previous_in_words": snapshot_in_words(previous) if previous else None,
            "results_commit": manifest.source.commit,
            "upstream": manifest.upstream,
            "asked": manifest.asked_in_words,
            "charts": len(manifest.charts),
            "merged_rows": manifest.tables["merged"],
            "redrawn": sorted(redrawn),
            "gallery": gallery_url,
        },
    )
    get_run_logger().info("event %s: %s", RESULTS_CHANGED, headline(news))
