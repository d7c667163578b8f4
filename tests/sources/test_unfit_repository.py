"""Upstreams without results, without commits, or that are no repository are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import NetworkError, UsageError
from tasks.sources.upstream import CloneOptions, clone_path, sync
from tests.gitrepo import Upstream
from tests.sources.clones import CSV, quiet

pytestmark = pytest.mark.slow  # starts git


def test_a_repository_without_results(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({"README.md": "x", "results/sub/a.csv": "1", "results/a.txt": "1"})
    with pytest.raises(UsageError, match=r"is no timm repository: it has no results/\*\.csv at m"):
        sync(options, None, quiet)


def test_a_revision_before_the_first_results(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({"README.md": "x"})
    upstream.tag("early")
    upstream.commit({CSV: "a"})
    with pytest.raises(UsageError, match=r"no results/\*\.csv at early"):
        sync(options, "early", quiet)


def test_results_that_were_all_deleted(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    gone = upstream.commit({CSV: None}, date="2024-05-06")
    with pytest.raises(UsageError, match=f"{gone[:8]} of 2024-05-06 deleted the last of them"):
        sync(options, None, quiet)


def test_an_empty_repository(upstream: Upstream, options: CloneOptions) -> None:
    with pytest.raises(UsageError, match="has no commits yet"):
        sync(options, None, quiet)
    assert not clone_path(options).exists()
    upstream.commit({CSV: "a"})
    assert sync(options, None, quiet).notes == (f"cloned {upstream.url}",)


@pytest.mark.parametrize("folder", ["missing.git", "empty"])
def test_a_folder_that_is_no_repository(folder: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    options = CloneOptions((tmp_path / folder).as_uri(), tmp_path / "cache")
    with pytest.raises(NetworkError) as caught:
        sync(options, None, quiet)
    message = str(caught.value)
    assert options.url in message
    assert "does not appear to be a git repository; check the URL and the network" in message
    assert "--offline" not in message
    assert "\n" not in message
    assert not clone_path(options).exists()
