"""The machine around the clone: git itself, its settings, owners, folders and processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.errors import NetworkError, UsageError
from tasks.sources.upstream import CloneOptions, clone_path, read_results, results_history, sync
from tests.gitrepo import Upstream, child_processes, make_upstream
from tests.sources.clones import CSV, ROOT, quiet

pytestmark = pytest.mark.slow  # starts git


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are listed in /proc")
def test_no_child_process_is_left(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    before = child_processes()
    report = sync(options, None, quiet)
    read_results(options, report.results, quiet)
    results_history(options, None)
    assert child_processes() <= before


def test_variables_of_a_git_hook_do_not_lead_elsewhere(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = upstream.commit({CSV: "a"})
    other = make_upstream(tmp_path / "other.git")
    other.commit({"x": "1"})
    refs = other.run("for-each-ref")
    monkeypatch.setenv("GIT_DIR", str(other.path))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.path / "objects"))
    monkeypatch.setenv("GIT_QUARANTINE_PATH", str(other.path / "objects"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    report = sync(options, None, quiet)
    assert report.head == sha
    assert read_results(options, report.results, quiet).files[0].data == b"a"
    assert sync(options, None, quiet).notes == ()
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    assert other.run("for-each-ref") == refs


def test_a_clone_inside_another_repository_never_falls_back_to_it(upstream: Upstream, tmp_path: Path) -> None:
    project = tmp_path / "project"
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    upstream.commit({CSV: "a"})
    options = CloneOptions(upstream.url, project / "cache")
    sync(options, None, quiet)
    (clone_path(options) / "HEAD").unlink()
    report = sync(options, None, quiet)
    assert "has been rebuilt" in report.notes[0]
    config = (project / ".git" / "config").read_text()
    assert "remote" not in config


def test_a_persons_git_configuration_does_not_change_the_result(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "reference-transaction").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (hooks / "reference-transaction").chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        f"[core]\nhooksPath={hooks}\nquotePath=true\n[color]\nui=always\n[log]\nshowSignature=true\n"
        "[safe]\nbareRepository=explicit\n[fetch]\nprune=false\n[init]\ndefaultBranch=zzz\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    upstream.commit({CSV: "a"})
    report = sync(options, None, quiet)
    assert read_results(options, report.results, quiet).files[0].data == b"a"
    assert not (tmp_path / "ran").exists()


def test_settings_from_the_environment_still_count(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({CSV: "a"})
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{upstream.url}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://mirror.invalid/x")
    mirrored = CloneOptions("https://mirror.invalid/x", tmp_path / "cache")
    assert sync(mirrored, None, quiet).url == "https://mirror.invalid/x"


@pytest.mark.usefixtures("two_commits")
def test_another_owner_is_explained(
    upstream: Upstream, options: CloneOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(options, None, quiet)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UsageError, match=r"belongs to another user: .*--add safe\.directory") as no:
        sync(options, None, quiet)
    assert not isinstance(no.value, NetworkError)
    assert str(clone_path(options)) in str(no.value)
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    assert sync(options, None, quiet).notes == ()  # not taken for damage
    assert upstream.path.exists()


@pytest.mark.usefixtures("two_commits")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_an_upstream_of_another_owner_is_explained(upstream: Upstream, options: CloneOptions) -> None:
    for path in (upstream.path, *upstream.path.rglob("*")):
        os.chown(path, 12345, 12345)
    with pytest.raises(UsageError, match=r"--add safe\.directory") as caught:
        sync(options, None, quiet)
    assert str(upstream.path) in str(caught.value)


def test_a_cache_folder_that_cannot_be_made(upstream: Upstream, tmp_path: Path) -> None:
    upstream.commit({CSV: "a"})
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"cache folder .*file/cache: .*choose one that can be"):
        sync(CloneOptions(upstream.url, tmp_path / "file" / "cache"), None, quiet)


def test_git_that_is_not_installed(upstream: Upstream, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from tasks.sources.upstream import CloneOptions, sync\n"
        "from config.errors import UsageError\n"
        "try: sync(CloneOptions(sys.argv[1], Path(sys.argv[2])), None, lambda *_: None)\n"
        "except UsageError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, upstream.url, str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        check=False,
    )
    assert done.stdout.startswith("git was not found: install git"), done.stderr
