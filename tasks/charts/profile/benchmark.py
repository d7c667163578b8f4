"""Accuracy against time for every model of a profile, with the Pareto frontier."""

from __future__ import annotations

import altair as alt
import pandas as pd

from config.vocabulary import MAIN_TEST_SET
from tasks.charts.chart import (
    LABELS,
    ROWS,
    Chart,
    ChartContext,
    ChartRows,
    row_with_most,
    without_toys,
)
from tasks.charts.parts.encodings import (
    POINT_COLUMNS,
    dots,
    grouped,
    image_size,
    time_x,
    tooltip,
    top1_y,
    words_over_marks,
)
from tasks.charts.parts.families import family_colour, legend_click
from tasks.charts.parts.geometry import LABEL_SIZE, Span, label_frontier, span
from tasks.charts.theme import FRONTIER_COLOUR, HEIGHT, WIDTH
from tasks.tables.finding import Finding
from tasks.tables.frontier import is_on_frontier
from tasks.tables.noise import is_tied_step


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return every model at every image size, fastest first, the frontier computed over what is shown."""
    kept, left_out = without_toys(merged)
    kept = kept.assign(is_pareto=is_on_frontier(kept["secs"], kept["top1"]))
    kept["tie"] = is_tie_with_a_faster_one(kept)
    rows = grouped(kept[[*POINT_COLUMNS, "architecture", "is_pareto", "tie"]], context).reset_index(drop=True)
    if rows.empty:
        return ChartRows(rows, left_out=left_out)
    labels = label_frontier(rows[rows["is_pareto"]], *_spans(rows), text="architecture")
    rows = rows.drop(columns="architecture")
    return ChartRows(rows, left_out=left_out, notes=tuple(_ties_in_words(rows)), labels=labels)


def is_tie_with_a_faster_one(rows: pd.DataFrame) -> pd.Series:
    """Mark the frontier members that gain no more than one standard error over the one before them."""
    front = rows[rows["is_pareto"]].sort_values(["secs", "top1"])
    worse = is_tied_step(front["top1"], MAIN_TEST_SET)
    # What is marked there is the worse of two; what gains too little here is the better, one step later.
    better = pd.Series(worse, index=front.index).shift(1, fill_value=False)
    return better.reindex(rows.index, fill_value=False)


def _ties_in_words(rows: pd.DataFrame) -> list[Finding]:
    ties = int(rows["tie"].sum())
    steps = int(rows["is_pareto"].sum()) - 1
    return [Finding("frontier-ties", ties, values={"steps": steps})] if ties else []


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
    named = alt.Chart(LABELS).encode(x=time_x(rows.rows, context, across), y=top1_y(down), text="label:N")
    names = words_over_marks(named, align="right", baseline="bottom", dx=-5, dy=-4, fontSize=LABEL_SIZE)
    tied = base.transform_filter("datum.tie")
    ties = words_over_marks(tied, align="left", baseline="top", dx=6, dy=2, fontSize=14, text="≈")
    return alt.layer(frontier, models, names, ties)


def _spans(rows: pd.DataFrame) -> tuple[Span, Span]:
    return span(rows["secs"], WIDTH, log=True), span(rows["top1"], HEIGHT)


def describe(rows: ChartRows) -> list[Finding]:
    """State the ends of the frontier."""
    front = rows.rows[rows.rows["is_pareto"]]
    best, fastest = row_with_most(front, "top1"), row_with_most(front, "samples_per_sec")
    values = {
        "steps": len(front),
        "fastest": fastest.model,
        "fastest_top1": float(fastest.top1),
        "fastest_speed": float(fastest.samples_per_sec),
        "best": best.model,
        "best_top1": float(best.top1),
        "best_speed": float(best.samples_per_sec),
    }
    return [Finding("frontier-ends", len(rows.rows), values=values)]


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
