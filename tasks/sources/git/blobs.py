"""The CSV files of one results commit, out of the object database, checked against their ids."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import NetworkError, UsageError
from tasks.sources.git.errors import DamagedError
from tasks.sources.git.revision import CSV_FILES, holds, results_commits
from tasks.tables.source import ResultsCommit, ResultsTree, SourceFile

if TYPE_CHECKING:
    from tasks.sources.git.clone import Clone

_SHA1_HEX = 40


@dataclass(frozen=True)
class Entry:
    """One line of a folder listing."""

    name: str
    mode: str
    sha: str

    @property
    def is_file(self) -> bool:
        """Tell a regular file from a symlink, a submodule and a folder."""
        return self.mode.startswith("100")


def csv_entries(clone: Clone, sha: str) -> list[Entry]:
    """List the direct ``*.csv`` children of results/, sorted by name."""
    listing = clone.git.local("ls-tree", "-z", sha, "results/")
    entries = []
    for line in listing.split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, _kind, blob = facts.decode().split()
        name = path.removeprefix(b"results/").decode("utf-8", "backslashreplace")
        if name.endswith(".csv"):
            entries.append(Entry(name, mode, blob))
    return sorted(entries, key=lambda entry: entry.name)


def read_tree(clone: Clone, commit: ResultsCommit) -> ResultsTree:
    """Read all CSV files of a commit; what is missing is fetched in one batch."""
    try:
        _fetch_commit_if_missing(clone, commit)
        entries = csv_entries(clone, commit.sha)
        files = [entry for entry in entries if entry.is_file]
        if files:
            _fetch_missing(clone, commit, {entry.sha for entry in files})
    except NetworkError:
        clone.require_sound()  # a broken clone can make a fetch fail too
        raise
    contents = _contents(clone, sorted({entry.sha for entry in files}))
    return ResultsTree(
        commit,
        tuple(SourceFile(entry.name, entry.sha, contents[entry.sha]) for entry in files),
        tuple(entry.name for entry in entries if not entry.is_file),
        last_changes(clone, commit, {entry.name for entry in files}),
    )


def last_changes(clone: Clone, commit: ResultsCommit, names: set[str]) -> dict[str, ResultsCommit]:
    """Return for each file the newest commit, at or before this one, that changed it.

    Merges count only for what they took from no parent. Renames are not looked for: that would need
    the contents of old files, which the clone may not have.
    """
    placed = {at.commit.sha: at.commit for at in results_commits(clone, commit.sha)}
    shown = ("-c", "--date-order", "--name-only", "--no-renames", "-z", "--format=%x01%H")
    log = clone.git.local("-c", "log.showRoot=true", "log", *shown, commit.sha, "--", CSV_FILES)
    found: dict[str, ResultsCommit] = {}
    for block in log.split(b"\x01")[1:]:
        sha, *paths = block.split(b"\0")
        by = placed[sha.decode().strip()]
        for path in paths:
            name = path.strip(b"\n").removeprefix(b"results/").decode("utf-8", "backslashreplace")
            if name in names:
                found.setdefault(name, by)
        if len(found) == len(names):
            break
    return found


def _fetch_commit_if_missing(clone: Clone, commit: ResultsCommit) -> None:
    if holds(clone, commit.sha):
        return
    clone.require_sound()
    if clone.options.offline or not clone.fetch_commit(commit.sha):
        hint = "run once without --offline" if clone.options.offline else "sync again"
        message = f"{clone.shown_url} as fetched has no commit {commit.sha}; {hint}"
        raise UsageError(message)


def _fetch_missing(clone: Clone, commit: ResultsCommit, wanted: set[str]) -> None:
    listed = clone.git.text("rev-list", "--objects", "--missing=print", "--no-walk", f"{commit.sha}:results")
    absent = {line.removeprefix("?") for line in listed.splitlines() if line.startswith("?")}
    missing = sorted(wanted & absent)
    if not missing:
        return
    if clone.options.offline:
        message = (
            f"offline, and {len(missing)} of {len(wanted)} result files of commit {commit.sha[:8]} "
            "were never fetched; run once without --offline"
        )
        raise UsageError(message)
    clone.fetch_blobs(missing)


def _contents(clone: Clone, blobs: list[str]) -> dict[str, bytes]:
    """Read contents by id in one call of git and check each against its id."""
    output = clone.git.local("cat-file", "--batch", stdin="\n".join([*blobs, ""]).encode())
    contents, position = {}, 0
    for blob in blobs:
        end = output.find(b"\n", position)
        header = output[position:end].decode().split()
        if len(header) != 3 or header[1] != "blob":
            message = f"object {blob} is missing"
            raise DamagedError(message)
        data = output[end + 1 : end + 1 + int(header[2])]
        position = end + 1 + int(header[2]) + 1
        if _object_id(data, len(blob)) != blob:
            message = f"object {blob} does not hold what its id says"
            raise DamagedError(message)
        contents[blob] = data
    return contents


def _object_id(data: bytes, length: int) -> str:
    kind = "sha1" if length == _SHA1_HEX else "sha256"
    return hashlib.new(kind, b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()
