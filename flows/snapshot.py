"""Steps of a build from CSV files to tables and pages; they start many tasks and gather what came of them."""

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
from tasks.charts.theme import COLOURS, OTHER_COLOUR
from tasks.ingest import read_files
from tasks.outputs import local as outputs_folder
from tasks.outputs.code_version import code_version
from tasks.outputs.reuse import Inputs, merge_files
from tasks.pages.explorer import Palette, write_explorer
from tasks.pages.gallery import Gallery, write_index
from tasks.runs.plan import RunPlan
from tasks.runs.processes import RenderPool
from tasks.tables.changes import SnapshotTables
from tasks.tables.merge import ProfileMerge, empty_table
from tasks.tables.parse import ParsedFile
from tasks.tables.snapshot import WantedFile, headers_of, require_main_test_set, stack_merges
from tasks.tables.source import ResultsCommit, ResultsTree, SyncReport
from tasks.transform import build_tables, compare_snapshots, merge_one, parse_csv

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


def parse_all(plan: RunPlan, wanted: Sequence[WantedFile]) -> Parsed:
    """Parse every file that was not parsed before; a bad one fails alone."""
    parse = parse_csv.with_options(result_storage=plan.work_dir, refresh_cache=plan.settings.force)
    files, errors = [], {}
    for file in wanted:
        state: State[ParsedFile] = parse(file, return_state=True)
        if state.is_completed():
            files.append(result_of(state))
        else:
            errors[file.source.name] = reason_of(state)
    return Parsed(tuple(files), errors)


def make_tables(plan: RunPlan, tree: ResultsTree, parsed: Parsed) -> Tables:
    """Build the tables and merge every profile that was not merged before; a bad one fails alone.

    Raises:
        TimmChartsError: There are no evaluations on the main test set, or every merge failed.
    """
    evaluations, benchmarks, rejects = build_tables(parsed.files, plan.rules)
    require_main_test_set(evaluations, tree.commit, parsed.errors.values())
    merges: dict[str, ProfileMerge] = {}
    failures = []
    merge = merge_one.with_options(result_storage=plan.work_dir, refresh_cache=plan.settings.force)
    for profile, rows in benchmarks.groupby("profile"):
        inputs = _inputs_of(plan, tree, parsed, str(profile))
        state: State[ProfileMerge] = merge(
            evaluations, rows, plan.rules, str(profile), inputs, return_state=True
        )
        if state.is_completed():
            merges[str(profile)] = result_of(state)
        else:
            failures.append(reason_of(state))
    require_any(merges, failures, tree.commit)
    merged, coverage = stack_merges(list(merges.values()))
    return Tables(evaluations, benchmarks, rejects, merged, coverage, merges, tuple(failures))


def _inputs_of(plan: RunPlan, tree: ResultsTree, parsed: Parsed, profile: str) -> Inputs:
    """Return what the merge of a profile is made from."""
    names = merge_files([file.kind for file in parsed.files], [profile])
    blobs = {file.name: file.blob for file in tree.files if file.name in names}
    return Inputs(blobs, tree.last_change(names).sha, code_version(), plan.settings.preset)


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


def require_any(merges: dict[str, ProfileMerge], failures: Sequence[str], commit: ResultsCommit) -> None:
    """Make sure that something was merged where there was something to merge.

    Raises:
        TimmChartsError: Every profile failed.
    """
    if failures and not merges:
        msg = f"no benchmark profile could be merged at {commit.snapshot_id}: {'; '.join(failures)}"
        raise TimmChartsError(msg)


def result_of(state: State[T]) -> T:
    """Return what a finished task returned."""
    return state.result()


def reason_of(state: State[Any]) -> str:
    """Return the message of the error that failed a task."""
    error = state.result(raise_on_failure=False)
    return str(error) if isinstance(error, Exception) else str(state.message)
