"""Run the command line with every argument of every task sent through pickle, as to another machine.

``python send_arguments.py <file> <arguments>``: the file gets the names of the tasks. What cannot be pickled
ends the run; what does not work after the journey fails its task.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import Task


def sending(real: Callable[..., Any], names: Path) -> Callable[..., Any]:
    def call(task: Task[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - of any task
        with names.open("a", encoding="utf-8") as file:
            file.write(f"{task.name}\n")
        sent, sent_by_name = pickle.loads(pickle.dumps((arguments, named)))  # noqa: S301 - our own
        return real(task, *sent, **sent_by_name)

    return call


if __name__ == "__main__":
    seen, *rest = sys.argv[1:]
    for method in ("__call__", "submit"):
        setattr(Task, method, sending(getattr(Task, method), Path(seen)))
    from flows.cli import main

    main(rest)
