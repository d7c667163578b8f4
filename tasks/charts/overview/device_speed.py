"""The same model on different devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.find import ProfilePair, first_of_each, pairs_in
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import faster_last
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.profiles import newest_of_each_device, profiles_of, rows_by_profile

MAY_DIFFER: Final = ("torch", "layout", "compiler", "precision")


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured on a reference device and on another, a panel for each other device.

    A device that has nothing strictly like the reference is also compared with the device it is like.
    """
    profiles = [p for p in profiles_of(benchmarks) if p.mode == "infer"]
    pairs = [faster_last(benchmarks, pair) for pair in _pairs(benchmarks, profiles)]
    nothing = "benchmark rows: fewer than two devices have inference profiles"
    return pair_chart_rows(benchmarks, pairs, "device", context, nothing)


def _pairs(benchmarks: pd.DataFrame, profiles: Sequence[BenchmarkProfile]) -> list[ProfilePair]:
    newest = newest_of_each_device(profiles, rows_by_profile(benchmarks))
    if not newest:
        return []
    reference = newest[0].device
    closest = first_of_each(
        pairs_in(profiles, "device", lambda p: p.device != reference, besides=MAY_DIFFER),
        lambda pair: frozenset({pair.base.device, pair.other.device}),
    )
    to_reference = [pair for pair in closest if pair.base.device == reference]
    unlike = {pair.other.device for pair in to_reference if pair.also}
    others = [
        pair for pair in closest
        if not pair.also and {pair.base.device, pair.other.device} <= unlike
    ]  # fmt: skip
    return [*to_reference, *others]


CHART = pair_chart(
    stem="device-speedup",
    title="The same models on different devices",
    question="How much faster is one device than another?",
    prepare=prepare,
)
