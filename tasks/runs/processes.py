"""One pool of render processes for the whole run; thread-run tasks hand their drawing to it.

vl-convert does not scale over threads but does over processes, and a process runner of Prefect's costs
about 100 ms a task. Processes come from a fork server that has imported the drawing code, not Prefect.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final, ParamSpec, TypeVar

from config.errors import TimmChartsError

P = ParamSpec("P")
T = TypeVar("T")
_PRELOAD: Final = "tasks.pages.draw"


class RenderPool:
    """A process pool that replaces itself once when a process dies (killed, or out of memory)."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self._closed = False
        self._pool = self._start()

    def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of an importable module in a render process and wait for its result.

        Raises:
            TimmChartsError: The pool was closed first, because the run was told to stop.
        """
        try:
            return self._run(work, *args, **kwargs)
        except (RuntimeError, CancelledError) as error:
            if not self._closed:
                raise
            msg = "not drawn: the run was stopped first"
            raise TimmChartsError(msg) from error

    def warm_up(self, work: Callable[[], object]) -> None:
        """Start all processes in the background, so that they are ready when charts are."""
        for _ in range(self._processes):
            self._pool.submit(work)

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
        context.set_forkserver_preload([_PRELOAD])
        return ProcessPoolExecutor(self._processes, mp_context=context, initializer=_end_with_parent)

    def _replace(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is broken:
                self._pool = self._start()
            return self._pool


@contextlib.contextmanager
def render_pool() -> Iterator[RenderPool]:
    """Hold a pool with one process a core."""
    pool = RenderPool(os.cpu_count() or 1)
    try:
        yield pool
    finally:
        pool.close()


def _end_with_parent() -> None:
    """Leave when the run is killed: a pool process would otherwise wait for work for ever."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
