"""Parameters against time: does a smaller model run faster?"""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from tasks.charts.chart import ROWS, Chart, ChartContext, ChartRows, without_toys
from tasks.charts.parts.encodings import POINT_COLUMNS, dots, log_scale, log_ticks, time_axis, tooltip
from tasks.charts.theme import DIMMED, HEIGHT, RAMP
from tasks.tables.finding import Finding
from tasks.tables.ranks import rank_correlation

_SIZE_STEPS: Final = (176, 232, 272, 336, 400)


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return one row for each architecture and image size: tags share parameters and time."""
    del context
    kept, left_out = without_toys(merged)
    once = kept.sort_values(["secs", "model", "img_size"]).drop_duplicates(["architecture", "img_size"])
    rows = once[[*POINT_COLUMNS, "architecture", "benchmark_param_count"]].reset_index(drop=True)
    left_out["other weights of an architecture shown"] = len(kept) - len(rows)
    return ChartRows(rows, left_out=left_out)


def build(rows: ChartRows, context: ChartContext) -> alt.Chart:
    """Return dots on two log axes, coloured by image size."""
    click = alt.selection_point(name="size_click", fields=["img_size"], on="click", clear="dblclick")
    by_size = alt.Color(
        "img_size:Q",
        scale=alt.Scale(type="threshold", domain=list(_SIZE_STEPS), range=list(RAMP)),
        legend=alt.Legend(title="Image size, pixels"),
    )
    chart: alt.Chart = (
        dots(alt.Chart(ROWS), by_size, size=45)
        .encode(
            x=alt.X(
                "benchmark_param_count:Q",
                scale=log_scale(),
                axis=alt.Axis(
                    title="Parameters of the benchmarked model, millions (log scale)",
                    format=",~r",
                    values=log_ticks(rows.rows["benchmark_param_count"]),
                ),
            ),
            y=alt.Y("secs:Q", scale=log_scale(), axis=time_axis(rows.rows, context)),
            opacity=alt.condition(click, alt.value(1), alt.value(DIMMED)),
            tooltip=[
                *tooltip(),
                alt.Tooltip("benchmark_param_count:Q", title="parameters benchmarked, millions"),
            ],
        )
        .add_params(click)
    )
    return chart


def describe(rows: ChartRows) -> list[Finding]:
    """State how strongly parameters and time go together."""
    frame = rows.rows
    rank = rank_correlation(frame["benchmark_param_count"], frame["secs"])
    if rank is None:
        return [Finding("dots", len(frame))]
    return [Finding("parameters-and-time", len(frame), values={"rank": rank})]


CHART = Chart(
    stem="parameters-vs-time",
    title="Time per image against parameters",
    question="Does a smaller model run faster?",
    category="size",
    height=HEIGHT,
    prepare=prepare,
    build=build,
    describe=describe,
)
