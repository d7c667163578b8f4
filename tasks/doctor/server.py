"""Checks of Prefect: the client, the server that a run would report to. Starts none."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.doctor.check import Finding, ok, problem, warning
from tasks.server.place import first_place
from tasks.server.probe import client_version, probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasks.server.place import Place, ServerOptions
    from tasks.server.probe import Probe

_SECONDS = 5.0
_OTHER_PORT = "stop it, or set another port with TIMM_CHARTS_SERVER_PORT"


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
        place = first_place(options)
        if place is None:
            return ok(f"none runs; the first run starts one on port {options.wanted_port}")
        answer = probe(place.url, timeout=_SECONDS)
    if not answer.healthy:
        return problem(f"{place.shown} can't be used: {answer.problem}", _unhealthy(place, answer))
    if not place.configured and place.ours is None and (options.port is not None or not answer.our_release):
        found = f"port {options.wanted_port} is taken by a Prefect server of version {answer.version}"
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
