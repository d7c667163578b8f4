"""Offline the clone fetched before is enough or the lack is named, and no network is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import NetworkError, UsageError
from tasks.sources.upstream import CloneOptions, read_results, results_history, sync
from tests.gitrepo import Upstream
from tests.sources.clones import CSV, offline, quiet, unplug

pytestmark = pytest.mark.slow  # starts git


def test_offline_goes_on_with_the_clone_and_says_so(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"}, date="2024-03-04")
    online = sync(options, None, quiet)
    read_results(options, online.results, quiet)
    unplug(upstream)
    report = sync(offline(options), None, quiet)
    assert report.results == online.results
    assert report.notes == ("offline: using the clone fetched before; its results are of 2024-03-04",)
    assert read_results(offline(options), report.results, quiet).files[0].data == b"a"
    assert results_history(offline(options), None) == (report.results,)


def test_offline_without_a_clone(options: CloneOptions) -> None:
    for work in (
        lambda: sync(offline(options), None, quiet),
        lambda: results_history(offline(options), None),
    ):
        with pytest.raises(UsageError, match=r"offline, and there is no clone .* without --offline"):
            work()


def test_offline_with_missing_contents(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a", "results/b.csv": "b"})
    report = sync(options, None, quiet)
    with pytest.raises(UsageError, match=r"offline, and 2 of 2 result files .* without --offline"):
        read_results(offline(options), report.results, quiet)


def test_offline_touches_no_network_though_it_could(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({CSV: "a"})
    report = sync(options, None, quiet)
    loose = upstream.commit({CSV: "b"}, branch="new")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    assert sync(offline(options), None, quiet).head == report.head
    with pytest.raises(UsageError, match=r"unknown revision .*offline: as last fetched"):
        sync(offline(options), loose, quiet)
    with pytest.raises(UsageError, match="offline"):
        read_results(offline(options), report.results, quiet)
    assert "upload-pack" not in trace.read_text()
    assert "git ls-remote" not in trace.read_text()


def test_an_unreachable_upstream_is_named_and_offline_proposed(
    upstream: Upstream, options: CloneOptions
) -> None:
    upstream.commit({CSV: "a"})
    report = sync(options, None, quiet)
    unplug(upstream)
    for work in (
        lambda: sync(options, None, quiet),
        lambda: read_results(options, report.results, quiet),
    ):
        with pytest.raises(NetworkError, match="or pass --offline to use the clone") as caught:
            work()
        assert upstream.url in str(caught.value)
    assert sync(offline(options), None, quiet).head == report.head
