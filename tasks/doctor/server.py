"""Checks of Prefect: the client, the server that a run would report to. Starts none."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.doctor.check import Finding, ok, problem, warning
from tasks.server.connect import DEFAULT_PORT
from tasks.server.probe import client_version, probe
from tasks.server.process import api_url_of, port_is_free, read_state
from tasks.sources.git.url import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasks.server.connect import ServerOptions
    from tasks.server.probe import Probe
    from tasks.server.process import ServerState

_SECONDS = 5.0
_OTHER_PORT = "stop it, or set another port with TIMM_CHARTS_SERVER_PORT"


@dataclass(frozen=True)
class Place:
    """The API that a run would use.

    Attributes:
        url: Its address.
        ours: The server we started, if it is that one.
        configured: Whether a person set the address.
    """

    url: str
    ours: ServerState | None = None
    configured: bool = False

    @property
    def shown(self) -> str:
        """The address and how it comes to be used, without a password."""
        how = (
            "our local server" if self.ours else "configured" if self.configured else "found on this machine"
        )
        return f"{without_credentials(self.url)} ({how}{f', pid {self.ours.pid}' if self.ours else ''})"


def api_in_use(options: ServerOptions) -> Place | None:
    """Find the API in the order a run does; None where a run would start a server."""
    from prefect.settings import get_current_settings

    ours = read_state(options.data_dir)
    url = get_current_settings().api.url
    if url:
        url = url.rstrip("/")
        return Place(url, ours if ours and ours.api_url == url else None, configured=True)
    if ours is not None:
        return Place(ours.api_url, ours)
    port = options.port or DEFAULT_PORT
    return None if port_is_free(port) else Place(api_url_of(port))


def client() -> Finding:
    """Import Prefect: packages that do not fit show here first."""
    with no_home_left_behind():
        try:
            import prefect.main  # noqa: F401
        except Exception as error:
            found = f"{client_version()} can't be imported ({type(error).__name__})"
            return problem(found, "see packages above")
    return ok(client_version())


def server(options: ServerOptions) -> Finding:
    """Ask the API for its health and version."""
    with no_home_left_behind():
        place = api_in_use(options)
        if place is None:
            return ok(f"none runs; the first run starts one on port {options.port or DEFAULT_PORT}")
        answer = probe(place.url, timeout=_SECONDS)
    if not answer.healthy:
        return problem(f"{place.shown} can't be used: {answer.problem}", _unhealthy(place, answer))
    if not place.configured and place.ours is None and (options.port is not None or not answer.our_release):
        found = (
            f"port {options.port or DEFAULT_PORT} is taken by a Prefect server of version {answer.version}"
        )
        return problem(found, f"{_OTHER_PORT}; to use it: PREFECT_API_URL={place.url}")
    if answer.version is not None and not answer.our_release:
        found = f"version {answer.version}, timm-charts uses {client_version()}: {place.shown}"
        return warning(found, _other_version(place))
    return ok(f"{answer.version or 'Prefect Cloud'}, healthy: {place.shown}")


def _unhealthy(place: Place, answer: Probe) -> str:
    if place.ours is not None:
        return f"if it is not just starting: kill {place.ours.pid}; its log is {place.ours.log}"
    if not place.configured:
        return _OTHER_PORT
    if answer.denied:
        return "check PREFECT_API_AUTH_STRING or PREFECT_API_KEY"
    return "start that server, or unset PREFECT_API_URL to let timm-charts start a local one"


def _other_version(place: Place) -> str:
    if place.ours is not None:
        return f"kill {place.ours.pid}; the next run starts one of the right version"
    return f"install Prefect {client_version()} where that server runs"


@contextmanager
def no_home_left_behind() -> Iterator[None]:
    """Remove the empty folder that Prefect makes when it is imported."""
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    is_new = not home.exists()
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):  # not there, or not empty
                home.rmdir()
