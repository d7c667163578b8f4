"""Training against inference on the same device."""

from __future__ import annotations

import pandas as pd

from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.choose import most_comparable
from tasks.charts.pairs.find import pairs_in
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.shared import measurements_of
from tasks.tables.profiles import profiles_of


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured in both modes, for each device the two profiles that have most in common.

    Upstream seldom measures both with the same PyTorch release, so that may differ; then the releases next
    to each other are taken.
    """
    found = most_comparable(
        measurements_of(benchmarks),
        pairs_in(profiles_of(benchmarks), "mode", lambda p: p.mode != "train", besides=("torch",)),
        lambda pair: pair.base.device,
    )
    nothing = "benchmark rows: no device has a training and an inference profile that are alike otherwise"
    return pair_chart_rows(found, "mode", benchmarks, context, nothing)


CHART = pair_chart(
    stem="training-cost",
    title="Inference against training",
    question="How much slower is training than inference?",
    prepare=prepare,
)
