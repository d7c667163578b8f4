"""Make the manifest of a build from everything the run found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from config.contracts import COMMITS, MERGED
from tasks.outputs.accounting import count_rows, source_entry
from tasks.outputs.code_version import code_version, library_versions
from tasks.outputs.layout import table_file
from tasks.outputs.local import file_digests
from tasks.outputs.manifest import (
    MANIFEST_VERSION,
    Asked,
    ChartEntry,
    Manifest,
    SnapshotEntry,
    Source,
    SourceEntry,
)
from tasks.outputs.older import Older
from tasks.outputs.parquet import rows_in_file
from tasks.tables.commits import SnapshotFacts, commits_table
from tasks.tables.snapshot import Snapshot, WantedFile
from tasks.tables.source import ResultsTree, SyncReport


@dataclass(frozen=True)
class Drawn:
    """Charts that are there, would have been empty, or failed."""

    charts: tuple[ChartEntry, ...]
    not_drawn: tuple[ChartEntry, ...]
    failed: Mapping[str, str]  # label -> why
    kept: frozenset[str]  # labels of those that stayed as they were, drawn or not

    @property
    def stayed(self) -> int:
        """Return how many of the charts that are there were not drawn by this run."""
        return sum(chart.label in self.kept for chart in self.charts)


@dataclass(frozen=True)
class BuildFacts:
    """What a build was asked for, where it comes from and what was read for it."""

    asked: Asked
    report: SyncReport
    link: str | None  # to the results commit, where people can look at it
    tree: ResultsTree
    wanted: tuple[WantedFile, ...]
    unknown: tuple[WantedFile, ...]
    snapshot: Snapshot


def make_manifest(
    facts: BuildFacts,
    tables: Mapping[str, pd.DataFrame],
    drawn: Drawn,
    failures: Sequence[str],
    build: Path,
    snapshots: Mapping[str, SnapshotEntry],
) -> Manifest:
    """Return the manifest of a build whose other files are all written.

    Args:
        facts: Where the build comes from.
        tables: Of the snapshot, by name; and ``commits``.
        drawn: The charts.
        failures: Everything that went wrong, in words.
        build: The folder.
        snapshots: All in the build, as `snapshot_entries` gives them.
    """
    asked, commit = facts.asked, facts.report.results
    source = _source(facts)
    return Manifest(
        manifest_version=MANIFEST_VERSION,
        build=asked.build_id(commit.sha, code_version()),
        snapshot=commit.snapshot_id,
        upstream=asked.upstream,
        sample=asked.sample,
        preset=asked.preset,
        profiles=asked.profiles,
        source=source,
        rows=count_rows(source.files),
        # Of ``commits`` the one row of this snapshot: the others have theirs in folders of their own.
        tables={name: len(frame) for name, frame in tables.items()} | {COMMITS.name: 1},
        charts=drawn.charts,
        not_drawn=drawn.not_drawn,
        failures=tuple(failures),
        failed_charts=tuple(drawn.failed),
        snapshots=dict(snapshots),
        files=file_digests(build),
        versions=library_versions(),
    )


def snapshot_entries(facts: BuildFacts, older: Sequence[Older]) -> dict[str, SnapshotEntry]:
    """Return how each snapshot in the build was made: the ones kept and the new one, in the order of their ids."""
    commit, previous = facts.report.results, facts.report.previous
    entries = {one.snapshot_id: one.entry for one in older}
    entries[commit.snapshot_id] = SnapshotEntry(
        commit=commit.sha,
        committed_at=commit.time,
        previous_snapshot=previous.snapshot_id if previous else None,
        preset=facts.asked.preset,
        profiles=facts.asked.profiles,
        code=code_version(),
    )
    return dict(sorted(entries.items()))


def commits_of(facts: BuildFacts, entries: Mapping[str, SnapshotEntry], build: Path) -> pd.DataFrame:
    """Return the table ``commits`` of a build that the older snapshots have been carried over to."""
    current = facts.report.results.snapshot_id
    rows = {name: rows_in_file(build / table_file(MERGED, name)) for name in entries if name != current}
    rows[current] = len(facts.snapshot.merged)
    about = [
        SnapshotFacts(name, entry.commit, entry.committed_at, entry.previous_snapshot, rows[name])
        for name, entry in entries.items()
    ]
    return commits_table(about, current)


def _source(facts: BuildFacts) -> Source:
    commit, previous = facts.report.results, facts.report.previous
    return Source(
        commit=commit.sha,
        committed_at=commit.committed_at.isoformat(),
        previous_commit=previous.sha if previous else None,
        previous_snapshot=previous.snapshot_id if previous else None,
        link=facts.link,
        files=_entries(facts),
        odd_entries=facts.tree.odd_entries,
    )


def _entries(facts: BuildFacts) -> tuple[SourceEntry, ...]:
    used, unusable = {file.kind.name: file for file in facts.snapshot.used}, facts.snapshot.unusable
    entries = [
        source_entry(file.source, file.kind, used.get(file.source.name), unusable.get(file.source.name))
        for file in (*facts.wanted, *facts.unknown)
    ]
    return tuple(sorted(entries, key=lambda entry: entry.name))
