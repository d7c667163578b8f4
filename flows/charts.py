"""The stage that draws: which charts there are, which can stay as they are, and drawing the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger

from tasks.artifacts.progress import progress_artifact
from tasks.charts.jobs import DrawJob, draw_jobs
from tasks.outputs.code_version import code_version
from tasks.outputs.manifest import ChartEntry
from tasks.outputs.record import Drawn
from tasks.outputs.reuse import Standing, why_redraw
from tasks.runs.outcome import reason_of, result_of
from tasks.runs.plan import RunPlan
from tasks.tables.lineage import Inputs
from tasks.tables.snapshot import Snapshot
from tasks.tables.source import ResultsTree
from tasks.visualize import draw


def draw_charts(
    plan: RunPlan, tree: ResultsTree, snapshot: Snapshot, before: Standing | None, build: Path
) -> Drawn:
    """Draw every chart of every merged profile and those that compare, except those that can stay."""
    jobs = draw_jobs(snapshot, tree, preset=plan.asked.preset, sample=plan.asked.sample)
    kept: dict[str, ChartEntry] = {}
    drawing: dict[str, PrefectFuture[Any]] = {}
    reasons: Counter[str] = Counter()
    for job in jobs:
        why = _why(plan, tree, job, before)
        if why is None and before and (entry := before.chart(job.label)):
            plan.store.keep(build, before.manifest.files_of(entry))
            kept[job.label] = entry
        else:
            drawing[job.label] = draw.submit(job, build, why or "")
            reasons[why or ""] += 1
    _log(len(kept), reasons)
    drawn, failed = _wait_for(drawing, sample=plan.asked.sample)
    there = {**kept, **drawn}
    entries = [there[job.label] for job in jobs if job.label in there]  # an order of its own: same bytes
    return Drawn(
        charts=tuple(entry for entry in entries if not entry.reason),
        not_drawn=tuple(entry for entry in entries if entry.reason),
        failed=failed,
        kept=frozenset(kept),
    )


def _why(plan: RunPlan, tree: ResultsTree, job: DrawJob, before: Standing | None) -> str | None:
    """Return why a chart has to be drawn; None if it can stay."""
    if plan.settings.force:
        return "asked for with --force"
    blobs = {file.name: file.blob for file in tree.files if file.name in job.files}
    return why_redraw(job.label, Inputs(blobs, job.changed_by, code_version(), plan.asked.preset), before)


def _log(kept: int, reasons: Mapping[str, int]) -> None:
    logger = get_run_logger()
    logger.info("%d charts stay as they are, %d to draw", kept, sum(reasons.values()))
    for why, count in sorted(reasons.items()):
        logger.info("%d to draw: %s", count, why)


def _wait_for(
    drawing: Mapping[str, PrefectFuture[Any]], *, sample: bool
) -> tuple[dict[str, ChartEntry], dict[str, str]]:
    """Return what was drawn, and for each chart that failed why; both by label."""
    drawn, failed = {}, {}
    with progress_artifact("drawing charts", sample=sample) as progress:
        for done, (label, future) in enumerate(drawing.items(), start=1):
            future.wait()
            if future.state.is_completed():
                drawn[label] = result_of(future.state)
            else:
                failed[label] = f"{label}: {reason_of(future.state)}"
            progress(done / len(drawing))
    return drawn, failed
