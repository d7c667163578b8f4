"""The same model on different devices."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pandas as pd

from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.choose import faster_last, most_comparable
from tasks.charts.pairs.find import pairs_in
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.shared import measurements_of
from tasks.tables.finding import Finding
from tasks.tables.profiles import profiles_of


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured on two devices and alike otherwise, a panel for each two devices."""
    profiles = [profile for profile in profiles_of(benchmarks) if profile.mode == "infer"]
    measured = measurements_of(benchmarks)
    found = most_comparable(
        measured,
        pairs_in(profiles, "device", lambda profile: profile.device),
        lambda pair: frozenset({pair.base.device, pair.other.device}),
    )
    nothing = "benchmark rows: no two inference profiles differ in the device alone"
    turned = [faster_last(measured, pair) for pair in found]
    made = pair_chart_rows(turned, "device", benchmarks, context, nothing)
    devices = {profile.device for profile in profiles}
    without = len(list(combinations(devices, 2))) - len(found)
    return replace(made, notes=(*made.notes, Finding("pairs-without", without))) if without else made


CHART = pair_chart(
    stem="device-speedup",
    title="The same models on different devices",
    question="How much faster is one device than another?",
    prepare=prepare,
)
