"""The table ``commits``: every snapshot in the outputs and which one is the current."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pandas as pd

from config.contracts import COMMITS
from tasks.tables.contract import as_table


@dataclass(frozen=True)
class SnapshotFacts:
    """What the table says of a snapshot."""

    snapshot_id: str
    commit: str
    committed_at: str | None
    previous_snapshot: str | None
    merged_rows: int | None


def commits_table(snapshots: Iterable[SnapshotFacts], current: str) -> pd.DataFrame:
    """Return the table for these snapshots.

    Raises:
        ValueError: The current one is not among them.
    """
    rows = [asdict(facts) | {"is_current": facts.snapshot_id == current} for facts in snapshots]
    if not any(row["is_current"] for row in rows):
        msg = f"the current snapshot {current} is not among the {len(rows)} of the outputs"
        raise ValueError(msg)
    return as_table(pd.DataFrame(rows), COMMITS)
