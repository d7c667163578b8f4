"""Which result files of a commit are read, and when their contents are fetched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tasks.sources.upstream import CloneOptions, clone_path, read_results, sync
from tests.gitrepo import Upstream, make_upstream
from tests.sources.clones import CSV, offline, quiet, unplug

pytestmark = pytest.mark.slow  # starts git


def test_reads_only_regular_csv_files_of_the_folder(upstream: Upstream, options: CloneOptions) -> None:
    gitlink = upstream.commit({"x": "1"})
    upstream.commit(
        {
            "results/b.csv": b"\xff\r\n\0",
            "results/a.csv": "",
            "results/run.csv": "1",
            "results/link.csv": "../../../etc/passwd",
            "results/module.csv": gitlink,
            "results/deep.csv/c.csv": "1",
            "results/sub/c.csv": "1",
            "results/README.md": "x",
            "other/d.csv": "1",
            'results/zö "q".csv': "2",
        },
        modes={
            "results/run.csv": "100755",
            "results/link.csv": "120000",
            "results/module.csv": "160000",
        },
    )
    tree = read_results(options, sync(options, None, quiet).results, quiet)
    found = {file.name: file.data for file in tree.files}
    assert found == {"a.csv": b"", "b.csv": b"\xff\r\n\0", "run.csv": b"1", 'zö "q".csv': b"2"}
    assert list(found) == sorted(found)
    assert tree.odd_entries == ("deep.csv", "link.csv", "module.csv")


def test_reads_exactly_the_commit_wanted(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "old"})
    upstream.commit({CSV: "new", "results/other.csv": "x"}, date="2024-02-01")
    report = sync(options, None, quiet)
    assert report.previous is not None
    tree = read_results(options, report.previous, quiet)
    assert [(f.name, f.data) for f in tree.files] == [("results-imagenet.csv", b"old")]
    assert tree.files[0].blob == upstream.run("rev-parse", f"{report.previous.sha}:{CSV}")


def test_missing_contents_are_fetched_in_one_batch(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({f"results/results-{n}.csv": f"{n}" for n in range(30)})
    report = sync(options, None, quiet)
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    assert len(read_results(options, report.results, quiet).files) == 30
    assert trace.read_text().count("trace: built-in: git upload-pack") <= 1
    assert trace.read_text().count("trace: built-in: git fetch") == 1
    trace.unlink()
    assert len(read_results(options, report.results, quiet).files) == 30
    assert "git fetch" not in trace.read_text()


def test_the_clone_holds_no_contents_before_they_are_read(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a" * 1000})
    sync(options, None, quiet)
    listed = subprocess.run(
        ["git", "-C", clone_path(options), "cat-file", "--batch-all-objects", "--batch-check"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "commit" in listed
    assert "blob" not in listed


def test_a_server_that_refuses_filters_gives_a_full_clone(tmp_path: Path) -> None:
    upstream = make_upstream(tmp_path / "old.git", filters=False)
    upstream.commit({CSV: "a"})
    options = CloneOptions(upstream.url, tmp_path / "cache")
    report = sync(options, None, quiet)
    unplug(upstream)
    assert read_results(offline(options), report.results, quiet).files[0].data == b"a"
