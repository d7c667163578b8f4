"""Revisions as people write them, and the results commits behind them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.errors import UsageError
from tasks.sources.git.clone import ORIGIN, TAGS
from tasks.tables.history import LoggedCommit, Placed, in_order

if TYPE_CHECKING:
    from tasks.sources.git.clone import Clone

CSV_FILES = ":(glob)results/*.csv"
_SHOWN = 5
_SHORT_HEX = re.compile(r"[0-9a-fA-F]{7,64}")
_NO_REVISION = re.compile(r"^[-/.]|\.\.|@\{|^@$|//|/\.|[\x00-\x20\x7f^:~?*\[\\]|[/.]$|\.lock$|^$")


def check_revision(ref: str | None) -> None:
    """Refuse text that is no branch, tag or commit before git sees it.

    Raises:
        UsageError: says what is valid.
    """
    if ref is not None and _NO_REVISION.search(ref):
        message = f"revision {ref!r} is not valid: give a branch, a tag, or 7 or more hex digits of a commit"
        raise UsageError(message)


def resolve(clone: Clone, ref: str | None) -> str:
    """Return the commit that a branch, tag or (short) commit id means, in this order."""
    for name in full_names(clone, ref):
        found = _commit(clone, name)
        if found is not None:
            return found
    if ref is not None and _SHORT_HEX.fullmatch(ref):
        found = _by_id(clone, ref.lower())
        if found is not None:
            return found
    raise _unknown(clone, ref)


def full_names(clone: Clone, ref: str | None) -> tuple[str, ...]:
    """Return the references in the clone that the text may mean, the strongest first."""
    if ref is None or ref == "HEAD":
        return (f"{ORIGIN}{clone.default_branch()}",)
    if ref.startswith("refs/heads/"):
        return (ORIGIN + ref.removeprefix("refs/heads/"),)
    if ref.startswith(TAGS):
        return (ref,)
    return (ORIGIN + ref, TAGS + ref, ORIGIN + ref.removeprefix("origin/"))


def _commit(clone: Clone, name: str) -> str | None:
    wanted = f"{name}^{{commit}}"
    if not clone.git.succeeds("rev-parse", "--verify", "--quiet", "--end-of-options", wanted):
        return None
    return clone.git.text("rev-parse", "--verify", "--end-of-options", wanted).splitlines()[-1]


def _by_id(clone: Clone, digits: str) -> str | None:
    full = len(clone.git.text("rev-parse", f"{ORIGIN}HEAD"))
    if len(digits) < full:
        return _by_short_id(clone, digits)
    if len(digits) > full:
        return None
    found = _commit(clone, digits) if holds(clone, digits) else None
    if found is None and not clone.options.offline and clone.fetch_commit(digits):
        found = _commit(clone, digits)
    return found


def holds(clone: Clone, sha: str) -> bool:
    """Tell whether the clone has this commit."""
    return clone.git.succeeds("cat-file", "-e", f"{sha}^{{commit}}")


def _by_short_id(clone: Clone, digits: str) -> str | None:
    same = clone.git.local("rev-parse", f"--disambiguate={digits}")
    kinds = clone.git.local("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=same)
    pairs = [line.split() for line in kinds.decode().splitlines()]
    commits = sorted(sha for kind, sha in pairs if kind == "commit")
    if len(commits) > 1:
        listed = ", ".join(sha[: len(digits) + 5] for sha in commits[:_SHOWN])
        message = (
            f"revision {digits!r} is ambiguous in {clone.shown_url}: it may be {listed}; give more digits"
        )
        raise UsageError(message)
    return commits[0] if commits else None


def _unknown(clone: Clone, ref: str | None) -> UsageError:
    default = clone.default_branch()
    branches = sorted(clone.branches(), key=lambda name: (name != default, name))
    order = ("--sort=refname", "--sort=-creatordate")  # the last one counts most
    tags = clone.git.text(
        "for-each-ref", *order, f"--count={_SHOWN}", "--format=%(refname:lstrip=2)", TAGS
    ).splitlines()
    there = ", ".join(branches[:_SHOWN]) + (", …" if len(branches) > _SHOWN else "")
    where = f"{clone.shown_url} (offline: as last fetched)" if clone.options.offline else clone.shown_url
    return UsageError(
        f"unknown revision {ref!r} in {where}: not a branch, tag or commit; "
        f"branches there: {there}; newest tags: {', '.join(tags) or 'none'}"
    )


def results_commits(clone: Clone, *heads: str) -> list[Placed]:
    """Return the commits up to these heads that changed a results CSV, oldest first."""
    how = ("--timestamp", "--parents", "--topo-order", "--reverse")
    lines = clone.git.text("rev-list", *how, *heads, "--", CSV_FILES)
    return in_order(map(_logged, lines.splitlines()))


def _logged(line: str) -> LoggedCommit:
    seconds, sha, *parents = line.split()
    return LoggedCommit(sha, datetime.fromtimestamp(int(seconds), UTC), tuple(parents))


def find_commit(clone: Clone, digits: str) -> str | None:
    """Return the commit with this id, or the only one whose id begins so; None if the clone has none."""
    found = _commit(clone, digits)
    return found if found is not None and found.startswith(digits) else None
