"""What of the build in the outputs folder can stay, and for everything else why not. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.vocabulary import MAIN_TEST_SET
from tasks.tables.filenames import BenchmarkProfile, CsvFile, MetadataFile, TestSetFile
from tasks.outputs.manifest import ChartEntry, Manifest

_MOST_NAMED: Final = 3  # changed files in a reason


@dataclass(frozen=True)
class Standing:
    """The current build of an outputs folder, and which of its files are missing or altered."""

    manifest: Manifest
    damaged: frozenset[str]

    def is_current(self, build: str) -> bool:
        """Tell whether this is that build, whole: nothing missing or altered, no chart that failed."""
        return self.manifest.build == build and not self.damaged and not self.manifest.failed_charts

    def chart(self, label: str) -> ChartEntry | None:
        """Return a chart of the build, drawn or not."""
        entries = (*self.manifest.charts, *self.manifest.not_drawn)
        return next((entry for entry in entries if entry.label == label), None)


@dataclass(frozen=True)
class Inputs:
    """Everything that a piece of work is a function of."""

    blobs: Mapping[str, str]  # CSV file -> blob id
    changed_by: str  # the newest commit that changed one of them, which a chart names
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


def why_redraw(label: str, now: Inputs, before: Standing | None) -> str | None:
    """Return why a chart of the current build can't stay; None if it can."""
    if before is None:
        return "there is no earlier build"
    manifest, chart = before.manifest, before.chart(label)
    if manifest.code != now.code:
        return "the code or a library changed"
    if manifest.preset != now.preset:
        return f"preset {manifest.preset or 'none'} before, {now.preset or 'none'} now"
    if chart is None:
        return "it is new" if label not in manifest.failed_charts else "it failed before"
    if changed := _changed_files(chart, manifest, now.blobs):
        more = f"; and {len(changed) - _MOST_NAMED} more files" if len(changed) > _MOST_NAMED else ""
        return "; ".join(changed[:_MOST_NAMED]) + more
    if chart.changed_by != now.changed_by:
        return f"the history was rewritten: commit {now.changed_by[:8]}, before {chart.changed_by[:8]}"
    damaged = [path for path in manifest.files_of(chart) if path in before.damaged]
    return f"missing or altered: {', '.join(damaged)}" if damaged else None


def _is_main(kind: CsvFile) -> bool:
    """Tell whether every merge reads the file: accuracy on the main test set, and what weights saw."""
    return isinstance(kind, MetadataFile) or (
        isinstance(kind, TestSetFile) and kind.test_set == MAIN_TEST_SET
    )


def _names(kinds: Iterable[CsvFile]) -> tuple[str, ...]:
    return tuple(sorted(kind.name for kind in kinds))


def _changed_files(chart: ChartEntry, manifest: Manifest, blobs: Mapping[str, str]) -> list[str]:
    old = {file.name: file.blob for file in manifest.source.files if file.name in chart.files}
    words = []
    for name in sorted(old.keys() | blobs.keys()):
        if name not in old:
            words.append(f"{name} is new")
        elif name not in blobs:
            words.append(f"{name} is gone")
        elif old[name] != blobs[name]:
            words.append(f"{name} changed")
    return words
