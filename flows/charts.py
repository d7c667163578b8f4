"""The drawing step: which charts there are, which can stay as they are, and drawing the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger

from flows.snapshot import Parsed, Tables, reason_of, result_of
from tasks.artifacts.progress import progress_artifact
from tasks.charts.chart import OVERVIEW, Chart, ChartContext
from tasks.charts.registry import OVERVIEW_CHARTS, PROFILE_CHARTS
from tasks.outputs.code_version import code_version
from tasks.outputs.local import keep_chart
from tasks.outputs.manifest import ChartEntry
from tasks.outputs.record import Drawn
from tasks.outputs.reuse import (
    Inputs,
    Standing,
    benchmark_files,
    evaluation_files,
    merge_files,
    why_redraw,
)
from tasks.pages.draw import DrawJob
from tasks.runs.plan import RunPlan
from tasks.runs.processes import RenderPool
from tasks.tables.compute import lacks_compute, with_known_compute
from tasks.tables.filenames import BenchmarkProfile, in_words
from tasks.tables.source import ResultsTree
from tasks.visualize import draw


@dataclass(frozen=True)
class Drawing:
    """What the drawing step needs to know."""

    plan: RunPlan
    tree: ResultsTree
    parsed: Parsed
    tables: Tables
    before: Standing | None  # None: nothing can stay
    build: Path


def draw_all(step: Drawing, pool: RenderPool) -> Drawn:
    """Draw every chart of every merged profile and those that compare, except those that can stay."""
    kept, futures = {}, {}
    reasons: Counter[str] = Counter()
    jobs = _jobs(step)
    for job in jobs:
        why = "asked for with --force" if step.plan.settings.force else _why(step, job)
        if why is None and step.before and (entry := step.before.chart(job.label)):
            keep_chart(step.plan.outputs, step.build, step.before.manifest, entry)
            kept[job.label] = entry
        else:
            futures[job.label] = draw.submit(job, why or "", pool)
            reasons[why or ""] += 1
    logger = get_run_logger()
    logger.info("%d charts stay as they are, %d to draw", len(kept), len(futures))
    for why, count in sorted(reasons.items()):
        logger.info("%d to draw: %s", count, why)
    drawn, failed = _wait_for(step.plan, futures)
    there = {**kept, **drawn}
    entries = [there[job.label] for job in jobs if job.label in there]  # an order of its own: same bytes
    return Drawn(
        charts=tuple(entry for entry in entries if not entry.reason),
        not_drawn=tuple(entry for entry in entries if entry.reason),
        failed=failed,
        kept=frozenset(kept),
    )


def _jobs(step: Drawing) -> list[DrawJob]:
    """Return a job for every chart there can be, in the order of the gallery."""
    # A preset is somebody's analysis and draws what that analysis drew.
    jobs = [] if step.plan.settings.preset else [_overview_job(step, chart) for chart in OVERVIEW_CHARTS]
    for file in step.parsed.files:
        if isinstance(file.kind, BenchmarkProfile) and file.kind.id in step.tables.merges:
            jobs += [_profile_job(step, chart, file.kind) for chart in PROFILE_CHARTS]
    return jobs


def _overview_job(step: Drawing, chart: Chart) -> DrawJob:
    tables, kinds = step.tables, [file.kind for file in step.parsed.files]
    sources = {
        "evaluations": (tables.evaluations, evaluation_files(kinds)),
        "benchmarks": (tables.benchmarks, benchmark_files(kinds)),
        "merged": (tables.merged, merge_files(kinds, list(tables.merges))),
    }
    return _job(step, chart, None, *sources[chart.table])


def _profile_job(step: Drawing, chart: Chart, profile: BenchmarkProfile) -> DrawJob:
    kinds = [file.kind for file in step.parsed.files]
    rows, files = step.tables.merges[profile.id].merged, merge_files(kinds, [profile.id])
    if chart.borrows and lacks_compute(rows):
        rows = with_known_compute(rows, step.tables.benchmarks)
        files = tuple(sorted({*files, *benchmark_files(kinds)}))
    return _job(step, chart, profile, rows, files)


def _job(
    step: Drawing, chart: Chart, profile: BenchmarkProfile | None, rows: pd.DataFrame, files: tuple[str, ...]
) -> DrawJob:
    commit = step.tree.last_change(files)
    context = ChartContext(
        mode=profile.mode if profile else None,
        profile=profile.id if profile else OVERVIEW,
        profile_in_words=in_words(profile) if profile else "",
        commit=commit.sha[:8],
        date=commit.snapshot_id[:10],
        sample=step.plan.is_sample,
        preset=step.plan.settings.preset,
    )
    return DrawJob(chart.stem, rows, context, step.build / "charts" / context.profile, files, commit.sha)


def _why(step: Drawing, job: DrawJob) -> str | None:
    blobs = {file.name: file.blob for file in step.tree.files if file.name in job.files}
    now = Inputs(blobs, job.changed_by, code_version(), step.plan.settings.preset)
    return why_redraw(job.label, now, step.before)


def _wait_for(
    plan: RunPlan, futures: Mapping[str, PrefectFuture[Any]]
) -> tuple[dict[str, ChartEntry], dict[str, str]]:
    """Return what was drawn, and for each chart that failed why; both by label."""
    drawn, failed = {}, {}
    with progress_artifact("drawing charts", sample=plan.is_sample) as progress:
        for done, (label, future) in enumerate(futures.items(), start=1):
            future.wait()
            if future.state.is_completed():
                drawn[label] = result_of(future.state)
            else:
                failed[label] = f"{label}: {reason_of(future.state)}"
            progress(done / len(futures))
    return drawn, failed
