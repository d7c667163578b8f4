"""Servers that hang, refuse or fail are given up in time, and the clone stays as it was."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import NetworkError
from tasks.sources.upstream import CloneOptions, sync
from tests.gitrepo import Upstream, child_processes
from tests.sources.clones import CSV, offline, quiet
from tests.sources.servers import https_server, through_ssh

pytestmark = pytest.mark.slow  # starts git


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_hanging_server_is_given_up_at_the_limit(silent_port: int, tmp_path: Path) -> None:
    url = f"https://user:secret@127.0.0.1:{silent_port}/x"
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=1.5)
    before = child_processes()
    start = time.monotonic()
    with pytest.raises(NetworkError, match=r"no answer within 1\.5 s; check the URL") as caught:
        sync(options, None, quiet)
    assert 1.4 < time.monotonic() - start < 6
    assert f"https://127.0.0.1:{silent_port}/x" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert child_processes() <= before


@pytest.mark.usefixtures("two_commits")
def test_a_fetch_that_hangs_keeps_the_clone(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = through_ssh(monkeypatch, tmp_path, upstream)
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=20)
    head = sync(options, None, quiet).head
    upstream.commit({CSV: "new"}, date="2024-03-01")
    monkeypatch.setenv("HANG_AFTER", "1")
    hasty = CloneOptions(url, options.cache_dir, timeout_seconds=1.5)
    with pytest.raises(NetworkError, match=r"no answer within .*or pass --offline"):
        sync(hasty, None, quiet)
    assert sync(offline(options), None, quiet).head == head
    monkeypatch.delenv("HANG_AFTER")
    assert sync(options, None, quiet).notes == ()


def test_a_refused_connection(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    options = CloneOptions(f"https://127.0.0.1:{port}/x", tmp_path / "cache", timeout_seconds=20)
    with pytest.raises(NetworkError, match="could not be reached: unable to access"):
        sync(options, None, quiet)


@pytest.mark.parametrize(("status", "text"), [(503, "503"), (500, "500"), (404, "not found")])
def test_a_server_with_an_error(
    status: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    with https_server(tmp_path, status) as address:
        options = CloneOptions(f"https://u:secret@{address}/x", tmp_path / "cache")
        with pytest.raises(NetworkError, match=text) as caught:
            sync(options, None, quiet)
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("two_commits")
def test_a_helper_that_lives_on_does_not_hold_the_run(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ssh master keeps the pipe of git's messages open after git has ended."""
    script = tmp_path / "ssh"
    script.write_text('#!/bin/bash\nsleep 15 >/dev/null </dev/null &\nexec sh -c "${!#}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    url = f"ssh://git@host.invalid{upstream.path}"
    start = time.monotonic()
    sync(CloneOptions(url, tmp_path / "cache"), None, quiet)
    assert time.monotonic() - start < 10
