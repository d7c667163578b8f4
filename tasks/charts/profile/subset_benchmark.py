"""Accuracy against time for well-known families, with a logarithmic regression line for each."""

from __future__ import annotations

import re
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from tasks.charts.chart import LINES, ROWS, Chart, ChartContext, ChartRows, row_with_most
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
from tasks.charts.theme import HEIGHT
from tasks.tables.frames import rows_of

FAMILIES: Final = re.compile(r"levit|resnetd?|regnetx|vgg|convnext.*|efficientnetv2|beit")
_FITS_IN_A_LINE: Final = 6
FEWEST_POINTS: Final = 3
"""A line through two points fits perfectly and says nothing."""


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return the models of the chosen families and the ends of each family's fitted line."""
    chosen = merged[merged["family"].map(lambda name: bool(FAMILIES.fullmatch(name))).astype(bool)]
    rows = grouped(chosen[[*POINT_COLUMNS, "is_pareto"]], context).reset_index(drop=True)
    lines, without = fit_lines(rows)
    lines["group"] = lines["family"].map(dict(zip(rows["family"], rows["group"], strict=True)))
    notes = _fits_in_words(lines)
    if without:
        notes.append(f"no line for {', '.join(without)}: fewer than {FEWEST_POINTS} times to fit")
    left_out = {"models of other families": len(merged) - len(rows)}
    return ChartRows(rows.drop(columns="is_pareto"), lines, left_out, tuple(notes))


def fit_lines(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Fit top1 = a + b ln(secs) for each family, by least squares.

    Returns:
        Two rows a family (first and last time: the fit is straight on a log axis) with n and R2, and the
        families with too few different times for a fit.
    """
    ends: list[dict[str, object]] = []
    without: list[str] = []
    for family, members in rows.groupby("family", sort=True):
        time = np.log(members["secs"].to_numpy(dtype=float))
        top1 = members["top1"].to_numpy(dtype=float)
        if len(np.unique(time)) < FEWEST_POINTS:
            without.append(str(family))
            continue
        slope, intercept = np.polyfit(time, top1, 1)
        spread = float(((top1 - top1.mean()) ** 2).sum())
        r2 = 1 - float(((top1 - intercept - slope * time) ** 2).sum()) / spread if spread else 0.0
        ends.extend(
            {
                "family": family,
                "secs": float(np.exp(end)),
                "top1": float(intercept + slope * end),
                "n": len(members),
                "r2": round(r2, 4),
            }
            for end in (time.min(), time.max())
        )
    return pd.DataFrame(ends, columns=["family", "secs", "top1", "n", "r2"]), without


def _fits_in_words(lines: pd.DataFrame) -> list[str]:
    """Return how well each line fits, a few families to a line of the caption."""
    fits = lines.drop_duplicates("family")
    words = [f"{fit.family} {fit.r2:.2f} (n {fit.n})" for fit in rows_of(fits)]
    return [
        ("R2 of the fits: " if start == 0 else "") + ", ".join(words[start : start + _FITS_IN_A_LINE])
        for start in range(0, len(words), _FITS_IN_A_LINE)
    ]


def build(rows: ChartRows, context: ChartContext) -> alt.LayerChart | alt.FacetChart:
    """Return dots and fitted lines in the colours of their families."""
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    x, y = time_x(rows.rows, context), top1_y()
    models = (
        dots(alt.Chart(ROWS), colour)
        .encode(x=x, y=y, size=image_size(), opacity=opacity, tooltip=tooltip())
        .add_params(click)
    )
    if rows.lines is None or rows.lines.empty:
        return alt.layer(models)  # a layer without data makes Vega complain
    fitted = (
        alt.Chart(LINES)
        .mark_line(aria=False, strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=colour,
            detail="family:N",
            opacity=opacity,
            tooltip=[
                alt.Tooltip("family:N", title="family"),
                alt.Tooltip("n:Q", title="models in the fit"),
                alt.Tooltip("r2:Q", title="R2 of top-1 = a + b ln(time)", format=".2f"),
            ],
        )
    )
    return alt.layer(models, fitted)


def describe(rows: ChartRows) -> str:
    """State how many families there are and which one has the best model."""
    best = row_with_most(rows.rows, "top1")
    return (
        f"{len(rows.rows):,} dots in {rows.rows['family'].nunique()} families, with a fitted line for "
        f"{0 if rows.lines is None else rows.lines['family'].nunique()} of them; most accurate: "
        f"{best.model} with {best.top1:.1f} % top-1."
    )


CHART = Chart(
    stem="subset-benchmark",
    title="Accuracy against time per image, well-known families",
    question="Which family gains most accuracy for more time?",
    category="speed",
    height=HEIGHT,
    prepare=prepare,
    build=build,
    describe=describe,
)
