"""The sample upstream as a git repository: the same everywhere, whole, in nobody's way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest
from git import Repo

from config.errors import UsageError
from tasks.sources.sample.repository import make_sample_upstream

# Changes whenever the sample's content does: look at the difference, then pin the new one.
HEAD: Final = "d52af8310a2a7c38531fb27149886dd326b1e8e7"
ROOT: Final = Path(__file__).parents[2]

pytestmark = pytest.mark.slow  # starts git


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.git"
    make_sample_upstream(path)
    return path


def _git(path: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(path), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _siblings(path: Path) -> set[str]:
    return {entry.name for entry in path.parent.iterdir()} - {f".{path.name}.lock"}


def test_head_is_the_known_one_and_git_finds_no_fault(sample: Path) -> None:
    assert _git(sample, "rev-parse", "HEAD", "main").split() == [HEAD, HEAD]
    assert _git(sample, "fsck", "--full", "--strict") == ""
    assert _git(sample, "config", "--bool", "core.bare") == "true"


def test_history_is_linear_signed_by_nobody_and_dated(sample: Path) -> None:
    lines = _git(sample, "log", "--format=%an|%cn|%aI|%cI|%G?|%P").splitlines()
    assert len(lines) == 7
    for line in lines:
        author, committer, authored, committed, signature, parents = line.split("|")
        assert author == committer == "timm-charts sample"
        assert authored == committed
        assert signature == "N"
        assert len(parents.split()) <= 1
    assert lines[-1].split("|")[2] == "2019-07-21T09:30:00-07:00"


def test_readme_commit_is_no_results_commit(sample: Path) -> None:
    touched = _git(sample, "log", "--format=%h", "--", "results/*.csv").splitlines()
    assert len(touched) == 6


@pytest.fixture
def hostile_env(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which a careless build fails or comes out different."""
    home, template = tmp_path / "home", tmp_path / "template"
    (template / "hooks").mkdir(parents=True)
    for name in ("reference-transaction", "post-commit", "pre-commit"):
        hook = template / "hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    home.mkdir()
    (home / ".gitconfig").write_text(
        f"[commit]\n gpgsign = true\n[gpg]\n program = /bin/false\n"
        f"[core]\n autocrlf = true\n hooksPath = {template / 'hooks'}\n"
        f"[init]\n defaultBranch = weird\n templateDir = {template}\n"
        f"[i18n]\n commitEncoding = ISO-8859-1\n[user]\n useConfigOnly = true\n"
    )
    elsewhere = str(tmp_path / "elsewhere")
    return os.environ | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(ROOT),
        "GIT_DIR": elsewhere,
        "GIT_WORK_TREE": elsewhere,
        "GIT_INDEX_FILE": elsewhere,
        "GIT_OBJECT_DIRECTORY": elsewhere,
        "GIT_QUARANTINE_PATH": elsewhere,
        "GIT_DEFAULT_HASH": "sha256",
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z",
        "GIT_AUTHOR_NAME": "somebody",
    }


def test_a_hostile_environment_changes_nothing(
    tmp_path: Path, hostile_env: dict[str, str], sample: Path
) -> None:
    other = tmp_path / "other.git"
    code = (
        "import sys; from pathlib import Path;"
        "from tasks.sources.sample.repository import make_sample_upstream as build;"
        "build(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(other)], env=hostile_env, check=True)
    assert _git(other, "rev-parse", "main") == HEAD
    assert not (other / "hooks").exists()
    assert not (tmp_path / "elsewhere").exists()
    assert _files(other) == _files(sample)


def _files(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_building_again_keeps_the_repository(sample: Path) -> None:
    before = (sample.stat().st_ino, (sample / "HEAD").stat().st_mtime_ns)
    make_sample_upstream(sample)
    assert (sample.stat().st_ino, (sample / "HEAD").stat().st_mtime_ns) == before


@pytest.mark.parametrize("damage", ["refs/heads/main", "HEAD", f"objects/{HEAD[:2]}/{HEAD[2:]}"])
def test_an_older_or_damaged_sample_is_replaced(sample: Path, damage: str) -> None:
    (sample / damage).unlink()
    make_sample_upstream(sample)
    assert _git(sample, "rev-parse", "main^{tree}")
    assert _git(sample, "fsck", "--full") == ""
    assert _siblings(sample) == {"sample.git"}


def test_what_an_interrupted_build_left_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "sample.git"
    for word in ("new", "old"):
        left = tmp_path / f".sample.git.{word}" / "objects" / "aa"
        left.mkdir(parents=True)
        (left / "bb").write_bytes(b"half")
    make_sample_upstream(path)
    assert _git(path, "rev-parse", "main") == HEAD
    assert _siblings(path) == {"sample.git"}


def test_something_else_in_the_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    Repo.init(path, bare=True).close()
    before = _files(path)
    with pytest.raises(UsageError, match="mine"):
        make_sample_upstream(path)
    assert _files(path) == before


def test_an_empty_folder_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.mkdir()
    make_sample_upstream(path)
    assert _git(path, "rev-parse", "main") == HEAD


def test_a_file_where_the_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="cannot be written"):
        make_sample_upstream(tmp_path / "file" / "sample.git")


def test_a_partial_clone_fetches_blobs_later(tmp_path: Path) -> None:
    upstream = tmp_path / "odd ü path" / "sample.git"
    url = make_sample_upstream(upstream)
    assert Path(unquote(urlsplit(url).path)) == upstream
    clone = tmp_path / "clone.git"
    with Repo.clone_from(url, clone, bare=True, multi_options=["--filter=blob:none"]) as repo:
        assert repo.active_branch.name == "main"
        missing = repo.git.rev_list("--objects", "--all", "--missing=print").count("\n?")
        assert missing > 50
        blob = repo.git.rev_parse("main:results/results-imagenet.csv")
        repo.git.fetch("--no-tags", "origin", blob)
        assert repo.git.cat_file("blob", blob).startswith("model,img_size,")


def test_processes_at_the_same_time_agree(tmp_path: Path) -> None:
    path = tmp_path / "sample.git"
    code = (
        "import sys; from pathlib import Path;"
        "from tasks.sources.sample.repository import make_sample_upstream as build;"
        "print(build(Path(sys.argv[1])))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    urls = {process.communicate(timeout=60)[0].strip() for process in running}
    assert urls == {path.as_uri()}
    assert all(process.returncode == 0 for process in running)
    assert _git(path, "fsck", "--full") == ""
