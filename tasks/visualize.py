"""The drawing task: one task run for each chart of each profile, the work in a render process."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed

from tasks.draw import DrawJob, DrawnChart, draw_chart
from tasks.render_pool import RenderPool


@task(cache_policy=NO_CACHE, task_run_name="draw {chart.context.profile}/{chart.stem}")
def draw(chart: DrawJob, pool: RenderPool) -> DrawnChart | State[DrawnChart]:
    """Draw one chart in all formats; a chart without rows is not drawn, and the reason is kept."""
    drawn = pool.run(draw_chart, chart)
    if drawn.reason:
        get_run_logger().warning("%s/%s is not drawn: %s", drawn.profile, drawn.name, drawn.reason)
        return Completed(name="NotDrawn", message=drawn.reason, data=drawn)
    return drawn
