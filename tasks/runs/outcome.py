"""What came of tasks: their results, or the reasons why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture

T = TypeVar("T")


def outcomes(futures: Sequence[PrefectFuture[T]]) -> list[T | str]:
    """Wait for tasks and return for each its result, or the reason why it failed."""
    for future in futures:
        future.wait()
    return [
        result_of(future.state) if future.state.is_completed() else reason_of(future.state)
        for future in futures
    ]


def result_of(state: State[T]) -> T:
    """Return what a finished task returned."""
    return state.result()


def reason_of(state: State[Any]) -> str:
    """Return the message of the error that failed a task."""
    error = state.result(raise_on_failure=False)
    return str(error) if isinstance(error, Exception) else str(state.message)
