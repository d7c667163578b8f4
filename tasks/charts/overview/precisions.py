"""Precision against precision: on one device where a device was measured with two."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from tasks.charts.chart import ChartContext, ChartRows
from tasks.charts.pairs.find import ProfilePair, closest_pairs, first_of_each, pairs_in
from tasks.charts.pairs.panels import pair_chart
from tasks.charts.pairs.rows import pair_chart_rows
from tasks.charts.pairs.words import faster_last, usual_first
from tasks.tables.profiles import profiles_of

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
    on_one_device = closest_pairs(profiles, "precision", rank)
    covered = {_precisions(pair) for pair in on_one_device}
    on_two = first_of_each(pairs_in(profiles, "precision", rank, besides=("device",)), _precisions)
    others = [pair for pair in on_two if _precisions(pair) not in covered]
    pairs = [faster_last(benchmarks, pair) for pair in (*on_one_device, *others)]
    nothing = "benchmark rows: no two profiles differ in precision, or in precision and device, alone"
    made = pair_chart_rows(benchmarks, pairs, "precision", context, nothing)
    if not any(pair.also for pair in pairs):
        return made
    return replace(made, notes=(_DEVICES, *made.notes))


def _precisions(pair: ProfilePair) -> tuple[str, str, str]:
    return pair.base.mode, pair.base.precision, pair.other.precision


CHART = pair_chart(
    stem="precision-speedup",
    title="Precisions against each other",
    question="What does a lower precision gain?",
    prepare=prepare,
)
