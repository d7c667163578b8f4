"""Run the command line and kill it with SIGKILL just before it does a certain thing.

``python kill_at.py <audit event> <text> -- <arguments>``: Python tells an audit hook about every rename,
new folder or started process before it happens. Nothing of the project is replaced.
"""

from __future__ import annotations

import os
import signal
import sys


def kill_at(event: str, text: str) -> None:
    def watch(name: str, arguments: tuple[object, ...]) -> None:
        if name == event and text in " ".join(map(str, arguments)):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


if __name__ == "__main__":
    wanted_event, wanted_text, _, *rest = sys.argv[1:]
    kill_at(wanted_event, wanted_text)
    from flows.cli import main

    main(rest)
