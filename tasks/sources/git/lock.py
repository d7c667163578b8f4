"""One run at a time on a clone: wait for the lock with a message, and not for ever."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from config.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POLL = 0.1
_REMINDER = 10.0


@contextmanager
def exclusive(file: Path, limit: float, on_progress: Callable[[str, float | None], None]) -> Iterator[None]:
    """Hold the lock file.

    Raises:
        UsageError: somebody else held it for longer than the limit in seconds.
    """
    lock = FileLock(file)
    deadline, reminder = time.monotonic() + limit, 0.0
    while not _taken(lock):
        now = time.monotonic()
        if now >= deadline:
            message = (
                f"the clone is in use: lock {file} was not free within {limit:g} s; another "
                "timm-charts run holds it: wait for it, stop it, or use another cache folder"
            )
            raise UsageError(message)
        if now >= reminder:
            on_progress(f"waiting for another run that uses the clone (lock {file})", None)
            reminder = now + _REMINDER
        time.sleep(_POLL)
    try:
        yield
    finally:
        lock.release()


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
