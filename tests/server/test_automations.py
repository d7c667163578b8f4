"""The shipped automations do what they say, on a real open-source server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from config.errors import UsageError
from tasks.server.address import ApiAddress, use_api
from tasks.server.automation_rules import PREFIX, Waits
from tests.prefect_server import call, private_server, stop, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("automations")]

FLOW = """
import sys, time
from prefect import flow

@flow(name=sys.argv[1], flow_run_name=sys.argv[2])
def waits():
    time.sleep(600)

waits()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with private_server(tmp_path_factory.mktemp("automations")) as api:
        yield api


@pytest.fixture
def api(server: str) -> Iterator[str]:
    from tasks.server.automations import remove

    use_api(ApiAddress(server, None))
    yield server
    remove()


@pytest.fixture
def heard() -> Iterator[tuple[str, list[str]]]:
    """A listener on this machine: its address and what it was told."""
    told: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as the library has it
            pass

    listener = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}/", told
    listener.shutdown()


def webhook(url: str) -> str:
    from prefect.blocks.webhook import Webhook

    name = f"alert-{uuid4().hex[:8]}"
    Webhook(url=url, method="POST").save(name)  # type: ignore[call-overload]
    return f"webhook/{name}"


def names(api: str) -> list[str]:
    return sorted(found["name"] for found in call(f"{api}/automations/filter", {}))


def run_of(api: str, flow: str, state: str, message: str = "", **facts: object) -> str:
    """Make a run of a flow and put it into a state; return its id."""
    flow_id = call(f"{api}/flows/", {"name": flow})["id"]
    run = call(f"{api}/flow_runs/", {"flow_id": flow_id, "name": f"{flow} x", **facts})["id"]
    change = {"state": {"type": state, "message": message}, "force": True}
    call(f"{api}/flow_runs/{run}/set_state", change)
    return str(run)


def state_of(api: str, run: str) -> dict[str, Any]:
    state: dict[str, Any] = call(f"{api}/flow_runs/{run}")["state"]
    return state


def test_installed_twice_is_installed_once_and_others_stay(api: str) -> None:
    from tasks.server.automations import install, remove

    foreign = {"name": "mine", "trigger": {"type": "event", "posture": "Reactive", "expect": ["x"], "threshold": 1,
                                           "within": 0}, "actions": [{"type": "do-nothing"}]}  # fmt: skip
    call(f"{api}/automations/", foreign)
    first = install(None)
    assert len(first) == len(set(first)) == 4
    assert install(None) == first
    assert names(api) == sorted([*first, "mine"])
    assert remove() == tuple(sorted(first))
    assert names(api) == ["mine"]
    assert remove() == ()


def test_an_unknown_block_is_refused_and_nothing_changes(api: str, heard: tuple[str, list[str]]) -> None:
    from tasks.server.automations import install

    before = names(api)
    there = webhook(heard[0])
    for wrong in ("slack-webhook/nobody", "nonsense", there.replace("/", "")):
        with pytest.raises(UsageError, match=f"no block .*{there}"):
            install(wrong)
    assert names(api) == before


def test_new_results_and_failures_are_told(api: str, heard: tuple[str, list[str]]) -> None:
    from prefect.events import emit_event

    from tasks.server.automations import install

    url, told = heard
    install(webhook(url))
    emit_event(
        "timm-charts.results-changed",
        resource={"prefect.resource.id": "timm-charts.upstream.test"},
        payload={
            "headline": "back to s2, before s3: no new results", "snapshot_in_words": "s2", "asked": "all of it",
            "compared_in_words": "s3", "cannot_compare": None, "counts": {"model-added": 3},
        },
    )  # fmt: skip
    wait_for(lambda: len(told) == 1, within=60, what="word of new results")
    assert "timm-charts: back to s2, before s3: no new results" in told[0]
    assert "Snapshot s2, all of it. Changes from s3:" in told[0]
    assert "model-added: 3" in told[0]
    run_of(api, "somebody-elses", "FAILED", "not ours")
    run_of(api, "refresh", "FAILED", "the upstream is gone")
    wait_for(lambda: len(told) >= 2, within=60, what="word of the failure")
    assert "refresh x" in told[1]
    assert "the upstream is gone" in told[1]
    assert not any("not ours" in text for text in told)


def test_a_late_run_gives_way_to_the_next(api: str) -> None:
    from tasks.server.automations import install

    install(None, Waits(late=timedelta(seconds=20)))

    def late(flow: str) -> str:
        when = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        flow_id = call(f"{api}/flows/", {"name": flow})["id"]
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": when}}
        return str(call(f"{api}/flow_runs/", {"flow_id": flow_id, "state": state})["id"])

    def is_late(run: str) -> bool:
        return bool(state_of(api, run)["name"] == "Late")

    old, foreign = late("refresh"), late("somebody-elses")
    wait_for(lambda: is_late(old) and is_late(foreign), within=60, what="late runs")
    new = late("refresh")
    wait_for(lambda: state_of(api, old)["type"] == "CANCELLED", within=90, what="the old one cancelled")
    assert "a newer one takes its place" in state_of(api, old)["message"]
    assert state_of(api, new)["type"] == "SCHEDULED"
    assert is_late(foreign)


def test_a_run_whose_process_was_killed_ends_and_a_live_one_goes_on(api: str, tmp_path: Path) -> None:
    from tasks.server.automations import install

    install(None, Waits(silence=timedelta(seconds=50)))
    script = tmp_path / "waits.py"
    script.write_text(FLOW)
    environment = {**os.environ, "PREFECT_API_URL": api, "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
    started = {
        name: subprocess.Popen(
            [sys.executable, str(script), flow, name], cwd=tmp_path, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for name, flow in (("dead", "refresh"), ("alive", "refresh"), ("foreign", "somebody-elses"))
    }  # fmt: skip

    def running() -> dict[str, str] | None:
        asked = {"flow_runs": {"name": {"any_": list(started)}, "state": {"type": {"any_": ["RUNNING"]}}}}
        found = {run["name"]: run["id"] for run in call(f"{api}/flow_runs/filter", asked)}
        return found if len(found) == len(started) else None

    def beating(run: str) -> bool:
        asked = {
            "filter": {
                "event": {"name": ["prefect.flow-run.heartbeat"]},
                "resource": {"id": [f"prefect.flow-run.{run}"]},
            }
        }
        return bool(call(f"{api}/events/filter", asked)["events"])

    try:
        runs = wait_for(running, within=60, what="three runs")
        wait_for(lambda: all(beating(run) for run in runs.values()), within=60, what="heartbeats")
        for name in ("dead", "foreign"):
            started[name].kill()
            started[name].wait()
        wait_for(lambda: state_of(api, runs["dead"])["type"] == "CRASHED", within=120, what="the dead one")
        assert "No sign of life for 50 s" in state_of(api, runs["dead"])["message"]
        assert state_of(api, runs["alive"])["type"] == "RUNNING"
        assert state_of(api, runs["foreign"])["type"] == "RUNNING"
    finally:
        for process in started.values():
            stop(process.pid)
            process.wait()


def test_the_shipped_times_leave_room() -> None:
    assert Waits().silence > timedelta(seconds=60), "two heartbeats"
    assert timedelta(hours=12) < Waits().late < timedelta(days=1), "the next daily run has come by then"
    assert PREFIX.startswith("timm-charts")
