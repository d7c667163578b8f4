"""Training against inference on the same device."""

from __future__ import annotations

import pandas as pd

from tasks.charts.chart import Chart, ChartContext, ChartRows
from tasks.charts.pairs.find import first_of_each, pairs_in, profiles_of
from tasks.charts.pairs.findings import describe
from tasks.charts.pairs.panels import build
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import panel_of


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured in both modes, for each device the two profiles that differ least.

    Upstream seldom measures both with the same PyTorch release, so that may differ; then the releases next
    to each other are taken.
    """
    pairs = first_of_each(
        pairs_in(profiles_of(benchmarks), "mode", lambda p: p.mode != "train", besides=("torch",)),
        lambda pair: pair.base.device,
    )
    panels = [panel_of(benchmarks, pair, "mode") for pair in pairs]
    nothing = "benchmark rows: no device has a training and an inference profile that are alike otherwise"
    return pair_chart_rows(benchmarks, panels, context, nothing)


CHART = Chart(
    stem="training-cost",
    title="Inference against training",
    question="How much slower is training than inference?",
    category="comparison",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="benchmarks",
    scope="overview",
)
