"""Accuracy against image size: what does a larger input buy?"""

from __future__ import annotations

import altair as alt
import pandas as pd

from tasks.charts.base import ROWS, Chart, ChartContext, ChartRows, row_with_most, without_toys
from tasks.charts.encodings import (
    POINT_COLUMNS,
    family_colour,
    grouped,
    legend_click,
    tooltip,
    top1_y,
)
from tasks.charts.theme import HEIGHT


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return every model at every image size."""
    kept, left_out = without_toys(merged)
    rows = grouped(kept[[*POINT_COLUMNS, "is_pareto"]], context)
    return ChartRows(rows.drop(columns="is_pareto").reset_index(drop=True), left_out=left_out)


def build(rows: ChartRows, context: ChartContext) -> alt.Chart:
    """Return dots by image size and accuracy, larger where a model takes longer."""
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    what = "Inference" if context.mode == "infer" else "Training"
    chart: alt.Chart = (
        alt.Chart(ROWS)
        .mark_circle(aria=False)
        .encode(
            x=alt.X(
                "img_size:Q",
                scale=alt.Scale(zero=False, nice=False, padding=25),
                axis=alt.Axis(title="Image size, pixels"),
            ),
            y=top1_y(),
            size=alt.Size(
                "secs:Q",
                scale=alt.Scale(type="log", range=[6, 180]),
                legend=alt.Legend(
                    title=f"{what} time per image",
                    labelExpr="format(datum.value, '~s') + 's'",
                    symbolFillColor="#777777",
                    symbolStrokeWidth=0,
                ),
            ),
            color=colour,
            opacity=opacity,
            tooltip=tooltip(),
        )
        .add_params(click)
    )
    return chart


def describe(rows: ChartRows) -> str:
    """State the image size most models use and where the best one is."""
    frame = rows.rows
    best, common = row_with_most(frame, "top1"), int(frame["img_size"].mode().min())
    return (
        f"{len(frame):,} dots; most models take {common} pixels; most accurate: {best.model} "
        f"at {int(best.img_size)} pixels with {best.top1:.1f} % top-1."
    )


CHART = Chart(
    stem="accuracy-vs-size",
    title="Accuracy against image size",
    question="What does a larger image buy?",
    category="size",
    height=HEIGHT,
    prepare=prepare,
    build=build,
    describe=describe,
)
