"""What a revision may be, which commit it means, and which ones are refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from config.errors import UsageError
from tasks.sources.upstream import CloneOptions, results_history, sync
from tests.gitrepo import Upstream
from tests.sources.clones import CSV, quiet

pytestmark = pytest.mark.slow  # starts git


def test_branch_wins_over_tag_wins_over_commit(upstream: Upstream, options: CloneOptions) -> None:
    first = upstream.commit({CSV: "a"})
    second = upstream.commit({CSV: "b"}, date="2024-02-01")
    third = upstream.commit({CSV: "c"}, date="2024-03-01")
    upstream.tag("both", first)
    upstream.branch("both", second)
    upstream.tag("noted", first, message="a note")
    upstream.tag(third[:8], first)
    upstream.branch("topic/x", second)
    wanted = {
        "both": second,
        "refs/tags/both": first,
        "refs/heads/both": second,
        "origin/both": second,
        "noted": first,
        third[:8]: first,
        third[:9]: third,
        third[:9].upper(): third,
        second: second,
        "HEAD": third,
        "topic/x": second,
    }
    assert {ref: sync(options, ref, quiet).head for ref in wanted} == wanted


@pytest.mark.parametrize(
    "ref",
    [
        "-x", "--output=/tmp/x", "a..b", "main@{1}", "main^", "main~1", "a:b", ":/x", "a b", "a\nb",
        "", "@", "/a", "a/", "a//b", "a.lock", ".a", "a*", "a[b", "a\\b", "\x7f",
    ],
)  # fmt: skip
def test_odd_revisions_are_refused_before_anything_is_done(ref: str, tmp_path: Path) -> None:
    options = CloneOptions("file:///nowhere", tmp_path / "cache")
    with pytest.raises(UsageError, match="is not valid: give a branch, a tag, or 7"):
        sync(options, ref, quiet)
    with pytest.raises(UsageError, match="is not valid"):
        results_history(options, ref)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_revision_lists_what_there_is(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    for name in ("zeta", "alpha", "b1", "b2", "b3"):
        upstream.branch(name)
    for day, name in enumerate("abcdefg", start=2):
        upstream.commit({CSV: name}, date=f"2024-01-{day:02}")
        upstream.tag(f"v-{name}")
    for unknown in ("nope", "abcdef1", "0" * 40, "f" * 39, "a" * 64):
        with pytest.raises(UsageError) as caught:
            sync(options, unknown, quiet)
        assert str(caught.value) == (
            f"unknown revision '{unknown}' in {upstream.url}: not a branch, tag or commit; "
            "branches there: main, alpha, b1, b2, b3, …; newest tags: v-g, v-f, v-e, v-d, v-c"
        )


def test_an_ambiguous_short_id_is_refused(upstream: Upstream, options: CloneOptions) -> None:
    """Two commits with the same first 7 digits, found by search so that the test is quick."""
    upstream.commit({CSV: "a"})
    seen: dict[str, bytes] = {}
    tree = upstream.run("rev-parse", "main^{tree}")
    for number in range(200_000):
        body = f"tree {tree}\nauthor T <t@x> {number} +0000\ncommitter T <t@x> 1 +0000\n\nm\n"
        short = _commit_id(body.encode())[:7]
        if short in seen:
            pair = (seen[short], body.encode())
            break
        seen[short] = body.encode()
    else:
        pytest.fail("no pair found")
    for number, body_bytes in enumerate(pair):
        sha = upstream.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=body_bytes)
        upstream.branch(f"b{number}", sha)
    with pytest.raises(UsageError, match=f"revision '{short}' is ambiguous .* give more digits"):
        sync(options, short, quiet)


def _commit_id(body: bytes) -> str:
    return hashlib.sha1(b"commit %d\0%b" % (len(body), body), usedforsecurity=False).hexdigest()


def test_a_commit_that_no_branch_holds_is_fetched(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    sync(options, None, quiet)
    loose = upstream.commit({CSV: "b"}, date="2024-02-01", branch="gone")
    upstream.delete_branch("gone")
    assert sync(options, loose, quiet).head == loose
    assert sync(options, loose[:10], quiet).head == loose


def test_a_blob_is_no_revision(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    blob = upstream.run("rev-parse", f"main:{CSV}")
    upstream.tag("file", "main")
    upstream.run("update-ref", "refs/tags/blob", blob)
    for ref in (blob, "blob", blob[:10]):
        with pytest.raises(UsageError, match="unknown revision"):
            sync(options, ref, quiet)
    assert sync(options, None, quiet).notes == ()
