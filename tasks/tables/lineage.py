"""Which files a piece of work is made from, and the key it is kept by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.vocabulary import MAIN_TEST_SET
from tasks.tables.filenames import BenchmarkProfile, CsvFile, MetadataFile, TestSetFile


@dataclass(frozen=True)
class Inputs:
    """Everything that a chart is a function of."""

    blobs: Mapping[str, str]  # CSV file -> blob id
    changed_by: str  # the newest commit that changed one of them
    code: str
    preset: str | None


def work_key(*parts: str) -> str:
    """Return a key for a piece of work: the kind of work and 32 hex digits of what it is made from."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return f"{parts[0]}-{digest}"


def merge_files(kinds: Iterable[CsvFile], profiles: Sequence[str]) -> tuple[str, ...]:
    """Return the files that the merged rows of these profiles come from."""
    return _names(k for k in kinds if _is_main(k) or (isinstance(k, BenchmarkProfile) and k.id in profiles))


def evaluation_files(kinds: Iterable[CsvFile]) -> tuple[str, ...]:
    """Return the files that the table evaluations comes from."""
    return _names(k for k in kinds if isinstance(k, TestSetFile | MetadataFile))


def benchmark_files(kinds: Iterable[CsvFile]) -> tuple[str, ...]:
    """Return the files that the table benchmarks comes from."""
    return _names(k for k in kinds if isinstance(k, BenchmarkProfile))


def _is_main(kind: CsvFile) -> bool:
    """Tell whether every merge reads the file: accuracy on the main test set, and what weights saw."""
    return isinstance(kind, MetadataFile) or (
        isinstance(kind, TestSetFile) and kind.test_set == MAIN_TEST_SET
    )


def _names(kinds: Iterable[CsvFile]) -> tuple[str, ...]:
    return tuple(sorted(kind.name for kind in kinds))
