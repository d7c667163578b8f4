"""What becomes of the snapshots of the build before: none is lost unsaid."""

from __future__ import annotations

from datetime import UTC, datetime

from tasks.outputs.manifest import SnapshotEntry
from tasks.outputs.older import CarriedOver, Older, carry_over, commits_to_find, older_snapshots
from tasks.tables.history import Placed
from tasks.tables.source import ResultsCommit

A, B = (
    ResultsCommit(digit * 40, datetime(2024, 8, day, 12, tzinfo=UTC)) for digit, day in (("a", 1), ("b", 2))
)
OLD_A, OLD_B, CURRENT = "2024-08-01-aaaaaaaa", "2024-08-02-bbbbbbbb", "2024-09-05T170000Z-ee5b1e82"
FOUND = {A.sha: Placed(A, None), B.sha: Placed(B, A), "aaaaaaaa": Placed(A, None)}


def entry(commit: ResultsCommit, at: str | None = None) -> SnapshotEntry:
    return SnapshotEntry(commit=commit.sha, committed_at=at, preset="p", profiles=("x*",), code="old")


def older(*names: str, found: dict[str, Placed] | None = None, **entries: SnapshotEntry) -> list[Older]:
    """Return the snapshots; entries are given by the first letter of the hash."""
    known = {name: entries[key] for name in names if (key := name.rpartition("-")[2][0]) in entries}
    return older_snapshots(names, known, FOUND if found is None else found)


def carried(*snapshots: Older, damaged: tuple[str, ...] = (), current: str = CURRENT) -> CarriedOver:
    return carry_over(snapshots, damaged, current)


def test_git_is_asked_only_for_what_no_manifest_says() -> None:
    entries = {OLD_A: entry(A), B.snapshot_id: entry(B, B.time)}
    there = (OLD_A, B.snapshot_id, "2020-01-01-cccccccc")
    assert commits_to_find(there, entries) == {OLD_A: A.sha, "2020-01-01-cccccccc": "cccccccc"}


def test_a_snapshot_of_an_older_form_gets_its_new_id_and_what_was_known_stays() -> None:
    [first, second] = older(OLD_A, OLD_B, a=entry(A), b=entry(B))
    assert (first.was, first.snapshot_id) == (OLD_A, "2024-08-01T120000Z-aaaaaaaa")
    assert (second.entry.committed_at, second.entry.previous_snapshot) == (B.time, A.snapshot_id)
    assert (second.entry.commit, second.entry.preset, second.entry.profiles, second.entry.code) == (
        B.sha, "p", ("x*",), "old",
    )  # fmt: skip
    result = carried(first, second)
    assert result.stay == (first, second)
    assert result.problems == ()
    assert result.notes[0] == f"snapshot {OLD_A} is called {A.snapshot_id} now: its id has the time too"


def test_one_that_nothing_is_known_of_is_found_by_its_hash() -> None:
    [one] = older(OLD_A)
    assert (one.snapshot_id, one.entry.commit, one.entry.code) == (A.snapshot_id, A.sha, "")


def test_one_that_git_does_not_know_stays_under_its_id_and_that_is_said() -> None:
    [one] = older(OLD_A, found={}, a=entry(A))
    assert (one.snapshot_id, one.entry) == (OLD_A, entry(A))
    result = carried(one)
    assert result.stay == (one,)
    assert "upstream no longer has its commit" in result.problems[0]


def test_one_of_this_version_is_as_it_was() -> None:
    [one] = older(A.snapshot_id, found={}, a=entry(A, A.time))
    assert carried(one) == CarriedOver((one,), (), ())


def test_damaged_ones_are_dropped_and_named() -> None:
    snapshots = older(OLD_A, OLD_B, a=entry(A), b=entry(B))
    result = carried(*snapshots, damaged=(OLD_A,))
    assert result.stay == (snapshots[1],)
    assert result.problems == (
        f"snapshot {OLD_A} is damaged and dropped; timm-charts refresh --ref {OLD_A[-8:]} makes it again, "
        "and the current one",
    )


def test_the_one_that_is_made_anew_does_not_stay_under_either_id() -> None:
    snapshots = older(OLD_A, A.snapshot_id, a=entry(A))
    assert carried(*snapshots, damaged=(OLD_A,), current=A.snapshot_id) == CarriedOver((), (), ())


def test_of_two_that_get_one_id_the_one_that_had_it_stays_unless_it_is_damaged() -> None:
    old, new = older(OLD_A, A.snapshot_id, a=entry(A))
    result = carried(old, new)
    assert result.stay == (new,)
    assert result.notes == (f"snapshot {OLD_A} is there as {A.snapshot_id} too, which stays",)
    result = carried(old, new, damaged=(A.snapshot_id,))
    assert result.stay == (old,)
    assert len(result.problems) == len(result.notes) == 1
