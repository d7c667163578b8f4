"""With the installed packages the scheduler makes runs: with SQLAlchemy 2.1 it never does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.prefect_server import call, stop, wait_for

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
from prefect import flow


@flow
def scheduled_by_nobody():
    return 1


if __name__ == "__main__":
    scheduled_by_nobody.serve(name="every-few-seconds", interval=5)
"""


def scheduled_runs(api_url: str) -> list[dict[str, Any]]:
    flow = {"name": {"any_": ["scheduled-by-nobody"]}}
    runs: list[dict[str, Any]] = call(f"{api_url}/flow_runs/filter", {"flows": flow})
    return [run for run in runs if run["auto_scheduled"]]


def completed_run(api_url: str) -> dict[str, Any] | None:
    done = [run for run in scheduled_runs(api_url) if run["state_type"] == "COMPLETED"]
    return done[0] if done else None


@pytest.mark.slow
def test_a_scheduled_run_that_nobody_triggered_completes(prefect_api: str, tmp_path: Path) -> None:
    script = tmp_path / "scheduled.py"
    script.write_text(FLOW)
    log = tmp_path / "serve.log"
    environment = {**os.environ, "PREFECT_API_URL": prefect_api}
    with log.open("wb") as output:
        served = subprocess.Popen(
            [sys.executable, str(script)],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def completed() -> dict[str, Any] | None:
        assert served.poll() is None, f"serve ended: {log.read_text()[-2000:]}"
        return completed_run(prefect_api)

    try:
        run = wait_for(completed, within=180, what="a scheduled run that is COMPLETED")
    finally:
        stop(served.pid)
    assert run["auto_scheduled"] is True
    assert run["created_by"]["type"] == "SCHEDULE"
    assert run["deployment_id"] is not None
