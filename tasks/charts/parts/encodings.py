"""Axes, colours and tooltips that several charts share, so that one quantity looks the same everywhere."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from tasks.charts.chart import AnyChart, ChartContext
from tasks.charts.parts.families import coloured, groups, is_other
from tasks.charts.parts.geometry import Span
from tasks.charts.theme import BACKGROUND, FILL_OPACITY, LABEL_COLOUR

# Ticks carry their unit: 100 µs, 1 ms. The sign is U+00B5, which d3 writes for micro.
_MANY_POWERS = 3
SECONDS_LABEL = "replace(format(datum.value, '~s') + 's', /([0-9])([a-zµ])/, '$1 $2')"


def seconds_title(context: ChartContext) -> str:
    """Name the time on an axis without calling it a latency."""
    what = "Inference" if context.mode == "infer" else "Training"
    return f"{what} time per image: 1 / throughput at the batch size used (log scale)"


def log_ticks(values: pd.Series, *, narrow: bool = False) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten that the values span; the plain ticks of a log axis.

    On a narrow axis that spans many powers only these themselves.
    """
    low, high = math.floor(math.log10(values.min())), math.ceil(math.log10(values.max()))
    digits = (1,) if narrow and high - low > _MANY_POWERS else (1, 2, 5)
    return [float(f"{digit}e{power}") for power in range(low, high + 1) for digit in digits]


def log_scale() -> alt.Scale:
    """Return a log scale with room for the marks at its ends."""
    return alt.Scale(type="log", nice=False, padding=20)


def time_axis(rows: pd.DataFrame, context: ChartContext) -> alt.Axis:
    """Return the axis of ``secs``, ticks with their unit."""
    return alt.Axis(title=seconds_title(context), labelExpr=SECONDS_LABEL, values=log_ticks(rows["secs"]))


def time_x(rows: pd.DataFrame, context: ChartContext, across: Span | None = None) -> alt.X:
    """Return the time axis across, with given ends if something is laid out on it."""
    scale = alt.Scale(type="log", nice=False, domain=across.domain) if across else log_scale()
    return alt.X("secs:Q", scale=scale, axis=time_axis(rows, context))


def top1_y(down: Span | None = None) -> alt.Y:
    """Return the accuracy axis, not from zero: models differ by a few points."""
    scale = alt.Scale(zero=False, nice=False, padding=15)
    if down:
        scale = alt.Scale(zero=False, nice=False, domain=down.domain)
    return alt.Y("top1:Q", scale=scale, axis=alt.Axis(title="Top-1 accuracy, %"))


def across_band(x: alt.X) -> dict[str, Any]:
    """Return both ends of a line over most of each band, however wide the picture is."""
    return {"x": x.bandPosition(0.1), "x2": alt.X2(x["shorthand"], bandPosition=0.9)}


def dots(chart: alt.Chart, colour: alt.Color, **more: Any) -> alt.Chart:  # noqa: ANN401 - mark properties
    """Return circles with an outline of their full colour and a fill that lets others shine through."""
    circles: alt.Chart = chart.mark_circle(
        aria=False, fillOpacity=FILL_OPACITY, strokeOpacity=1, strokeWidth=1, **more
    )
    outline = alt.Stroke(colour["shorthand"], scale=colour["scale"], legend=colour["legend"])
    return circles.encode(color=colour, stroke=outline)


def words_over_marks(base: alt.Chart, **more: Any) -> AnyChart:  # noqa: ANN401 - mark properties
    """Return text and, under it, its outline in the colour of the page: it can be read on top of dots."""
    outline = base.mark_text(
        aria=False, color=BACKGROUND, stroke=BACKGROUND, strokeWidth=3, strokeJoin="round", **more
    )
    return alt.layer(outline, base.mark_text(aria=False, color=LABEL_COLOUR, **more))


def image_size(title: str = "Image size, pixels") -> alt.Size:
    """Return image size as mark size, power scale of exponent 2."""
    return alt.Size(
        "img_size:Q",
        scale=alt.Scale(type="pow", exponent=2, range=[20, 320]),
        legend=alt.Legend(
            title=title, values=[128, 224, 384, 512], symbolFillColor="#777777", symbolStrokeWidth=0
        ),
    )


def grouped(rows: pd.DataFrame, context: ChartContext) -> pd.DataFrame:
    """Add ``group``: the family, or that it is one of the others.

    Families with most frontier members, then models, get a colour. Rows of the others come first, so that
    they are drawn underneath; within that the fastest first, in whatever order the rows came.
    """
    rows = rows.sort_values(["secs", "model", "img_size"])
    if context.every_family:
        return rows.assign(group=rows["family"])
    per_family = rows.groupby("family").agg(front=("is_pareto", "sum"), models=("model", "size"))
    order = per_family.reset_index().sort_values(
        ["front", "models", "family"], ascending=[False, False, True]
    )
    named = rows.assign(group=groups(rows["family"], coloured(order["family"])))
    other = is_other(named["group"])
    return pd.concat([named[other], named[~other]])


def tooltip() -> list[alt.Tooltip]:
    """Return what a dot tells when pointed at."""
    return [
        alt.Tooltip("family:N", title="family"),
        alt.Tooltip("model:N", title="model"),
        alt.Tooltip("img_size:Q", title="image size, pixels"),
        alt.Tooltip("top1:Q", title="top-1, %", format=".3f"),
        alt.Tooltip("secs:Q", title="time per image, s", format=".4~s"),
        alt.Tooltip("samples_per_sec:Q", title="throughput, images/s", format=",.2f"),
        alt.Tooltip("batch_size:Q", title="batch size"),
        alt.Tooltip("param_count:Q", title="parameters, millions", format=",.2f"),
    ]


POINT_COLUMNS = (
    "model", "family", "pretraining", "img_size", "top1", "secs", "samples_per_sec", "batch_size",
    "param_count",
)  # fmt: skip
"""Columns of a dot in every scatter chart; a chart adds what it needs."""
