"""The render processes of this machine, and the one way to run work in one of them.

vl-convert does not scale over threads but does over processes, and a process runner of Prefect's costs
about 100 ms a task. So tasks run in threads, or wherever an engine puts them, and hand heavy work to
`run_in_process`. Where a run holds processes they do it; elsewhere it is done at once. A pool is never an
argument: it could not be sent to another machine.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextvars import ContextVar
from typing import Final, ParamSpec, TypeVar

from config.errors import TimmChartsError

P = ParamSpec("P")
T = TypeVar("T")


class Processes:
    """A process pool that replaces itself once when a process dies (killed, or out of memory).

    Its processes come from a fork server that has imported the module of ``warm_up``, which must not import
    Prefect.
    """

    def __init__(self, number: int, warm_up: Callable[[], object]) -> None:
        self._number = number
        self._preload = warm_up.__module__
        self._lock = threading.Lock()
        self._closed = False
        self._pool = self._start()
        for _ in range(number):  # in the background, so that they are ready when work is
            self._pool.submit(warm_up)

    def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of an importable module in a process and wait for its result.

        Raises:
            TimmChartsError: The pool was closed first, because the run was told to stop.
        """
        try:
            return self._run(work, *args, **kwargs)
        except (RuntimeError, CancelledError) as error:
            if not self._closed:
                raise
            msg = "not done: the run was stopped first"
            raise TimmChartsError(msg) from error

    def close(self) -> None:
        """Stop the processes."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        pool = self._pool
        try:
            return pool.submit(work, *args, **kwargs).result()
        except BrokenProcessPool:
            return self._replace(pool).submit(work, *args, **kwargs).result()

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([self._preload])
        return ProcessPoolExecutor(self._number, mp_context=context, initializer=_end_with_parent)

    def _replace(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is broken:
                self._pool = self._start()
            return self._pool


_of_this_run: Final[ContextVar[Processes | None]] = ContextVar("processes", default=None)
"""Prefect hands the context of a flow on to the threads of its tasks, and not to other machines."""


@contextlib.contextmanager
def render_processes(warm_up: Callable[[], object]) -> Iterator[None]:
    """Hold one process a core for `run_in_process`, made ready by ``warm_up``."""
    processes = Processes(os.cpu_count() or 1, warm_up)
    before = _of_this_run.set(processes)
    try:
        yield
    finally:
        _of_this_run.reset(before)
        processes.close()


def run_in_process(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function of an importable module in a process of this run, or at once where there is none.

    Raises:
        TimmChartsError: The run was told to stop first.
    """
    processes = _of_this_run.get()
    return work(*args, **kwargs) if processes is None else processes.run(work, *args, **kwargs)


def _end_with_parent() -> None:
    """Leave when the run is killed: a pool process would otherwise wait for work for ever."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
