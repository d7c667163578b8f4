"""Memory layout against memory layout: everything else equal."""

from __future__ import annotations

import pandas as pd

from tasks.charts.chart import Chart, ChartContext, ChartRows
from tasks.charts.pairs.find import first_of_each, pairs_in, profiles_of
from tasks.charts.pairs.findings import describe
from tasks.charts.pairs.panels import build
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import panel_of, usual_first


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured in two layouts, for each device and mode the newest two profiles."""
    profiles = profiles_of(benchmarks)
    pairs = first_of_each(
        pairs_in(profiles, "layout", usual_first(profiles, "layout")),
        lambda pair: (pair.base.mode, pair.base.device, pair.base.layout, pair.other.layout),
    )
    panels = [panel_of(benchmarks, pair, "layout") for pair in pairs]
    nothing = "benchmark rows: no two profiles differ in the memory layout alone"
    return pair_chart_rows(benchmarks, panels, context, nothing)


CHART = Chart(
    stem="layout-speedup",
    title="Memory layouts against each other",
    question="What does channels last (nhwc) gain?",
    category="comparison",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="benchmarks",
    scope="overview",
)
