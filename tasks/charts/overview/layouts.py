"""Memory layout against memory layout: everything else equal."""

from __future__ import annotations

import pandas as pd

from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.choose import alike_but_for
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.shared import measurements_of
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.profiles import profiles_of


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured in two layouts, a panel for each device and mode."""
    found = alike_but_for(measurements_of(benchmarks), profiles_of(benchmarks), "layout", _rank)
    nothing = "benchmark rows: no two profiles differ in the memory layout alone"
    return pair_chart_rows(found, "layout", benchmarks, context, nothing)


def _rank(profile: BenchmarkProfile) -> tuple[bool, str]:
    """Put PyTorch's own layout first: another one gains against it."""
    return profile.layout != "nchw", profile.layout


CHART = pair_chart(
    stem="layout-speedup",
    title="Memory layouts against each other",
    question="What does channels last (nhwc) gain?",
    prepare=prepare,
)
