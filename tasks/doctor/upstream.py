"""Checks of git, of the clone, and of the way to the upstream. Nothing is fetched or written."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import NetworkError, TimmChartsError, UsageError
from tasks.doctor.check import Finding, in_words, ok, problem, split, warning
from tasks.sources.git.clone import Clone, CloneOptions, clone_path
from tasks.sources.git.errors import DamagedError
from tasks.sources.git.process import GitError, GitRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST_GIT = (2, 36)  # the version that git_process asks for
INSTALL = f"install git {'.'.join(map(str, OLDEST_GIT))} or newer and see that it is on the PATH"
_NOT_CHECKED = "not checked, because git can't be used"
_SAMPLE_INSTEAD = "to see the job without the network: timm-charts refresh --upstream sample"


def git() -> Finding:
    """Find git and compare its version."""
    try:
        said = GitRunner(Path(tempfile.gettempdir())).text("version")
    except UsageError as error:
        return problem(str(error).partition(":")[0], INSTALL)
    except Exception as error:  # GitPython has several for a program that can't be started
        if _git_works():
            raise
        return problem(f"git could not be started ({type(error).__name__})", INSTALL)
    numbers = re.search(r"(\d+)\.(\d+)", said)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST_GIT:
        return problem(f"{said} is too old", INSTALL)
    where = shutil.which(os.environ.get("GIT_PYTHON_GIT_EXECUTABLE") or "git")
    return ok(f"{said.removeprefix('git version ')} ({where})")


def clone(options: CloneOptions) -> Finding:
    """Look whether the clone is there and whole."""
    path = clone_path(options)
    if not path.is_dir():
        if options.offline:
            return problem(f"offline, and there is none at {path}", "run once without offline")
        return ok("none yet; made by the first run")
    if not _git_works():
        return warning(f"{_NOT_CHECKED}: {path}", "see git above")
    try:
        Clone(options, path, _nothing_said).require_sound()
    except DamagedError as damage:
        found = f"damaged ({damage}): {path}"
        if options.offline:
            return problem(found, "run once without offline: it is then made anew")
        return warning(found, "the next run makes it anew, which needs the network")
    size = in_words(sum(_sizes(path)))
    return ok(f"whole, {size}, last fetched {_last_fetch(path)}: {path}")


def upstream(options: CloneOptions, seconds: float) -> Finding:
    """Ask the upstream for its newest commit, as the first step of a run does."""
    if options.offline:
        return ok("not asked, because offline is set")
    if not _git_works():
        return warning(_NOT_CHECKED, "see git above")
    with tempfile.TemporaryDirectory() as empty:
        here = Clone(options, Path(empty), _nothing_said)
        arguments = ("ls-remote", "--", here.shown_url, "HEAD")
        try:
            answer = here.git.network(*arguments, limit=seconds, on_line=lambda _line: None)
        except GitError as failure:
            here.usable = clone_path(options).is_dir()
            return _unreachable(here.explain(failure), usable=here.usable)
    sha = answer.decode("ascii", "replace")[:8]
    if not sha:
        # Also where HEAD names a branch that is not there; a run then takes another one.
        return warning(f"{here.shown_url} answers and has no commit at its HEAD", "check the URL")
    return ok(f"{here.shown_url} answers; its newest commit is {sha}")


def _unreachable(error: TimmChartsError, *, usable: bool) -> Finding:
    finding = split(error)
    found = finding.found.removeprefix("upstream ")
    if not isinstance(error, NetworkError):
        return problem(found, finding.remedy or "check the URL")
    remedy = "check the URL and the network (behind a proxy, set https_proxy)"
    if usable:
        remedy += "; to use the clone fetched before: timm-charts refresh --offline"
    return problem(found, f"{remedy}; {_SAMPLE_INSTEAD}")


def _git_works() -> bool:
    """Tell whether git can be started at all; the check of git itself says why not."""
    return shutil.which(os.environ.get("GIT_PYTHON_GIT_EXECUTABLE") or "git") is not None


def _last_fetch(path: Path) -> str:
    """Return when the upstream's HEAD was last recorded, which every fetch does."""
    moment = datetime.fromtimestamp((path / "refs/remotes/origin/HEAD").stat().st_mtime, UTC)
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        with suppress(OSError):  # a run may be at work there
            yield path.lstat().st_size


def _nothing_said(_message: str, _share: float | None) -> None:
    """Take progress and say nothing."""
