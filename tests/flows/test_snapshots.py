"""Snapshots side by side in one folder: which is the current, in which order, and none of an older form lost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.flows.job import Job, files_of, manifest_of, table
from tests.gitrepo import Upstream, make_upstream

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second")]

README = Path(__file__).parents[2] / "README.md"
LOST = "2020-02-02-deadbeef"
"""A snapshot, as earlier versions named them, of a commit that the upstream does not have."""


def rows(query: str, outputs: Path) -> list[tuple[Any, ...]]:
    """Query the folder; ``{merged}`` and ``{commits}`` stand for all files of the table."""
    names = {
        name: f"read_parquet('{outputs}/snapshots/{name}/*/*.parquet', hive_partitioning = true)"
        for name in ("merged", "commits")
    }
    return duckdb.sql(query.format(**names)).fetchall()


def current(outputs: Path) -> str:
    """Return the one snapshot that a join with ``commits`` finds, and check that it is what the manifest says."""
    query = """select distinct snapshot from {merged}
        where snapshot = (select snapshot from {commits} where is_current)"""
    [(snapshot,)] = rows(query, outputs)
    assert snapshot == manifest_of(outputs)["snapshot"]
    return str(snapshot)


def commits(outputs: Path) -> list[tuple[Any, ...]]:
    query = """select snapshot, snapshot_id, "commit", committed_at, previous_snapshot, merged_rows, is_current
        from {commits} order by snapshot"""
    return rows(query, outputs)


def test_commits_has_every_snapshot_once_and_one_is_current(
    job: Job, small_upstream: Upstream, outputs: Path
) -> None:
    shas = [small_upstream.run("rev-parse", tag) for tag in ("first", "second")]
    first, second = (f"2024-0{month}-01T000000Z-{sha[:8]}" for month, sha in enumerate(shas, 1))
    job.refresh(small_upstream.url, outputs, "--ref", "first")
    alone = table(outputs, "commits").read_bytes()
    one = (first, first, shas[0], "2024-01-01T00:00:00Z", None, 10)
    assert commits(outputs) == [(*one, True)]
    assert current(outputs) == first

    job.refresh(small_upstream.url, outputs, "--ref", "second")
    two = (second, second, shas[1], "2024-02-01T00:00:00Z", first, 20)
    assert commits(outputs) == [(*one, False), (*two, True)]
    assert current(outputs) == second
    assert manifest_of(outputs)["tables"]["commits"] == 1
    assert rows("select count(*), count(distinct snapshot) from {merged}", outputs) == [(30, 2)]

    job.refresh(small_upstream.url, outputs, "--ref", "first")
    assert commits(outputs) == [(*one, True), (*two, False)], "the current one is not the newest"
    assert current(outputs) == first
    assert table(outputs, "commits").read_bytes() == alone, "the same bytes, whatever else is in the folder"
    assert files_of(outputs) == manifest_of(outputs)["files"]

    [query] = re.findall(r'duckdb\.sql\("""(.*?)"""\)', README.read_text(encoding="utf-8"), re.DOTALL)
    found = duckdb.sql(query.replace("outputs/", f"{outputs}/")).fetchall()
    assert [row[:2] for row in found] == [("convnext_base.fb_in22k_ft_in1k", 288)]


def test_two_results_commits_of_a_day_and_a_slow_clock_are_in_the_order_of_history(
    job: Job, small_upstream: Upstream, tmp_path: Path
) -> None:
    upstream, outputs = make_upstream(tmp_path / "up.git"), tmp_path / "o"
    files = {
        path: small_upstream.run("show", f"first:{path}") + "\n"
        for path in small_upstream.run("ls-tree", "-r", "--name-only", "first").split()
    }
    main = upstream.commit(files, date="2024-01-01T10:00:00")
    slow = upstream.commit({"results/results-x.csv": "nonsense"}, date="2024-01-01T09:00:00")
    job.refresh(upstream.url, outputs, "--ref", main)
    again = job.refresh(upstream.url, outputs)
    assert [row[2:4] for row in commits(outputs)] == [
        (main, "2024-01-01T10:00:00Z"),
        (slow, "2024-01-01T09:00:00Z"),
    ]
    assert current(outputs) == f"2024-01-01T100001Z-{slow[:8]}"
    assert (
        f"results commit {slow[:8]} is dated 2024-01-01T09:00:00Z, not after the one before it" in again.err
    )


# --- folders of earlier versions ---


def as_version_2(outputs: Path) -> str:
    """Give a folder with one snapshot the form that version 2 of the manifest goes with; return the old id."""
    manifest = manifest_of(outputs)
    new = manifest["snapshot"]
    old = f"{new[:10]}-{new.rpartition('-')[2]}"
    build = (outputs / ".current").resolve()
    for folder in build.glob("snapshots/*/snapshot=*"):
        folder.rename(folder.with_name(f"snapshot={old}"))
    for file in build.glob("snapshots/commits/*/*"):
        file.unlink()
        file.parent.rmdir()
    (build / "snapshots/commits").rmdir()
    [entry] = manifest["snapshots"].values()
    del manifest["tables"]["commits"], entry["committed_at"], entry["previous_snapshot"]
    old_form = manifest | {
        "manifest_version": 2, "build": "0123456789abcdef", "snapshot": old, "snapshots": {old: entry},
        "files": {
            path.replace(new, old): digest
            for path, digest in manifest["files"].items()
            if not path.startswith("snapshots/commits/")
        },
    }  # fmt: skip
    (build / "manifest.json").write_text(json.dumps(old_form), encoding="utf-8")
    return old


def with_lost(outputs: Path, old: str) -> None:
    """Add a copy of a snapshot under the id of a commit that the upstream does not have."""
    manifest = manifest_of(outputs)
    for path in [path for path in manifest["files"] if f"snapshot={old}/" in path]:
        copy = path.replace(old, LOST)
        (outputs / copy).parent.mkdir(parents=True)
        (outputs / copy).write_bytes((outputs / path).read_bytes())
        manifest["files"][copy] = manifest["files"][path]
    manifest["snapshots"][LOST] = {**manifest["snapshots"][old], "commit": "deadbeef" * 5}
    (outputs / "manifest.json").resolve().write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def old_folder(job: Job, small_upstream: Upstream, outputs: Path) -> Path:
    job.refresh(small_upstream.url, outputs, "--ref", "first")
    return outputs


def test_snapshots_of_an_older_form_get_their_new_id_and_none_is_lost(
    job: Job, small_upstream: Upstream, old_folder: Path
) -> None:
    new = manifest_of(old_folder)["snapshot"]
    merged = table(old_folder, "merged")
    content, inode = merged.read_bytes(), merged.stat().st_ino
    old = as_version_2(old_folder)
    with_lost(old_folder, old)
    lost = {path: digest for path, digest in files_of(old_folder).items() if LOST in path}
    assert job.run("pick", "--outputs", old_folder, "--device", "rtx4090").code == 0, "it can still be read"

    again = job.refresh(small_upstream.url, old_folder, "--ref", "second")
    second = manifest_of(old_folder)["snapshot"]
    assert f"snapshot {old} is called {new} now" in again.err
    assert f"snapshot {LOST} stays, but without a time in its id" in again.err
    assert (merged.read_bytes(), merged.stat().st_ino) == (content, inode), "not written anew"
    assert not list(old_folder.glob(f"snapshots/*/snapshot={old}"))
    files = files_of(old_folder)
    assert files == manifest_of(old_folder)["files"]
    assert {
        path: digest for path, digest in files.items() if LOST in path and "/commits/" not in path
    } == lost
    assert [(row[0], row[2][:8], *row[3:]) for row in commits(old_folder)] == [
        (LOST, "deadbeef", None, None, 10, False),
        (new, new[-8:], "2024-01-01T00:00:00Z", None, 10, False),
        (second, second[-8:], "2024-02-01T00:00:00Z", new, 20, True),
    ]
    assert list(manifest_of(old_folder)["snapshots"]) == [LOST, new, second]
    assert job.refresh(small_upstream.url, old_folder, "--ref", "second").state == "Unchanged"


def test_the_same_results_in_an_older_form_are_no_new_results(
    job: Job, small_upstream: Upstream, old_folder: Path
) -> None:
    new, files = manifest_of(old_folder)["snapshot"], files_of(old_folder)
    as_version_2(old_folder)
    again = job.refresh(small_upstream.url, old_folder, "--ref", "first")
    assert again.state == "Completed"
    assert "event timm-charts.results-changed" not in again.err
    assert current(old_folder) == new
    assert files_of(old_folder) == files


def test_snapshots_beside_a_manifest_of_an_unknown_version_are_kept_too(
    job: Job, small_upstream: Upstream, old_folder: Path
) -> None:
    new = manifest_of(old_folder)["snapshot"]
    old = as_version_2(old_folder)
    unknown = {"manifest_version": 1, "upstream": manifest_of(old_folder)["upstream"]}
    (old_folder / "manifest.json").resolve().write_text(json.dumps(unknown), encoding="utf-8")
    again = job.refresh(small_upstream.url, old_folder, "--ref", "second")
    assert f"snapshot {old} is called {new} now" in again.err
    first, second = commits(old_folder)
    assert (first[0], first[2][:8], *first[4:]) == (new, new[-8:], None, 10, False)
    assert second[-1]
