"""The bare partial clone of an upstream: made whole, locked, fetched, checked, and rebuilt.

A clone is made in a sibling folder and renamed into place, so a half-made one never exists at the
final path. Nothing is ever checked out.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import TimmChartsError, UsageError
from tasks.sources.git.errors import DamagedError, explain_local, explain_network, final
from tasks.sources.git.lock import exclusive
from tasks.sources.git.process import GitError, GitRunner
from tasks.sources.git.url import check_url, clone_name, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = Callable[[str, float | None], None]

ORIGIN = "refs/remotes/origin/"
TAGS = "refs/tags/"
WANTED = "refs/wanted/"  # commits asked for by id that no branch or tag holds
_HEAD = f"{ORIGIN}HEAD"
_FETCH = (
    "fetch", "--progress", "--no-write-fetch-head", "--no-recurse-submodules", "--no-tags",
    "--filter=blob:none",
)  # fmt: skip


@dataclass(frozen=True)
class CloneOptions:
    """Which upstream, where its clone is kept, and how long one git command may talk to it."""

    url: str
    cache_dir: Path
    offline: bool = False
    timeout_seconds: float = 600
    name: str | None = None  # what people know the upstream by, where that is not its URL

    @property
    def shown(self) -> str:
        """Return the upstream as people are shown it: never with credentials."""
        return self.name or without_credentials(self.url)


@dataclass(frozen=True)
class RemoteHead:
    """What the upstream says about its HEAD; both are None where it has no commits."""

    branch: str | None
    sha: str | None


def clone_path(options: CloneOptions) -> Path:
    """Return where the clone of this upstream lives."""
    return options.cache_dir / "clones" / clone_name(options.url)


class Clone:
    """One clone, for as long as its lock is held."""

    def __init__(self, options: CloneOptions, path: Path, progress: Progress) -> None:
        self.options = options
        self.path = path
        self.progress = progress
        self.shown_url = without_credentials(options.url)
        self.usable = path.is_dir()

    @cached_property
    def git(self) -> GitRunner:
        """Git inside the clone."""
        return self._runner(self.path)

    def _runner(self, folder: Path) -> GitRunner:
        if self.shown_url == self.options.url:
            return GitRunner(folder)
        # The password goes through the environment: never to the disk, never to the process list.
        return GitRunner(folder, {f"url.{self.options.url}.insteadOf": self.shown_url})

    # --- what is on disk ---

    def require_sound(self) -> None:
        """Check that every commit and folder listing is there; contents come when they are read.

        Raises:
            DamagedError: with the reason.
            UsageError: where git refuses a folder of another user.
        """
        try:
            # First, since git config only ends with 1 where git refuses a folder's owner.
            self.git.local("rev-parse", "--verify", f"{_HEAD}^{{commit}}")
            self.git.local("rev-list", "--objects", "--all", "--filter=blob:none", "--quiet")
            stored = self.git.text("config", "--get", "remote.origin.url")
        except GitError as failure:
            raise explain_local(failure, self.path) from failure
        if stored != self.shown_url:
            message = f"it says that it is of {without_credentials(stored)}"
            raise DamagedError(message)

    def default_branch(self) -> str:
        """Return the branch that the upstream's HEAD named at the last fetch."""
        return self.git.text("symbolic-ref", _HEAD).removeprefix(ORIGIN)

    def branches(self) -> dict[str, str]:
        """Return the upstream's branches and their commits, by name."""
        lines = self.git.text("for-each-ref", "--format=%(objectname) %(refname)", ORIGIN)
        pairs = (line.split(" ", 1) for line in lines.splitlines())
        return {name.removeprefix(ORIGIN): sha for sha, name in pairs if name != _HEAD}

    def clear_leftovers(self) -> None:
        """Remove what a killed run left behind; only the holder of the lock may call this."""
        if self._old.exists() and not self.path.exists():
            self._old.rename(self.path)  # killed between the two renames
            self.usable = self.path.is_dir()
        for folder in (self._old, *self.path.parent.glob(f"{self.path.name}.new-*")):
            _discard(folder)
        for pattern in ("*.lock", "objects/pack/tmp_*"):
            for stale in self.path.rglob(pattern):
                with suppress(OSError):
                    stale.unlink()

    # --- what comes from the upstream ---

    def create(self) -> None:
        """Fetch a new clone and put it in place of whatever is there."""
        self.progress(f"cloning {self.shown_url}", None)
        remote = self._ask_remote(self.path.parent)
        new = Path(tempfile.mkdtemp(prefix=f"{self.path.name}.new-", dir=self.path.parent))
        try:
            self._fill(new, remote)
            if self.path.exists():
                self.path.rename(self._old)
            new.rename(self.path)
        finally:
            _discard(new)
        _discard(self._old)
        self.usable = True

    def update(self) -> None:
        """Fetch what is new, drop what is gone, and follow the default branch."""
        self.progress(f"fetching {self.shown_url}", None)
        remote = self._ask_remote(self.path)
        self._fetch_all(self.path, remote)

    def fetch_commit(self, sha: str) -> bool:
        """Try to fetch one commit that no branch or tag holds; tell whether it came."""
        self.progress(f"fetching commit {sha[:8]}", None)
        try:
            self._fetch(self.path, "origin", f"+{sha}:{WANTED}{sha}")
        except GitError as failure:
            if "not our ref" in failure.stderr or "unadvertised object" in failure.stderr:
                return False
            raise self.explain(failure) from failure
        return True

    def fetch_blobs(self, blobs: list[str]) -> None:
        """Fetch contents by id, all in one request."""
        self.progress(f"fetching {len(blobs)} result files", None)
        wanted = "".join(f"{blob}\n" for blob in blobs).encode()
        try:
            self._fetch(self.path, "--stdin", "origin", stdin=wanted)
        except GitError as failure:
            raise self.explain(failure) from failure

    def explain(self, failure: GitError) -> TimmChartsError:
        """Say why the upstream could not be asked, and what to do next."""
        return explain_network(failure, self.shown_url, self.path, usable=self.usable)

    @property
    def _old(self) -> Path:
        return self.path.with_name(f"{self.path.name}.old")

    def _ask_remote(self, folder: Path) -> RemoteHead:
        arguments = ("ls-remote", "--symref", "--", self.shown_url, "HEAD")
        limit = self.options.timeout_seconds
        try:
            output = self._runner(folder).network(*arguments, limit=limit, on_line=lambda _: None)
        except GitError as failure:
            raise self.explain(failure) from failure
        head = RemoteHead(None, None)
        for line in output.decode("utf-8", "backslashreplace").splitlines():
            value, _, name = line.partition("\t")
            if name == "HEAD" and value.startswith("ref: refs/heads/"):
                head = RemoteHead(value.removeprefix("ref: refs/heads/"), head.sha)
            elif name == "HEAD":
                head = RemoteHead(head.branch, value)
        return head

    def _fill(self, new: Path, remote: RemoteHead) -> None:
        git = GitRunner(new)
        kind = "sha256" if len(remote.sha or "") == 64 else "sha1"
        git.local("init", "--quiet", "--bare", "--template=", f"--object-format={kind}", ".")
        for key, value in (
            ("remote.origin.url", self.shown_url),
            ("remote.origin.fetch", f"+refs/heads/*:{ORIGIN}*"),
            ("remote.origin.fetch", f"+{TAGS}*:{TAGS}*"),
            ("remote.origin.followRemoteHEAD", "never"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", "blob:none"),
        ):
            git.local("config", "--add", key, value)
        self._fetch_all(new, remote)

    def _fetch_all(self, folder: Path, remote: RemoteHead) -> None:
        try:
            self._fetch(folder, "--prune", "origin")
        except GitError as failure:
            raise self.explain(failure) from failure
        default = self._choose_default(remote, Clone(self.options, folder, self.progress).branches())
        GitRunner(folder).local("symbolic-ref", _HEAD, f"{ORIGIN}{default}")

    def _fetch(self, folder: Path, *arguments: str, stdin: bytes = b"") -> None:
        from tasks.sources.git.progress import FetchProgress  # needs git to be installed

        self._runner(folder).network(
            *_FETCH,
            *arguments,
            limit=self.options.timeout_seconds,
            on_line=FetchProgress(self.progress).new_message_handler(),
            stdin=stdin,
        )

    def _choose_default(self, remote: RemoteHead, branches: dict[str, str]) -> str:
        if not branches:
            message = f"upstream {self.shown_url} has no commits yet; check the URL"
            raise UsageError(message)
        if remote.branch in branches:
            return remote.branch
        at_head = [name for name, sha in sorted(branches.items()) if sha == remote.sha]
        usual = [name for name in ("main", "master") if name in branches]
        return (
            next((name for name in usual if name in at_head), None)
            or [
                *at_head,
                *usual,
                *sorted(branches),
            ][0]
        )


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def locked_clone(options: CloneOptions, progress: Progress) -> Iterator[Clone]:
    """Hold the only right to use the clone; turn what the disk refuses into a clear error."""
    check_url(options.url)
    try:
        path = clone_path(options).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        path = path.parent.resolve() / path.name
    except OSError as error:
        raise _unusable_cache(options, error) from error
    lock = path.with_name(f"{path.name}.lock")
    with exclusive(lock, options.timeout_seconds, progress):
        clone = Clone(options, path, progress)
        try:
            clone.clear_leftovers()
            yield clone
        except OSError as error:
            raise _unusable_cache(options, error) from error
        except GitError as failure:
            raise final(explain_local(failure, path), path, offline=options.offline) from failure
        except DamagedError as damage:
            raise final(damage, path, offline=options.offline) from damage


def _unusable_cache(options: CloneOptions, error: OSError) -> UsageError:
    reason = error.strerror or error
    return UsageError(f"cache folder {options.cache_dir}: {reason}; choose one that can be written")
