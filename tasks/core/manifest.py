"""The manifest: what the outputs are, where every number comes from, and how many rows went where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from tasks.core.filenames import BenchmarkProfile, CsvFile, MetadataFile, TestSetFile
from tasks.core.parse import ParsedFile
from tasks.core.source import SourceFile

MANIFEST_VERSION: Final = 1
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
    link: str | None
    files: tuple[SourceEntry, ...]
    odd_entries: tuple[str, ...]  # links and submodules in results/ that are not read


class Rows(_Record):
    """Rows of the CSV files that were read, used and rejected; rows_in is the sum of the other two."""

    rows_in: int
    rows_out: int
    rows_rejected: int


class ChartEntry(_Record):
    """One chart and the rows it shows and leaves out."""

    profile: str
    name: str
    title: str
    question: str
    category: str
    description: str
    rows: int
    left_out: dict[str, int]


class SnapshotEntry(_Record):
    """How one snapshot in the folder was made."""

    commit: str
    preset: str | None
    profiles: tuple[str, ...]
    code: str


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
    not_drawn: tuple[str, ...]  # charts that would have been empty, and why
    failures: tuple[str, ...]
    snapshots: dict[str, SnapshotEntry]
    files: dict[str, str]  # path -> sha256
    versions: dict[str, str]


def build_id(commit: str, code: str, settings: Mapping[str, object]) -> str:
    """Return the id of a build: the same for the same results commit, code and settings."""
    text = json.dumps({"commit": commit, "code": code, **settings}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def source_entry(
    file: SourceFile, kind: CsvFile, parsed: ParsedFile | None, error: str | None
) -> SourceEntry:
    """Describe one CSV; ``parsed`` is None for files that were not used, with the reason in ``error``."""
    named = {"name": file.name, "blob": file.blob, "kind": _kind(kind), "subject": _subject(kind)}
    if parsed is None:
        return SourceEntry(**named, error=error)
    return SourceEntry(
        **named,
        columns=len(parsed.header),
        rows_in=parsed.rows_in,
        rows_out=len(parsed.frame),
        rows_rejected=parsed.rows_rejected,
        ignored_columns=parsed.ignored_columns,
    )


def count_rows(entries: Sequence[SourceEntry]) -> Rows:
    """Add up the rows of all files."""
    return Rows(
        rows_in=sum(entry.rows_in for entry in entries),
        rows_out=sum(entry.rows_out for entry in entries),
        rows_rejected=sum(entry.rows_rejected for entry in entries),
    )


def _kind(kind: CsvFile) -> FileKind:
    if isinstance(kind, TestSetFile):
        return "evaluations"
    if isinstance(kind, BenchmarkProfile):
        return "benchmarks"
    return "metadata" if isinstance(kind, MetadataFile) else "unknown"


def _subject(kind: CsvFile) -> str | None:
    if isinstance(kind, TestSetFile):
        return kind.test_set
    return kind.id if isinstance(kind, BenchmarkProfile) else None
