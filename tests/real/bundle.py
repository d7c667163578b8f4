"""The real CSV history for tests: a bare clone of the bundle that lies beside the project, read as blobs."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from config.presets import load_rules
from tasks.tables.filenames import Unknown, classify
from tasks.tables.parse import ParsedFile, parse
from tasks.tables.snapshot import Snapshot, make_snapshot, wanted_files
from tasks.tables.source import ResultsCommit, ResultsTree, SourceFile

VARIABLE = "TIMM_CHARTS_TEST_BUNDLE"
_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "timm-results.bundle"
File = tuple[str, str]  # name without the folder, git object id


def bundle() -> Path:
    """Return the bundle's path; without it skip the test, or fail it in CI."""
    path = Path(os.environ.get(VARIABLE) or _BESIDE)
    if not path.is_file():
        message = f"no bundle of timm's results at {path}; {VARIABLE} can name another place"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


@cache
def upstream() -> Path:
    """Return a bare clone of the bundle, made once a process, that also serves partial clones."""
    source = bundle()
    folder = Path(tempfile.mkdtemp(prefix="timm-charts-real-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    clone = folder / "up.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(source), str(clone)], check=True)
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        subprocess.run(["git", "-C", str(clone), "config", key, "true"], check=True)
    return clone


def git(*arguments: str, data: bytes | None = None) -> bytes:
    """Run git in the clone and return its output."""
    command = ["git", "-C", str(upstream()), *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


@cache
def commits() -> tuple[str, ...]:
    """Return all results commits, oldest first."""
    return tuple(git("rev-list", "--reverse", "HEAD").decode().split())


@cache
def files_at(revision: str) -> tuple[File, ...]:
    """Return the CSV files of a revision, sorted by name."""
    lines = git("ls-tree", "-r", revision, "results/").decode().splitlines()
    entries = (line.split(maxsplit=3) for line in lines)
    return tuple(
        (path.removeprefix("results/"), blob) for _, _, blob, path in entries if path.endswith(".csv")
    )


def read_blobs(blobs: Iterable[str]) -> dict[str, bytes]:
    """Return the content of blobs, all read by one git."""
    wanted = sorted(set(blobs))
    output = git("cat-file", "--batch", data="".join(f"{blob}\n" for blob in wanted).encode())
    content, start = {}, 0
    for blob in wanted:
        head_end = output.index(b"\n", start)
        size = int(output[start:head_end].split()[2])
        content[blob] = output[head_end + 1 : head_end + 1 + size]
        start = head_end + size + 2
    return content


def parse_files(files: Iterable[File]) -> dict[File, ParsedFile]:
    """Parse files; a name that nobody knows fails the test."""
    wanted = list(files)
    content = read_blobs(blob for _, blob in wanted)
    parsed = {}
    for name, blob in wanted:
        kind = classify(name)
        assert not isinstance(kind, Unknown), name
        parsed[name, blob] = parse(kind, content[blob], f"results/{name}@{blob[:8]}")
    return parsed


@cache
def parsed_at(revision: str) -> tuple[ParsedFile, ...]:
    """Return every file of a revision, parsed."""
    return tuple(parse_files(files_at(revision)).values())


@cache
def tree_at(revision: str) -> ResultsTree:
    """Return the files of a revision, as a run reads them."""
    sha, seconds = git("log", "-1", "--format=%H %ct", revision).decode().split()
    content = read_blobs(blob for _, blob in files_at(revision))
    return ResultsTree(
        ResultsCommit(sha, datetime.fromtimestamp(int(seconds), UTC)),
        tuple(SourceFile(name, blob, content[blob]) for name, blob in files_at(revision)),
        (),
    )


@cache
def snapshot_at(revision: str) -> Snapshot:
    """Return the tables of a revision."""
    tree = tree_at(revision)
    return make_snapshot(tree.commit, wanted_files(tree, ())[0], load_rules(None))
