"""Which commits are results commits, which came before another, and in which order they are."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from tasks.sources.upstream import CloneOptions, find_results_commits, read_results, results_history, sync
from tests.gitrepo import Upstream
from tests.real.bundle import upstream as bare_clone
from tests.sources.clones import CSV, quiet

pytestmark = pytest.mark.slow  # starts git


def test_the_first_results_commit_has_none_before_it(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    assert sync(options, None, quiet).previous is None


def test_changes_on_a_merged_side_branch_count(upstream: Upstream, options: CloneOptions) -> None:
    base = upstream.commit({CSV: "a", "x": "1"}, date="2024-01-01")
    side = upstream.commit({CSV: "b"}, date="2024-01-02", branch="side", start=base)
    upstream.commit({"x": "2"}, date="2024-01-03")
    upstream.commit({CSV: "b"}, date="2024-01-04", merge=side)
    report = sync(options, None, quiet)
    assert report.results.sha == side
    assert [c.sha for c in results_history(options, None)] == [base, side]


def test_history_is_oldest_first_and_cut_by_day(upstream: Upstream, options: CloneOptions) -> None:
    days = ["2024-01-01T23:59:59", "2024-02-01T00:00:00", "2024-02-01T23:59:59", "2024-03-01"]
    shas = [upstream.commit({CSV: day}, date=day) for day in days]
    upstream.commit({"x": "1"}, date="2024-04-01")
    sync(options, None, quiet)

    def cut(since: date | None, until: date | None) -> list[int]:
        return [shas.index(c.sha) for c in results_history(options, None, since, until)]

    day = date(2024, 2, 1)
    assert cut(None, None) == [0, 1, 2, 3]
    assert cut(day, day) == [1, 2]
    assert cut(None, day) == [0, 1, 2]
    assert cut(day, None) == [1, 2, 3]
    assert cut(date(2030, 1, 1), None) == []
    assert [c.sha for c in results_history(options, shas[1])] == shas[:2]


def test_real_results(tmp_path: Path) -> None:
    options = CloneOptions(bare_clone().as_uri(), tmp_path / "cache")
    old = sync(options, "upstream-8fca002c", quiet)
    assert old.results.snapshot_id.startswith("2022-07-27T")
    head = sync(options, None, quiet)
    assert len(read_results(options, head.results, quiet).files) == 23
    history = results_history(options, None)
    assert len(history) == 53
    assert history[-1] == head.results
    assert history[-2] == head.previous
    assert old.results in history
    dates = [commit.committed_at for commit in history]
    assert dates == sorted(dates)
    for commit in history[::9]:
        assert read_results(options, commit, quiet).files


def test_clocks_that_go_backwards_do_not_change_the_order(upstream: Upstream, options: CloneOptions) -> None:
    days = ["2024-03-01", "2024-01-01", "2024-01-01", "2024-02-29T23:59:59", "2024-04-01"]
    shas = [upstream.commit({CSV: str(number)}, date=day) for number, day in enumerate(days)]
    times = [
        "2024-03-01T000000Z",
        "2024-03-01T000001Z",
        "2024-03-01T000002Z",
        "2024-03-01T000003Z",
        "2024-04-01T000000Z",
    ]
    ids = [f"{time}-{sha[:8]}" for time, sha in zip(times, shas, strict=True)]
    sync(options, None, quiet)
    history = results_history(options, None)
    assert [commit.snapshot_id for commit in history] == ids == sorted(ids)
    assert [commit.sha for commit in history] == shas
    for number, sha in enumerate(shas):
        report = sync(options, sha, quiet)
        assert (report.results.sha, report.results.snapshot_id) == (sha, ids[number]), (
            "the same from any head"
        )
        assert (report.previous.snapshot_id if report.previous else None) == ([None, *ids])[number]
        assert any("is dated" in note for note in report.notes) == (number in {1, 2, 3})
        tree = read_results(options, report.results, quiet)
        assert tree.changed_by["results-imagenet.csv"] == report.results


def test_the_file_a_slow_clock_changed_last_is_said_to_be_changed_by_it(
    upstream: Upstream, options: CloneOptions
) -> None:
    """A branch whose clock is years behind is merged: git lists by date, and its parent would come first."""
    other = "results/results-sketch.csv"
    first = upstream.commit({CSV: "a", other: "a"}, date="2024-03-01")
    late = upstream.commit({CSV: "b"}, date="2020-01-01", branch="side", start=first)
    upstream.commit({other: "b"}, date="2024-04-01")
    merge = upstream.commit({CSV: "b", "x": "1"}, date="2024-05-01", merge=late)
    report = sync(options, None, quiet)
    assert report.results.sha == merge
    assert [c.sha for c in results_history(options, None)][:2] == [first, late]
    tree = read_results(options, report.results, quiet)
    assert tree.changed_by["results-imagenet.csv"].sha == late


def test_commits_are_found_in_full_or_by_their_first_digits(
    upstream: Upstream, options: CloneOptions
) -> None:
    one = upstream.commit({CSV: "a"}, date="2024-01-01")
    two = upstream.commit({CSV: "b"}, date="2024-01-01")
    other = upstream.commit({"x": "1"}, date="2024-01-02")
    upstream.tag("deadbeef", one)  # no commit that begins so
    sync(options, None, quiet)
    found = find_results_commits(options, {one, two[:8], other, "0" * 40, "deadbeef", "nonsense", "-x"})
    assert {key: at.commit.sha for key, at in found.items()} == {one: one, two[:8]: two}
    assert found[one].previous is None
    assert found[two[:8]].previous == found[one].commit
    assert found[two[:8]].commit.snapshot_id == f"2024-01-01T000001Z-{two[:8]}"
    assert find_results_commits(options, {"0" * 40}) == {}


@pytest.mark.parametrize("seed", range(3))
def test_any_history_has_one_id_for_a_commit_from_wherever_it_is_looked_at(
    upstream: Upstream, options: CloneOptions, seed: int
) -> None:
    """Made-up branches and merges, some with no results, dates in any order."""
    drawn, tips, ids = random.Random(seed), [upstream.commit({CSV: "0"})], {}  # noqa: S311
    for number in range(10):
        paths = drawn.sample([CSV, "results/b.csv", "x"], 2)
        start, merge = drawn.choice(tips), drawn.choice([*tips, None, None])
        files = {path: str(drawn.randint(0, 2)) for path in paths}
        date = f"2024-01-{drawn.randint(1, 28):02}"
        merge = None if merge == start else merge
        tips.append(upstream.commit(files, date=date, start=start, merge=merge))
        upstream.branch(f"b{number}", tips[-1])
    sync(options, "b0", quiet)
    for tip in tips:
        history = results_history(options, tip)
        assert history[-1].sha == upstream.run("log", "-1", "--format=%H", tip, "--", "results/*.csv")
        for commit in history:
            assert ids.setdefault(commit.sha, commit.snapshot_id) == commit.snapshot_id
        tree = read_results(options, history[-1], quiet)
        assert set(tree.changed_by) == {file.name for file in tree.files}
        for commit in history:
            parents = [c for c in history if upstream.run("merge-base", c.sha, commit.sha) == c.sha]
            assert max(parents, key=lambda c: c.snapshot_id) == commit
