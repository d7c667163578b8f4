"""Benchmarks of one device over PyTorch releases, each release against the oldest."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from tasks.charts.chart import LINES, ROWS, AnyChart, Chart, ChartContext, ChartRows
from tasks.charts.pairs.choose import most_comparable
from tasks.charts.pairs.find import ProfilePair, pairs_in
from tasks.charts.pairs.findings import in_full, is_noise
from tasks.charts.pairs.panels import filled, ratio_span, ratio_tooltip, ratio_y
from tasks.charts.pairs.rows import panel_rows
from tasks.charts.pairs.shared import measurements_of
from tasks.charts.pairs.words import panel_of, word
from tasks.charts.parts.encodings import across_band, dots
from tasks.charts.parts.families import family_colour, legend_click
from tasks.charts.parts.geometry import swarm
from tasks.charts.theme import FRONTIER_COLOUR, LABEL_COLOUR
from tasks.tables.finding import Finding
from tasks.tables.profiles import profiles_of, release
from tasks.tables.sentences import say

_HEIGHT: Final = 500
_TOUCHING: Final = 5.0  # pixels within which two dots of a column overlap
_HEADROOM: Final = 0.06  # share of the axis above the dots, for the medians in words
_LINES_IN_WORDS: Final = (
    "numbers and thick lines: medians; thin line, if there is one: the median of all; noise: no more than "
    "a re-run changes"
)
_ACROSS: Final = [-1.05, 1.05]


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return models measured with a release and with the oldest one, alike in everything else."""
    dated = [profile for profile in profiles_of(benchmarks) if profile.torch]
    pairs = pairs_in(dated, "torch", release)
    oldest: dict[tuple[str, ...], tuple[int, ...]] = {}
    for pair in pairs:
        settings, age = pair.base.settings, release(pair.base)
        oldest[settings] = min(age, oldest.get(settings, age))
    found = most_comparable(
        measurements_of(benchmarks),
        [pair for pair in pairs if release(pair.base) == oldest[pair.base.settings]],
        lambda pair: (pair.base.settings, pair.other.torch),
    )
    found = sorted(found, key=lambda found: (found.pair.base.settings, release(found.pair.other)))
    panels = [replace(panel_of(pair, "torch"), title=_title(pair.pair), same="") for pair in found]
    nothing = "benchmark rows: no two profiles differ in the PyTorch release alone"
    made = panel_rows(panels, benchmarks, context, nothing)
    if made.lines is None:
        return made
    medians = [_median(finding) for finding in made.told if "median" in finding.values]
    return replace(
        made,
        rows=made.rows.assign(spread=_spread(made.rows)),
        lines=made.lines.assign(text=[say(finding) for finding in medians]),
        labels=None,
        notes=(*(note for note in made.notes if isinstance(note, Finding)), _LINES_IN_WORDS),
        subject=f"{made.subject}, each PyTorch release against the oldest one",
        told=(*made.told, *medians),
    )


def _title(pair: ProfilePair) -> str:
    """Return device and conditions, and the releases; line by line under the column."""
    lines = (("device",), ("mode", "precision"), ("layout", "compiler"))
    told = [", ".join(word(pair.base, name) for name in names) for names in lines]
    return "\n".join([*told, f"PyTorch {pair.other.torch}", f"over {pair.base.torch}"])


def _median(finding: Finding) -> Finding:
    median = finding.values["median"]
    kind = "pair-median-even" if is_noise(float(median or 0)) else "pair-median"
    return Finding(kind, finding.n, finding.over, {"median": median})


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
    medians = alt.Chart(LINES)
    rules = [
        medians.mark_rule(aria=False, strokeWidth=thick, color=FRONTIER_COLOUR).encode(
            **across_band(column), y=ratio_y(field, down)
        )
        for field, thick in (("median_of_all", 1), ("median", 2.5))
    ]
    numbers = medians.mark_text(
        aria=False, baseline="top", fontSize=12, fontWeight="bold", color=LABEL_COLOUR
    ).encode(x=column, y=alt.value(6), text="text:N")
    return alt.layer(models, *rules, numbers)


def describe(rows: ChartRows) -> list[Finding]:
    """State the median of each release, and how many models got slower."""
    return [in_full(finding) for finding in rows.told if not finding.kind.startswith("pair-median")]


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
