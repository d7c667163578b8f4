"""Records that describe where results come from: the upstream, a results commit and its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class ResultsCommit:
    """The last upstream commit, at or before the wanted revision, that changed a results CSV."""

    sha: str
    committed_at: datetime  # committer date, with a time zone
    placed_at: datetime | None = None  # instead of it in the id, where it is not after the commit before

    @property
    def snapshot_id(self) -> str:
        """``YYYY-MM-DDTHHMMSSZ-<first 8 hex>``, in UTC: the order of the text is the order of history."""
        return f"{(self.placed_at or self.committed_at).astimezone(UTC):%Y-%m-%dT%H%M%SZ}-{self.sha[:8]}"

    @property
    def in_words(self) -> str:
        """Return the snapshot as people are shown it."""
        return snapshot_in_words(self.snapshot_id)

    @property
    def date(self) -> str:
        """Return the day of the commit, in UTC."""
        return self.time[:10]

    @property
    def time(self) -> str:
        """Return when it was committed: ISO 8601 in UTC, to the second."""
        return f"{self.committed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def snapshot_in_words(snapshot_id: str) -> str:
    """Return date and hash of a snapshot, such as ``2024-09-05 ee5b1e82``: what people are shown."""
    return f"{snapshot_id[:10]} {snapshot_id.split('-', 3)[-1]}"


@dataclass(frozen=True)
class SourceFile:
    """One CSV of ``results/`` at one commit."""

    name: str  # without the folder, such as results-imagenet.csv
    blob: str  # git object id of the content
    data: bytes

    def where(self, commit: ResultsCommit) -> str:
        """Return ``results/<name>@<8 hex>`` for messages."""
        return f"results/{self.name}@{commit.sha[:8]}"


@dataclass(frozen=True)
class SyncReport:
    """What a sync of the clone found; everything in it is shown to the user."""

    url: str  # without credentials
    ref: str | None  # as asked for; None is the default branch
    default_branch: str
    head: str  # commit the wanted revision resolves to
    results: ResultsCommit
    previous: ResultsCommit | None  # the results commit before it, for the changes table
    notes: tuple[str, ...]  # cloned, rebuilt, forced push followed, default branch renamed, offline


@dataclass(frozen=True)
class ResultsTree:
    """The CSV files of one results commit, sorted by name, and entries that are no regular files."""

    commit: ResultsCommit
    files: tuple[SourceFile, ...]
    odd_entries: tuple[str, ...]  # symlinks and submodules in results/ ending in .csv: reported, not read
    changed_by: Mapping[str, ResultsCommit] = field(default_factory=dict)  # file -> commit that made it so

    def last_change(self, names: Iterable[str]) -> ResultsCommit:
        """Return the newest commit that changed one of these files."""
        commits = [self.changed_by.get(name, self.commit) for name in names]
        return max(commits, key=lambda commit: commit.snapshot_id, default=self.commit)
