"""Tasks between CSV files and the snapshot: parse each, stack them, merge each profile, compare, write.

What is parsed and merged is kept between runs by Prefect's cache, keyed by blob ids, code and rules.
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

from config.contracts import COMMITS, TABLES
from config.presets import Rules
from tasks.outputs.code_version import code_version
from tasks.outputs.layout import table_file
from tasks.outputs.parquet import write_table
from tasks.runs.processes import run_in_process
from tasks.tables.changes import changes_since
from tasks.tables.devices import Device, look_alikes
from tasks.tables.lineage import work_key
from tasks.tables.merge import ProfileMerge
from tasks.tables.parse import ParsedFile
from tasks.tables.profiles import profiles_of
from tasks.tables.snapshot import (
    MergeJob,
    Snapshot,
    Stacked,
    WantedFile,
    merge_job,
    parse_file,
    stack_files,
)
from tasks.tables.source import ResultsCommit, ResultsTree


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


@task(cache_policy=NO_CACHE, task_run_name="stack tables")
def stack_tables(parsed: Sequence[ParsedFile], rules: Rules) -> Stacked:
    """Put the files together as evaluations, benchmarks and rejects."""
    stacked = stack_files(parsed, rules)
    counts = map(len, (stacked.evaluations, stacked.benchmarks, stacked.rejects))
    logger = get_run_logger()
    logger.info("%d evaluations, %d benchmark rows, %d rejected values", *counts)
    profiles = profiles_of(stacked.benchmarks)
    for notice in look_alikes(Device(p.device, p.device_label, p.device_kind) for p in profiles):
        logger.warning(notice)
    return stacked


def _merge_key(_context: TaskRunContext, given: dict[str, Any]) -> str:
    job: MergeJob = given["job"]
    blobs = [f"{name}={blob}" for name, blob in sorted(job.blobs.items())]
    return work_key("merge", job.profile, *blobs, job.rules.model_dump_json(), code_version())


@task(cache_key_fn=_merge_key, persist_result=True, task_run_name="merge {job.profile}")
def merge_one(job: MergeJob) -> ProfileMerge:
    """Merge one benchmark profile with the evaluations; an empty merge fails this profile."""
    return merge_job(job)


@task(cache_policy=NO_CACHE, task_run_name="compare with {previous.commit.in_words}")
def compare_snapshots(
    previous: ResultsTree, globs: Sequence[str], rules: Rules, now: Snapshot
) -> pd.DataFrame:
    """Return the changes since another results commit, worked out beside the drawing."""
    changes = run_in_process(changes_since, previous, globs, rules, now)
    get_run_logger().info("%d changes since %s", len(changes), previous.commit.in_words)
    return changes


@task(cache_policy=NO_CACHE, task_run_name="write snapshot {commit.in_words}")
def write_snapshot(tables: Mapping[str, pd.DataFrame], commit: ResultsCommit, build: Path) -> None:
    """Write all tables as Parquet into a build; ``commits`` a row a file, in the folder of each snapshot."""
    for table in TABLES:
        if table != COMMITS:
            write_table(tables[table.name], table, build / table_file(table, commit.snapshot_id))
    for snapshot_id, row in tables[COMMITS.name].groupby("snapshot_id"):
        write_table(row, COMMITS, build / table_file(COMMITS, str(snapshot_id)))
    get_run_logger().info(", ".join(f"{t.name}: {len(tables[t.name]):,} rows" for t in TABLES))
