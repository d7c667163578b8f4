"""Eager against compiled: the same device, precision, layout and PyTorch version."""

from __future__ import annotations

import pandas as pd

from config.vocabulary import COMPILERS
from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.choose import alike_but_for
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.shared import measurements_of
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.profiles import profiles_of


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured both ways, a panel for each device and mode."""
    found = alike_but_for(measurements_of(benchmarks), profiles_of(benchmarks), "compiler", _rank)
    nothing = "benchmark rows: no two profiles differ in the compiler alone"
    return pair_chart_rows(found, "compiler", benchmarks, context, nothing)


def _rank(profile: BenchmarkProfile) -> int:
    return COMPILERS.index(profile.compiler) if profile.compiler in COMPILERS else len(COMPILERS)


CHART = pair_chart(
    stem="compiler-speedup",
    title="Compiled models against eager ones",
    question="What does torch.compile gain?",
    prepare=prepare,
)
