"""How many models each family has in a profile."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from tasks.charts.chart import ROWS, Chart, ChartContext, ChartRows, row_with_most, without_toys
from tasks.charts.theme import COLOURS, WIDTH
from tasks.tables.finding import Finding

_MOST: Final = 40
_BAR_HEIGHT: Final = 18


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return families with their number of merged rows, longest first."""
    kept, toys = without_toys(merged)
    counts = kept.groupby("family").size().rename("models").reset_index()
    counts = counts.sort_values(["models", "family"], ascending=[False, True]).reset_index(drop=True)
    shown = counts if context.every_family else counts.head(_MOST)
    rest = counts.iloc[len(shown) :]
    left_out = {"families with fewer models": len(rest)}
    models = int(rest["models"].sum())
    notes = [Finding("models-of-rest", models)] if models else []
    notes += [Finding("toys-not-counted", n) for n in toys.values() if n]
    return ChartRows(shown, left_out=left_out, notes=tuple(notes), unit="families")


def build(rows: ChartRows, context: ChartContext) -> alt.LayerChart | alt.FacetChart:
    """Return horizontal bars with their numbers."""
    del context
    base = alt.Chart(ROWS).encode(
        x=alt.X("models:Q", axis=alt.Axis(title="Merged rows: models at an image size", tickMinStep=1)),
        y=alt.Y("family:N", sort=None, axis=alt.Axis(title=None)),
        tooltip=[alt.Tooltip("family:N"), alt.Tooltip("models:Q", title="merged rows")],
    )
    bars = base.mark_bar(aria=False, color=COLOURS[0])
    numbers = base.mark_text(aria=False, align="left", dx=4, color="#333333", fontSize=11).encode(
        text="models:Q"
    )
    return alt.layer(bars, numbers).properties(width=WIDTH, height=_BAR_HEIGHT * len(rows.rows))


def describe(rows: ChartRows) -> list[Finding]:
    """State the largest family."""
    largest = row_with_most(rows.rows, "models")
    values = {"largest": largest.family, "models": int(largest.models)}
    return [Finding("largest-family", len(rows.rows), values=values)]


CHART = Chart(
    stem="family-counts",
    title="Models in each family",
    question="Which families are there, and how many models has each?",
    category="overview",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
)
