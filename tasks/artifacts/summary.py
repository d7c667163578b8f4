"""Words and tables for the Prefect UI, made from the manifest and the tables. Plain Python values only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from config.vocabulary import SAMPLE
from tasks.artifacts.changes import change_findings, changes_markdown
from tasks.outputs import layout
from tasks.outputs.manifest import Manifest
from tasks.tables.finding import Finding
from tasks.tables.frames import rows_of
from tasks.tables.news import News
from tasks.tables.profiles import profiles_of, ranked_profiles, rows_by_profile
from tasks.tables.sentences import say

MOST_ROWS: Final = 15
MOST_HEADLINES: Final = 4


def artifact_key(*parts: str, sample: bool = False) -> str:
    """Return a key Prefect accepts: lower-case letters, digits and dashes. The sample has keys of its own."""
    words = [SAMPLE, *parts] if sample else parts
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")


def summary_markdown(
    manifest: Manifest,
    coverage: pd.DataFrame,
    news: News,
    *,
    kept: int = 0,
    gallery_url: str | None = None,
) -> str:
    """Summarize a run: source, what changed, what failed, rows, coverage.

    Args:
        manifest: Of the build.
        coverage: Table of this snapshot.
        news: What is different from the snapshot shown before.
        kept: Charts that stayed as they were.
        gallery_url: Where the outputs are served, if they are.
    """
    blocks = [
        f"# Snapshot {manifest.in_words}",
        "**Sample: made-up numbers, not results of any model.**" if manifest.sample else "",
        f"{_origin(manifest)} {say(snapshot_size(manifest, coverage))}",
        _charts_line(charts_in_build(manifest, kept), gallery_url),
        _bullets("Problems", manifest.failures),
        changes_markdown(news),
        _rows_table(manifest),
        _coverage_table(coverage),
        _bullets("Charts not drawn", [f"{chart.label}: {chart.reason}" for chart in manifest.not_drawn]),
        _bullets("Unknown files in results/, not read", _unknown(manifest)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def summary_findings(
    manifest: Manifest, coverage: pd.DataFrame, news: News, *, kept: int = 0
) -> list[Finding]:
    """Return every number that the summary states."""
    return [
        snapshot_size(manifest, coverage),
        charts_in_build(manifest, kept),
        *change_findings(news),
        _rows_of_files(manifest),
        *_rejected(manifest),
        *_covered(coverage),
    ]


def snapshot_size(manifest: Manifest, coverage: pd.DataFrame) -> Finding:
    """Return how much was merged."""
    return Finding("snapshot-size", manifest.tables["merged"], values={"profiles": len(coverage)})


def charts_in_build(manifest: Manifest, kept: int) -> Finding:
    """Return how many charts there are, and how many of them this run drew."""
    charts = len(manifest.charts)
    return Finding("charts-in-build", charts, values={"drawn": charts - kept, "kept": kept})


def _origin(manifest: Manifest) -> str:
    """Say which results commit this is and what of it was asked for."""
    source = manifest.source
    commit = f"`{source.commit[:8]}`"
    link = f"[{commit}]({source.link})" if source.link else commit
    preset = f", preset `{manifest.preset}`" if manifest.preset else ""
    only = f", {manifest.asked_in_words}" if manifest.profiles else ""
    return (
        f"Results commit {link} of {source.committed_at[:10]}, upstream `{manifest.upstream}`{preset}{only}."
    )


def frontier_rows(merged: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the top of the Pareto frontier of one profile, most accurate first."""
    front = merged[merged["is_pareto"]].sort_values(["top1", "model"], ascending=[False, True])
    return [
        {
            "model": row.model,
            "image size": int(row.img_size),
            "top-1, %": round(float(row.top1), 3),
            "images/s": round(float(row.samples_per_sec), 2),
            "batch size": int(row.batch_size),
            "parameters, millions": round(float(row.param_count), 2),
        }
        for row in rows_of(front.head(MOST_ROWS))
    ]


def headline_profiles(benchmarks: pd.DataFrame, merged: pd.DataFrame) -> dict[str, str]:
    """Choose the profiles to show in the UI: for each device the newest eager inference one.

    Returns:
        Mode and device (such as ``infer-rtx4090``, so that its artifacts keep their key when a newer
        benchmark of the device comes) to profile, at most `MOST_HEADLINES`.
    """
    chosen: dict[str, str] = {}
    for profile in ranked_profiles(profiles_of(benchmarks), rows_by_profile(merged)):
        chosen.setdefault(f"{profile.mode}-{profile.device}", profile.id)
    return dict(list(chosen.items())[:MOST_HEADLINES])


def _charts_line(charts: Finding, gallery_url: str | None) -> str:
    if gallery_url is None:
        return say(charts)
    links = f"[Gallery]({gallery_url}/{layout.GALLERY}), [explorer]({gallery_url}/{layout.EXPLORER})."
    return f"{say(charts)} {links}"


def _bullets(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {line}" for line in lines)]) if lines else ""


def _unknown(manifest: Manifest) -> list[str]:
    names = [file.name for file in manifest.source.files if file.kind == "unknown"]
    return [f"`{name}`" for name in [*names, *manifest.source.odd_entries]]


def _rows_table(manifest: Manifest) -> str:
    lines = [
        "## Rows of the CSV files",
        "",
        "| read | used | rejected |",
        "|--:|--:|--:|",
        say(_rows_of_files(manifest)),
        "",
        *(f"- {say(finding)}" for finding in _rejected(manifest)),
    ]
    return "\n".join(lines).rstrip()


def _rows_of_files(manifest: Manifest) -> Finding:
    rows = manifest.rows
    return Finding("csv-rows", rows.rows_in, values={"used": rows.rows_out, "rejected": rows.rows_rejected})


def _rejected(manifest: Manifest) -> list[Finding]:
    return [
        Finding("csv-rows-rejected", file.rows_in, {"file": file.name}, {"rejected": file.rows_rejected})
        for file in manifest.source.files
        if file.rows_rejected
    ]


def _coverage_table(coverage: pd.DataFrame) -> str:
    if coverage.empty:
        return "## Coverage\n\nNo benchmark file at this results commit: evaluations only, no chart."
    lines = [
        "## Coverage",
        "",
        "| profile | matched | benchmark only | evaluation only | left out by preset |",
        "|---|--:|--:|--:|--:|",
        *map(say, _covered(coverage)),
    ]
    return "\n".join(lines)


def _covered(coverage: pd.DataFrame) -> list[Finding]:
    return [
        Finding(
            "coverage-of-profile",
            int(row.matched),
            {"profile": row.profile},
            {
                "benchmark_only": int(row.benchmark_only),
                "evaluation_only": int(row.evaluation_only),
                "left_out": int(row.left_out),
            },
        )
        for row in rows_of(coverage)
    ]
