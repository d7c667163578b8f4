"""A private, real PostgreSQL for tests: temporary folder, free loopback port, always stopped."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.prefect_server import free_port, stop, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "prefect"


@dataclass(frozen=True)
class Postgres:
    """A running cluster with an empty database for Prefect; the password is asked for."""

    port: int
    password: str
    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    def value(self, query: str) -> str:
        """Return the one value of a query."""
        words = [
            "psql",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            USER,
            "-d",
            "postgres",
            "-XAtc",
            query,
        ]
        environment = {**os.environ, "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "5"}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def answers(self) -> bool:
        asked = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0


def program(name: str) -> str:
    """Find a program of PostgreSQL, also where Debian keeps those of each version."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    for folder in ("", *map(str, reversed(debian))):
        if found := shutil.which(name, path=folder or None):
            return found
    if os.environ.get("CI"):
        pytest.fail(f"{name} of PostgreSQL is missing: install Debian's package postgresql")
    pytest.skip(f"{name} of PostgreSQL is missing: install Debian's package postgresql")


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """Yield a new cluster. PostgreSQL refuses to run as root, so root hands it to another user."""
    initdb, server = program("initdb"), program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="timm-charts-postgres-"))
    found = Postgres(free_port(), secrets.token_hex(12), folder)
    data, given = folder / "data", folder / "password"
    given.write_text(found.password, encoding="utf-8")
    as_user = _unprivileged(folder, given)
    try:
        subprocess.run(
            [initdb, "-D", data, "-U", USER, "-A", "scram-sha-256", "--pwfile", given, "-E", "UTF8", "-N"],
            check=True, capture_output=True, cwd=folder, **as_user,
        )  # fmt: skip
        with (folder / "postgres.log").open("wb") as log:
            process = subprocess.Popen(
                [server, "-D", data, "-h", "127.0.0.1", "-p", str(found.port), "-k", "", "-F"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True, **as_user,
            )  # fmt: skip
        try:
            wait_for(found.answers, within=60, what="PostgreSQL ready")
            yield found
        finally:
            process.send_signal(signal.SIGINT)  # ends connections, writes everything, leaves
            stop(process.pid)
            process.wait()
    finally:
        shutil.rmtree(folder)


def _unprivileged(*paths: Path) -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    for path in paths:
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
