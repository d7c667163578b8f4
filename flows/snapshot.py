"""The stage from CSV files to the tables of a results commit: `make_snapshot` with its steps as tasks."""

from __future__ import annotations

from pathlib import Path

from tasks.runs.outcome import outcomes
from tasks.tables.snapshot import Steps
from tasks.transform import merge_one, parse_csv, stack_tables


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
