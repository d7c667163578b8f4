"""What the next run does: nothing if nothing changed, everything again if something is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.flows.job import (
    INFER,
    TRAIN,
    Job,
    builds_of,
    files_of,
    listing,
    manifest_of,
    table,
)
from tests.gitrepo import Upstream

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second")]


@pytest.fixture
def built(job: Job, small_upstream: Upstream, tmp_path: Path) -> Path:
    """Outputs of the first results commit."""
    job.refresh(small_upstream.url, tmp_path / "o", "--ref", "first")
    return tmp_path / "o"


def remove(path: Path) -> None:
    path.unlink()


def alter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_unchanged_then_damaged_then_forced(job: Job, small_upstream: Upstream, built: Path) -> None:
    before, files = listing(built), files_of(built)
    again = job.refresh(small_upstream.url, built, "--ref", "first")
    assert again.state == "Unchanged"
    assert {path: facts for path, facts in listing(built).items() if before.get(path) != facts} == {}

    damages: list[tuple[Callable[[Path], None], str]] = [
        (remove, f"charts/{INFER}/inference-benchmark.svg"),
        (alter, table(built, "merged").relative_to(built).as_posix()),
    ]
    for damage, name in damages:
        damage(built / name)
        assert job.refresh(small_upstream.url, built, "--ref", "first").state == "Completed"
        assert files_of(built) == files == manifest_of(built)["files"]
        assert len(builds_of(built)) == 1

    before = listing(built)
    assert job.refresh(small_upstream.url, built, "--ref", "first", "--force").state == "Completed"
    assert files_of(built) == files
    path = str(table(built, "merged").resolve())
    assert path not in before or before[path] != listing(built)[path]
    assert len(builds_of(built)) == 1


def test_the_next_results_commit_keeps_the_snapshot_before_it(
    job: Job, small_upstream: Upstream, built: Path
) -> None:
    first, old = manifest_of(built), table(built, "merged")
    content = old.read_bytes()
    job.refresh(small_upstream.url, built, "--ref", "second")
    manifest = manifest_of(built)
    assert list(manifest["snapshots"]) == [first["snapshot"], manifest["snapshot"]]
    assert old.read_bytes() == content
    assert files_of(built) == manifest["files"]
    assert {path.name for path in (built / "charts").iterdir()} - {"overview"} == {INFER, TRAIN}
    (change,) = [
        c for c in pq.read_table(table(built, "changes")).to_pylist() if c["kind"] == "profile-added"
    ]
    assert change["subject"] == TRAIN


def test_a_damaged_old_snapshot_is_not_carried_on_as_sound(
    job: Job, small_upstream: Upstream, built: Path
) -> None:
    old = table(built, "merged")
    digest = manifest_of(built)["files"][old.relative_to(built).as_posix()]
    alter(old)
    job.refresh(small_upstream.url, built, "--ref", "second")
    files = manifest_of(built)["files"]
    assert files_of(built) == files
    assert files.get(old.relative_to(built).as_posix()) in {None, digest}


def test_only_the_profiles_asked_for(job: Job, small_upstream: Upstream, outputs: Path) -> None:
    job.refresh(small_upstream.url, outputs, "--profile", "train-*")
    manifest = manifest_of(outputs)
    assert manifest["profiles"] == ["train-*"]
    assert {chart["profile"] for chart in manifest["charts"]} == {TRAIN}
    assert [path.name for path in (outputs / "charts").iterdir()] == [TRAIN]
    assert pq.read_table(table(outputs, "benchmarks"))["profile"].unique().to_pylist() == [TRAIN]
    assert f"benchmark-{INFER}.csv" not in {f["name"] for f in manifest["source"]["files"]}


def test_two_globs_and_an_abbreviated_commit(job: Job, small_upstream: Upstream, outputs: Path) -> None:
    commit = small_upstream.run("rev-parse", "second")
    job.refresh(
        small_upstream.url, outputs, "--ref", commit[:9], "--profile", "train-*", "--profile", "*-rtx4090"
    )
    assert {chart["profile"] for chart in manifest_of(outputs)["charts"]} - {"overview"} == {INFER, TRAIN}
