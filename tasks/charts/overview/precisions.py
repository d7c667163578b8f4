"""Precision against precision: on one device where a device was measured with two."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from tasks.charts.chart import Chart, ChartContext, ChartRows
from tasks.charts.pairs.find import ProfilePair, first_of_each, pairs_in, profiles_of
from tasks.charts.pairs.findings import describe
from tasks.charts.pairs.panels import build
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import faster_last, panel_of, usual_first

_DEVICES: Final = (
    "where a heading names two devices, none was measured with both precisions: mostly the devices differ"
)


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured with two precisions, for each device and mode the newest two profiles.

    Where no device was measured with both of two precisions, the closest profiles of two devices stand for
    them; all their rows are marked, since what they show is mostly the devices.
    """
    profiles = profiles_of(benchmarks)
    rank = usual_first(profiles, "precision")
    on_one_device = first_of_each(
        pairs_in(profiles, "precision", rank), lambda pair: (*_precisions(pair), pair.base.device)
    )
    covered = {_precisions(pair) for pair in on_one_device}
    on_two = first_of_each(pairs_in(profiles, "precision", rank, besides=("device",)), _precisions)
    pairs = [*on_one_device, *(pair for pair in on_two if _precisions(pair) not in covered)]
    panels = [panel_of(benchmarks, faster_last(benchmarks, pair), "precision") for pair in pairs]
    nothing = "benchmark rows: no two profiles differ in precision, or in precision and device, alone"
    made = pair_chart_rows(benchmarks, panels, context, nothing)
    if not any(pair.also for pair in pairs):
        return made
    return replace(made, notes=(_DEVICES, *made.notes))


def _precisions(pair: ProfilePair) -> tuple[str, str, str]:
    return pair.base.mode, pair.base.precision, pair.other.precision


CHART = Chart(
    stem="precision-speedup",
    title="Precisions against each other",
    question="What does a lower precision gain?",
    category="comparison",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="benchmarks",
    scope="overview",
)
