"""What the job needs of the upstream's repository: sync it, read results, list the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import UsageError
from tasks.sources.git.blobs import csv_entries, read_tree
from tasks.sources.git.clone import (
    ORIGIN,
    TAGS,
    Clone,
    CloneOptions,
    clone_path,
    locked_clone,
)
from tasks.sources.git.errors import DamagedError, explain_local
from tasks.sources.git.process import GitError
from tasks.sources.git.revision import (
    check_revision,
    find_commit,
    full_names,
    resolve,
    results_commits,
)
from tasks.sources.git.url import check_url, web_link, without_credentials
from tasks.tables.history import Placed
from tasks.tables.source import ResultsCommit, ResultsTree, SyncReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    Progress = Callable[[str, float | None], None]

__all__ = [
    "CloneOptions",
    "check_revision",
    "check_url",
    "clone_path",
    "find_results_commits",
    "read_results",
    "results_history",
    "sync",
    "web_link",
    "without_credentials",
]


def sync(options: CloneOptions, ref: str | None, on_progress: Progress) -> SyncReport:
    """Bring the clone up to date and find the results commit of a revision.

    Args:
        options: Upstream, place of the clone, time limit of each git command.
        ref: Branch, tag or commit; None is the upstream's default branch.
        on_progress: Gets a message and the finished share (0 to 1) where it is known.

    Raises:
        NetworkError: the upstream could not be reached; worth another try.
        UsageError: anything else that a person has to change.
    """
    check_revision(ref)
    with locked_clone(options, on_progress) as clone:
        notes = _bring_up_to_date(clone, ref)
        head = resolve(clone, ref)
        newest = _results_up_to(clone, ref, head)[-1]
        if newest.note is not None:
            notes.append(newest.note)
        if options.offline:
            day = newest.commit.date
            notes.append(f"offline: using the clone fetched before; its results are of {day}")
        return SyncReport(
            clone.shown_url,
            ref,
            clone.default_branch(),
            head,
            newest.commit,
            newest.previous,
            tuple(notes),
        )


def read_results(options: CloneOptions, commit: ResultsCommit, on_progress: Progress) -> ResultsTree:
    """Read every CSV of ``results/`` at one commit; what is missing is fetched in one batch.

    Raises:
        NetworkError: files had to be fetched and the upstream could not be reached.
        UsageError: offline and files are missing, or the upstream no longer has the commit.
    """
    with locked_clone(options, on_progress) as clone:
        _require_clone(clone)
        try:
            return read_tree(clone, commit)
        except (DamagedError, GitError) as error:
            reason = explain_local(error, clone.path) if isinstance(error, GitError) else error
            if options.offline or not isinstance(reason, DamagedError):
                raise
            on_progress(f"the clone was damaged ({reason}); rebuilding it", None)
            clone.usable = False
            clone.create()
            return read_tree(clone, commit)


def results_history(
    options: CloneOptions,
    ref: str | None,
    since: date | None = None,
    until: date | None = None,
    on_progress: Progress = lambda _message, _share: None,
) -> tuple[ResultsCommit, ...]:
    """Return the results commits at or before a revision, oldest first, without fetching.

    Args:
        options: Upstream and place of the clone; call ``sync`` first to have it up to date.
        ref: As for ``sync``.
        since: First day (UTC date of the commit) to keep.
        until: Last day to keep.
        on_progress: As for ``sync``.
    """
    check_revision(ref)
    with locked_clone(options, on_progress) as clone:
        _require_clone(clone)
        head = resolve(clone, ref)
        commits = (at.commit for at in _results_up_to(clone, ref, head))
        return tuple(
            commit
            for commit in commits
            if (since is None or commit.committed_at.date() >= since)
            and (until is None or commit.committed_at.date() <= until)
        )


def find_results_commits(
    options: CloneOptions,
    ids: Iterable[str],
    on_progress: Progress = lambda _message, _share: None,
) -> dict[str, Placed]:
    """Return the results commits that the clone has, by the id given for each, without fetching.

    Args:
        options: Upstream and place of the clone; call ``sync`` first to have it up to date.
        ids: Commits, in full or by their first digits.
        on_progress: As for ``sync``.
    """
    with locked_clone(options, on_progress) as clone:
        _require_clone(clone)
        there = {digits: sha for digits in ids if (sha := find_commit(clone, digits)) is not None}
        if not there:
            return {}
        placed = {at.commit.sha: at for at in results_commits(clone, *sorted(set(there.values())))}
        return {digits: placed[sha] for digits, sha in there.items() if sha in placed}


# --- sync ---


@dataclass(frozen=True)
class _Before:
    """What the clone knew before the fetch, to tell what the upstream rewrote."""

    default: str
    branches: dict[str, str]
    tag: str | None


def _bring_up_to_date(clone: Clone, ref: str | None) -> list[str]:
    if not clone.usable or clone.options.offline:
        created = _require_clone(clone)
        if clone.options.offline:
            clone.require_sound()
        return created
    try:
        clone.require_sound()
    except DamagedError as damage:
        clone.usable = False
        clone.progress(f"the clone was damaged ({damage}); rebuilding it", None)
        clone.create()
        return [f"the clone was damaged ({damage}) and has been rebuilt"]
    before = _Before(clone.default_branch(), clone.branches(), _tag(clone, ref))
    clone.update()
    return _rewrites(clone, ref, before)


def _require_clone(clone: Clone) -> list[str]:
    if clone.usable:
        return []
    if clone.options.offline:
        message = (
            f"offline, and there is no clone of {clone.shown_url} in {clone.options.cache_dir}; "
            "run once without --offline"
        )
        raise UsageError(message)
    clone.create()
    return [f"cloned {clone.shown_url}"]


def _tag(clone: Clone, ref: str | None) -> str | None:
    name = next((name for name in full_names(clone, ref) if name.startswith(TAGS)), None)
    if name is None or not clone.git.succeeds("rev-parse", "--verify", "--quiet", name):
        return None
    return clone.git.text("rev-parse", "--verify", name)


def _rewrites(clone: Clone, ref: str | None, before: _Before) -> list[str]:
    notes = []
    default, branches = clone.default_branch(), clone.branches()
    if default != before.default:
        notes.append(f"the upstream's default branch was {before.default} and is {default} now")
    wanted = [name.removeprefix(ORIGIN) for name in full_names(clone, ref)]
    for name in dict.fromkeys([default, *wanted]):
        earlier = before.default if name == default and name not in before.branches else name
        old, new = before.branches.get(earlier), branches.get(name)
        if old and new and not clone.git.succeeds("merge-base", "--is-ancestor", old, new):
            notes.append(
                f"the upstream rewrote branch {name} (forced push): "
                f"{old[:8]} is no longer part of it, followed to {new[:8]}"
            )
    tag = _tag(clone, ref)
    if before.tag and tag and tag != before.tag:
        notes.append(f"the upstream moved tag {ref} from {before.tag[:8]} to {tag[:8]}")
    return notes


def _results_up_to(clone: Clone, ref: str | None, head: str) -> list[Placed]:
    """Return the results commits up to head, oldest first; there is one, and it has CSV files."""
    commits = results_commits(clone, head)
    at = ref or clone.default_branch()
    if not commits:
        message = (
            f"upstream {clone.shown_url} is no timm repository: it has no results/*.csv at {at}; "
            "check the URL and the revision"
        )
        raise UsageError(message)
    newest = commits[-1].commit
    if not csv_entries(clone, newest.sha):
        message = (
            f"upstream {clone.shown_url} has no results/*.csv at {at}: commit {newest.sha[:8]} of "
            f"{newest.date} deleted the last of them; give an older revision"
        )
        raise UsageError(message)
    return commits
