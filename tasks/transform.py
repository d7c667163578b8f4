"""Tasks between parsed files and the snapshot: build tables, merge each profile, compare, write Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from config.contracts import TABLES
from config.presets import Rules
from tasks.adapters.parquet import snapshot_path, write_table
from tasks.core.changes import SnapshotTables
from tasks.core.merge import (
    ProfileMerge,
    build_benchmarks,
    build_evaluations,
    build_rejects,
    merge_profile,
)
from tasks.core.parse import ParsedFile
from tasks.core.snapshot import compare_with, require_rows
from tasks.core.source import ResultsTree
from tasks.render_pool import RenderPool


@task(cache_policy=NO_CACHE, task_run_name="build tables")
def build_tables(
    parsed: Sequence[ParsedFile], rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return evaluations, benchmarks and rejects."""
    tables = build_evaluations(parsed, rules), build_benchmarks(parsed), build_rejects(parsed)
    get_run_logger().info("%d evaluations, %d benchmark rows, %d rejected values", *map(len, tables))
    return tables


@task(cache_policy=NO_CACHE, task_run_name="merge {profile}")
def merge_one(evaluations: pd.DataFrame, benchmark: pd.DataFrame, rules: Rules, profile: str) -> ProfileMerge:
    """Merge one benchmark profile with the evaluations; an empty merge fails this profile."""
    return require_rows(merge_profile(evaluations, benchmark, rules), profile)


@task(cache_policy=NO_CACHE, task_run_name="compare with {previous.commit.snapshot_id}")
def compare_snapshots(
    previous: ResultsTree, globs: Sequence[str], rules: Rules, now: SnapshotTables, pool: RenderPool
) -> pd.DataFrame:
    """Return the changes since the previous results commit, worked out beside the drawing."""
    changes = pool.run(compare_with, previous, globs, rules, now)
    get_run_logger().info("%d changes since %s", len(changes), previous.commit.snapshot_id)
    return changes


@task(cache_policy=NO_CACHE, task_run_name="write snapshot {snapshot_id}")
def write_snapshot(tables: Mapping[str, pd.DataFrame], snapshot_id: str, build: Path) -> None:
    """Write all tables as Parquet into a build."""
    for table in TABLES:
        write_table(tables[table.name], table, build / snapshot_path(table, snapshot_id))
    get_run_logger().info(", ".join(f"{t.name}: {len(tables[t.name]):,} rows" for t in TABLES))
