"""Hold the schedule of the main job in one process, for people who want no worker."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from importlib.metadata import version
from typing import Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    StateType,
)
from prefect.client.schemas.schedules import CronSchedule
from prefect.schedules import Cron, Schedule
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType
from pydantic import ValidationError

from config.errors import UsageError
from config.vocabulary import RUN_TAG
from flows.refresh import refresh

NAME: Final = "serve"
"""Name of the deployment; the one of prefect.yaml is ``refresh``, so that both can exist."""
STOP_SECONDS: Final = 30.0
HEARTBEAT_SECONDS: Final = "30"
_UNDER_WAY: Final = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def checked_schedule(cron: str, timezone: str) -> Schedule:
    """Return the schedule.

    Raises:
        UsageError: The cron expression or the time zone is not valid.
    """
    try:
        CronSchedule(cron=cron, timezone=timezone)
    except ValidationError as error:
        problems = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
        msg = (
            f"schedule --cron {cron!r} --timezone {timezone!r}: {problems}; "
            "give five fields such as '17 6 * * *' and a zone such as Europe/Berlin"
        )
        raise UsageError(msg) from None
    return Cron(cron, timezone=timezone)


def serve(schedule: Schedule, say: Callable[[str], None]) -> None:
    """Start runs by the schedule until the process is told to stop."""
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", HEARTBEAT_SECONDS)
    say(f"serving refresh/{NAME}: {schedule.cron} {schedule.timezone}; to stop: Ctrl-C or kill {os.getpid()}")
    try:
        refresh.serve(
            name=NAME,
            schedule=schedule,
            description="Build tables and charts from timm's newest results, from timm-charts serve.",
            tags=[RUN_TAG],
            version=version("timm-charts"),
            global_limit=ConcurrencyLimitConfig(
                limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
            ),
            print_starting_message=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    finally:
        _stop_runs()
        end_abandoned("timm-charts serve was stopped during this run; the outputs are as before it")


def _stop_runs() -> None:
    """Stop the processes of runs that are under way; Prefect would let them go on alone."""
    runs = multiprocessing.active_children()
    for run in runs:
        run.terminate()
    for run in runs:
        run.join(STOP_SECONDS)
        if run.is_alive():
            run.kill()


def end_abandoned(message: str) -> int:
    """Give runs of the served deployment that nobody runs any more a final state; return their number.

    Without it they stay Running for ever and hold the one slot there is.
    """
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[NAME])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNDER_WAY))
            ),
        )
        for run in runs:
            client.set_flow_run_state(run.id, Crashed(message=message))
    return len(runs)
