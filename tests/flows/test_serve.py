"""`timm-charts serve`: the schedule in one process, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.flows.job import Job, files_of, manifest_of, processes_with
from tests.flows.worker import Deployed
from tests.prefect_server import call, stop, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

NEVER = "0 0 29 2 *"


@contextmanager
def serving(job: Job, outputs: Path, cron: str) -> Iterator[tuple[Deployed, subprocess.Popen[bytes]]]:
    """Serve the sample from a folder that has nothing to do with the project, to below the configured one."""
    nowhere, log = job.home / "nowhere", job.home / "serve.log"
    nowhere.mkdir(parents=True, exist_ok=True)
    configured = {"TIMM_CHARTS_UPSTREAM": "sample", "TIMM_CHARTS_OUTPUTS": str(outputs.parent)}
    environment = job.having(**configured).environment()
    with log.open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", "serve", "--cron", cron, "--timezone", "Europe/Berlin"],
            cwd=nowhere, env=environment, stdin=subprocess.DEVNULL, stdout=written, stderr=written,
            start_new_session=True,
        )  # fmt: skip

    def deployment() -> dict[str, Any] | None:
        assert process.poll() is None, log.read_text()[-2000:]
        found = call(f"{job.api}/deployments/filter", {"deployments": {"name": {"any_": ["serve"]}}})
        return next((d for d in found if not d["paused"]), None)

    try:
        yield (
            Deployed(str(job.api), wait_for(deployment, within=60, what="deployment")["id"], outputs),
            process,
        )
    finally:
        stop(process.pid)
        process.wait()


@pytest.fixture
def outputs(outputs: Path) -> Path:
    """The folder that the sample gets where only a variable names one."""
    return outputs / "sample"


@pytest.fixture
def own_job(prefect_api: str, tmp_path: Path) -> Job:
    return Job(tmp_path / "home", prefect_api)


def test_told_to_stop_in_the_middle_of_a_run(own_job: Job, outputs: Path) -> None:
    mark = uuid.uuid4().hex
    with serving(own_job.having(MARK=mark), outputs, NEVER) as (served, process):
        run = served.trigger()
        wait_for(lambda: any(outputs.glob(".builds/partial-*/charts/*/*.svg")), within=120, what="drawing")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        ended = served.finished(run)
        assert ended["state"]["type"] == "CRASHED"
        wait_for(lambda: not processes_with(mark), within=20, what="no process of it is left")
    assert not (outputs / "manifest.json").exists()
    with serving(own_job, outputs, NEVER) as (served, _):
        assert served.finished(served.trigger())["state"]["name"] == "Completed", "the slot is free at once"
    assert files_of(outputs) == manifest_of(outputs)["files"]


def test_a_run_that_nobody_triggered(own_job: Job, outputs: Path) -> None:
    with serving(own_job, outputs, "* * * * *") as (served, _):

        def finished() -> dict[str, Any] | None:
            runs = [run for run in served.runs() if run["auto_scheduled"]]
            return next((run for run in runs if run["state_type"] == "COMPLETED"), None)

        run = wait_for(finished, within=240, what="a scheduled run that ended")
    assert "timm-charts" in run["tags"]


def test_a_wrong_schedule_is_wrong_usage(own_job: Job) -> None:
    for wrong in (("--cron", "1 2 3"), ("--timezone", "Mars/Olympus")):
        ended = own_job.run("serve", *wrong)
        assert ended.code == 2
        assert len(ended.errors) == len(ended.err.splitlines()) == 1
        assert wrong[1] in ended.err
