"""What each CSV of the results commit is, and how many of its rows were read, used and rejected."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.outputs.manifest import FileKind, Rows, SourceEntry
from tasks.tables.filenames import BenchmarkProfile, CsvFile, MetadataFile, TestSetFile
from tasks.tables.snapshot import UsedFile
from tasks.tables.source import SourceFile


def source_entry(
    file: SourceFile, kind: CsvFile, used: UsedFile | None, error: str | None
) -> SourceEntry:
    """Account for one CSV; ``used`` is None for files that were not, with the reason in ``error``."""
    named = {"name": file.name, "blob": file.blob, "kind": _kind(kind), "subject": _subject(kind)}
    if used is None:
        return SourceEntry(**named, error=error)
    return SourceEntry(
        **named,
        columns=len(used.header),
        rows_in=used.rows_in,
        rows_out=used.rows_out,
        rows_rejected=used.rows_rejected,
        ignored_columns=used.ignored_columns,
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
