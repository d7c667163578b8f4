"""The local Prefect server as a detached process: start it, find it again, wait for it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import TimmChartsError, UsageError
from tasks.server.probe import LOOPBACK, client_version, probe, something_listens

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.server.probe import Probe

KEEP_DAYS = 730  # results may not change for more than a year, and only a change adds artifacts
LOG_LINES_SHOWN = 5
_POLL_SECONDS = 0.25
_SAY_EVERY_SECONDS = 10.0


@dataclass(frozen=True)
class ServerState:
    """The server that we started, as written to `server.json`."""

    pid: int
    port: int
    api_url: str
    log: str
    prefect_version: str


def api_url_of(port: int) -> str:
    """Return the API address of a server on this machine."""
    return f"http://{LOOPBACK}:{port}/api"


def read_state(data_dir: Path) -> ServerState | None:
    """Return the server we started before, if its process still is that server."""
    try:
        state = ServerState(**json.loads(_state_file(data_dir).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return state if is_alive(state) else None


def is_alive(state: ServerState) -> bool:
    """Tell whether the pid is a Prefect server on that port, and not a later process."""
    words = _command_line(state.pid)
    return {"prefect", "server", "start", str(state.port)} <= set(words)


def write_state(data_dir: Path, state: ServerState) -> None:
    """Write `server.json` so that no reader ever sees half of it."""
    scratch = data_dir / f".server-{os.getpid()}.json"
    scratch.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
    scratch.replace(_state_file(data_dir))


def port_is_free(port: int) -> bool:
    """Tell whether a server can be bound to the port on loopback.

    Raises:
        UsageError: This user may not use the port at all.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except PermissionError as error:
            message = f"port {port} needs root; set TIMM_CHARTS_SERVER_PORT to one above 1023"
            raise UsageError(message) from error
        except OSError:
            return False
    return True


def start_server(
    data_dir: Path, port: int, timeout: float, on_progress: Callable[[str], None]
) -> tuple[ServerState, Probe]:
    """Start one detached server and wait until it is healthy.

    Raises:
        TimmChartsError: The server ended, or was not healthy in time; nothing is left running.
    """
    log = data_dir / "server.log"
    process = _spawn(data_dir, port, log)
    state = ServerState(process.pid, port, api_url_of(port), str(log), client_version())
    try:
        write_state(data_dir, state)
        answer = wait_until_healthy(port, lambda: process.poll() is None, timeout, on_progress)
        if answer is not None:
            return state, answer
        raise TimmChartsError(_failure(process, timeout, log))
    except BaseException:
        # Also on Ctrl-C: a server that nobody waits for must not stay behind.
        _end(process)
        _state_file(data_dir).unlink(missing_ok=True)
        raise


def wait_until_healthy(
    port: int, alive: Callable[[], bool], timeout: float, on_progress: Callable[[str], None]
) -> Probe | None:
    """Poll the API until it answers; None when the process ends or the time is over."""
    begin = time.monotonic()
    say_at = begin + _SAY_EVERY_SECONDS
    while alive() and (now := time.monotonic()) - begin < timeout:
        if something_listens(port):
            answer = probe(api_url_of(port), timeout=10)
            if answer.healthy:
                return answer
        if now >= say_at:
            on_progress(f"waiting for the Prefect server ({now - begin:.0f} s of {timeout:.0f} s)")
            say_at = now + _SAY_EVERY_SECONDS
        time.sleep(_POLL_SECONDS)
    return None


def server_environment(data_dir: Path, port: int) -> dict[str, str]:
    """Return the environment of the server process.

    Events keep Prefect's own limit of 7 days; runs, their logs and artifacts go after `KEEP_DAYS`.
    """
    dropped = {"PREFECT_API_URL", "PREFECT_DEBUG_MODE", "PREFECT_UI_URL"}
    home = Path(os.environ.get("PREFECT_HOME") or data_dir / "prefect").expanduser().absolute()
    wanted = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_API_URL": api_url_of(port),
        "PREFECT_LOGGING_LEVEL": "WARNING",  # nobody rotates the log of a server that stays up
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "NO_COLOR": "1",
    }
    defaults = {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEEP_DAYS * 86_400),
    }
    inherited = {key: value for key, value in os.environ.items() if key not in dropped}
    return {**defaults, **inherited, **wanted}


def _spawn(data_dir: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, with a file for its output.

    Never `prefect server start --background`: such a server dies at its first logged warning,
    because nobody reads its pipes.
    """
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    command = [sys.executable, "-m", "prefect", "server", "start"]
    with log.open("wb") as output:
        return subprocess.Popen(
            [*command, "--host", LOOPBACK, "--port", str(port)],
            cwd=data_dir,  # python -m puts the current folder on the import path
            env=server_environment(data_dir, port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _failure(process: subprocess.Popen[bytes], timeout: float, log: Path) -> str:
    code = process.poll()
    what = f"was not healthy after {timeout:.0f} s" if code is None else f"ended with code {code}"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    tail = [line.rstrip() for line in lines if line.strip()][-LOG_LINES_SHOWN:]
    return "\n".join([f"the local Prefect server {what}; its log is {log}", *tail])


def _state_file(data_dir: Path) -> Path:
    return data_dir / "server.json"


def _command_line(pid: int) -> list[str]:
    """Return the arguments of a process; empty for one that ended."""
    proc = Path("/proc") / str(pid) / "cmdline"
    if Path("/proc/self/cmdline").exists():
        try:
            return proc.read_text(encoding="utf-8", errors="replace").split("\0")
        except OSError:
            return []
    listing = subprocess.run(
        ["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listing.stdout.split()
