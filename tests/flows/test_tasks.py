"""Tasks take values: what they are given can be sent to another process or machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect import Task

from tasks import ingest, publish, transform, visualize
from tests.flows.job import Job, files_of, manifest_of
from tests.gitrepo import Upstream

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second")]

SCRIPT = Path(__file__).with_name("send_arguments.py")


def test_the_arguments_of_every_task_of_a_run_can_be_sent(
    job: Job, small_upstream: Upstream, outputs: Path, tmp_path: Path
) -> None:
    declared = {
        task.name
        for module in (ingest, transform, visualize, publish)
        for task in vars(module).values()
        if isinstance(task, Task)
    }
    seen = tmp_path / "seen"
    arguments = ("refresh", "--upstream", small_upstream.url, "--outputs", outputs)
    ended = job.having(PYTHONPATH=str(SCRIPT.parents[2])).run(*arguments, program=(SCRIPT, seen))
    assert ended.code == 0, ended.err[-4000:]
    assert ended.state == "Completed"
    assert set(seen.read_text().split("\n")) - {""} == declared
    plain = outputs.with_name("plain")
    job.refresh(small_upstream.url, plain)
    assert files_of(plain) == files_of(outputs) == manifest_of(outputs)["files"]
