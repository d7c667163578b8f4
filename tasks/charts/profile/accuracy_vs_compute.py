"""Accuracy against GMACs and activations, coloured by time: does compute predict speed?"""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from tasks.charts.chart import ROWS, Chart, ChartContext, ChartRows, seconds, without_toys
from tasks.charts.parts.encodings import POINT_COLUMNS, dots, log_scale, log_ticks, tooltip, top1_y
from tasks.charts.theme import HEIGHT, RAMP, WIDTH

_PANELS: Final = {
    "gmacs": "Multiply-accumulates for one image, 10^9 (GMACs, log scale)",
    "macts": "Activations for one image, 10^6 (log scale)",
}
_GAP: Final = 60
_FEWEST: Final = 3


def prepare(merged: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models whose GMACs and activations are known and not zero (the axes are logarithmic)."""
    del context
    kept, left_out = without_toys(merged)
    known = kept[(kept["gmacs"] > 0) & (kept["macts"] > 0)]
    left_out["GMACs or activations not known, or files disagree on them"] = len(kept) - len(known)
    rows = known[[*POINT_COLUMNS, "gmacs", "macts"]].sort_values(["secs", "model", "img_size"])
    borrowed = int(known["borrowed"].sum()) if "borrowed" in known else 0
    notes = [f"{borrowed:,} rows have their GMACs from other benchmark files"] if borrowed else []
    if len(rows) >= _FEWEST:
        notes.append(
            "rank correlation with time per image: "
            f"GMACs {_rank_correlation(rows, 'gmacs'):.2f}, "
            f"activations {_rank_correlation(rows, 'macts'):.2f}"
        )
    banded = rows.assign(time_band=_bands(rows["secs"]))
    return ChartRows(banded.reset_index(drop=True), left_out=left_out, notes=tuple(notes))


def _bands(secs: pd.Series) -> list[str]:
    """Return for each time, in rising order, the sixth of all times it is in, in words."""
    place = (secs.rank(method="min") - 1) * len(RAMP) // max(len(secs), 1)
    words = {band: f"{seconds(times.min())} to {seconds(times.max())}" for band, times in secs.groupby(place)}
    return [words[band] for band in place]


def build(rows: ChartRows, context: ChartContext) -> alt.HConcatChart:
    """Return two panels side by side that share the accuracy axis and the colours of time."""
    what = "Inference" if context.mode == "infer" else "Training"
    bands = list(dict.fromkeys(rows.rows["time_band"]))
    time = alt.Color(
        "time_band:N",
        scale=alt.Scale(domain=bands, range=list(RAMP[: len(bands)])),
        legend=alt.Legend(title=[f"{what} time per image,", "a sixth of the rows each"]),
    )
    return alt.hconcat(*[_panel(rows.rows, column, time) for column in _PANELS], spacing=_GAP)


def _panel(rows: pd.DataFrame, column: str, time: alt.Color) -> alt.Chart:
    chart: alt.Chart = (
        dots(alt.Chart(ROWS), time, size=40)
        .encode(
            x=alt.X(
                f"{column}:Q",
                scale=log_scale(),
                axis=alt.Axis(
                    title=_PANELS[column], format=",~r", values=log_ticks(rows[column], narrow=True)
                ),
            ),
            y=top1_y(),
            tooltip=[
                *tooltip(),
                alt.Tooltip("gmacs:Q", title="GMACs", format=",.2f"),
                alt.Tooltip("macts:Q", title="activations, millions", format=",.2f"),
            ],
        )
        .properties(width=(WIDTH - _GAP) // 2, height=HEIGHT)
    )
    return chart


def describe(rows: ChartRows) -> str:
    """State how well compute predicts time."""
    frame = rows.rows
    if len(frame) < _FEWEST:
        return f"{len(frame):,} dots in each of two panels."
    return (
        f"{len(frame):,} dots in each of two panels; rank correlation with time per image: "
        f"{_rank_correlation(frame, 'gmacs'):.2f} for GMACs, {_rank_correlation(frame, 'macts'):.2f} "
        "for activations."
    )


def _rank_correlation(rows: pd.DataFrame, column: str) -> float:
    """Return Spearman's rank correlation with time; 0 where one of the two never changes."""
    if rows[column].nunique() < 2 or rows["secs"].nunique() < 2:
        return 0.0
    return float(rows[column].rank().corr(rows["secs"].rank()))


CHART = Chart(
    stem="accuracy-vs-compute",
    title="Accuracy against compute",
    question="Does compute predict speed?",
    category="size",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    borrows=True,
)
