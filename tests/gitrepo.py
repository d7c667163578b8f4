"""Real git repositories for tests, made with ``git fast-import``: no working tree, any entry mode."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHO = "Test <test@example.invalid>"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.invalid",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.invalid",
    }


@dataclass
class Upstream:
    """A bare repository that plays the part of the upstream."""

    path: Path

    @property
    def url(self) -> str:
        return self.path.as_uri()

    def run(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git in the repository and return its output without the last line end."""
        done = subprocess.run(
            ["git", "--git-dir", str(self.path), *arguments],
            input=stdin,
            capture_output=True,
            env=_environment(),
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().rstrip("\n")

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        message: str = "change",
        date: str | datetime = "2024-01-01",
        *,
        branch: str = "main",
        start: str | None = None,
        merge: str | None = None,
        modes: Mapping[str, str] | None = None,
    ) -> str:
        """Commit on top of the branch and return the new commit id.

        Args:
            files: Content by path; None deletes. For mode 160000 the content is a commit id.
            message: Of the commit.
            date: ISO text or a datetime; UTC where it names no zone.
            branch: Made when it does not exist.
            start: Another commit to go on from, or "" for none: a forced push.
            merge: A second parent.
            modes: Mode by path, 100644 where absent (100755, 120000 symlink, 160000 submodule).
        """
        reference = f"refs/heads/{branch}"
        if start is None:
            tips = self.run("for-each-ref", "--format=%(objectname)", reference)
            start = tips.strip()
        head = [f"commit {reference}", f"committer {_WHO} {_seconds(date)} +0000", _data(message)]
        head += [f"from {start}"] if start else []
        head += [f"merge {merge}"] if merge else []
        stream = "\n".join(head).encode() + b"\n"
        if not start:
            stream = f"reset {reference}\n\n".encode() + stream
        stream += b"".join(_change(path, data, modes or {}) for path, data in files.items())
        self.run("fast-import", "--quiet", "--force", stdin=stream + b"\n")
        return self.run("rev-parse", reference)

    def tag(self, name: str, target: str = "main", message: str | None = None) -> str:
        """Set a tag, annotated where there is a message; return the commit it means."""
        annotation = ["-a", "-m", message] if message else []
        self.run("tag", "-f", *annotation, name, target)
        return self.run("rev-parse", f"{name}^{{commit}}")

    def branch(self, name: str, target: str = "main") -> str:
        """Set a branch, also backwards; return its commit."""
        self.run("update-ref", f"refs/heads/{name}", self.run("rev-parse", f"{target}^{{commit}}"))
        return self.run("rev-parse", f"refs/heads/{name}")

    def delete_branch(self, name: str) -> None:
        self.run("update-ref", "-d", f"refs/heads/{name}")

    def set_default(self, name: str) -> None:
        """Let HEAD name another branch."""
        self.run("symbolic-ref", "HEAD", f"refs/heads/{name}")


def child_processes() -> set[str]:
    """Return the ids of this process's children, also of those that only wait to be reaped."""
    return {pid for file in Path("/proc/self/task").glob("*/children") for pid in _words(file)}


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except FileNotFoundError:  # a thread that ended meanwhile
        return []


def make_upstream(path: Path, *, filters: bool = True, object_format: str = "sha1") -> Upstream:
    """Make an empty upstream; with filters it serves partial clones."""
    path.mkdir(parents=True)
    upstream = Upstream(path)
    upstream.run("init", "-q", "--bare", f"--object-format={object_format}", str(path))
    upstream.set_default("main")
    upstream.run("config", "uploadpack.allowFilter", str(filters).lower())
    upstream.run("config", "uploadpack.allowAnySHA1InWant", str(filters).lower())
    return upstream


def _seconds(date: str | datetime) -> int:
    moment = datetime.fromisoformat(date) if isinstance(date, str) else date
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}"


def _change(path: str, data: str | bytes | None, modes: Mapping[str, str]) -> bytes:
    if data is None:
        return f"D {path}\n".encode()
    content = data.encode() if isinstance(data, str) else data
    mode = modes.get(path, "100644")
    if mode == "160000":
        return f"M {mode} {content.decode()} {path}\n".encode()
    return f"M {mode} inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
