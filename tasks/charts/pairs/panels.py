"""The picture of pairs of profiles: a panel for each pair, ratio of throughput against time per image."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import altair as alt
import pandas as pd

from tasks.charts.chart import LINES, ROWS, AnyChart, Chart, ChartContext, ChartRows
from tasks.charts.pairs.findings import describe, findings
from tasks.charts.parts.encodings import dots, family_colour, legend_click, log_ticks
from tasks.charts.parts.geometry import Span, span
from tasks.charts.theme import FILL_OPACITY, FRONTIER_COLOUR, WIDTH
from tasks.tables.frames import rows_of

ONE_COLOUR: Final = "#888888"
_GAP: Final = 70
_NEAR_ONE: Final = 2.0  # an axis that comes this close to 1 goes on to 1
_SHARED: Final = 30.0  # ratio of the extremes up to which the panels share their axis
_MOST_TICKS: Final = 10
_DIGITS: Final = (
    (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 1.5, 2, 3, 5, 7),
    (1, 2, 5),
    (1,),
)


def pair_chart(
    *, stem: str, title: str, question: str, prepare: Callable[[pd.DataFrame, ChartContext], ChartRows]
) -> Chart:
    """Declare a chart of pairs of profiles; ``prepare`` says which."""
    return Chart(
        stem=stem,
        title=title,
        question=question,
        category="comparison",
        height=None,
        prepare=prepare,
        build=build,
        describe=describe,
        table="benchmarks",
        scope="overview",
    )


def build(rows: ChartRows, context: ChartContext) -> AnyChart:
    """Return a panel for each pair of profiles; the thick line is its median, hollow is not comparable."""
    del context
    lines = rows.lines if rows.lines is not None else pd.DataFrame()
    columns = len(lines) if len(lines) < 4 else 2 if len(lines) == 4 else 3
    width, height = (WIDTH - _GAP * (columns - 1)) // columns, 500 if columns == 1 else 340
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    every = rows.rows["ratio"]
    shared = every.max() / every.min() <= _SHARED
    panels = []
    for number, (line, title) in enumerate(zip(rows_of(lines), _titles(lines), strict=True)):
        members = rows.rows[rows.rows["panel"] == line.panel]
        down = ratio_span(every if shared else members["ratio"], height)
        models = (
            dots(alt.Chart(name=f"panel_{number}"), colour, size=40 if columns == 1 else 22)
            .transform_filter(alt.datum.panel == line.panel)
            .encode(x=_time_x(members, line, width), y=ratio_y("ratio", down), opacity=opacity)
            .encode(tooltip=ratio_tooltip(), fillOpacity=filled())
        )
        panels.append(
            alt.layer(
                *_rules(line, down), models.add_params(click) if number == 0 else models
            ).properties(width=width, height=height, title=title)
        )  # fmt: skip
    return alt.concat(*panels, data=ROWS, columns=columns)


def ratio_span(ratios: pd.Series, length: float) -> Span:
    """Return the ends of a ratio axis: all ratios, and 1 if that is not far away."""
    low, high = float(ratios.min()), float(ratios.max())
    ends = [low, high, *([1.0] if low <= _NEAR_ONE and high >= 1 / _NEAR_ONE else [])]
    return span(pd.Series(ends), length, log=True)


def ratio_y(field: str, down: Span) -> alt.Y:
    """Return the log axis of ratios, ticks such as 0.5x, 1x, 2x."""
    return alt.Y(
        f"{field}:Q",
        scale=alt.Scale(type="log", nice=False, domain=down.domain),
        axis=alt.Axis(
            title="Images per second, ratio (log scale)",
            labelExpr="format(datum.value, ',~r') + 'x'",
            values=ratio_ticks(down.low, down.high),
        ),
    )


def ratio_ticks(low: float, high: float) -> list[float]:
    """Return plain numbers between two ends, as many as are readable."""
    ticks: list[float] = []
    for digits in _DIGITS:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        values = [float(f"{digit}e{power}") for power in powers for digit in digits]
        ticks = [value for value in values if low <= value <= high]
        if len(ticks) <= _MOST_TICKS:
            break
    return ticks


def filled() -> Any:  # noqa: ANN401 - a condition as Altair makes it
    """Return the fill of a dot: none where the two measurements are not comparable."""
    return alt.condition(alt.datum.caution == "", alt.value(FILL_OPACITY), alt.value(0))


def ratio_tooltip() -> list[alt.Tooltip]:
    """Return what a dot tells when pointed at."""
    return [
        alt.Tooltip("architecture:N", title="architecture"),
        alt.Tooltip("family:N", title="family"),
        alt.Tooltip("img_size:Q", title="image size, pixels"),
        alt.Tooltip("panel:N", title="compared"),
        alt.Tooltip("ratio:Q", title="images/s, ratio", format=".3~r"),
        alt.Tooltip("secs:Q", title="time per image before, s", format=".4~s"),
        alt.Tooltip("base_batch:Q", title="batch size before"),
        alt.Tooltip("other_batch:Q", title="batch size after"),
        alt.Tooltip("caution:N", title="not comparable"),
    ]


def _time_x(members: pd.DataFrame, line: Any, width: int) -> alt.X:  # noqa: ANN401 - a row of the summary
    return alt.X(
        "secs:Q",
        scale=alt.Scale(type="log", nice=False, domain=span(members["secs"], width, log=True).domain),
        axis=alt.Axis(
            title=f"Time per image, {line.base} (log scale)",
            labelExpr="format(datum.value, '~s') + 's'",
            values=log_ticks(members["secs"], narrow=True),
        ),
    )


def _rules(line: Any, down: Span) -> list[alt.Chart]:  # noqa: ANN401 - a row of the summary
    """Return the median of the comparable rows, thin that of all, and where both are equally fast."""
    base = alt.Chart(LINES).transform_filter(alt.datum.panel == line.panel)
    rules = []
    if down.low <= 1 <= down.high:
        rules.append(base.mark_rule(aria=False, color=ONE_COLOUR).encode(y=alt.datum(1)))
    if line.comparable < line.rows:
        dashed = base.mark_rule(aria=False, color=FRONTIER_COLOUR, strokeWidth=1, strokeDash=[6, 4])
        rules.append(dashed.encode(y=ratio_y("median_of_all", down)))
    if line.comparable:
        solid = base.mark_rule(aria=False, color=FRONTIER_COLOUR, strokeWidth=2)
        rules.append(solid.encode(y=ratio_y("median", down)))
    return rules


def _titles(lines: pd.DataFrame) -> list[alt.TitleParams]:
    """Return the heading of each panel, as many lines for each, so that they stand side by side."""
    told = [
        [text for text in (line.same, line.differs, line.batches, *findings(line), line.families) if text]
        for line in rows_of(lines)
    ]
    most = max(map(len, told), default=0)
    return [
        alt.TitleParams(panel, fontSize=14, offset=8, subtitle=[*text, *[" "] * (most - len(text))])
        for panel, text in zip(lines["panel"], told, strict=True)
    ]
