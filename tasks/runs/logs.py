"""Run logs without tracebacks for errors a user can mend: the message says it all."""

from __future__ import annotations

import logging
from typing import Final

from config.errors import TimmChartsError

_RUN_LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs")


def quiet_user_errors() -> None:
    """Drop tracebacks of our own errors from Prefect's run logs, on the console and in the UI."""
    for name in _RUN_LOGGERS:
        logger = logging.getLogger(name)
        if _without_traceback not in logger.filters:
            logger.addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    if record.exc_info and isinstance(record.exc_info[1], TimmChartsError):
        record.exc_info = None
        record.exc_text = None
    return True
