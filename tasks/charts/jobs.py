"""Which charts a snapshot has, and what each is made from: its rows, its CSV files, its newest commit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd

from tasks.charts.chart import OVERVIEW, Chart, ChartContext
from tasks.charts.registry import BY_STEM, OVERVIEW_CHARTS, PROFILE_CHARTS
from tasks.tables.compute import lacks_compute, with_known_compute
from tasks.tables.filenames import BenchmarkProfile, in_words
from tasks.tables.lineage import benchmark_files, evaluation_files, merge_files
from tasks.tables.snapshot import Snapshot
from tasks.tables.source import ResultsTree


@dataclass(frozen=True)
class DrawJob:
    """One chart to draw: plain data, so that it can be sent to another process."""

    stem: str
    rows: pd.DataFrame  # of the chart's table; of one profile, or all
    context: ChartContext
    files: tuple[str, ...]  # CSV files the rows come from
    changed_by: str  # the newest commit that changed one of them

    @property
    def name(self) -> str:
        """Return the chart's file name without suffix."""
        return BY_STEM[self.stem].name(self.context.mode)

    @property
    def label(self) -> str:
        """Return ``<profile>/<name>``."""
        return f"{self.context.profile}/{self.name}"


@dataclass(frozen=True)
class ChartSource:
    """What a chart is made from."""

    rows: pd.DataFrame
    files: tuple[str, ...]  # CSV files the rows come from


def draw_jobs(snapshot: Snapshot, tree: ResultsTree, *, preset: str | None, sample: bool) -> list[DrawJob]:
    """Return a job for every chart there can be, in the order of the gallery.

    Args:
        snapshot: The tables.
        tree: The files they come from, with the commit that last changed each.
        preset: Somebody's analysis, which draws what that analysis drew: no comparisons.
        sample: The results are made up.
    """
    job = partial(_job, tree, preset, sample)
    compared = () if preset else OVERVIEW_CHARTS
    jobs = [job(chart, None, overview_source(snapshot, chart)) for chart in compared]
    for profile in snapshot.profiles:
        merged = snapshot.merged_with(profile.id)
        jobs += [
            job(chart, profile, profile_source(snapshot, chart, profile, merged)) for chart in PROFILE_CHARTS
        ]
    return jobs


def overview_source(snapshot: Snapshot, chart: Chart) -> ChartSource:
    """Return what a chart that compares is made from: a whole table."""
    kinds = snapshot.kinds
    sources = {
        "evaluations": (snapshot.evaluations, evaluation_files(kinds)),
        "benchmarks": (snapshot.benchmarks, benchmark_files(kinds)),
        "merged": (snapshot.merged, merge_files(kinds, [p.id for p in snapshot.profiles])),
    }
    return ChartSource(*sources[chart.table])


def profile_source(
    snapshot: Snapshot, chart: Chart, profile: BenchmarkProfile, merged: pd.DataFrame
) -> ChartSource:
    """Return what a chart of one profile is made from.

    Its merged rows; where the chart shows GMACs and the profile lacks some, those of all other benchmark
    files too, which are then its sources as well.
    """
    files = merge_files(snapshot.kinds, [profile.id])
    if not (chart.borrows and lacks_compute(merged)):
        return ChartSource(merged, files)
    return ChartSource(
        with_known_compute(merged, snapshot.benchmarks),
        tuple(sorted({*files, *benchmark_files(snapshot.kinds)})),
    )


def _job(
    tree: ResultsTree,
    preset: str | None,
    sample: bool,
    chart: Chart,
    profile: BenchmarkProfile | None,
    source: ChartSource,
) -> DrawJob:
    commit = tree.last_change(source.files)
    context = ChartContext(
        mode=profile.mode if profile else None,
        profile=profile.id if profile else OVERVIEW,
        profile_in_words=in_words(profile) if profile else "",
        commit=commit.sha[:8],
        date=commit.date,
        sample=sample,
        preset=preset,
    )
    return DrawJob(chart.stem, source.rows, context, source.files, commit.sha)
