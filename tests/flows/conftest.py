"""Jobs and upstreams for the end-to-end tests. What is expensive is run once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.job import Job, Newest, benchmark_csv, results
from tests.gitrepo import Upstream, make_upstream
from tests.real.bundle import upstream as bare_clone


@pytest.fixture(scope="session")
def real_upstream() -> str:
    """URL of the real CSV history."""
    return bare_clone().as_uri()


@pytest.fixture(scope="session")
def job(prefect_api: str, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The command line with a real server; its clones are shared by the tests of this session."""
    return Job(tmp_path_factory.mktemp("job"), prefect_api)


@pytest.fixture(scope="session")
def newest(job: Job, real_upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Newest:
    """A full run on the newest results: its tests are in one group, so that it is done once."""
    outputs = tmp_path_factory.mktemp("newest") / "o"
    assert job.api
    return Newest(job.refresh(real_upstream, outputs), outputs, job.api)


@pytest.fixture(scope="session")
def small_upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    """Two results commits, tagged ``first`` and ``second``: the second adds a training profile."""
    upstream = make_upstream(tmp_path_factory.mktemp("small") / "up.git")
    upstream.commit(results(), "first", "2024-01-01")
    upstream.tag("first")
    upstream.commit(results(train=benchmark_csv(mode="train")), "second", "2024-02-01")
    upstream.tag("second")
    return upstream


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "outputs"
