"""Eager against compiled: the same device, precision, layout and PyTorch version."""

from __future__ import annotations

import pandas as pd

from config.vocabulary import COMPILERS
from tasks.charts.chart import Chart, ChartContext, ChartRows
from tasks.charts.pairs.find import first_of_each, pairs_in, profiles_of
from tasks.charts.pairs.findings import describe
from tasks.charts.pairs.panels import build
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import panel_of
from tasks.tables.filenames import BenchmarkProfile


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured both ways, for each device the newest two profiles."""
    pairs = first_of_each(
        pairs_in(profiles_of(benchmarks), "compiler", _rank),
        lambda pair: (pair.base.mode, pair.base.device, pair.base.compiler, pair.other.compiler),
    )
    panels = [panel_of(benchmarks, pair, "compiler") for pair in pairs]
    nothing = "benchmark rows: no two profiles differ in the compiler alone"
    return pair_chart_rows(benchmarks, panels, context, nothing)


def _rank(profile: BenchmarkProfile) -> int:
    return COMPILERS.index(profile.compiler) if profile.compiler in COMPILERS else len(COMPILERS)


CHART = Chart(
    stem="compiler-speedup",
    title="Compiled models against eager ones",
    question="What does torch.compile gain?",
    category="comparison",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="benchmarks",
    scope="overview",
)
