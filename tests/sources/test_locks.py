"""One process at a time works on a clone: others wait, up to a limit, and say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from config.errors import UsageError
from tasks.sources.upstream import CloneOptions, clone_path, sync
from tests.gitrepo import Upstream
from tests.sources.clones import quiet, worker

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("two_commits")]  # starts git


def test_processes_at_once_on_an_empty_cache(upstream: Upstream, tmp_path: Path) -> None:
    workers = [worker(upstream.url, tmp_path / "cache") for _ in range(4)]
    results = [process.communicate(timeout=90) for process in workers]
    assert [process.returncode for process in workers] == [0] * 4, results
    assert sum("cloned" in output for output, _errors in results) == 1


def test_a_held_lock_is_waited_for_with_a_message_and_a_limit(upstream: Upstream, tmp_path: Path) -> None:
    options = CloneOptions(upstream.url, tmp_path / "cache", timeout_seconds=1)
    sync(options, None, quiet)
    file = clone_path(options).with_name(f"{clone_path(options).name}.lock")
    said: list[str] = []
    with (
        FileLock(file),
        pytest.raises(UsageError, match=r"lock .*\.lock was not free within 1 s; another timm-ch"),
    ):
        sync(options, None, lambda message, _share: said.append(message))
    assert said == [f"waiting for another run that uses the clone (lock {file})"]
    assert sync(options, None, quiet).notes == ()


def test_the_lock_is_free_after_an_error(options: CloneOptions) -> None:
    with pytest.raises(UsageError):
        sync(options, "nope", quiet)
    assert sync(options, None, quiet).head
