"""The automations that ship with the project, as declarations: what each one waits for and does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from prefect.automations import AutomationCore, EventTrigger, Posture
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState

PREFIX: Final = "timm-charts: "
_RUN: Final = "prefect.flow-run."
_OURS: Final[Any] = {"prefect.resource.role": "flow", "prefect.resource.name": "refresh"}
_FINAL: Final = (
    "Completed", "Unchanged", "CompletedWithErrors", "Failed", "Refused", "TimedOut", "Crashed", "Cancelled",
)  # fmt: skip
_BAD: Final = ("Failed", "Refused", "TimedOut", "Crashed", "CompletedWithErrors")

Tell = Callable[[str, str], ActionTypes]  # subject and text, with Jinja templates, to an action


@dataclass(frozen=True)
class Waits:
    """How long the automations wait.

    Attributes:
        silence: From the last heartbeat of a run (one every 30 s) until it counts as dead.
        late: From the moment a run is late until it is cancelled: just under a day, so that by then
            the run of the next day has come and the newest one is always left.
    """

    silence: timedelta = timedelta(seconds=90)
    late: timedelta = timedelta(hours=23, minutes=30)


def rules(tell: Tell, waits: Waits) -> tuple[AutomationCore, ...]:
    """Return all automations; ``tell`` makes the action that tells people."""
    return (_results_changed(tell), _failure(tell), _late_runs(waits.late), _dead_runs(waits.silence))


def _results_changed(tell: Tell) -> AutomationCore:
    return AutomationCore(
        name=f"{PREFIX}results changed",
        description="A run made the outputs show other results than before.",
        trigger=EventTrigger(
            expect={"timm-charts.results-changed"},
            match={"prefect.resource.id": "timm-charts.upstream.*"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[
            tell(
                "timm-charts: {{ event.payload.headline }}",
                "Snapshot {{ event.payload.snapshot_in_words }}, {{ event.payload.asked }}. "
                "{% if event.payload.cannot_compare %}Not compared: {{ event.payload.cannot_compare }}."
                "{% elif event.payload.compared_in_words %}"
                "Changes from {{ event.payload.compared_in_words }}:{% endif %}\n"
                "{% for kind, count in event.payload.counts.items() %}{{ kind }}: {{ count }}\n{% endfor %}",
            )
        ],
    )


def _failure(tell: Tell) -> AutomationCore:
    return AutomationCore(
        name=f"{PREFIX}failure",
        description="A run failed, crashed, or could not use all files.",
        trigger=_when_a_run_is(_BAD),
        actions=[
            tell(
                "timm-charts: {{ flow_run.name }} {{ flow_run.state.name }}",
                "{{ flow_run.name }}: {{ flow_run.state.name }}. {{ flow_run.state.message }}",
            )
        ],
    )


def _late_runs(late: timedelta) -> AutomationCore:
    return AutomationCore(
        name=f"{PREFIX}late runs",
        description="Cancel a run that nobody has started for a day: the next day's takes its place.",
        trigger=_when_nothing_follows("Late", ("Pending", "Running", *_FINAL), late),
        actions=[
            ChangeFlowRunState(
                state=StateType.CANCELLED,
                message="Nobody started this run for a day; a newer one takes its place. "
                "Is a worker or timm-charts serve running?",
            )
        ],
    )


def _dead_runs(silence: timedelta) -> AutomationCore:
    return AutomationCore(
        name=f"{PREFIX}dead runs",
        description="Give a run whose process died a final state, so that it does not block the next one.",
        trigger=_when_nothing_follows("heartbeat", ("heartbeat", *_FINAL), silence),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                message=f"No sign of life for {silence.total_seconds():.0f} s: its process died or its "
                "machine stopped. The outputs are as before it; the next run starts anew.",
            )
        ],
    )


def _when_a_run_is(states: Iterable[str]) -> EventTrigger:
    """Trigger for each run of the main job that comes into one of the states."""
    return _of_our_runs(states, posture=Posture.Reactive, within=timedelta(0))


def _when_nothing_follows(event: str, expected: Iterable[str], within: timedelta) -> EventTrigger:
    """Trigger for each run of the main job that none of the expected events followed in time."""
    return _of_our_runs(expected, posture=Posture.Proactive, within=within, after={_RUN + event})


def _of_our_runs(expected: Iterable[str], **when: Any) -> EventTrigger:  # noqa: ANN401 - as EventTrigger has it
    return EventTrigger(
        expect={_RUN + event for event in expected},
        match={"prefect.resource.id": f"{_RUN}*"},
        match_related=_OURS,
        for_each={"prefect.resource.id"},
        threshold=1,
        **when,
    )
