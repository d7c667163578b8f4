"""Results commits in the order of history, whatever the clocks of those who committed said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tasks.tables.source import ResultsCommit

_STEP: Final = timedelta(seconds=1)  # what ids can tell apart


@dataclass(frozen=True)
class LoggedCommit:
    """A commit that changed a results CSV, as git lists it."""

    sha: str
    committed_at: datetime
    parents: tuple[str, ...]  # the nearest ones before it that changed a results CSV too; two for a merge


@dataclass(frozen=True)
class Placed:
    """A results commit at its place in history."""

    commit: ResultsCommit
    previous: ResultsCommit | None  # the newest of all that it comes after

    @property
    def note(self) -> str | None:
        """Return in words that the id has another time than the commit; None if it has not."""
        if self.commit.placed_at is None or self.previous is None:
            return None
        return (
            f"results commit {self.commit.sha[:8]} is dated {self.commit.time}, not after the one before it "
            f"({self.previous.in_words}); its snapshot is named by the second after that one: "
            f"{self.commit.snapshot_id}"
        )


def in_order(log: Iterable[LoggedCommit]) -> list[Placed]:
    """Return results commits, oldest first, with ids whose text order is that of history.

    The time in an id is the commit's own, or, where that is not after all results commits it comes after,
    a second more than the newest of these. So it depends on the commit and its ancestors alone.

    Args:
        log: Commits after their parents, with all their ancestors.
    """
    placed: dict[str, Placed] = {}
    for logged in log:
        before = [placed[sha].commit for sha in logged.parents]
        previous = max(before, key=lambda commit: commit.snapshot_id, default=None)
        placed[logged.sha] = Placed(_commit(logged, previous), previous)
    return sorted(placed.values(), key=lambda at: at.commit.snapshot_id)


def _commit(logged: LoggedCommit, previous: ResultsCommit | None) -> ResultsCommit:
    if previous is None:
        return ResultsCommit(logged.sha, logged.committed_at)
    earliest = (previous.placed_at or previous.committed_at) + _STEP
    late_enough = logged.committed_at >= earliest
    return ResultsCommit(logged.sha, logged.committed_at, None if late_enough else earliest)
