"""A work pool, a worker somewhere on the disk and the deployments of prefect.yaml, on a private server."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

from tests.flows.job import Job
from tests.prefect_server import call, stop, wait_for
from tests.readme import readme_commands

ROOT = Path(__file__).parents[2]
TERMINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}
RUN_SECONDS = 240.0


@dataclass(frozen=True)
class Deployed:
    """The deployment ``refresh`` with a worker that runs it."""

    api: str
    id: str
    outputs: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def trigger(self, **parameters: object) -> str:
        """Ask for a run as the UI does; return its id. A busy server is asked again, with the same key."""
        body = {"parameters": parameters, "idempotency_key": uuid4().hex}
        run = _patiently(f"{self.api}/deployments/{self.id}/create_flow_run", body)
        return str(run["id"])

    def finished(self, run: str) -> dict[str, Any]:
        """Wait for the end of a run and return its record."""

        def ended() -> dict[str, Any] | None:
            found = _patiently(f"{self.api}/flow_runs/{run}")
            return found if found["state_type"] in TERMINAL else None

        return wait_for(ended, within=RUN_SECONDS, what=f"the end of run {run}")

    def runs(self, **filters: object) -> list[dict[str, Any]]:
        asked = {"deployments": {"id": {"any_": [self.id]}}, "flow_runs": filters, "limit": 200}
        found: list[dict[str, Any]] = call(f"{self.api}/flow_runs/filter", asked)
        return found

    @contextmanager
    def scheduled_every(self, seconds: int) -> Iterator[None]:
        """Give the deployment one more schedule for the time of the block."""
        every = {"schedule": {"interval": seconds, "timezone": "UTC"}, "active": True}
        schedules = f"{self.api}/deployments/{self.id}/schedules"
        [schedule] = call(schedules, [every])
        try:
            yield
        finally:
            call(f"{schedules}/{schedule['id']}", method="DELETE")

    def drawn(self, run: str) -> set[str]:
        """Return the charts a run drew, once its tasks are recorded."""

        def recorded() -> set[str] | None:
            asked = {"flow_runs": {"id": {"any_": [run]}}, "limit": 200}
            found = call(f"{self.api}/task_runs/filter", asked)
            names = {task["name"] for task in found if task["state_type"] == "COMPLETED"}
            whole = any(name.startswith("announce") for name in names)
            return {n.split()[1] for n in names if n.startswith("draw ")} if whole else None

        return wait_for(recorded, within=60, what="the tasks of the run")

    def artifacts(self, run: str) -> dict[str, dict[str, Any]]:
        """Return the artifacts of a run by key."""
        asked = {"artifacts": {"flow_run_id": {"any_": [run]}}, "limit": 200}
        return {found["key"]: found for found in call(f"{self.api}/artifacts/filter", asked)}

    def events(self, name: str, count: int) -> list[dict[str, Any]]:
        """Return the events of a name, oldest first, once there are so many."""

        def there() -> list[dict[str, Any]] | None:
            asked = {"filter": {"event": {"name": [name]}, "order": "ASC"}, "limit": 50}
            found: list[dict[str, Any]] = call(f"{self.api}/events/filter", asked)["events"]
            return found if len(found) >= count else None

        return wait_for(there, within=60, what=f"{count} events {name}")


def _patiently(url: str, body: object = None) -> dict[str, Any]:
    """Call as Prefect's clients do: while SQLite is busy the server answers 503, or not in time."""

    def answer() -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = call(url, body)
        except HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return None
        except TimeoutError:
            return None
        return found

    return wait_for(answer, within=120, what=f"an answer of {url}")


def run_command(environment: Mapping[str, str], command: str) -> str:
    """Run a command as the README has it, with this environment's programs, and expect success."""
    words = shlex.split(command)
    words[0] = words[0].replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def deployed(api: str, home: Path, upstream: str) -> Iterator[Deployed]:
    """Deploy from the checkout; the worker runs in a folder that has nothing to do with it."""
    outputs, nowhere = home / "outputs", home / "nowhere"
    nowhere.mkdir(parents=True)
    job = Job(home, api).having(
        TIMM_CHARTS_UPSTREAM=upstream, TIMM_CHARTS_OUTPUTS=str(outputs), PREFECT_WORKER_QUERY_SECONDS="2"
    )
    environment = job.environment()
    for command in readme_commands("deploy"):
        run_command(environment, command)
    with (home / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", "timm-charts"],
            cwd=nowhere, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        found = call(f"{api}/deployments/name/refresh/refresh")
        yield Deployed(api, found["id"], outputs, environment)
    finally:
        stop(worker.pid)
        worker.wait()
        assert os.listdir(nowhere) == []  # noqa: PTH208 - names are what matters
