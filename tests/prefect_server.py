"""A private, real Prefect server for tests: temporary home, free loopback port, always stopped.

It does not use `tasks.server.connect`, so that a fault there can't hide in the tests.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import http.client
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
START_SECONDS = 240.0  # a cold start on two busy cores; a quiet machine needs 6 to 13
BUSY_SECONDS = 60.0  # how long a busy database is asked again


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def wait_for(question: Callable[[], T | None], *, within: float, what: str) -> T:
    """Ask until the answer is not None (and not False); fail after `within` seconds."""
    end = time.monotonic() + within
    while True:
        answer = question()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > end:
            message = f"{what}: not within {within:.0f} s"
            raise AssertionError(message)
        time.sleep(0.2)


def call(url: str, body: object = None, accept: str = "application/json", method: str | None = None) -> Any:  # noqa: ANN401
    """GET, or POST if there is a body; the parsed JSON, or text for any other answer.

    A server whose database is busy for too long answers 503, having changed nothing; Prefect's own client
    asks again then, and so does this.
    """
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": accept, "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310  # always http on loopback
    with _open(request) as answer:
        text = answer.read().decode()
        is_json = "json" in answer.headers.get("Content-Type", "")
    return json.loads(text) if is_json else text


def _open(request: urllib.request.Request) -> http.client.HTTPResponse:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            answer: http.client.HTTPResponse = opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > end:
                raise
            time.sleep(0.5)
        else:
            return answer


def is_healthy(api_url: str) -> bool:
    try:
        return call(f"{api_url}/health") is True
    except (OSError, ValueError):
        return False


def is_alive(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    with suppress(OSError):
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def stop(pid: int) -> None:
    """End a process by its pid, first politely."""
    for number, seconds in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0)):
        end = time.monotonic() + seconds
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        while is_alive(pid):
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        else:
            return


@contextmanager
def private_server(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the API address of a healthy server that lives in `home`.

    Args:
        home: A temporary folder; made if missing.
        settings: More environment variables for the server.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    api_url = f"http://127.0.0.1:{port}/api"
    log = home / "server.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    environment = {
        **clean,
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_API_URL": api_url,
        **(settings or {}),
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def healthy() -> bool:
        assert process.poll() is None, f"the server ended: {log.read_text()[-2000:]}"
        return is_healthy(api_url)

    try:
        wait_for(healthy, within=START_SECONDS, what="private server healthy")
        yield api_url
    finally:
        stop(process.pid)
        process.wait()
