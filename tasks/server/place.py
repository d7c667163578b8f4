"""Which Prefect API a run uses: decided here alone, for the job and for the doctor.

The order is the API that is configured, then the server we started before, then one at the default port;
where none of them is, a run starts one. Prefect is imported inside the functions: it costs more than a
second, and the command line has to answer wrong usage at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from tasks.server.process import api_url_of, port_is_free, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tasks.server.process import ServerState

DEFAULT_PORT = 4200


@dataclass(frozen=True)
class ServerOptions:
    """How a local server is started, if one is needed.

    Attributes:
        data_dir: Folder of the server's state file, log and database.
        port: The port the user asked for; None when not set, which means 4200.
        start_timeout_seconds: How long a new server may take to become healthy.
    """

    data_dir: Path
    port: int | None = None
    start_timeout_seconds: float = 120.0

    @property
    def wanted_port(self) -> int:
        """The port of a server that has to be started."""
        return self.port or DEFAULT_PORT


@dataclass(frozen=True)
class Place:
    """An API that a run would use.

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
        return f"{without_password(self.url)} ({how}{f', pid {self.ours.pid}' if self.ours else ''})"


def places(options: ServerOptions) -> Iterator[Place]:
    """Yield the APIs that a run tries, in its order; after the last one it starts a server."""
    from prefect.settings import get_current_settings

    ours = read_state(options.data_dir)
    url = (get_current_settings().api.url or "").rstrip("/")
    if url:
        yield Place(url, ours if ours and ours.api_url == url else None, configured=True)
        return
    if ours is not None:
        yield Place(ours.api_url, ours)
    if not port_is_free(options.wanted_port):
        yield Place(api_url_of(options.wanted_port))


def first_place(options: ServerOptions) -> Place | None:
    """Return the API that a run tries first; None where it would start a server."""
    return next(places(options), None)


def without_password(url: str) -> str:
    """Return an address as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
