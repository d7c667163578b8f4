"""An upstream, empty or with two results commits, and the options for its clone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.sources.upstream import CloneOptions
from tests.gitrepo import Upstream, make_upstream
from tests.sources.clones import CSV


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return make_upstream(tmp_path / "up.git")


@pytest.fixture
def two_commits(upstream: Upstream) -> None:
    """Two results commits on main; the newer one leaves one of two files as it was."""
    upstream.commit({CSV: "a" * 500, "results/b.csv": "b"})
    upstream.commit({CSV: "c" * 500}, date="2024-02-01")


@pytest.fixture
def options(upstream: Upstream, tmp_path: Path) -> CloneOptions:
    return CloneOptions(upstream.url, tmp_path / "cache", timeout_seconds=30)
