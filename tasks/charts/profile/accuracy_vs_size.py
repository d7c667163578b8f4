"""Accuracy against image size: what does a larger input buy?"""

from __future__ import annotations

import bisect
from typing import Final

import altair as alt
import pandas as pd

from tasks.charts.chart import (
    LINES,
    ROWS,
    AnyChart,
    Chart,
    ChartContext,
    ChartRows,
    row_with_most,
    without_toys,
)
from tasks.charts.parts.encodings import (
    POINT_COLUMNS,
    SECONDS_LABEL,
    dots,
    family_colour,
    grouped,
    legend_click,
    tooltip,
    top1_y,
)
from tasks.charts.parts.geometry import swarm
from tasks.charts.theme import FRONTIER_COLOUR, HEIGHT, WIDTH

_BANDS: Final = (208, 224, 260, 300, 352, 384, 480)
"""Largest image size of each band but the last; most models take 224, 256, 288 or 384 pixels."""
_TOUCHING: Final = 0.25  # points of top-1 within which two dots of a band overlap
_SIZES: Final = [6, 180]


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return every model at every image size, with its band of sizes and its place across the band."""
    kept, left_out = without_toys(merged)
    rows = grouped(kept[[*POINT_COLUMNS, "is_pareto"]], context)
    rows = rows.drop(columns="is_pareto").reset_index(drop=True)
    if rows.empty or context.every_family:
        return ChartRows(rows, left_out=left_out)
    banded = _banded(rows)
    middle = banded.groupby("band", sort=False).agg(
        top1=("top1", "median"), models=("model", "size"), smallest=("img_size", "min")
    )
    lines = middle.sort_values("smallest").reset_index()
    return ChartRows(banded, lines, left_out=left_out)


def _banded(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``band``, the range of sizes in words, and ``spread``, where in the band a dot stands."""
    number = rows["img_size"].map(lambda size: bisect.bisect_left(_BANDS, size))
    ends = rows.groupby(number)["img_size"].agg(["min", "max"])
    words = {
        band: str(low) if low == high else f"{low} to {high}"
        for band, low, high in ends.itertuples(index=True)
    }
    spread = rows.groupby(number)["top1"].transform(lambda top1: swarm(list(top1), _TOUCHING))
    return rows.assign(band=number.map(words), spread=spread)


def build(rows: ChartRows, context: ChartContext) -> AnyChart:
    """Return dots by image size and accuracy, larger where a model takes longer."""
    models = _models(rows.rows, context)
    if rows.lines is not None:
        return _in_bands(models, rows.lines)
    return models.encode(
        x=alt.X(
            "img_size:Q",
            scale=alt.Scale(zero=False, nice=False, padding=25),
            axis=alt.Axis(title="Image size, pixels"),
        )
    )


def _models(rows: pd.DataFrame, context: ChartContext) -> alt.Chart:
    """Return the dots without their place across."""
    click = legend_click(rows)
    colour, opacity = family_colour(rows, click)
    what = "Inference" if context.mode == "infer" else "Training"
    models: alt.Chart = (
        dots(alt.Chart(ROWS), colour)
        .encode(
            y=top1_y(),
            size=alt.Size(
                "secs:Q",
                scale=alt.Scale(type="log", range=_SIZES),
                legend=alt.Legend(
                    title=f"{what} time per image",
                    labelExpr=SECONDS_LABEL,
                    symbolFillColor="#777777",
                    symbolStrokeWidth=0,
                ),
            ),
            opacity=opacity,
            tooltip=tooltip(),
        )
        .add_params(click)
    )
    return models


def _in_bands(models: alt.Chart, lines: pd.DataFrame) -> AnyChart:
    """Return the dots of each band of sizes beside each other, over their median."""
    band = alt.X(
        "band:N",
        sort=list(lines["band"]),
        axis=alt.Axis(title="Image size, pixels (dots of a band stand side by side)", labelAngle=0),
    )
    middles = (
        alt.Chart(LINES)
        .mark_tick(aria=False, thickness=2, color=FRONTIER_COLOUR, width=WIDTH / len(lines) * 0.8)
        .encode(
            x=band,
            y=top1_y(),
            tooltip=[
                alt.Tooltip("top1:Q", title="median top-1, %", format=".2f"),
                alt.Tooltip("models:Q", title="models"),
            ],
        )
    )
    across = alt.XOffset("spread:Q", scale=alt.Scale(domain=[-1.05, 1.05]))
    return alt.layer(models.encode(x=band, xOffset=across), middles)


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
