"""Which commit last changed each file: what a chart names as its source, and part of its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.sources.upstream import CloneOptions, read_results, sync
from tasks.tables.source import ResultsTree
from tests.gitrepo import Upstream, make_upstream
from tests.real.bundle import upstream as bare_clone

pytestmark = pytest.mark.slow  # starts git

A, B, C = "results/results-imagenet.csv", "results/results-sketch.csv", "results/benchmark-x.csv"


def tree_of(url: str, cache: Path, ref: str | None = None) -> ResultsTree:
    options = CloneOptions(url, cache, timeout_seconds=30)
    commit = sync(options, ref, lambda _message, _share: None).results
    return read_results(options, commit, lambda _message, _share: None)


def last(tree: ResultsTree) -> dict[str, str]:
    return {f"results/{name}": commit.sha for name, commit in tree.changed_by.items()}


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return make_upstream(tmp_path / "up.git")


def test_each_file_has_the_commit_that_changed_it_last(upstream: Upstream, tmp_path: Path) -> None:
    first = upstream.commit({A: "a", B: "b", C: "c"}, date="2024-01-01")
    second = upstream.commit({A: "a2"}, date="2024-02-01")
    upstream.commit({C: None, "README.md": "x"}, date="2024-03-01")
    fourth = upstream.commit({C: "c", "results/notes.txt": "x"}, date="2024-04-01")
    tree = tree_of(upstream.url, tmp_path / "cache")
    assert last(tree) == {A: second, B: first, C: fourth}
    assert tree.last_change(["results-imagenet.csv", "results-sketch.csv"]).sha == second
    assert tree.last_change(["results-sketch.csv"]).snapshot_id == f"2024-01-01T000000Z-{first[:8]}"
    assert tree.last_change([]).sha == tree.commit.sha


def test_a_merge_counts_only_for_what_it_took_from_no_parent(upstream: Upstream, tmp_path: Path) -> None:
    first = upstream.commit({A: "a", B: "b", C: "c"}, date="2024-01-01")
    side = upstream.commit({B: "b2"}, date="2024-02-01", branch="side", start=first)
    upstream.commit({A: "a2"}, date="2024-03-01")
    merge = upstream.commit({A: "a3", B: "b2"}, date="2024-04-01", merge=side)
    assert last(tree_of(upstream.url, tmp_path / "cache")) == {A: merge, B: side, C: first}


def test_it_is_what_git_says_for_each_file_alone_at_every_results_commit(tmp_path: Path) -> None:
    """On the real history; the clone has no contents but those that are read."""
    real = Upstream(bare_clone())
    for ref in ("upstream-4515a435", "upstream-8fca002c", None):
        tree = tree_of(real.url, tmp_path / "cache", ref)
        assert len(tree.changed_by) == len(tree.files) > 10
        for name, commit in tree.changed_by.items():
            found = real.run("log", "-1", "--format=%H", tree.commit.sha, "--", f"results/{name}")
            assert commit.sha == found, name
