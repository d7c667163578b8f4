from __future__ import annotations

import pytest

from tasks.tables.commits import SnapshotFacts, commits_table
from tests.frames import COMMIT, SNAPSHOT

BEFORE = "2024-08-13T120000Z-ef570e26"
NOW = SnapshotFacts(SNAPSHOT, COMMIT.sha, COMMIT.time, BEFORE, 3)
OLD = SnapshotFacts("2019-04-04-12345678", "12345678", None, None, None)


def test_exactly_the_current_snapshot_is_current() -> None:
    table = commits_table([NOW, OLD], SNAPSHOT)
    assert list(table["snapshot_id"]) == [OLD.snapshot_id, SNAPSHOT]
    assert list(table["is_current"]) == [False, True]
    assert list(table["merged_rows"].isna()) == [True, False]
    assert list(commits_table([NOW, OLD], OLD.snapshot_id)["is_current"]) == [True, False]


def test_a_current_snapshot_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=f"current snapshot {BEFORE} is not among the 2"):
        commits_table([NOW, OLD], BEFORE)
