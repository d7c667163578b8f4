"""The name of a run in the Prefect UI, once it is known which results it is about."""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from config.vocabulary import SAMPLE


def name_run(snapshot: str, *, preset: str | None, sample: bool) -> None:
    """Name this run after its snapshot, such as ``refresh 2024-09-05 ee5b1e82``."""
    words = [flow_run.flow_name, snapshot, preset, SAMPLE if sample else None]
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=" ".join(word for word in words if word))
