"""Steps of the main job that start many tasks and gather what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger

from config.contracts import CHANGES
from config.errors import TimmChartsError
from tasks.adapters import outputs as outputs_folder
from tasks.adapters.explorer import Palette, write_explorer
from tasks.adapters.gallery import Gallery, write_index
from tasks.charts.base import OVERVIEW, ChartContext
from tasks.charts.registry import OVERVIEW_CHARTS, PROFILE_CHARTS
from tasks.charts.theme import COLOURS, OTHER_COLOUR
from tasks.core.changes import SnapshotTables
from tasks.core.compute import with_known_compute
from tasks.core.filenames import BenchmarkProfile, in_words
from tasks.core.merge import ProfileMerge, empty_table
from tasks.core.parse import ParsedFile
from tasks.core.snapshot import WantedFile, headers_of, require_main_test_set, stack_merges
from tasks.core.source import ResultsCommit, SyncReport
from tasks.describe import Drawn
from tasks.draw import DrawJob
from tasks.ingest import parse_csv, read_files
from tasks.plan import RunPlan
from tasks.render_pool import RenderPool
from tasks.transform import build_tables, compare_snapshots, merge_one
from tasks.visualize import draw

T = TypeVar("T")


@dataclass(frozen=True)
class Parsed:
    """Files that could be used, and for each of the others why not."""

    files: tuple[ParsedFile, ...]
    errors: dict[str, str]  # file name -> message


@dataclass(frozen=True)
class Tables:
    """The tables of the snapshot but ``changes``, and profiles that could not be merged."""

    evaluations: pd.DataFrame
    benchmarks: pd.DataFrame
    rejects: pd.DataFrame
    merged: pd.DataFrame
    coverage: pd.DataFrame
    merges: dict[str, ProfileMerge]
    failures: tuple[str, ...]

    def frames(self, changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Return all tables of the snapshot by name."""
        return {
            "evaluations": self.evaluations,
            "benchmarks": self.benchmarks,
            "merged": self.merged,
            "coverage": self.coverage,
            "changes": changes,
            "rejects": self.rejects,
        }


def parse_all(wanted: Sequence[WantedFile]) -> Parsed:
    """Parse every file; a bad one fails alone."""
    files, errors = [], {}
    for file in wanted:
        state: State[ParsedFile] = parse_csv(file, return_state=True)
        if state.is_completed():
            files.append(_result(state))
        else:
            errors[file.source.name] = _reason(state)
    return Parsed(tuple(files), errors)


def make_tables(plan: RunPlan, report: SyncReport, parsed: Parsed) -> Tables:
    """Build the tables and merge every profile; a profile that can't be merged fails alone.

    Raises:
        TimmChartsError: There are no evaluations on the main test set, or every merge failed.
    """
    evaluations, benchmarks, rejects = build_tables(parsed.files, plan.rules)
    require_main_test_set(evaluations, report.results, parsed.errors.values())
    merges: dict[str, ProfileMerge] = {}
    failures = []
    for profile, rows in benchmarks.groupby("profile"):
        state: State[ProfileMerge] = merge_one(evaluations, rows, plan.rules, str(profile), return_state=True)
        if state.is_completed():
            merges[str(profile)] = _result(state)
        else:
            failures.append(_reason(state))
    require_any(merges, failures, report)
    merged, coverage = stack_merges(list(merges.values()))
    return Tables(evaluations, benchmarks, rejects, merged, coverage, merges, tuple(failures))


def start_comparison(
    plan: RunPlan, report: SyncReport, parsed: Parsed, tables: Tables, pool: RenderPool
) -> PrefectFuture[pd.DataFrame] | None:
    """Start the comparison with the previous results commit; None if there is none."""
    if report.previous is None:
        return None
    previous = read_files(plan, report.previous)
    now = SnapshotTables(tables.evaluations, tables.benchmarks, tables.merged, headers_of(parsed.files))
    return compare_snapshots.submit(previous, plan.globs, plan.rules, now, pool)


def changes_of(comparison: PrefectFuture[pd.DataFrame] | None) -> pd.DataFrame:
    """Return the table ``changes``; empty for the first results commit."""
    return comparison.result() if comparison else empty_table(CHANGES)


def draw_all(
    plan: RunPlan, report: SyncReport, parsed: Parsed, tables: Tables, build: Path, pool: RenderPool
) -> Drawn:
    """Draw every chart of every merged profile and those that compare profiles, on all cores."""
    frames = {"evaluations": tables.evaluations, "benchmarks": tables.benchmarks, "merged": tables.merged}
    context = _context(plan, report, None)
    # A preset is somebody's analysis and draws what that analysis drew.
    compared = () if plan.settings.preset else OVERVIEW_CHARTS
    jobs = [(chart, frames[chart.table], context) for chart in compared]
    for file in parsed.files:
        profile = file.kind
        if isinstance(profile, BenchmarkProfile) and profile.id in tables.merges:
            context = _context(plan, report, profile)
            rows = with_known_compute(tables.merges[profile.id].merged, tables.benchmarks)
            jobs += [(chart, rows, context) for chart in PROFILE_CHARTS]
    return _gather(
        [
            (
                f"{where.profile}/{chart.name(where.mode)}",
                draw.submit(DrawJob(chart.stem, rows, where, build / "charts" / where.profile), pool),
            )
            for chart, rows, where in jobs
        ]
    )


def _gather(futures: Sequence[tuple[str, PrefectFuture[Any]]]) -> Drawn:
    charts, not_drawn, failures = [], [], []
    for name, future in futures:
        future.wait()
        state = future.state
        if not state.is_completed():
            failures.append(f"{name}: {_reason(state)}")
            continue
        drawn = _result(state)
        if drawn.reason:
            not_drawn.append(f"{name}: {drawn.reason}")
        else:
            charts.append(drawn)
    return Drawn(tuple(charts), tuple(not_drawn), tuple(failures))


def write_pages(gallery: Gallery, frames: Mapping[str, pd.DataFrame], build: Path) -> None:
    """Write the gallery and the explorer."""
    write_index(gallery, build)
    write_explorer(frames, gallery.heading, Palette(COLOURS, OTHER_COLOUR), build)


def keep_older_snapshots(plan: RunPlan, build: Path, but: ResultsCommit) -> None:
    """Carry the other snapshots in the outputs folder over; say which ones can't be."""
    for damaged in outputs_folder.keep_snapshots(plan.outputs, build, but.snapshot_id):
        get_run_logger().warning(
            "snapshot %s is damaged and dropped; timm-charts backfill makes it again", damaged
        )


def _context(plan: RunPlan, report: SyncReport, profile: BenchmarkProfile | None) -> ChartContext:
    """Return what the charts of a profile print; None for those that compare."""
    return ChartContext(
        mode=profile.mode if profile else None,
        profile=profile.id if profile else OVERVIEW,
        profile_in_words=in_words(profile) if profile else "",
        snapshot_id=report.results.snapshot_id,
        commit=report.results.sha[:8],
        date=report.results.snapshot_id[:10],
        sample=plan.is_sample,
        preset=plan.settings.preset,
    )


def require_any(merges: dict[str, ProfileMerge], failures: Sequence[str], report: SyncReport) -> None:
    """Make sure that something was merged where there was something to merge.

    Raises:
        TimmChartsError: Every profile failed.
    """
    if failures and not merges:
        msg = f"no benchmark profile could be merged at {report.results.snapshot_id}: {'; '.join(failures)}"
        raise TimmChartsError(msg)


def _result(state: State[T]) -> T:
    """Return what a finished task returned."""
    return state.result()


def _reason(state: State[Any]) -> str:
    """Return the message of the error that failed a task."""
    error = state.result(raise_on_failure=False)
    return str(error) if isinstance(error, Exception) else str(state.message)
