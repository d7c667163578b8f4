"""Accuracy against time for every model of a profile, with the Pareto frontier."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tasks.charts.chart import (
    LABELS,
    ROWS,
    Chart,
    ChartContext,
    ChartRows,
    plain,
    row_with_most,
    without_toys,
)
from tasks.charts.parts.encodings import (
    POINT_COLUMNS,
    dots,
    family_colour,
    grouped,
    image_size,
    legend_click,
    time_x,
    tooltip,
    top1_y,
)
from tasks.charts.parts.geometry import LABEL_SIZE, Span, label_frontier, span
from tasks.charts.theme import FRONTIER_COLOUR, HEIGHT, LABEL_COLOUR, WIDTH
from tasks.tables.frontier import is_on_frontier


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return every model at every image size, fastest first, the frontier computed over what is shown."""
    kept, left_out = without_toys(merged)
    kept = kept.assign(is_pareto=is_on_frontier(kept["secs"], kept["top1"]))
    rows = grouped(kept[[*POINT_COLUMNS, "architecture", "is_pareto"]], context).reset_index(drop=True)
    if rows.empty:
        return ChartRows(rows, left_out=left_out)
    labels = label_frontier(rows[rows["is_pareto"]], *_spans(rows), text="architecture")
    return ChartRows(rows.drop(columns="architecture"), left_out=left_out, labels=labels)


def build(rows: ChartRows, context: ChartContext) -> alt.LayerChart | alt.FacetChart:
    """Return dots by time and accuracy under a stepped frontier line."""
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    across, down = _spans(rows.rows)
    base = alt.Chart(ROWS).encode(x=time_x(rows.rows, context, across), y=top1_y(down))
    models = (
        dots(base, colour).encode(size=image_size(), opacity=opacity, tooltip=tooltip()).add_params(click)
    )
    frontier = base.transform_filter("datum.is_pareto").mark_line(
        aria=False,
        interpolate="step-after",
        color=FRONTIER_COLOUR,
        strokeWidth=1.2,
        strokeDash=[4, 2],
    )
    names = (
        alt.Chart(LABELS)
        .mark_text(
            aria=False,
            align="right",
            baseline="bottom",
            dx=-5,
            dy=-4,
            fontSize=LABEL_SIZE,
            color=LABEL_COLOUR,
        )
        .encode(x=time_x(rows.rows, context, across), y=top1_y(down), text="label:N")
    )
    return alt.layer(frontier, models, names)


def _spans(rows: pd.DataFrame) -> tuple[Span, Span]:
    return span(rows["secs"], WIDTH, log=True), span(rows["top1"], HEIGHT)


def describe(rows: ChartRows) -> str:
    """State the ends of the frontier."""
    front = rows.rows[rows.rows["is_pareto"]]
    best, fastest = row_with_most(front, "top1"), row_with_most(front, "samples_per_sec")
    return (
        f"{len(rows.rows):,} dots; {len(front)} are on the dashed Pareto frontier, from {fastest.model} "
        f"({fastest.top1:.1f} % top-1 at {plain(fastest.samples_per_sec)} images/s) "
        f"to {best.model} ({best.top1:.1f} % at {plain(best.samples_per_sec)} images/s)."
    )


CHART = Chart(
    stem="benchmark",
    title="Accuracy against time per image",
    question="Which model is the most accurate for the time I have?",
    category="speed",
    height=HEIGHT,
    prepare=prepare,
    build=build,
    describe=describe,
)
