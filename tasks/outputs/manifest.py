"""The manifest: what the outputs are, where every number comes from, and how many rows went where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from tasks.outputs.layout import chart_file
from tasks.tables.source import snapshot_in_words

MANIFEST_VERSION: Final = 3
FileKind = Literal["evaluations", "benchmarks", "metadata", "unknown"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceEntry(_Record):
    """One CSV of the results commit: what it is and how many of its rows were used."""

    name: str
    blob: str
    kind: FileKind
    subject: str | None = None  # test set or profile
    columns: int | None = None
    rows_in: int = 0
    rows_out: int = 0
    rows_rejected: int = 0
    ignored_columns: tuple[str, ...] = ()
    error: str | None = None


class Source(_Record):
    """The results commit."""

    commit: str
    committed_at: str  # ISO 8601 with the committer's zone
    previous_commit: str | None
    previous_snapshot: str | None
    link: str | None
    files: tuple[SourceEntry, ...]
    odd_entries: tuple[str, ...]  # links and submodules in results/ that are not read


class Rows(_Record):
    """Rows of the CSV files that were read, used and rejected; rows_in is the sum of the other two."""

    rows_in: int
    rows_out: int
    rows_rejected: int


class ChartEntry(_Record):
    """One chart, the rows it shows and leaves out, and what it is made from."""

    profile: str
    name: str
    title: str
    question: str
    category: str
    description: str
    rows: int
    left_out: dict[str, int]
    files: tuple[str, ...]  # CSV files it is made from
    changed_by: str  # the newest commit that changed one of them
    reason: str = ""  # why there is no picture; empty for a drawn chart

    @property
    def label(self) -> str:
        """Return ``<profile>/<name>``."""
        return f"{self.profile}/{self.name}"


class SnapshotEntry(_Record):
    """How one snapshot in the folder was made."""

    commit: str  # its first 8 digits where no manifest says more
    committed_at: str | None = None  # ISO 8601 in UTC; None: made before version 3 and not found upstream
    previous_snapshot: str | None = None
    preset: str | None
    profiles: tuple[str, ...]
    code: str  # empty where no manifest says it


class Manifest(_Record):
    """Everything about one build of the outputs folder. No time of making: same input, same bytes."""

    manifest_version: int
    build: str
    snapshot: str
    upstream: str
    sample: bool
    preset: str | None
    profiles: tuple[str, ...]
    source: Source
    rows: Rows
    tables: dict[str, int]
    charts: tuple[ChartEntry, ...]
    not_drawn: tuple[ChartEntry, ...]  # charts that would have been empty
    failures: tuple[str, ...]
    failed_charts: tuple[str, ...]  # labels; the next run tries them again
    snapshots: dict[str, SnapshotEntry]
    files: dict[str, str]  # path -> sha256
    versions: dict[str, str]

    @property
    def in_words(self) -> str:
        """Return the snapshot as people are shown it."""
        return snapshot_in_words(self.snapshot)

    @property
    def asked_in_words(self) -> str:
        """Return which benchmark profiles the build was asked to be of."""
        return profiles_in_words(self.profiles)

    @property
    def code(self) -> str:
        """Return the version of the code that made the build."""
        return self.snapshots[self.snapshot].code

    def files_of(self, chart: ChartEntry) -> tuple[str, ...]:
        """Return the paths of a chart's files."""
        start = chart_file(chart.label)
        return tuple(path for path in self.files if path.startswith(start))


def profiles_in_words(globs: Sequence[str]) -> str:
    """Return which benchmark profiles are asked for."""
    named = " or ".join(f"`{glob}`" for glob in globs)
    return f"only benchmark profiles that match {named}" if globs else "all benchmark profiles"


@dataclass(frozen=True)
class Asked:
    """What a build is asked to be of, besides the results commit."""

    upstream: str  # as people are shown it: no credentials
    sample: bool  # the made-up upstream
    preset: str | None
    profiles: tuple[str, ...]  # globs; empty: all

    def build_id(self, commit: str, code: str) -> str:
        """Return the id of the build: the same for the same results commit, code and wishes."""
        facts = {"commit": commit, "code": code, **asdict(self), "profiles": sorted(self.profiles)}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
