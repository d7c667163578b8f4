"""Check of the database behind the Prefect server. Passwords are never shown."""

from __future__ import annotations

import os
import socket
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.errors import UsageError
from tasks.doctor.check import Finding, in_words, ok, problem, warning
from tasks.doctor.server import no_home_left_behind
from tasks.server.place import first_place
from tasks.server.probe import LOOPBACK
from tasks.server.process import server_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.server.place import ServerOptions

_SECONDS = 5.0
_MAGIC = b"SQLite format 3\0"
_SETTINGS = ("PREFECT_SERVER_DATABASE_", "PREFECT_API_DATABASE_")
_POSTGRESQL_PORT = 5432


@dataclass(frozen=True)
class Database:
    """A file of SQLite (None: in memory), or a host and port of PostgreSQL."""

    name: str
    file: Path | None = None
    host: str | None = None
    port: int = _POSTGRESQL_PORT


def database(options: ServerOptions) -> Finding:
    """Say which database the server has, and whether it answers."""
    with no_home_left_behind():
        place = first_place(options)
    if place is None:
        return _of_the_server_to_come(options)
    known = _environment(place.ours.pid) if place.ours else None
    name = in_words_of(database_of(known, options.data_dir)) if known else "not named by its server"
    status = _readiness(place.url)
    if status is None:
        return warning("not checked, because the server does not answer", "see Prefect server above")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        log = f"look at {place.ours.log}" if place.ours else "look at the log of that server"
        return problem(f"{name}: the server can't reach it", f"see that the database runs; {log}")
    return ok(f"{name}; the server reaches it" if status == HTTPStatus.OK else name)


def _of_the_server_to_come(options: ServerOptions) -> Finding:
    environment = server_environment(options.data_dir, options.wanted_port)
    found = database_of(environment, options.data_dir)
    if found.host is not None and not _listens(found.host, found.port):
        remedy = "start it, or correct PREFECT_API_DATABASE_CONNECTION_URL; without it, SQLite is used"
        return problem(f"{found.name}: nothing answers there", remedy)
    if found.file is not None and _is_no_database(found.file):
        return problem(f"{found.file} is no SQLite database", "move it away; the next run makes a new one")
    return ok(in_words_of(found))


def database_of(environment: Mapping[str, str], folder: Path) -> Database:
    """Read from a server's variables which database it uses.

    Args:
        environment: The variables of the server's process; with ``PREFECT_HOME``.
        folder: The folder it runs in.

    Raises:
        UsageError: The address of the database can't be read.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    home = Path(environment["PREFECT_HOME"])
    settings = {**_profile(home, environment), **environment}
    url = _setting(settings, "CONNECTION_URL")
    if not url and (_setting(settings, "DRIVER") or "").startswith("postgresql"):
        host, port = _setting(settings, "HOST") or "localhost", _setting(settings, "PORT")
        return _postgresql(host, port, _setting(settings, "NAME"))
    try:
        parts = make_url(url or f"sqlite:///{home / 'prefect.db'}")
    except (ArgumentError, ValueError):
        message = "PREFECT_API_DATABASE_CONNECTION_URL is no address of a database; correct it"
        raise UsageError(message) from None
    if parts.get_backend_name() != "sqlite":
        return _postgresql(parts.host or "localhost", parts.port, parts.database)
    if not parts.database or ":memory:" in parts.database:
        return Database("SQLite in memory: every run is forgotten when the server ends")
    return Database("SQLite", file=folder / parts.database)


def _postgresql(host: str, port: str | int | None, name: str | None) -> Database:
    number = int(port or _POSTGRESQL_PORT)
    return Database(f"PostgreSQL, database {name} on {host}, port {number}", host=host, port=number)


def _setting(settings: Mapping[str, str], name: str) -> str | None:
    return next((settings[start + name] for start in _SETTINGS if settings.get(start + name)), None)


def _profile(home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the profile that Prefect uses with this home."""
    try:
        content = tomllib.loads((home / "profiles.toml").read_text(encoding="utf-8"))
        profile = content["profiles"][environment.get("PREFECT_PROFILE") or content["active"]]
        return {str(name): str(value) for name, value in profile.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def _environment(pid: int) -> dict[str, str] | None:
    """Return the variables a process was started with, where Linux tells."""
    try:
        text = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return None
    found = dict(entry.split("=", 1) for entry in text.split("\0") if "=" in entry)
    return found if "PREFECT_HOME" in found else None


def in_words_of(found: Database) -> str:
    """Return what is shown of a database: never a user or password."""
    if found.file is None:
        return found.name
    if not found.file.exists():
        return f"SQLite, {found.file}; made when the server starts"
    return f"SQLite, {found.file}, {in_words(found.file.stat().st_size)}"


def _is_no_database(file: Path) -> bool:
    if not file.exists():
        return False
    with file.open("rb") as content:
        start = content.read(len(_MAGIC))
    return start not in (b"", _MAGIC)


def _listens(host: str, port: int) -> bool:
    if host.startswith("/"):  # the folder of a socket
        return os.path.exists(f"{host}/.s.PGSQL.{port}")  # noqa: PTH110 - a path as PostgreSQL writes it
    try:
        with socket.create_connection((host, port), timeout=_SECONDS):
            return True
    except OSError:
        return False


def _readiness(api_url: str) -> int | None:
    """Ask the server whether its database answers; the HTTP status, None where nothing answers."""
    is_here = urlsplit(api_url).hostname == LOOPBACK
    handlers = [urllib.request.ProxyHandler({})] if is_here else []
    try:
        with urllib.request.build_opener(*handlers).open(f"{api_url}/ready", timeout=_SECONDS):
            return HTTPStatus.OK
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return None
