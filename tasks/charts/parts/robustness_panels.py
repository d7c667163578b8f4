"""The picture of robustness: a panel for each test set, its reference across."""

from __future__ import annotations

import re
import textwrap
from typing import Any, Final

import altair as alt
import pandas as pd

from config.vocabulary import TEST_SETS
from tasks.charts.chart import LINES, ROWS, AnyChart, ChartContext, ChartRows
from tasks.charts.parts.encodings import dots
from tasks.charts.parts.families import family_colour, legend_click
from tasks.charts.parts.geometry import span
from tasks.charts.theme import FRONTIER_COLOUR, WIDTH
from tasks.tables.finding import Finding
from tasks.tables.frames import rows_of
from tasks.tables.sentences import say

EQUAL: Final = "no loss"
TREND: Final = "medians"
_GAP: Final = 70
_COLUMNS: Final = 3
_TALLEST: Final = 420
_TITLE_WIDTH: Final = 34  # letters
_SHORT: Final = {name: re.sub(r" \(\d+ classes\)", "", words) for name, words in TEST_SETS.items()}
"""Names for headings, which have a third of the width."""


def column_of(test_set: str) -> str:
    """Return the name of a test set's column; dots and dashes mean something to Vega."""
    return re.sub(r"\W", "_", test_set)


def build(rows: ChartRows, context: ChartContext) -> AnyChart:
    """Return a panel for each test set: its reference across, itself up."""
    del context
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    facts = facts_of(rows)
    columns = min(len(facts), _COLUMNS)
    width = (WIDTH - _GAP * (columns - 1)) // columns
    panels = []
    for number, line in enumerate(rows_of(facts)):
        across, up = column_of(line.reference), column_of(line.panel)
        x = alt.X(f"{across}:Q", scale=_scale(rows.rows[across]), axis=_axis(line.reference))
        y = alt.Y(f"{up}:Q", scale=_scale(rows.rows[up]), axis=_axis(line.panel))
        models = dots(alt.Chart(name=f"panel_{number}"), colour, size=10).encode(
            x=x, y=y, opacity=opacity, tooltip=_tooltip(line)
        )
        if number == 0:
            models = models.add_params(click)
        title = alt.TitleParams(
            _SHORT.get(line.panel, line.panel),
            fontSize=13,
            offset=8,
            subtitle=[say(finding) for finding in found(line)],
        )
        drawn = alt.layer(models, *_drawn_lines(line, x, y))
        panels.append(drawn.properties(width=width, height=min(width, _TALLEST), title=title))
    return alt.concat(*panels, data=ROWS, columns=columns)


def facts_of(rows: ChartRows) -> pd.DataFrame:
    """Return a row for each panel."""
    return pd.DataFrame() if rows.lines is None else rows.lines.drop_duplicates("panel")


def _scale(values: pd.Series) -> alt.Scale:
    return alt.Scale(nice=False, zero=False, domain=span(values.dropna(), WIDTH).domain)


def _axis(test_set: str) -> alt.Axis:
    words = _SHORT.get(test_set, test_set)
    return alt.Axis(title=[*textwrap.wrap(words, _TITLE_WIDTH), "top-1, %"], titleFontSize=12, tickCount=6)


def found(line: Any) -> list[Finding]:  # noqa: ANN401 - a row of the facts
    """State the gap of a panel, and how well its reference tells the ranking."""
    over = {"test_set": line.panel, "reference": line.reference}
    gap = Finding("gap", line.models, over, {"gap": line.median_gap})
    if pd.isna(line.rank_correlation):
        return [gap]
    return [gap, Finding("gap-ranks", line.models, over, {"rank": line.rank_correlation})]


def best_on(line: Any) -> Finding:  # noqa: ANN401 - a row of the facts
    """State which model is best on a test set."""
    over = {"test_set": line.panel, "reference": line.reference}
    return Finding("best-on", line.models, over, {"best": line.best, "top1": line.best_top1})


def _drawn_lines(line: Any, x: alt.X, y: alt.Y) -> list[alt.Chart]:  # noqa: ANN401 - a row of the facts
    base = alt.Chart(LINES).transform_filter(alt.datum.panel == line.panel)
    base = base.encode(
        x=alt.X("x:Q", scale=x["scale"], axis=x["axis"]), y=alt.Y("y:Q", scale=y["scale"], axis=y["axis"])
    )
    return [
        base.transform_filter(alt.datum.kind == kind).mark_line(aria=False, color=FRONTIER_COLOUR, **style)
        for kind, style in (
            (EQUAL, {"strokeWidth": 1, "strokeDash": [4, 3]}),
            (TREND, {"strokeWidth": 1.5}),
        )
    ]


def _tooltip(line: Any) -> list[alt.Tooltip]:  # noqa: ANN401 - a row of the facts
    return [
        alt.Tooltip("model:N", title="model"),
        alt.Tooltip("family:N", title="family"),
        alt.Tooltip("pretraining:N", title="pretraining"),
        alt.Tooltip("img_size:Q", title="image size, pixels"),
        *(
            alt.Tooltip(f"{column_of(name)}:Q", title=_SHORT.get(name, name), format=".2f")
            for name in (line.reference, line.panel)
        ),
        alt.Tooltip(f"{column_of(line.panel)}_gap:Q", title="gap, points", format="+.2f"),
    ]
