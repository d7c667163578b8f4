"""Progress of long work: a bar on a terminal, log lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

_STEP: Final = 0.25
"""Share of the work between two log lines."""

Report = Callable[[str, float | None], None]


@contextlib.contextmanager
def reporter(log: Callable[[str], None]) -> Iterator[Report]:
    """Give a function that takes a message and the share done (0 to 1, or None if not known)."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines(log)


@contextlib.contextmanager
def _bar() -> Iterator[Report]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=None)

        def report(message: str, share: float | None) -> None:
            progress.update(
                bar, description=message, total=None if share is None else 1.0, completed=share or 0
            )

        yield report


def _lines(log: Callable[[str], None]) -> Report:
    last: tuple[str, float] = ("", -1.0)

    def report(message: str, share: float | None) -> None:
        nonlocal last
        text, done = last
        stage = message.split(":")[0]
        if stage != text or (share is not None and (share - done >= _STEP or share == 1.0 != done)):
            log(message if share is None else f"{message} ({share:.0%})")
            last = (stage, share if share is not None else -1.0)

    return report
