"""Which commits are results commits, which came before another, and in which order they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tasks.sources.upstream import CloneOptions, read_results, results_history, sync
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
    assert old.results.snapshot_id.startswith("2022-07-27-")
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
