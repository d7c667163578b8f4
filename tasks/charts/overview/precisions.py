"""A lower precision against a higher one on the same device: everything else equal."""

from __future__ import annotations

import pandas as pd

from config.vocabulary import PRECISION_BITS
from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.choose import alike_but_for
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.shared import measurements_of
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.profiles import profiles_of


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured with a higher and a lower precision, a panel for each two on a device.

    Two precisions of as many bits, or of bits nobody knows, do not answer what a lower one gains.
    """
    found = [
        pair
        for pair in alike_but_for(measurements_of(benchmarks), profiles_of(benchmarks), "precision", _rank)
        if _bits(pair.pair.base) > _bits(pair.pair.other) > 0
    ]
    nothing = "benchmark rows: no device was measured with a higher and a lower precision, all else equal"
    return pair_chart_rows(found, "precision", benchmarks, context, nothing)


def _rank(profile: BenchmarkProfile) -> int:
    return -_bits(profile)


def _bits(profile: BenchmarkProfile) -> int:
    """Return the bits of a number, and 0 if the precision's name does not tell."""
    return PRECISION_BITS.get(profile.precision, 0)


CHART = pair_chart(
    stem="precision-speedup",
    title="A lower precision against a higher one",
    question="What does a lower precision gain?",
    prepare=prepare,
)
