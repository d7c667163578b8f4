"""A progress artifact in the Prefect UI for work that takes a while."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from tasks.artifacts.summary import artifact_key

_LONG_SECONDS: Final = 2.0
"""Work that ends sooner gets no artifact."""
_STEP_SECONDS: Final = 1.0

Share = Callable[[float], None]


@contextlib.contextmanager
def progress_artifact(work: str, *, sample: bool) -> Iterator[Share]:
    """Give a function that takes the share of the work that is done, 0 to 1.

    The artifact is made when the work turns out to be long, and stands at 100 % at its end.
    """
    artifact: UUID | None = None
    began = shown = time.monotonic()

    def show(share: float) -> None:
        nonlocal artifact, shown
        now = time.monotonic()
        if now - began < _LONG_SECONDS or (artifact and share < 1.0 and now - shown < _STEP_SECONDS):
            return
        if artifact is None:
            key = artifact_key("progress", work, sample=sample)
            artifact = create_progress_artifact(progress=100 * share, key=key, description=work)  # type: ignore[assignment]
        else:
            update_progress_artifact(artifact_id=artifact, progress=100 * share)
        shown = now

    yield show
