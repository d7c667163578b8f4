"""PostgreSQL behind the Prefect server, as docs/schedule.md says: started by the job, then with a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.flows.job import Ended, Job, files_of, manifest_of, results
from tests.flows.worker import Deployed, deployed
from tests.gitrepo import Upstream, make_upstream
from tests.postgres import Postgres, private_postgres
from tests.prefect_server import call, free_port, stop, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("postgres")]


@dataclass(frozen=True)
class Served:
    """The server that the first run started on PostgreSQL, and what that run and the next one said."""

    database: Postgres
    job: Job
    upstream: Upstream
    api: str
    first: Ended
    second: Ended


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("postgres")
    upstream = make_upstream(folder / "up.git")
    upstream.commit(results(), "first", "2024-01-01")
    with private_postgres() as database:
        job = Job(folder / "home").having(
            PREFECT_SERVER_DATABASE_CONNECTION_URL=database.url,
            TIMM_CHARTS_SERVER_PORT=str(free_port()),
            TIMM_CHARTS_DATA_DIR=str(folder / "data"),
        )
        first = job.run("refresh", "--upstream", upstream.url, "--outputs", folder / "outputs")
        state = folder / "data" / "server.json"
        assert state.exists(), first.err
        server = json.loads(state.read_text())
        try:
            second = job.run("refresh", "--upstream", upstream.url, "--outputs", folder / "outputs")
            yield Served(database, job, upstream, server["api_url"], first, second)
        finally:
            stop(server["pid"])


def test_runs_end_as_with_sqlite_and_are_in_the_database(served: Served) -> None:
    assert [served.first.code, served.second.code] == [0, 0], served.first.err + served.second.err
    assert [served.first.state, served.second.state] == ["Completed", "Unchanged"]
    rows = served.database.value("select string_agg(s.name, ' ' order by s.timestamp) from flow_run r"
                                 " join flow_run_state s on s.id = r.state_id")  # fmt: skip
    assert rows == "Completed Unchanged"
    artifacts = call(f"{served.api}/artifacts/count", {})
    assert int(served.database.value("select count(*) from artifact")) == artifacts > 0
    assert not list(served.job.home.rglob("*.db"))


def test_the_doctor_names_the_database_and_nobody_shows_its_password(served: Served) -> None:
    doctor = served.job.run("doctor", "--upstream", served.upstream.url)
    [line] = [line for line in doctor.out.splitlines() if "Prefect database" in line]
    assert line.startswith("ok")
    assert f"PostgreSQL, database postgres on 127.0.0.1, port {served.database.port}" in line
    said = [doctor.out, doctor.err, served.first.out, served.first.err, served.second.out, served.second.err]
    assert not any(served.database.password in text for text in said)
    written = [path for path in served.job.home.parent.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if served.database.password.encode() in path.read_bytes()]


def test_a_schedule_fires(served: Served, tmp_path: Path) -> None:
    with deployed(served.api, tmp_path / "home", served.upstream.url) as there, there.scheduled_every(15):
        runs = wait_for(lambda: scheduled(there), within=240, what="two scheduled runs that ended")
    assert [run["state"]["name"] for run in runs[:2]] == ["Completed", "Unchanged"]
    assert files_of(there.outputs) == manifest_of(there.outputs)["files"]


def scheduled(there: Deployed) -> list[dict[str, Any]] | None:
    done = [run for run in there.runs() if run["auto_scheduled"] and run["state_type"] == "COMPLETED"]
    return sorted(done, key=lambda run: str(run["end_time"])) if len(done) >= 2 else None
