"""Ask an address whether a Prefect API answers there, and which version it is.

Prefect is imported inside the functions: it costs more than a second, and the command line has to
answer wrong usage at once.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Probe:
    """What an address said.

    Attributes:
        healthy: A Prefect API answers there and accepts our credentials.
        version: Its Prefect version; None for Prefect Cloud and for anything that is not healthy.
        problem: Why it is not healthy, in one line; empty when it is.
        denied: It answers but refuses our credentials, so asking again is of no use.
    """

    healthy: bool
    version: str | None = None
    problem: str = ""
    denied: bool = False

    @property
    def our_release(self) -> bool:
        """Whether its version agrees with ours in major, minor and patch."""
        return self.version is not None and _release(self.version) == _release(client_version())


def probe(api_url: str, *, timeout: float, tries: int = 1, pause: float = 1.0) -> Probe:
    """Ask for health and version with Prefect's own client: its credentials, headers and TLS.

    Args:
        api_url: The address of the API, such as `http://127.0.0.1:4200/api`.
        timeout: Seconds to wait for each answer.
        tries: How often to ask before giving up.
        pause: Seconds between two tries.
    """
    answer = _ask(api_url, timeout)
    for _ in range(tries - 1):
        if answer.healthy or answer.denied:
            break
        time.sleep(pause)
        answer = _ask(api_url, timeout)
    return answer


def client_version() -> str:
    """Return the version of the installed Prefect, without importing it."""
    return installed_version("prefect")


def something_listens(port: int) -> bool:
    """Tell whether a connection to the port on this machine is accepted."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0):
            return True
    except OSError:
        return False


def _ask(api_url: str, timeout: float) -> Probe:
    """Ask once, with Prefect's own retries (half a minute and more) switched off."""
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.settings import get_current_settings, temporary_settings

    api = get_current_settings().api
    # A proxy for the outside world must not be asked for a server on this machine.
    httpx_settings = {"timeout": timeout, "trust_env": f"//{LOOPBACK}:" not in api_url}
    with temporary_settings({"client.max_retries": 0}):
        client = SyncPrefectClient(
            api_url,
            auth_string=api.auth_string.get_secret_value() if api.auth_string else None,
            api_key=api.key.get_secret_value() if api.key else None,
            httpx_settings=httpx_settings,
        )
        with client:
            return _question(client)


def _question(client: SyncPrefectClient) -> Probe:
    from prefect.client.base import ServerType

    if (error := client.api_healthcheck()) is not None:
        return _failure(error)
    if client.server_type == ServerType.CLOUD:
        return Probe(healthy=True)
    try:
        version = client.api_version()
    except ValueError:
        return Probe(healthy=False, problem="it answers, but not as a Prefect API")
    except Exception as problem:  # httpx has many; each means "not usable"
        return _failure(problem)
    if _release(str(version)) is None:
        return Probe(healthy=False, problem="it answers, but not as a Prefect API")
    return Probe(healthy=True, version=str(version))


def _failure(error: Exception) -> Probe:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        problem = f"it refuses the credentials (HTTP {status})"
        return Probe(healthy=False, problem=problem, denied=True)
    if status is not None:
        return Probe(healthy=False, problem=f"it answers with HTTP {status}")
    first_line = (str(error).splitlines() or [""])[0]
    return Probe(healthy=False, problem=f"{type(error).__name__}: {first_line}".rstrip(": "))


def _release(version: str) -> str | None:
    found = re.match(r"\d+\.\d+\.\d+", version)
    return found.group() if found else None
