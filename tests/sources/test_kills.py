"""A run that was killed at any moment leaves a clone that the next run can use."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tasks.sources.upstream import CloneOptions, clone_path, read_results, sync
from tests.gitrepo import Upstream
from tests.sources.clones import CSV, offline, quiet, worker
from tests.sources.servers import through_ssh

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("two_commits")]  # starts git


def test_stale_git_locks_are_removed(upstream: Upstream, options: CloneOptions) -> None:
    sync(options, None, quiet)
    upstream.commit({CSV: "d"}, date="2024-03-01")
    clone = clone_path(options)
    stale = [clone / name for name in ("packed-refs.lock", "config.lock", "HEAD.lock")]
    stale.append(clone / "refs" / "remotes" / "origin" / "main.lock")
    stale.append(clone / "objects" / "pack" / "tmp_pack_abcdef")
    for file in stale:
        file.touch()
    assert sync(options, None, quiet).notes == ()
    assert not any(file.exists() for file in stale)


def test_killed_between_the_two_renames_of_a_rebuild(options: CloneOptions) -> None:
    sync(options, None, quiet)
    clone = clone_path(options)
    clone.rename(clone.with_name(f"{clone.name}.old"))
    assert sync(offline(options), None, quiet).head


@pytest.mark.parametrize("sent", ["1", "400", "900"])
@pytest.mark.parametrize("orphaned", [False, True], ids=["all-killed", "git-lives-on"])
@pytest.mark.parametrize("cloned", [False, True], ids=["first", "update"])
def test_sigkill_during_a_fetch(
    sent: str,
    orphaned: bool,
    cloned: bool,
    request: pytest.FixtureRequest,
    upstream: Upstream,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = through_ssh(monkeypatch, tmp_path, upstream)
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=30)
    if cloned:
        sync(options, None, quiet)
        upstream.commit({CSV: os.urandom(4000).hex()}, date="2024-03-01")
    process = worker(url, options.cache_dir, HANG_AFTER=sent)
    stalling = tmp_path / "stalling"
    deadline = time.monotonic() + 20
    while len(stalling.read_text().split()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    assert process.poll() is None
    orphans = os.getpgid(int(stalling.read_text().split()[1]))
    process.kill()
    process.communicate()
    if orphaned:
        request.addfinalizer(lambda: os.killpg(orphans, signal.SIGKILL))
    else:
        os.killpg(orphans, signal.SIGKILL)
    assert clone_path(options).exists() == cloned
    report = sync(options, None, quiet)
    assert report.notes == (() if cloned else (f"cloned {url}",))
    assert len(read_results(options, report.results, quiet).files) == 2
    assert not list((options.cache_dir / "clones").glob("*.new-*"))


def test_sigkill_at_any_moment(upstream: Upstream, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    start = time.monotonic()
    process = worker(upstream.url, tmp_path / "timing")
    process.communicate()
    whole = time.monotonic() - start
    for step in range(10):
        process = worker(upstream.url, cache)
        time.sleep(whole * (0.5 + step / 20))
        process.kill()
        process.communicate()
        options = CloneOptions(upstream.url, cache, timeout_seconds=30)
        report = sync(options, None, quiet)
        assert "damaged" not in "".join(report.notes)
        assert len(read_results(options, report.results, quiet).files) == 2
        if step % 2:
            shutil.rmtree(clone_path(options))
