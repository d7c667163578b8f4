"""The drawing task: one task run for each chart of each profile, the work in a render process."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed

from tasks.charts.jobs import DrawJob
from tasks.outputs.manifest import ChartEntry
from tasks.pages.draw import draw_chart
from tasks.runs.processes import run_in_process


@task(cache_policy=NO_CACHE, task_run_name="draw {job.label}")
def draw(job: DrawJob, build: Path, why: str) -> ChartEntry | State[ChartEntry]:
    """Draw one chart in all formats; a chart without rows is not drawn, and the reason is kept."""
    get_run_logger().info("drawing %s: %s", job.label, why)
    drawn = run_in_process(draw_chart, job, build)
    if drawn.reason:
        get_run_logger().warning("%s is not drawn: %s", drawn.label, drawn.reason)
        return Completed(name="NotDrawn", message=drawn.reason, data=drawn)
    return drawn
