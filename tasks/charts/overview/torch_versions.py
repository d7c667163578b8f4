"""Benchmarks of one device over PyTorch releases, each release against the oldest."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from tasks.charts.chart import LINES, ROWS, AnyChart, Chart, ChartContext, ChartRows
from tasks.charts.pairs.find import ProfilePair, first_of_each, pairs_in
from tasks.charts.pairs.findings import describe as describe_pairs
from tasks.charts.pairs.panels import filled, ratio_span, ratio_tooltip, ratio_y
from tasks.charts.pairs.rows import panel_rows
from tasks.charts.pairs.words import Panel, panel_of, times, word
from tasks.charts.parts.encodings import dots, family_colour, legend_click
from tasks.charts.parts.geometry import swarm
from tasks.charts.theme import FRONTIER_COLOUR, LABEL_COLOUR, WIDTH
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.profiles import profiles_of, release

_HEIGHT: Final = 500
_TOUCHING: Final = 5.0  # pixels within which two dots of a column overlap
_HEADROOM: Final = 0.06  # share of the axis above the dots, for the medians in words
_ACROSS: Final = [-1.05, 1.05]


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured with a release and with the oldest one, alike in everything else."""
    dated = [profile for profile in profiles_of(benchmarks) if profile.torch]
    pairs = pairs_in(dated, "torch", release)
    oldest = {_series(pair.base): min(release(p.base) for p in pairs if _series(p.base) == _series(pair.base))
              for pair in pairs}  # fmt: skip
    from_oldest = [pair for pair in pairs if release(pair.base) == oldest[_series(pair.base)]]
    chosen = first_of_each(from_oldest, lambda pair: (_series(pair.base), pair.other.torch))
    newest_first = sorted(chosen, key=lambda pair: release(pair.other), reverse=True)
    panels = [_titled(panel_of(benchmarks, pair, "torch"), pair) for pair in newest_first]
    nothing = "benchmark rows: no two profiles differ in the PyTorch release alone"
    made = panel_rows(benchmarks, panels, context, nothing)
    if made.lines is None or made.rows.empty:
        return made
    order = {_titled_as(pair): (_series(pair.base), release(pair.other)) for pair in chosen}
    lines = made.lines.assign(order=made.lines["panel"].map(order)).sort_values("order")
    drawn = lines["median"].astype(float).fillna(lines["median_of_all"])
    lines["text"] = [f"median {times(median)}" for median in drawn]
    return replace(
        made,
        rows=made.rows.assign(spread=_spread(made.rows)),
        lines=lines.drop(columns="order").reset_index(drop=True),
        subject=made.subject + ", each release against the oldest one",
    )


def _series(profile: BenchmarkProfile) -> tuple[str, str, str, str, str]:
    return profile.device, profile.mode, profile.precision, profile.layout, profile.compiler


def _titled(panel: Panel, pair: ProfilePair) -> Panel:
    return replace(panel, title=_titled_as(pair))


def _titled_as(pair: ProfilePair) -> str:
    """Return device and conditions, and the releases; line by line under the column."""
    first = f"{word(pair.base, 'device')}, {word(pair.base, 'mode')}"
    second = ", ".join(word(pair.base, name) for name in ("precision", "layout", "compiler"))
    return f"{first}\n{second}\nPyTorch {pair.other.torch} over {pair.base.torch}"


def _spread(rows: pd.DataFrame) -> pd.Series:
    down = ratio_span(rows["ratio"], _HEIGHT)
    room = float(np.log(down.high / down.low)) / _HEIGHT * _TOUCHING
    return rows.groupby("panel")["ratio"].transform(lambda ratio: swarm(list(np.log(ratio)), room))


def build(rows: ChartRows, context: ChartContext) -> AnyChart:
    """Return a column of dots for each release, with its median."""
    del context
    lines = rows.lines if rows.lines is not None else pd.DataFrame()
    down = ratio_span(rows.rows["ratio"], _HEIGHT)
    down = replace(down, high=down.high * (down.high / down.low) ** _HEADROOM)
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    column = alt.X(
        "panel:N",
        sort=list(lines["panel"]),
        axis=alt.Axis(title=None, labelAngle=0, labelExpr="split(datum.label, '\\n')", labelLimit=0),
    )
    y = ratio_y("ratio", down)
    models = (
        dots(alt.Chart(ROWS), colour, size=12)
        .encode(
            x=column,
            xOffset=alt.XOffset("spread:Q", scale=alt.Scale(domain=_ACROSS)),
            y=y,
            opacity=opacity,
            fillOpacity=filled(),
            tooltip=ratio_tooltip(),
        )
        .add_params(click)
    )
    medians = alt.Chart(LINES).encode(x=column)
    wide = WIDTH / max(len(lines), 1) * 0.8
    ticks = [
        medians.mark_tick(aria=False, thickness=thick, color=FRONTIER_COLOUR, width=wide, opacity=1).encode(
            y=ratio_y(field, down)
        )
        for field, thick in (("median_of_all", 1), ("median", 2.5))
    ]
    numbers = medians.mark_text(
        aria=False, baseline="top", fontSize=12, fontWeight="bold", color=LABEL_COLOUR
    ).encode(y=alt.value(6), text="text:N")
    return alt.layer(models, *ticks, numbers)


def describe(rows: ChartRows) -> str:
    """State the median ratio and the share that got slower, release by release."""
    if rows.lines is None:
        return ""
    one_line = rows.lines["panel"].str.replace("\n", ", ")
    return describe_pairs(replace(rows, lines=rows.lines.assign(panel=one_line)))


CHART = Chart(
    stem="torch-versions",
    title="PyTorch releases against the oldest one measured",
    question="Did newer PyTorch releases make models faster?",
    category="comparison",
    height=_HEIGHT,
    prepare=prepare,
    build=build,
    describe=describe,
    table="benchmarks",
    scope="overview",
)
