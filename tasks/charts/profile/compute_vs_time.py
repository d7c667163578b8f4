"""Time against GMACs and against activations: does compute predict speed?"""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from tasks.charts.chart import ROWS, Chart, ChartContext, ChartRows, without_toys
from tasks.charts.parts.encodings import (
    POINT_COLUMNS,
    dots,
    grouped,
    log_scale,
    log_ticks,
    time_axis,
    tooltip,
)
from tasks.charts.parts.families import family_colour, legend_click
from tasks.charts.theme import HEIGHT, WIDTH
from tasks.tables.finding import Finding
from tasks.tables.ranks import rank_correlation

_PANELS: Final = {
    "gmacs": "Multiply-accumulates for one image, 10^9 (GMACs, log scale)",
    "macts": "Activations for one image, 10^6 (log scale)",
}
_GAP: Final = 60


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models whose GMACs and activations are known and not zero (the axes are logarithmic)."""
    kept, left_out = without_toys(merged)
    known = kept[(kept["gmacs"] > 0) & (kept["macts"] > 0)]
    left_out["GMACs or activations not known, or files disagree on them"] = len(kept) - len(known)
    rows = grouped(known[[*POINT_COLUMNS, "is_pareto", "gmacs", "macts"]], context)
    borrowed = int(known["borrowed"].sum()) if "borrowed" in known else 0
    return ChartRows(
        rows.drop(columns="is_pareto").reset_index(drop=True),
        left_out=left_out,
        notes=(Finding("compute-borrowed", borrowed),) if borrowed else (),
    )


def build(rows: ChartRows, context: ChartContext) -> alt.HConcatChart:
    """Return two panels side by side that share the time axis and the colours."""
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    first, second = (_panel(rows.rows, column, colour, context).encode(opacity=opacity) for column in _PANELS)
    return alt.hconcat(first.add_params(click), second, spacing=_GAP)


def _panel(rows: pd.DataFrame, column: str, colour: alt.Color, context: ChartContext) -> Any:  # noqa: ANN401 - a chart as Altair types it
    ticks = log_ticks(rows[column], narrow=True)
    return (
        dots(alt.Chart(ROWS), colour, size=40)
        .encode(
            x=alt.X(
                f"{column}:Q",
                scale=log_scale(),
                axis=alt.Axis(title=_PANELS[column], format=",~r", values=ticks),
            ),
            y=alt.Y("secs:Q", scale=log_scale(), axis=time_axis(rows, context)),
            tooltip=[
                *tooltip(),
                alt.Tooltip("gmacs:Q", title="GMACs", format=",.2f"),
                alt.Tooltip("macts:Q", title="activations, millions", format=",.2f"),
            ],
        )
        .properties(width=(WIDTH - _GAP) // 2, height=HEIGHT)
    )


def describe(rows: ChartRows) -> list[Finding]:
    """State how well compute predicts time."""
    frame = rows.rows
    ranks = {column: rank_correlation(frame[column], frame["secs"]) for column in _PANELS}
    if None in ranks.values():
        return [Finding("dots-in-two-panels", len(frame))]
    return [Finding("compute-and-time", len(frame), values=ranks)]


CHART = Chart(
    stem="compute-vs-time",
    title="Time per image against compute",
    question="Does compute predict speed?",
    category="size",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    borrows=True,
)
