"""The name of a run in the Prefect UI, once it is known which results it is about."""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from tasks.runs.plan import RunPlan
from tasks.tables.source import ResultsCommit


def name_run(plan: RunPlan, commit: ResultsCommit) -> None:
    """Name this run after its snapshot, such as ``refresh 2024-09-05-ee5b1e82``."""
    words = [
        flow_run.flow_name,
        commit.snapshot_id,
        plan.settings.preset,
        "sample" if plan.is_sample else None,
    ]
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=" ".join(word for word in words if word))
