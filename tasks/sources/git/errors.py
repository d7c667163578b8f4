"""What a failed git command means for a person: the network, the disk, a login, or damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import NetworkError, TimmChartsError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tasks.sources.git.process import GitError

_WANTS_LOGIN = (
    "could not read Username", "could not read Password", "terminal prompts disabled",
    "Authentication failed", "Permission denied (", "Host key verification failed",
)  # fmt: skip
_DISK = (
    "No space left on device", "insufficient permission for adding", "Disk quota exceeded",
    "unable to create temporary file", "Read-only file system",
)  # fmt: skip


class DamagedError(Exception):
    """The clone on disk cannot be used; never leaves this room."""


def explain_local(failure: GitError, path: Path) -> Exception:
    """Say whether a failed local command means damage or something that a person must do."""
    common = _ownership_or_disk(failure, path)
    if common is not None:
        return common
    if failure.timed_out:
        return TimmChartsError(f"clone {path}: {failure}; is the disk overloaded? Try again")
    return DamagedError(failure.reason)


def explain_network(failure: GitError, shown_url: str, path: Path, *, usable: bool) -> TimmChartsError:
    """Say why the upstream could not be asked, and what to do next.

    Args:
        failure: Of a command that talks to the upstream.
        shown_url: Of the upstream, without credentials.
        path: Of the clone.
        usable: There is a clone to fall back on.
    """
    common = _ownership_or_disk(failure, path)
    if common is not None:
        return common
    where = f"upstream {shown_url}"
    if any(words in failure.stderr for words in _WANTS_LOGIN):
        hint = "check the URL, or give git a key or a credential helper that needs no prompt"
        return UsageError(f"{where} wants a login: {failure.reason}; {hint}")
    if failure.stderr.startswith("fatal: transport "):
        hint = "your git configuration rewrites the URL to one that is not https, ssh or file"
        return UsageError(f"{where}: {failure.reason}; {hint}")
    hint = "check the URL and the network"
    if usable:
        hint += ", or pass --offline to use the clone fetched before"
    return NetworkError(f"{where} could not be reached: {failure.reason}; {hint}")


def final(error: Exception, path: Path, *, offline: bool) -> Exception:
    """Return the error for the user; damage of the clone that could not be mended says what mends it."""
    if not isinstance(error, DamagedError):
        return error
    hint = "run once without --offline to rebuild it" if offline else "delete it"
    return UsageError(f"the clone {path} is damaged ({error}); {hint}")


def _ownership_or_disk(failure: GitError, path: Path) -> TimmChartsError | None:
    if "dubious ownership" in failure.stderr:
        return UsageError(
            f"git refuses a repository that belongs to another user: {failure.reason}; change its "
            "owner, or trust it with: git config --global --add safe.directory <that folder>"
        )
    if any(words in failure.stderr for words in _DISK):
        return TimmChartsError(f"cannot write the clone {path}: {failure.reason}; make room there")
    return None
