"""Memory layout against memory layout: everything else equal."""

from __future__ import annotations

import pandas as pd

from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.find import closest_pairs
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import usual_first
from tasks.tables.profiles import profiles_of


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured in two layouts, for each device and mode the newest two profiles."""
    profiles = profiles_of(benchmarks)
    pairs = closest_pairs(profiles, "layout", usual_first(profiles, "layout"))
    nothing = "benchmark rows: no two profiles differ in the memory layout alone"
    return pair_chart_rows(benchmarks, pairs, "layout", context, nothing)


CHART = pair_chart(
    stem="layout-speedup",
    title="Memory layouts against each other",
    question="What does channels last (nhwc) gain?",
    prepare=prepare,
)
