"""Ids of snapshots: their text order is the order of history, whatever the clocks said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.tables.history import LoggedCommit, Placed, in_order
from tasks.tables.source import ResultsCommit, ResultsTree, snapshot_in_words
from tests.frames import COMMIT, SNAPSHOT, SNAPSHOT_IN_WORDS

NOON = datetime(2024, 9, 5, 12, tzinfo=UTC)


def logged(name: str, seconds: int, *parents: str) -> LoggedCommit:
    at = NOON + timedelta(seconds=seconds)
    return LoggedCommit(name * 40, at, tuple(parent * 40 for parent in parents))


def ids(*log: LoggedCommit) -> list[str]:
    return [at.commit.snapshot_id for at in in_order(log)]


def test_an_id_is_the_time_in_utc_and_the_hash() -> None:
    assert COMMIT.snapshot_id == SNAPSHOT
    west = COMMIT.committed_at.astimezone(timezone(timedelta(hours=-7)))
    elsewhere = replace(COMMIT, committed_at=west)
    assert (elsewhere.snapshot_id, elsewhere.date, elsewhere.time) == (
        SNAPSHOT,
        "2024-09-05",
        "2024-09-05T17:00:00Z",
    )
    assert COMMIT.in_words == SNAPSHOT_IN_WORDS


@pytest.mark.parametrize(
    ("snapshot", "shown"),
    [
        (SNAPSHOT, SNAPSHOT_IN_WORDS),
        ("2024-09-05-ee5b1e82", SNAPSHOT_IN_WORDS),  # of an earlier version
        (f"{SNAPSHOT}-own12345678", f"{SNAPSHOT_IN_WORDS}-own12345678"),
    ],
)
def test_people_are_shown_date_and_hash(snapshot: str, shown: str) -> None:
    assert snapshot_in_words(snapshot) == shown


def test_within_a_day_time_decides_and_not_the_hash() -> None:
    assert ids(logged("f", 0), logged("a", 60, "f")) == [
        "2024-09-05T120000Z-ffffffff",
        "2024-09-05T120100Z-aaaaaaaa",
    ]


def test_a_clock_that_went_backwards_gives_the_second_after_the_commit_before() -> None:
    first, second, third = in_order([logged("a", 0), logged("b", -3600, "a"), logged("c", 1, "b")])
    assert [at.commit.snapshot_id for at in (first, second, third)] == [
        "2024-09-05T120000Z-aaaaaaaa",
        "2024-09-05T120001Z-bbbbbbbb",
        "2024-09-05T120002Z-cccccccc",
    ]
    assert (first.note, first.previous, second.previous, third.previous) == (
        None, None, first.commit, second.commit,
    )  # fmt: skip
    assert second.commit.time == "2024-09-05T11:00:00Z"
    assert second.note == (
        "results commit bbbbbbbb is dated 2024-09-05T11:00:00Z, not after the one before it "
        "(2024-09-05 aaaaaaaa); its snapshot is named by the second after that one: "
        "2024-09-05T120001Z-bbbbbbbb"
    )


def test_a_merge_comes_after_both_sides_and_a_side_knows_nothing_of_the_other() -> None:
    log = [logged("a", 0), logged("b", 50, "a"), logged("c", 10, "a"), logged("d", 20, "b", "c")]
    placed = in_order(log)
    assert [at.commit.sha[0] for at in placed] == ["a", "c", "b", "d"]
    assert [at.previous.sha[0] if at.previous else None for at in placed] == [None, "a", "a", "b"]
    assert placed[-1].commit.snapshot_id == "2024-09-05T120051Z-dddddddd"


@st.composite
def histories(draw: st.DrawFn) -> list[LoggedCommit]:
    """Draw commits with up to three parents each and clocks that say anything."""
    log: list[LoggedCommit] = []
    for number in range(draw(st.integers(1, 12))):
        parents = draw(st.lists(st.sampled_from(log), max_size=3, unique=True)) if log else []
        at = NOON + timedelta(seconds=draw(st.integers(-5, 5)))
        sha = f"{draw(st.integers(0, 15)):x}{number:07x}".ljust(40, "0")
        log.append(LoggedCommit(sha, at, tuple(parent.sha for parent in parents)))
    return log


def ancestors(log: list[LoggedCommit], of: str) -> set[str]:
    parents = {one.sha: one.parents for one in log}
    found, todo = {of}, [of]
    while todo:
        todo += [sha for sha in parents[todo.pop()] if sha not in found]
        found |= set(todo)
    return found


@given(histories())
def test_text_order_is_the_order_of_history_and_depends_on_ancestors_alone(log: list[LoggedCommit]) -> None:
    placed = {at.commit.sha: at for at in in_order(log)}
    assert len(placed) == len(log)
    for one in log:
        mine = placed[one.sha].commit.snapshot_id
        before = {sha: placed[sha].commit.snapshot_id for sha in ancestors(log, one.sha) - {one.sha}}
        assert all(other < mine for other in before.values())
        previous = placed[one.sha].previous
        assert (previous.snapshot_id if previous else None) == max(before.values(), default=None)
        alone: list[Placed] = in_order([other for other in log if other.sha in {one.sha, *before}])
        assert alone[-1] == placed[one.sha]


def test_the_newest_change_of_files_is_the_last_in_history() -> None:
    early = ResultsCommit("f" * 40, NOON)
    late = ResultsCommit("a" * 40, NOON - timedelta(days=1), placed_at=NOON + timedelta(seconds=1))
    tree = ResultsTree(late, (), (), {"x.csv": early, "y.csv": late})
    assert tree.last_change(["x.csv", "y.csv"]) == late
    assert tree.last_change(["x.csv"]) == early
