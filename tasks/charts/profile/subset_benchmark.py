"""Accuracy against time for well-known families, with a logarithmic regression line for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from tasks.charts.chart import LINES, ROWS, Chart, ChartContext, ChartRows, Line, row_with_most
from tasks.charts.parts.encodings import POINT_COLUMNS, dots, grouped, image_size, time_x, tooltip, top1_y
from tasks.charts.parts.families import family_colour, legend_click
from tasks.charts.theme import HEIGHT
from tasks.tables.finding import Finding
from tasks.tables.frames import rows_of

FAMILIES: Final = re.compile(r"levit|resnetd?|regnetx|vgg|convnext.*|efficientnetv2|beit")
_FITS_IN_A_LINE: Final = 4
FEWEST_MODELS: Final = 10
"""From which on a family is compared with others in words."""
FEWEST_POINTS: Final = 3
"""A line through two points fits perfectly and says nothing."""


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return the models of the chosen families and the ends of each family's fitted line."""
    chosen = merged[merged["family"].map(lambda name: bool(FAMILIES.fullmatch(name))).astype(bool)]
    rows = grouped(chosen[[*POINT_COLUMNS, "is_pareto"]], context).reset_index(drop=True)
    lines, without = fit_lines(rows, whole=context.preset is not None)
    lines["group"] = lines["family"].map(dict(zip(rows["family"], rows["group"], strict=True)))
    notes = _fits(lines)
    if without:
        names = ", ".join(without)
        notes.append((Finding("no-fit", len(without), {"families": names}, {"fewest": FEWEST_POINTS}),))
    left_out = {"models of other families": len(merged) - len(rows)}
    return ChartRows(rows.drop(columns="is_pareto"), lines, left_out, tuple(notes))


def fit_lines(rows: pd.DataFrame, *, whole: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """Fit top1 = a + b ln(secs) for each family, by least squares.

    Args:
        rows: With family, secs and top1.
        whole: Draw each line over all times of its family. Else it ends where it leaves the accuracies that
            were measured: a line above every model there is promises what nobody has.

    Returns:
        Two rows a family (the ends of its line: the fit is straight on a log axis) with n, R2 and ``gain``
        (points of top-1 for twice the time; null where the times span no doubling); and the families with
        too few different times for a fit.
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
        fit: dict[str, object] = {
            "family": family,
            "n": len(members),
            "r2": r2,
            # Where no two times are a doubling apart nobody can gain that much: the line says nothing of it.
            "gain": float(slope * np.log(2)) if time.max() - time.min() >= np.log(2) else None,
        }
        for end in (time.min(), time.max()):
            at = intercept + slope * end
            y = at if whole else float(np.clip(at, top1.min(), top1.max()))
            x = end if y == at else (y - intercept) / slope
            ends.append(fit | {"secs": float(np.exp(x)), "top1": float(y)})
    return pd.DataFrame(ends, columns=["family", "secs", "top1", "n", "r2", "gain"]), without


def _fits(lines: pd.DataFrame) -> list[Line]:
    """Return what each line says, steepest first, a few families to a line of the caption."""
    fits = lines.drop_duplicates("family").sort_values(["gain", "family"], ascending=[False, True])
    told = [
        Finding("family-fit-short", fit.n, {"family": fit.family}, {"r2": fit.r2})
        if pd.isna(fit.gain)
        else Finding("family-fit", fit.n, {"family": fit.family}, {"gain": fit.gain, "r2": fit.r2})
        for fit in rows_of(fits)
    ]
    starts = range(0, len(told), _FITS_IN_A_LINE)
    parts = [told[start : start + _FITS_IN_A_LINE] for start in starts]
    return [
        ("points for twice the time: " if start == 0 else "", *_with_commas(part))
        for start, part in zip(starts, parts, strict=True)
    ]


def _with_commas(told: Sequence[Finding]) -> Iterator[str | Finding]:
    for number, finding in enumerate(told):
        if number:
            yield ", "
        yield finding


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
                alt.Tooltip("gain:Q", title="points for twice the time", format="+.2f"),
                alt.Tooltip("n:Q", title="models in the fit"),
                alt.Tooltip("r2:Q", title="R2 of top-1 = a + b ln(time)", format=".2f"),
            ],
        )
    )
    return alt.layer(models, fitted)


def describe(rows: ChartRows) -> list[Finding]:
    """State which family gains most accuracy for more time, of those with enough models to tell."""
    frame = rows.rows
    lines = pd.DataFrame(columns=["family"]) if rows.lines is None else rows.lines
    values = {"families": int(frame["family"].nunique()), "fitted": int(lines["family"].nunique())}
    told = [Finding("families-fitted", len(frame), values=values)]
    if lines.empty:
        return told
    eligible = lines[lines["gain"].notna() & (lines["n"] >= FEWEST_MODELS)].drop_duplicates("family")
    if eligible.empty:
        return told
    steepest = row_with_most(eligible, "gain")
    gains = {
        "fewest": FEWEST_MODELS,
        "steepest": steepest.family,
        "gain": float(steepest.gain),
        "members": int(steepest.n),
        "r2": float(steepest.r2),
    }
    return [*told, Finding("steepest-family", len(eligible), values=gains)]


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
