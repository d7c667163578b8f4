"""README.md as a newcomer follows it: a fresh checkout, nothing installed, every block as printed and in order."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.flows.job import processes_with
from tests.prefect_server import call, free_port, wait_for
from tests.readme import README, readme_blocks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("readme")]

ROOT = README.parent
COMMAND_SECONDS = (
    900.0  # make run on two busy cores, packages not yet fetched; a quiet machine needs a minute
)
READY_SECONDS = 120.0
READY: Mapping[str, str] = {
    ".venv/bin/timm-charts serve ": "serving refresh/serve",
    ".venv/bin/prefect worker start ": "Worker .* started!",
}
"""Commands that go on until they are stopped, and what they say when they are ready."""


@dataclass
class Newcomer:
    """Somebody with a fresh checkout in an empty home, who types in one shell."""

    checkout: Path
    environment: Mapping[str, str]
    instead: Mapping[str, str]
    log: Path
    exports: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)

    def follow(self, command: str) -> str:
        """Type a command and return what it says."""
        for printed, here in self.instead.items():
            command = command.replace(printed, here)
        self.followed.append(command)
        if command.startswith("export "):
            self.exports.append(command)
        endless = [ready for start, ready in READY.items() if command.startswith(start)]
        return self._until(command, endless[0]) if endless else self.run(["sh", "-c", self._typed(command)])

    def run(self, words: list[str], *, told: str = "") -> str:
        """Run a program to its end and expect success; whatever it says must be no traceback."""
        with self.log.open("wb") as log:
            process = self._start(words, log.fileno(), told)
        try:
            code = process.wait(COMMAND_SECONDS)
        finally:
            _end(process)
        said = self._said()
        assert code == 0, f"exit code {code}: {words}\n{said}"
        return said

    def _until(self, command: str, ready: str) -> str:
        """Start a command, wait until it says that it is ready, and stop it as Ctrl-C does."""
        with self.log.open("wb") as log:
            process = self._start(["sh", "-c", self._typed(f"exec {command}")], log.fileno())

        def is_ready() -> bool:
            assert process.poll() is None, self._said()
            return re.search(ready, self._said()) is not None

        try:
            wait_for(is_ready, within=READY_SECONDS, what=f"{command} says {ready!r}")
            if "serve" in ready:
                wait_for(self._is_served, within=READY_SECONDS, what="the served deployment")
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)
        finally:
            _end(process)
        return self._said()

    def _is_served(self) -> bool:
        with suppress(OSError):
            port = self.environment["TIMM_CHARTS_SERVER_PORT"]
            return bool(call(f"http://127.0.0.1:{port}/api/deployments/name/refresh/serve"))
        return False

    def _start(self, words: list[str], log: int, told: str = "") -> subprocess.Popen[bytes]:
        told_file = self.log.with_name("told")
        told_file.write_text(told, encoding="utf-8")
        with told_file.open("rb") as stdin:
            return subprocess.Popen(
                words, cwd=self.checkout, env=dict(self.environment), stdin=stdin, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _typed(self, command: str) -> str:
        return "\n".join([*self.exports, command])

    def _said(self) -> str:
        said = self.log.read_text(encoding="utf-8", errors="replace")
        assert "Traceback" not in said, said
        return said


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _checkout(folder: Path) -> Path:
    """Copy what git tracks, as it is in the working tree, and nothing that this machine has made there."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def _environment(home: Path) -> dict[str, str]:
    """Return the variables of a new user: pip's own of this machine, and nothing of these tests."""
    ours = ("GIT_", "MAKE", "MFLAGS", "PREFECT_", "PYTEST", "PYTHON", "TIMM_CHARTS_", "VIRTUAL_ENV", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    user = Path(pwd.getpwuid(os.getuid()).pw_dir)  # pip looks below HOME for what it was told and has fetched
    pip = {"PIP_CACHE_DIR": user / ".cache" / "pip", "PIP_CONFIG_FILE": user / ".config" / "pip" / "pip.conf"}
    return {
        **{name: str(path) for name, path in pip.items() if path.exists()},
        **kept,
        "HOME": str(home),
        "PIP_NO_COMPILE": "1",  # modules are compiled when they are used, so a minute of installing is saved
        "PYTHON": getattr(sys, "_base_executable", sys.executable),  # the Makefile's, in place of python3
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


@pytest.fixture
def newcomer(tmp_path: Path, real_upstream: str) -> Iterator[Newcomer]:
    """The real upstream is the bundle, the port is a free one; all else is as printed."""
    home, port = tmp_path / "home", free_port()
    home.mkdir()
    here = {"TIMM_CHARTS_UPSTREAM": real_upstream, "TIMM_CHARTS_SERVER_PORT": str(port)}
    instead = {
        "--ref 8fca002c": "--ref upstream-8fca002c",  # the bundle has that commit of timm as a tag
        "http://127.0.0.1:4200/": f"http://127.0.0.1:{port}/",
    }
    try:
        yield Newcomer(
            _checkout(tmp_path / "timm-charts"), _environment(home) | here, instead, tmp_path / "log"
        )
    finally:
        for pid in processes_with(f"HOME={home}\0"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_every_block_of_the_readme_runs_as_it_is_printed(newcomer: Newcomer) -> None:
    said = {}
    for block in readme_blocks():
        assert block.language in {"sh", "python"}, f"a block that nobody runs: {block.text}"
        if block.language == "python":
            said[block.text] = newcomer.run([".venv/bin/python", "-"], told=block.text)
        else:
            said |= {command: newcomer.follow(command) for command in block.commands}

    followed = "\n".join(newcomer.followed)
    assert all(here in followed for here in newcomer.instead.values()), "something else is printed now"
    assert all(start in followed for start in READY), "commands that go on are called otherwise now"
    outputs = newcomer.checkout / "outputs"
    assert [path for path in ("index.html", "explorer.html") if not (outputs / path).is_file()] == []
    assert "infer-amp-" in next(text for snippet, text in said.items() if "duckdb.sql" in snippet)

    stop = re.findall(r"^the Prefect server goes on; to stop it: (.+)$", said["make run"], re.MULTILINE)
    newcomer.follow(*stop)
    mark = f"HOME={newcomer.environment['HOME']}\0"
    wait_for(lambda: not processes_with(mark), within=30, what="nothing of it goes on")
