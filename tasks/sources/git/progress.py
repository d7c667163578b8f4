"""Turn git's progress lines into messages for people, a few a second at most."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from git import RemoteProgress

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE = 0.3
_STAGES = {  # what to say, and which part of the whole bar the stage fills
    RemoteProgress.COUNTING: ("counting objects", None),
    RemoteProgress.COMPRESSING: ("compressing objects on the server", None),
    RemoteProgress.RECEIVING: ("receiving objects", (0.0, 0.9)),
    RemoteProgress.RESOLVING: ("resolving deltas", (0.9, 1.0)),
}


class FetchProgress(RemoteProgress):
    """Reads git's lines with GitPython's parser and forwards what is worth saying."""

    def __init__(self, on_progress: Callable[[str, float | None], None]) -> None:
        super().__init__()
        self._on_progress = on_progress
        self._next = 0.0

    def update(
        self,
        op_code: int,
        cur_count: str | float,
        max_count: str | float | None = None,
        message: str = "",  # noqa: ARG002 - the name is GitPython's
    ) -> None:
        """Forward one step unless another was forwarded a moment ago."""
        stage = _STAGES.get(op_code & self.OP_MASK)
        if stage is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _PAUSE
        text, span = stage
        total = float(max_count or 0)
        if span is None or not total:
            self._on_progress(text, None)
            return
        done = float(cur_count or 0)
        share = span[0] + (span[1] - span[0]) * min(done / total, 1.0)
        self._on_progress(f"{text}: {done:,.0f} of {total:,.0f}", share)
