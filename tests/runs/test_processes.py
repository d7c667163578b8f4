"""Work in other processes: it comes back, survives a killed process, and leaves none behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextvars import copy_context
from pathlib import Path

import pytest

from config.errors import TimmChartsError
from tasks.pages.draw import warm_up
from tasks.runs.processes import Processes, render_processes, run_in_process

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def process_id() -> int:
    return os.getpid()


def die_once(marker: Path) -> str:
    """Die as the out-of-memory killer would have it, the first time."""
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def die_always() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    message = "bad chart"
    raise ValueError(message)


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def modules() -> set[str]:
    return set(sys.modules)


def alive(pid: int) -> bool:
    """Tell a running process; one that has ended and waits to be reaped is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


@pytest.fixture
def pool() -> Iterator[Processes]:
    made = Processes(2, warm_up)
    yield made
    made.close()


def test_work_is_done_in_another_process_which_knows_the_charts_but_not_prefect(pool: Processes) -> None:
    assert pool.run(process_id) != os.getpid()
    loaded = pool.run(modules)
    assert "tasks.pages.draw" in loaded
    assert "prefect" not in loaded


def test_arguments_and_results_and_errors_come_through(pool: Processes) -> None:
    assert pool.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ValueError, match="bad chart"):
        pool.run(fail)
    assert pool.run(divmod, 7, 2) == (3, 1)


def test_threads_share_the_processes(pool: Processes) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: pool.run(nap, 0.05), range(16)))
    assert 1 <= len(found) <= 2


def test_a_killed_process_is_replaced_and_the_work_done_again(pool: Processes, tmp_path: Path) -> None:
    assert pool.run(die_once, tmp_path / "marker") == "done"
    assert pool.run(divmod, 7, 2) == (3, 1)


def test_work_of_others_survives_a_killed_process(pool: Processes, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        naps = [threads.submit(pool.run, nap, 0.2) for _ in range(6)]
        killed = threads.submit(pool.run, die_once, tmp_path / "marker")
        assert killed.result() == "done"
        assert all(nap.result() for nap in naps)


def test_a_process_killed_while_idle_is_replaced(pool: Processes) -> None:
    os.kill(pool.run(process_id), signal.SIGKILL)
    time.sleep(0.5)
    assert pool.run(divmod, 7, 2) == (3, 1)


def test_work_that_kills_every_process_is_given_up(pool: Processes) -> None:
    with pytest.raises(BrokenProcessPool):
        pool.run(die_always)
    assert pool.run(divmod, 7, 2) == (3, 1)


def in_threads(work: Callable[..., object], *arguments: object, times: int) -> set[object]:
    """Run work in threads that have the context of this one, as Prefect does for the tasks of a flow."""
    with ThreadPoolExecutor(4) as threads:
        futures = [threads.submit(copy_context().run, run_in_process, work, *arguments) for _ in range(times)]
        return {future.result() for future in futures}


def test_work_of_a_run_is_done_in_its_processes_and_at_once_where_there_are_none(tmp_path: Path) -> None:
    assert run_in_process(process_id) == os.getpid()
    with render_processes(process_id):
        seen = {run_in_process(process_id)}
        assert run_in_process(die_once, tmp_path / "marker") == "done"
        seen |= in_threads(nap, 0.1, times=6)
        assert os.getpid() not in seen
    assert run_in_process(process_id) == os.getpid()
    assert eventually(lambda: not any(alive(pid) for pid in seen))
    assert multiprocessing.active_children() == []


def test_a_thread_without_the_context_of_a_run_does_the_work_itself() -> None:
    with render_processes(process_id), ThreadPoolExecutor(1) as threads:
        assert threads.submit(run_in_process, process_id).result() == os.getpid()


def test_two_runs_in_one_process_keep_their_processes_apart() -> None:
    with render_processes(process_id):
        outer = in_threads(nap, 0.1, times=8)
        with render_processes(process_id):
            assert not outer & in_threads(nap, 0.1, times=8)
        assert in_threads(nap, 0.1, times=8) <= outer


def test_work_for_a_closed_pool_is_refused_in_words() -> None:
    pool = Processes(1, process_id)
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(pool.run, nap, 0.3) for _ in range(4)]
        assert eventually(lambda: any(future.running() for future in waiting))
        time.sleep(0.2)
        pool.close()
    with pytest.raises(TimmChartsError, match="stopped first"):
        pool.run(divmod, 7, 2)
    errors = [future.exception() for future in waiting]
    assert {type(error) for error in errors} <= {type(None), TimmChartsError}
    assert any(errors)


def test_the_processes_end_after_an_error_too() -> None:
    pid = 0
    with contextlib.suppress(KeyError), render_processes(process_id):
        pid = run_in_process(process_id)
        raise KeyError
    assert eventually(lambda: not alive(pid))


PARENT = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from tasks.runs.processes import Processes
from tests.runs.test_processes import nap, process_id
if __name__ == "__main__":
    pool = Processes(2, process_id)
    with ThreadPoolExecutor(2) as threads:
        print(*threads.map(lambda _: pool.run(nap, 1), range(2)), flush=True)
    if sys.argv[1] == "busy":
        ThreadPoolExecutor(1).submit(pool.run, nap, 60)
    time.sleep(60)
"""


def family(pid: int) -> set[int]:
    """Return all descendants of a process.

    Read from each process's parent: the kernel's lists of children miss those of a thread that just ended.
    """
    parent_of = parents()

    def below(above: int) -> set[int]:
        children = {process for process, parent in parent_of.items() if parent == above}
        return children.union(*map(below, children))

    return below(pid)


def parents() -> dict[int, int]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    return found


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_killed_run_leaves_no_process_behind(tmp_path: Path, state: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), state], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        workers = {int(pid) for pid in parent.stdout.readline().split()}
        below = family(parent.pid)
        assert workers <= below
        assert len(workers) == 2
        parent.kill()
    assert eventually(lambda: not any(map(alive, below)), seconds=10)
