"""The stage that finds out what the outputs show now that they did not show before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger

from config.contracts import CHANGES
from config.errors import TimmChartsError
from tasks.ingest import read_files
from tasks.outputs.manifest import Manifest
from tasks.outputs.reader import read_shown
from tasks.outputs.reuse import Standing
from tasks.runs.plan import RunPlan
from tasks.sources.upstream import find_results_commits
from tasks.tables.changes import compare
from tasks.tables.contract import empty_table
from tasks.tables.history import Placed
from tasks.tables.news import News
from tasks.tables.snapshot import Snapshot
from tasks.tables.source import SyncReport
from tasks.transform import compare_snapshots


@dataclass(frozen=True)
class Comparisons:
    """Two comparisons under way: for the table ``changes``, and for people. Often they are one."""

    of_commit: Callable[[], pd.DataFrame]
    news: Callable[[], News]


def start_comparisons(
    plan: RunPlan, report: SyncReport, before: Standing | None, now: Snapshot
) -> Comparisons:
    """Start to compare with the previous results commit, and with the snapshot shown before."""
    commit, previous = report.results, report.previous
    of_commit = _nothing if previous is None else _with_commit(plan, Placed(previous, None), now)
    since = previous.snapshot_id if previous else None
    if before is None:
        return Comparisons(of_commit, lambda: News(commit.snapshot_id, None, since, of_commit()))
    shown = before.manifest.source.commit
    if shown == commit.sha:
        return Comparisons(
            of_commit, lambda: News(commit.snapshot_id, commit.snapshot_id, since, of_commit())
        )
    if previous and shown == previous.sha:
        return Comparisons(of_commit, lambda: News(commit.snapshot_id, since, since, of_commit()))
    return Comparisons(of_commit, _since_shown(plan, before.manifest, now))


def _since_shown(plan: RunPlan, shown: Manifest, now: Snapshot) -> Callable[[], News]:
    """Start to compare with the snapshot shown before, from git; where that lost it, from its tables."""
    at = find_results_commits(plan.source, [shown.source.commit]).get(shown.source.commit)
    name, snapshot = at.commit.snapshot_id if at else shown.snapshot, now.commit.snapshot_id
    if at is not None:
        try:
            changes = _with_commit(plan, at, now)
        except TimmChartsError as error:
            get_run_logger().warning("%s can't be read again: %s", at.commit.in_words, error)
        else:
            return lambda: News(snapshot, name, name, changes())
    news = _since_tables(plan, shown, now, name)
    return lambda: news


def _since_tables(plan: RunPlan, shown: Manifest, now: Snapshot, name: str) -> News:
    """Compare with the tables of the snapshot shown before, as they stand in the outputs."""
    snapshot = now.commit.snapshot_id
    cannot = "upstream no longer gives its results commit, and "
    if (shown.preset, shown.profiles) != (plan.asked.preset, plan.asked.profiles):
        cannot += "its tables are of other benchmark profiles or rules"
        return News(snapshot, name, name, empty_table(CHANGES), cannot)
    try:
        changes = compare(read_shown(plan.store, shown), now)
    except TimmChartsError as error:
        return News(snapshot, name, name, empty_table(CHANGES), cannot + str(error))
    note = (
        "Upstream no longer gives that commit: compared with its tables, which don't tell columns of files."
    )
    return News(snapshot, name, name, changes, note=note)


def _with_commit(plan: RunPlan, at: Placed, now: Snapshot) -> Callable[[], pd.DataFrame]:
    tree = read_files(plan.source, at.commit)
    future: PrefectFuture[pd.DataFrame] = compare_snapshots.submit(tree, plan.asked.profiles, plan.rules, now)
    return future.result


def _nothing() -> pd.DataFrame:
    return empty_table(CHANGES)
