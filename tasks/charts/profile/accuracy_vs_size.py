"""Accuracy against image size: what does a larger input buy?"""

from __future__ import annotations

import bisect
from typing import Final

import altair as alt
import pandas as pd

from tasks.charts.chart import (
    LINES,
    PAIRS,
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
    across_band,
    dots,
    grouped,
    tooltip,
    top1_y,
)
from tasks.charts.parts.families import family_colour, legend_click
from tasks.charts.parts.geometry import span, swarm
from tasks.charts.theme import FRONTIER_COLOUR, HEIGHT, WIDTH, ZERO_COLOUR
from tasks.tables.finding import Finding

_BANDS: Final = (208, 224, 260, 300, 352, 384, 480)
"""Largest image size of each band but the last; most models take 224, 256, 288 or 384 pixels."""
_TOUCHING: Final = 0.25  # points of top-1 within which two dots of a band overlap
_SIZES: Final = [6, 180]
_BANDS_WIDTH: Final = 520
_PAIRS_WIDTH: Final = 310
_GAP: Final = 70
_TIMES: Final = [1, 1.2, 1.5, 2, 3, 4, 5, 7, 10]


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return every model at every image size, with its band of sizes and its place across the band.

    ``pairs``: the models that were evaluated at more than one size, a row for each two sizes next to each
    other, with what the larger one gains and costs.
    """
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
    return ChartRows(banded, lines, left_out=left_out, pairs=size_pairs(rows))


def size_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Put each model at a size beside itself at the next larger size.

    Returns:
        One row for each two sizes, with ``gain`` (points of top-1), ``side`` and ``time`` (larger divided by
        smaller).
    """
    ordered = rows.sort_values(["model", "img_size"])
    larger = ordered.groupby("model")[["img_size", "top1", "secs"]].shift(-1)
    pairs = ordered.assign(
        larger_size=larger["img_size"],
        gain=larger["top1"] - ordered["top1"],
        side=larger["img_size"] / ordered["img_size"],
        time=larger["secs"] / ordered["secs"],
    ).dropna(subset=["larger_size"])
    columns = ["model", "family", "group", "img_size", "larger_size", "gain", "side", "time"]
    return pairs[columns].astype({"larger_size": int}).reset_index(drop=True)


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
    """Return dots by image size and accuracy, larger where a model takes longer.

    Beside them, where models were evaluated at two sizes, what each gained and what it cost.
    """
    click = legend_click(rows.rows)
    if rows.lines is None:
        models = _models(rows.rows, context, click).encode(x=_size_x()).add_params(click)
        return models.properties(width=WIDTH, height=HEIGHT)
    if rows.pairs is None or rows.pairs.empty:
        return _bands_of(rows.rows, rows.lines, WIDTH, context, click)
    return alt.hconcat(
        _bands_of(rows.rows, rows.lines, _BANDS_WIDTH, context, click).properties(
            title=_heading("All models")
        ),
        _gains(rows.rows, rows.pairs, click).properties(title=_heading("The same model, one size larger")),
        spacing=_GAP,
    )


def _heading(text: str) -> alt.TitleParams:
    return alt.TitleParams(text, fontSize=13, offset=8)


def _size_x() -> alt.X:
    return alt.X(
        "img_size:Q",
        scale=alt.Scale(zero=False, nice=False, padding=25),
        axis=alt.Axis(title="Image size, pixels"),
    )


def _models(rows: pd.DataFrame, context: ChartContext, click: alt.Parameter) -> alt.Chart:
    """Return the dots without their place across."""
    colour, opacity = family_colour(rows, click)
    what = "Inference" if context.mode == "infer" else "Training"
    models: alt.Chart = dots(alt.Chart(ROWS), colour).encode(
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
    return models


def _bands_of(
    rows: pd.DataFrame, lines: pd.DataFrame, width: int, context: ChartContext, click: alt.Parameter
) -> AnyChart:
    """Return the dots of each band of sizes beside each other, over their median."""
    band = alt.X(
        "band:N",
        sort=list(lines["band"]),
        axis=alt.Axis(title="Image size, pixels (dots of a band stand side by side)", labelAngle=-40),
    )
    middles = (
        alt.Chart(LINES)
        .mark_rule(aria=False, strokeWidth=2, color=FRONTIER_COLOUR)
        .encode(
            **across_band(band),
            y=top1_y(),
            tooltip=[
                alt.Tooltip("top1:Q", title="median top-1, %", format=".2f"),
                alt.Tooltip("models:Q", title="models"),
            ],
        )
    )
    across = alt.XOffset("spread:Q", scale=alt.Scale(domain=[-1.05, 1.05]))
    models = _models(rows, context, click).encode(x=band, xOffset=across).add_params(click)
    whole: AnyChart = alt.layer(models, middles).properties(width=width, height=HEIGHT)
    return whole


def _gains(rows: pd.DataFrame, pairs: pd.DataFrame, click: alt.Parameter) -> AnyChart:
    """Return a dot for each model at two sizes: how many times the time against points gained."""
    colour, opacity = family_colour(rows, click)
    across = span(pairs["time"], _PAIRS_WIDTH, log=True)
    gains = dots(alt.Chart(PAIRS), colour, size=40).encode(
        x=alt.X(
            "time:Q",
            scale=alt.Scale(type="log", nice=False, domain=across.domain),
            axis=alt.Axis(
                title="Time per image, larger over smaller (log scale)",
                labelExpr="format(datum.value, ',~r') + 'x'",
                values=_TIMES,
            ),
        ),
        y=alt.Y(
            "gain:Q", scale=alt.Scale(nice=False, padding=15), axis=alt.Axis(title="Top-1 gained, points")
        ),
        opacity=opacity,
        tooltip=[
            alt.Tooltip("model:N", title="model"),
            alt.Tooltip("img_size:Q", title="smaller image, pixels"),
            alt.Tooltip("larger_size:Q", title="larger image, pixels"),
            alt.Tooltip("gain:Q", title="top-1 gained, points", format="+.3f"),
            alt.Tooltip("time:Q", title="time per image, ratio", format=".3~r"),
        ],
    )
    zero = alt.Chart(PAIRS).mark_rule(aria=False, color=ZERO_COLOUR).encode(y=alt.datum(0))
    whole: AnyChart = alt.layer(zero, gains).properties(width=_PAIRS_WIDTH, height=HEIGHT)
    return whole


def describe(rows: ChartRows) -> list[Finding]:
    """State what a larger image gains and costs the same model, and where the most accurate one is."""
    frame, pairs = rows.rows, rows.pairs
    best = row_with_most(frame, "top1")
    values = {"best": best.model, "best_size": int(best.img_size), "best_top1": float(best.top1)}
    most = Finding("best-size", len(frame), values=values)
    if pairs is None or pairs.empty:
        return [most]
    gains = {
        "gain": float(pairs["gain"].median()),
        "side": float(pairs["side"].median()),
        "time": float(pairs["time"].median()),
        "gaining": float((pairs["gain"] > 0).mean()),
    }
    return [Finding("larger-image", len(pairs), values=gains), most]


CHART = Chart(
    stem="accuracy-vs-size",
    title="Accuracy against image size",
    question="What does a larger image buy?",
    category="size",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
)
