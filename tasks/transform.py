"""Tasks between CSV files and the snapshot: parse each, build tables, merge each profile, compare, write.

What is parsed and merged is kept between runs by Prefect's cache, keyed by blob ids, code and preset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext
from prefect.logging import get_run_logger

from config.contracts import TABLES
from config.presets import Rules
from tasks.outputs.code_version import code_version
from tasks.outputs.parquet import snapshot_path, write_table
from tasks.outputs.reuse import Inputs, work_key
from tasks.runs.processes import RenderPool
from tasks.tables.changes import SnapshotTables
from tasks.tables.merge import (
    ProfileMerge,
    build_benchmarks,
    build_evaluations,
    build_rejects,
    merge_profile,
)
from tasks.tables.parse import ParsedFile
from tasks.tables.snapshot import WantedFile, compare_with, parse_file, require_rows
from tasks.tables.source import ResultsTree


def _parse_key(_context: TaskRunContext, given: dict[str, Any]) -> str:
    source = given["file"].source
    return work_key("parse", source.name, source.blob, code_version())


@task(cache_key_fn=_parse_key, persist_result=True, task_run_name="parse {file.source.name}")
def parse_csv(file: WantedFile) -> ParsedFile:
    """Parse and check one file; rejected rows are counted and shown."""
    parsed = parse_file(file)
    logger = get_run_logger()
    if parsed.rows_rejected:
        logger.warning(
            "%s: %d of %d rows rejected, see table rejects",
            file.where,
            parsed.rows_rejected,
            parsed.rows_in,
        )
    if parsed.ignored_columns:
        logger.warning("%s: unknown columns not used: %s", file.where, ", ".join(parsed.ignored_columns))
    return parsed


@task(cache_policy=NO_CACHE, task_run_name="build tables")
def build_tables(
    parsed: Sequence[ParsedFile], rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return evaluations, benchmarks and rejects."""
    tables = build_evaluations(parsed, rules), build_benchmarks(parsed), build_rejects(parsed)
    get_run_logger().info("%d evaluations, %d benchmark rows, %d rejected values", *map(len, tables))
    return tables


def _merge_key(_context: TaskRunContext, given: dict[str, Any]) -> str:
    inputs: Inputs = given["inputs"]
    blobs = [f"{name}={blob}" for name, blob in sorted(inputs.blobs.items())]
    return work_key("merge", given["profile"], *blobs, inputs.preset or "", inputs.code)


@task(cache_key_fn=_merge_key, persist_result=True, task_run_name="merge {profile}")
def merge_one(
    evaluations: pd.DataFrame, benchmark: pd.DataFrame, rules: Rules, profile: str, inputs: Inputs
) -> ProfileMerge:
    """Merge one benchmark profile with the evaluations; an empty merge fails this profile.

    ``inputs`` is what the result is kept by: the files that the rows of both tables come from.
    """
    del inputs  # for the key
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
