"""The stage from CSV files to the tables of a results commit: `make_snapshot` with its steps as tasks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from prefect.futures import PrefectFuture

from config.contracts import CHANGES
from tasks.ingest import read_files
from tasks.runs.outcome import outcomes
from tasks.runs.plan import RunPlan
from tasks.tables.contract import empty_table
from tasks.tables.snapshot import Snapshot, Steps
from tasks.tables.source import SyncReport
from tasks.transform import compare_snapshots, merge_one, parse_csv, stack_tables


def steps_as_tasks(work_dir: Path, *, force: bool) -> Steps:
    """Return the steps of a snapshot as tasks, side by side; what was parsed or merged before is not again.

    Args:
        work_dir: Where results of tasks are kept between runs.
        force: Carry everything out anew.
    """
    parse = parse_csv.with_options(result_storage=work_dir, refresh_cache=force)
    merge = merge_one.with_options(result_storage=work_dir, refresh_cache=force)
    return Steps(
        parse=lambda files: outcomes([parse.submit(file) for file in files]),
        stack=stack_tables,
        merge=lambda jobs: outcomes([merge.submit(job) for job in jobs]),
    )


def start_comparison(plan: RunPlan, report: SyncReport, now: Snapshot) -> PrefectFuture[pd.DataFrame] | None:
    """Start the comparison with the previous results commit; None if there is none."""
    if report.previous is None:
        return None
    previous = read_files(plan.source, report.previous)
    return compare_snapshots.submit(previous, plan.asked.profiles, plan.rules, now)


def changes_of(comparison: PrefectFuture[pd.DataFrame] | None) -> pd.DataFrame:
    """Return the table ``changes``; empty for the first results commit."""
    return comparison.result() if comparison else empty_table(CHANGES)
