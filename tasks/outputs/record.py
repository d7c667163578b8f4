"""Make the manifest of a build from everything the run found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from config.vocabulary import MAIN_TEST_SET, TEST_SETS
from tasks.outputs.code_version import code_version, library_versions
from tasks.pages.gallery import Gallery, Heading
from tasks.outputs.local import file_digests, read_manifest
from tasks.sources.git.url import web_link
from tasks.outputs.accounting import count_rows, source_entry
from tasks.tables.filenames import BenchmarkProfile
from tasks.outputs.manifest import (
    MANIFEST_VERSION,
    ChartEntry,
    Manifest,
    SnapshotEntry,
    Source,
    SourceEntry,
)
from tasks.tables.parse import ParsedFile
from tasks.tables.profiles import ranked_profiles
from tasks.tables.snapshot import WantedFile
from tasks.tables.source import ResultsTree, SyncReport
from tasks.runs.plan import RunPlan


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
    """Where a build comes from and what was read for it."""

    plan: RunPlan
    report: SyncReport
    tree: ResultsTree
    wanted: tuple[WantedFile, ...]
    unknown: tuple[WantedFile, ...]
    parsed: tuple[ParsedFile, ...]
    errors: Mapping[str, str]


def gallery(
    facts: BuildFacts, tables: Mapping[str, pd.DataFrame], drawn: Drawn, failures: Sequence[str]
) -> Gallery:
    """Return everything that the gallery says."""
    return Gallery(
        heading=_heading(facts),
        charts=drawn.charts,
        profiles=_profiles(facts, tables),
        changes=tables["changes"] if facts.report.previous else None,
        coverage=tables["coverage"],
        rejects=tables["rejects"],
        problems=failures,
        not_drawn=[f"{chart.label}: {chart.reason}" for chart in drawn.not_drawn],
    )


def _profiles(facts: BuildFacts, tables: Mapping[str, pd.DataFrame]) -> dict[str, BenchmarkProfile]:
    """Return the merged profiles, the one most people want first."""
    kinds = {f.kind.id: f.kind for f in facts.wanted if isinstance(f.kind, BenchmarkProfile)}
    sizes: dict[Any, int] = tables["merged"].groupby("profile").size().to_dict()
    return {row.profile: kinds[row.profile] for row in ranked_profiles(tables["benchmarks"], sizes)}


def _heading(facts: BuildFacts) -> Heading:
    commit = facts.report.results
    return Heading(
        snapshot=commit.snapshot_id,
        commit=commit.sha[:8],
        date=commit.snapshot_id[:10],
        link=_link(facts),
        preset=facts.plan.settings.preset,
        test_set=TEST_SETS[MAIN_TEST_SET],
        sample=facts.plan.is_sample,
    )


def describe(
    facts: BuildFacts,
    tables: Mapping[str, pd.DataFrame],
    drawn: Drawn,
    failures: Sequence[str],
    build: Path,
) -> Manifest:
    """Return the manifest of a build whose files are all written."""
    plan, commit = facts.plan, facts.report.results
    entries = _entries(facts)
    return Manifest(
        manifest_version=MANIFEST_VERSION,
        build=plan.build_of(commit),
        snapshot=commit.snapshot_id,
        upstream=plan.upstream,
        sample=plan.is_sample,
        preset=plan.settings.preset,
        profiles=plan.globs,
        source=Source(
            commit=commit.sha,
            committed_at=commit.committed_at.isoformat(),
            previous_commit=facts.report.previous.sha if facts.report.previous else None,
            previous_snapshot=facts.report.previous.snapshot_id if facts.report.previous else None,
            link=_link(facts),
            files=entries,
            odd_entries=facts.tree.odd_entries,
        ),
        rows=count_rows(entries),
        tables={name: len(frame) for name, frame in tables.items()},
        charts=drawn.charts,
        not_drawn=drawn.not_drawn,
        failures=tuple(failures),
        failed_charts=tuple(drawn.failed),
        snapshots=_snapshots(facts, build),
        files=file_digests(build),
        versions=library_versions(),
    )


def _link(facts: BuildFacts) -> str | None:
    return None if facts.plan.is_sample else web_link(facts.plan.clone.url, facts.report.results.sha)


def _entries(facts: BuildFacts) -> tuple[SourceEntry, ...]:
    parsed = {p.kind.name: p for p in facts.parsed}
    wanted = [
        source_entry(f.source, f.kind, parsed.get(f.source.name), facts.errors.get(f.source.name))
        for f in facts.wanted
    ]
    unknown = [source_entry(f.source, f.kind, None, None) for f in facts.unknown]
    return tuple(sorted([*wanted, *unknown], key=lambda entry: entry.name))


def _snapshots(facts: BuildFacts, build: Path) -> dict[str, SnapshotEntry]:
    """Return how each snapshot in the build was made: the ones kept and the new one."""
    before = read_manifest(facts.plan.outputs)
    there = {path.name.removeprefix("snapshot=") for path in build.glob("snapshots/*/snapshot=*")}
    kept = {name: entry for name, entry in before.snapshots.items() if name in there} if before else {}
    kept[facts.report.results.snapshot_id] = SnapshotEntry(
        commit=facts.report.results.sha,
        preset=facts.plan.settings.preset,
        profiles=facts.plan.globs,
        code=code_version(),
    )
    return dict(sorted(kept.items()))
