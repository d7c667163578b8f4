"""A sync follows the upstream, also where that rewrote or renamed something, and says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import UsageError
from tasks.sources.upstream import CloneOptions, read_results, sync
from tests.gitrepo import Upstream, make_upstream
from tests.sources.clones import CSV, quiet

pytestmark = pytest.mark.slow  # starts git


def test_first_sync_clones_and_finds_the_results_commit(upstream: Upstream, options: CloneOptions) -> None:
    first = upstream.commit({CSV: "a"}, date="2024-01-01")
    second = upstream.commit({CSV: "b"}, date="2024-02-01T12:00:00")
    head = upstream.commit({"README.md": "x", "results/README.md": "x"}, date="2024-03-01")
    report = sync(options, None, quiet)
    assert (report.head, report.results.sha) == (head, second)
    assert report.results.committed_at == datetime(2024, 2, 1, 12, tzinfo=UTC)
    assert report.previous is not None
    assert report.previous.sha == first
    assert report.default_branch == "main"
    assert report.ref is None
    assert report.notes == (f"cloned {upstream.url}",)


def test_a_second_sync_has_nothing_to_say_and_sees_new_commits(
    upstream: Upstream, options: CloneOptions
) -> None:
    upstream.commit({CSV: "a"})
    sync(options, None, quiet)
    new = upstream.commit({CSV: "b"}, date="2024-02-01")
    report = sync(options, None, quiet)
    assert (report.results.sha, report.notes) == (new, ())


def test_a_repository_with_sha256_ids(tmp_path: Path) -> None:
    upstream = make_upstream(tmp_path / "new.git", object_format="sha256")
    sha = upstream.commit({CSV: "a"})
    options = CloneOptions(upstream.url, tmp_path / "cache")
    report = sync(options, sha, quiet)
    assert len(report.head) == 64
    assert read_results(options, report.results, quiet).files[0].data == b"a"
    assert sync(options, None, quiet).notes == ()


def test_a_forced_push_is_followed_and_reported(upstream: Upstream, options: CloneOptions) -> None:
    base = upstream.commit({CSV: "a"})
    old = upstream.commit({CSV: "b"}, date="2024-02-01")
    sync(options, None, quiet)
    new = upstream.commit({CSV: "c"}, date="2024-02-02", start=base)
    report = sync(options, None, quiet)
    assert report.head == new
    assert report.notes == (
        f"the upstream rewrote branch main (forced push): {old[:8]} is no longer part of it, "
        f"followed to {new[:8]}",
    )
    assert sync(options, old, quiet).head == old  # still there for a rebuild of an old snapshot
    assert sync(options, None, quiet).notes == ()


def test_a_rewritten_branch_and_a_moved_tag_are_reported(upstream: Upstream, options: CloneOptions) -> None:
    base = upstream.commit({CSV: "a"})
    side = upstream.commit({CSV: "b"}, branch="side", start=base)
    upstream.tag("v1", base)
    sync(options, None, quiet)
    upstream.commit({CSV: "c"}, branch="side", start=base)
    assert side[:8] in sync(options, "side", quiet).notes[0]
    upstream.tag("v1", "side")
    assert sync(options, "v1", quiet).notes[0].startswith("the upstream moved tag v1 from")


def test_a_renamed_default_branch_is_followed_and_reported(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"}, branch="master")
    upstream.set_default("master")
    assert sync(options, None, quiet).default_branch == "master"
    upstream.branch("main", "master")
    upstream.set_default("main")
    upstream.delete_branch("master")
    new = upstream.commit({CSV: "b"}, date="2024-02-01")
    report = sync(options, None, quiet)
    assert (report.default_branch, report.head) == ("main", new)
    assert report.notes == ("the upstream's default branch was master and is main now",)
    with pytest.raises(UsageError, match="unknown revision 'master'"):
        sync(options, "master", quiet)


def test_a_detached_or_dangling_head_upstream(upstream: Upstream, options: CloneOptions) -> None:
    sha = upstream.commit({CSV: "a"}, branch="trunk")
    upstream.set_default("nowhere")
    assert sync(options, None, quiet).head == sha
    upstream.commit({CSV: "b"}, branch="main")
    upstream.run("update-ref", "--no-deref", "HEAD", sha)
    assert sync(options, None, quiet).default_branch == "trunk"


def test_a_branch_that_became_a_folder(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    upstream.branch("topic")
    sync(options, None, quiet)
    upstream.delete_branch("topic")
    sha = upstream.branch("topic/one")
    assert sync(options, "topic/one", quiet).head == sha


def test_progress_says_what_is_done(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    said: list[tuple[str, float | None]] = []
    report = sync(options, None, lambda *step: said.append(step))
    read_results(options, report.results, lambda *step: said.append(step))
    messages = [message for message, _share in said]
    assert messages[0] == f"cloning {upstream.url}"
    assert "fetching 1 result files" in messages
    assert all(share is None or 0 <= share <= 1 for _message, share in said)


def test_an_error_in_the_progress_function_is_not_swallowed(
    upstream: Upstream, options: CloneOptions
) -> None:
    upstream.commit({CSV: "a"})

    def interrupt(_message: str, _share: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(options, None, interrupt)
    assert sync(options, None, quiet).notes == (f"cloned {upstream.url}",)
