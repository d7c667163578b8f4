"""Run git through GitPython without prompts, without surprises from outside, and never for ever."""

from __future__ import annotations

import os
import re
import selectors
import signal
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.errors import UsageError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from git import Git

LOCAL_LIMIT = 600.0
_TURN = 0.2  # seconds between two looks at the clock while git is silent

# A git hook, or a shell, may set these; each would turn our commands to another repository.
_FOREIGN = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DEFAULT_HASH",
    "GIT_DIR", "GIT_GLOB_PATHSPECS", "GIT_GRAFT_FILE", "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_LITERAL_PATHSPECS", "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
    "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
)  # fmt: skip
_PROMPTLESS = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "LC_ALL": "C",  # messages are read below
    "LANGUAGE": "C",
}
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "safe.bareRepository": "all",  # a person's stricter setting would refuse our own bare clone
    "protocol.version": "2",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.lowSpeedLimit": "1",  # a server that counts objects sends a few bytes every 5 s
    "http.lowSpeedTime": "60",
}
_VAGUE = (
    "Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists",
    "warning: ",
    "remote: Enumerating",
    "remote: Counting",
    "remote: Compressing",
    "remote: Total",
)


class GitError(Exception):
    """A git command that failed; never leaves this room."""

    def __init__(self, command: str, stderr: str, *, timed_out: bool = False) -> None:
        super().__init__(f"git {command}: {stderr.strip()}")
        self.stderr = stderr
        self.timed_out = timed_out

    @property
    def reason(self) -> str:
        """One short line, without any password."""
        lines = [line.strip() for line in re.split(r"[\r\n]+", self.stderr)]
        lines = [line for line in lines if line and not any(vague in line for vague in _VAGUE)]
        serious = [line for line in lines if line.startswith(("fatal: ", "error: "))]
        line = (serious[:1] or lines[-1:] or ["git gave no reason"])[0]
        line = re.sub(r"^(fatal|error): ", "", line)
        return re.sub(r"(https?://)[^/@\s]*@", r"\1", line)[:300].rstrip(".")


@dataclass(frozen=True)
class GitRunner:
    """Git in one folder, with settings that go through the environment and never touch the disk."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def local(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a command that cannot reach the network, not even to fetch a missing object."""
        environment = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
        return self._run(arguments, environment, stdin, LOCAL_LIMIT, lambda _line: None)

    def text(self, *arguments: str) -> str:
        """Run a local command and return its output as text, without the last line end."""
        return self.local(*arguments).decode("utf-8", "backslashreplace").rstrip("\n")

    def succeeds(self, *arguments: str) -> bool:
        """Run a local command whose answer is its exit status."""
        try:
            self.local(*arguments)
        except GitError as failure:
            if failure.timed_out:
                raise
            return False
        return True

    def network(
        self, *arguments: str, limit: float, on_line: Callable[[str], None], stdin: bytes = b""
    ) -> bytes:
        """Run a command that talks to the upstream; killed with its helpers at the limit."""
        environment = {"GIT_ALLOW_PROTOCOL": "file:https:ssh", **self._ssh()}
        return self._run(arguments, environment, stdin, limit, on_line)

    def _ssh(self) -> dict[str, str]:
        command = os.environ.get("GIT_SSH_COMMAND")
        if not command and os.environ.get("GIT_SSH"):
            return {}  # a program that may not know OpenSSH's options; it has no terminal to ask on
        if not command and self.succeeds("config", "--get", "core.sshCommand"):
            command = self.text("config", "--get", "core.sshCommand")
        return {"GIT_SSH_COMMAND": f"{command or 'ssh'} -o BatchMode=yes"}

    def _run(
        self,
        arguments: tuple[str, ...],
        environment: dict[str, str],
        stdin: bytes,
        limit: float,
        on_line: Callable[[str], None],
    ) -> bytes:
        git = _gitpython(self.folder)
        # Not --git-dir or GIT_DIR: with those git leaves out its check of who owns the folder.
        command = [git.GIT_PYTHON_GIT_EXECUTABLE or "git", "-C", str(self.folder), *arguments]
        foreign = [name for name in _FOREIGN if name in os.environ]
        if foreign:
            command = ["env", *(word for name in foreign for word in ("-u", name)), *command]
        environment = self._environment(environment)
        with tempfile.TemporaryFile() as feed:
            feed.write(stdin)
            feed.seek(0)
            # A session of its own: no terminal for any helper to ask on, one group to kill.
            started = git.execute(
                command, istream=feed, as_process=True, env=environment, start_new_session=True
            )
            if started.proc is None:
                raise GitError(arguments[0], "could not be started")
            return _finish(started.proc, arguments[0], limit, on_line)

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        given = os.environ.get("GIT_CONFIG_COUNT", "0")
        first = int(given) if given.isdigit() else 0
        settings = {**_SETTINGS, **self.settings}
        result = {**_PROMPTLESS, "GIT_CEILING_DIRECTORIES": str(self.folder.parent), **extra}
        for number, (key, value) in enumerate(settings.items(), start=first):
            result[f"GIT_CONFIG_KEY_{number}"] = key
            result[f"GIT_CONFIG_VALUE_{number}"] = value
        return {**result, "GIT_CONFIG_COUNT": str(first + len(settings))}


def _gitpython(folder: Path) -> Git:
    try:
        from git import Git  # here, since the import itself fails where git is not installed
    except ImportError as error:
        message = "git was not found: install git 2.36 or newer and see that it is on the PATH"
        raise UsageError(message) from error
    return Git(folder)


def _finish(
    process: subprocess.Popen[bytes], command: str, limit: float, on_line: Callable[[str], None]
) -> bytes:
    """Read both streams in this thread, so that progress reaches the caller's own context."""
    try:
        output, errors = _read(process, limit, on_line)
        if process.wait() != 0:
            raise GitError(command, errors or f"ended with status {process.returncode}")
        return output
    except TimeoutError as error:
        raise GitError(command, f"no answer within {limit:g} s", timed_out=True) from error
    finally:
        _kill(process)


def _read(
    process: subprocess.Popen[bytes], limit: float, on_line: Callable[[str], None]
) -> tuple[bytes, str]:
    if process.stdout is None or process.stderr is None:
        return b"", "git gave no output to read"
    deadline = time.monotonic() + limit
    output, errors = bytearray(), _Lines(on_line)
    with closing(process.stdout), closing(process.stderr), selectors.DefaultSelector() as streams:
        streams.register(process.stdout, selectors.EVENT_READ, output.extend)
        streams.register(process.stderr, selectors.EVENT_READ, errors.extend)
        while streams.get_map():
            ready = streams.select(_TURN)
            for key, _events in ready:
                _forward(streams, key)
            if time.monotonic() > deadline:
                raise TimeoutError
            # A helper such as an ssh master may live on and keep the pipes open.
            if not ready and process.poll() is not None:
                break
    return bytes(output), errors.text()


def _forward(streams: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    chunk = os.read(key.fd, 1 << 16)
    if chunk:
        key.data(chunk)
    else:
        streams.unregister(key.fileobj)


class _Lines:
    """Keeps what git says and hands each finished line on; progress lines end in a bare CR."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._kept: list[str] = []
        self._rest = b""

    def extend(self, chunk: bytes) -> None:
        *lines, self._rest = re.split(rb"[\r\n]+", self._rest + chunk)
        self._take(lines)

    def text(self) -> str:
        self._take([self._rest])
        return "\n".join(self._kept)

    def _take(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            text = line.decode("utf-8", "replace")
            if "% (" not in text:
                self._kept.append(text)
            self._on_line(text)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git and every helper of it, also when this run is being interrupted."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
