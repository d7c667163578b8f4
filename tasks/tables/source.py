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

    @property
    def snapshot_id(self) -> str:
        """``YYYY-MM-DD-<first 8 hex>`` with the commit's date in UTC."""
        return f"{self.committed_at.astimezone(UTC):%Y-%m-%d}-{self.sha[:8]}"


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
        return max(commits, key=lambda c: (c.committed_at, c.sha), default=self.commit)
