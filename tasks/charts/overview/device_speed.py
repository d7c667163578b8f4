"""The same model on different devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from tasks.charts.chart import Chart, ChartContext, ChartRows
from tasks.charts.pairs.find import ProfilePair, first_of_each, newest_of_each_device, pairs_in, profiles_of
from tasks.charts.pairs.findings import describe
from tasks.charts.pairs.panels import build
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import faster_last, panel_of
from tasks.tables.filenames import BenchmarkProfile

MAY_DIFFER: Final = ("torch", "layout", "compiler", "precision")


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured on a reference device and on another, a panel for each other device.

    A device that has nothing strictly like the reference is also compared with the device it is like.
    """
    profiles = [p for p in profiles_of(benchmarks) if p.mode == "infer"]
    pairs = _pairs(benchmarks, profiles)
    panels = [panel_of(benchmarks, faster_last(benchmarks, pair), "device") for pair in pairs]
    nothing = "benchmark rows: fewer than two devices have inference profiles"
    return pair_chart_rows(benchmarks, panels, context, nothing)


def _pairs(benchmarks: pd.DataFrame, profiles: Sequence[BenchmarkProfile]) -> list[ProfilePair]:
    newest = newest_of_each_device(benchmarks, profiles)
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


CHART = Chart(
    stem="device-speedup",
    title="The same models on different devices",
    question="How much faster is one device than another?",
    category="comparison",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="benchmarks",
    scope="overview",
)
