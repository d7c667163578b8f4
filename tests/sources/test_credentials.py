"""Logins over https and ssh: never a prompt, no password on disk or in a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import NetworkError, TimmChartsError, UsageError
from tasks.sources.upstream import CloneOptions, clone_path, read_results, sync
from tests.gitrepo import Upstream
from tests.sources.clones import quiet
from tests.sources.servers import https_server, through_ssh

pytestmark = pytest.mark.slow  # starts git


def test_a_server_that_wants_a_login_never_leads_to_a_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "askpass"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho x\n")
    program.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\naskPass={program}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_ASKPASS", str(program))
    monkeypatch.setenv("SSH_ASKPASS", str(program))
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    with https_server(tmp_path, 401) as address:
        options = CloneOptions(f"https://{address}/x", tmp_path / "cache", timeout_seconds=20)
        with pytest.raises(UsageError, match=r"wants a login: .*prompts disabled; ") as caught:
            sync(options, None, quiet)
    assert not isinstance(caught.value, NetworkError)  # another try would not help
    assert not asked.exists()


@pytest.mark.usefixtures("two_commits")
def test_a_password_is_used_but_reaches_neither_disk_nor_report(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    with https_server(tmp_path, 401, upstream.path) as address:
        options = CloneOptions(
            f"https://user:hunter2@{address}/up.git", tmp_path / "cache", timeout_seconds=30
        )
        report = sync(options, None, quiet)
        assert len(read_results(options, report.results, quiet).files) == 2
        wrong = CloneOptions(f"https://user:hunter3@{address}/up.git", tmp_path / "cache")
        assert clone_path(wrong) == clone_path(options)
        with pytest.raises(UsageError, match="wants a login: Authentication failed") as caught:
            sync(wrong, None, quiet)
    assert "hunter" not in f"{caught.value} {report} {clone_path(options)}"
    for file in (tmp_path / "cache").rglob("*"):
        assert not file.is_file() or b"hunter" not in file.read_bytes()


@pytest.mark.usefixtures("two_commits")
def test_ssh_never_asks_and_keeps_the_callers_command(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = through_ssh(monkeypatch, tmp_path, upstream)
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=20)
    read_results(options, sync(options, None, quiet).results, quiet)
    calls = (tmp_path / "ssh-calls").read_text().splitlines()
    assert len(calls) == 3  # ls-remote, fetch, contents
    assert all("-o First=1 -o BatchMode=yes" in call for call in calls)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("git@host.invalid: Permission denied (publickey).", UsageError),
        ("Host key verification failed.", UsageError),
        ("ssh: Could not resolve hostname host.invalid: Name or service not known", NetworkError),
    ],
)
def test_what_ssh_says_is_passed_on(
    said: str, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "ssh"
    script.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 255\n")
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    with pytest.raises(TimmChartsError) as caught:
        sync(CloneOptions("git@host.invalid:a/b", tmp_path / "cache"), None, quiet)
    assert type(caught.value) is kind
    assert said.rstrip(".") in str(caught.value)
