"""The stage that carries the other snapshots of the outputs over into a new build, none of them unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prefect.logging import get_run_logger

from tasks.outputs.older import Older, carry_over, commits_to_find, older_snapshots
from tasks.outputs.reuse import Standing
from tasks.runs.plan import RunPlan
from tasks.sources.upstream import find_results_commits


def keep_older_snapshots(
    plan: RunPlan, before: Standing | None, current: str, build: Path
) -> tuple[Older, ...]:
    """Carry the snapshots of the build before over; say which ones are renamed and which can't be carried.

    Args:
        plan: Of the run.
        before: The build; None where its manifest can't be read, so that its snapshots stay unverified.
        current: Id of the snapshot that this build makes.
        build: The folder of the new one.
    """
    damaged = before.damaged_snapshots if before else frozenset()
    there = sorted({*plan.store.snapshots(), *damaged})
    carried = carry_over(what_is_known(plan, before, there), damaged, current)
    plan.store.keep_snapshots(build, {one.was: one.snapshot_id for one in carried.stay})
    logger = get_run_logger()
    for note in carried.notes:
        logger.info(note)
    for problem in carried.problems:
        logger.warning(problem)
    return carried.stay


def what_is_known(plan: RunPlan, before: Standing | None, there: Sequence[str]) -> list[Older]:
    """Return each snapshot with what the manifest says of it, and git where the manifest does not."""
    entries = before.manifest.snapshots if before else {}
    wanted = commits_to_find(there, entries)
    found = find_results_commits(plan.source, set(wanted.values())) if wanted else {}
    return older_snapshots(there, entries, found)
