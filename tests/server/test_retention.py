"""The server we start forgets runs after its time, with everything that belongs to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tasks.server.process import KEEP_DAYS, start_server
from tests.prefect_server import START_SECONDS, call, free_port, stop, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server as the job starts it, but one that looks for old runs every second, not every hour."""
    monkeypatch.delenv("PREFECT_HOME")
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS", "1")
    state, _ = start_server(tmp_path, free_port(), START_SECONDS, lambda _: None)
    yield state.api_url
    stop(state.pid)


def make_run(api: str, database: Path, days_ago: float) -> str:
    """Make a run with a task, a log line and an artifact, and put its end into the past."""
    flow = call(f"{api}/flows/", {"name": "refresh"})["id"]
    run: str = call(f"{api}/flow_runs/", {"flow_id": flow})["id"]
    task = {"flow_run_id": run, "task_key": "sync", "dynamic_key": "0"}
    task_run = call(f"{api}/task_runs/", task)["id"]
    now = datetime.now(UTC)
    line = {"name": "x", "level": 20, "message": "x", "timestamp": now.isoformat(), "flow_run_id": run}
    call(f"{api}/logs/", [line])
    artifact = {
        "key": "summary",
        "type": "markdown",
        "data": "x",
        "flow_run_id": run,
        "task_run_id": task_run,
    }
    call(f"{api}/artifacts/", artifact)
    call(f"{api}/flow_runs/{run}/set_state", {"state": {"type": "COMPLETED"}, "force": True})
    end = (now - timedelta(days=days_ago)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        changed = connection.execute("update flow_run set end_time = ? where id = ?", (end, run))
        assert changed.rowcount == 1
    return run


def of_run(api: str, run: str) -> dict[str, int]:
    """Return how many records of each kind a run has."""
    one = {"any_": [run]}
    filters = {
        "flow_runs": {"flow_runs": {"id": one}},
        "task_runs": {"flow_runs": {"id": one}},
        "logs": {"logs": {"flow_run_id": one}},
        "artifacts": {"artifacts": {"flow_run_id": one}},
    }
    return {kind: len(call(f"{api}/{kind}/filter", asked)) for kind, asked in filters.items()}


def test_runs_go_after_their_time_with_tasks_logs_and_artifacts(api: str, tmp_path: Path) -> None:
    database = tmp_path / "prefect" / "prefect.db"
    young = make_run(api, database, KEEP_DAYS - 1)
    old = make_run(api, database, KEEP_DAYS + 1)
    gone = dict.fromkeys(("flow_runs", "task_runs", "logs", "artifacts"), 0)
    wait_for(lambda: of_run(api, old) == gone, within=60, what="the old run is forgotten")
    assert of_run(api, young) == dict.fromkeys(gone, 1)
