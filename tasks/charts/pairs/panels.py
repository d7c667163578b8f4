"""The picture of pairs of profiles: a panel for each pair, ratio of throughput against time per image."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import altair as alt
import pandas as pd

from tasks.charts.chart import LABELS, LINES, ROWS, AnyChart, Chart, ChartContext, ChartRows
from tasks.charts.pairs.findings import describe
from tasks.charts.parts.encodings import SECONDS_LABEL, dots, log_ticks, words_over_marks
from tasks.charts.parts.families import family_colour, legend_click
from tasks.charts.parts.geometry import LABEL_SIZE, Span, span
from tasks.charts.theme import FILL_OPACITY, FRONTIER_COLOUR, WIDTH
from tasks.tables.frames import rows_of

ONE_COLOUR: Final = "#888888"
_GAP: Final = 70
_AWAY: Final = alt.ExprRef("datum.end === 'lowest' ? 12 : -12")
_EDGE: Final = 0.1  # share of an axis within which a name goes inwards
_ROOM: Final = 0.07  # for a name beyond the outermost dot
_NEAR_ONE: Final = 2.0  # an axis that comes this close to 1 goes on to 1
_MOST_IN_TWO_COLUMNS: Final = 8
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
    """Return a panel for each pair of profiles, all on the same axes; hollow is not comparable."""
    del context
    lines = list(rows_of(rows.lines)) if rows.lines is not None else []
    columns = columns_for(len(lines))
    width, height = (WIDTH - _GAP * (columns - 1)) // columns, 500 if columns == 1 else 300
    click = legend_click(rows.rows)
    colour, opacity = family_colour(rows.rows, click)
    across, down = span(rows.rows["secs"], width, log=True), ratio_span(rows.rows["ratio"], height)
    panels = []
    for number, line in enumerate(lines):
        x, y = _time_x(rows.rows, line, across), ratio_y("ratio", down)
        mine = alt.Chart(name=f"panel_{number}").transform_filter(alt.datum.panel == line.panel)
        models = dots(mine, colour, size=40 if columns == 1 else 22).encode(
            x=x, y=y, opacity=opacity, tooltip=ratio_tooltip(), fillOpacity=filled()
        )
        layers: list[AnyChart] = [*_rules(line, down), models.add_params(click) if number == 0 else models]
        layers.append(_names(line, x, y, across))
        panels.append(alt.layer(*layers, width=width, height=height, title=_title(line)))
    return alt.concat(*panels, data=ROWS, columns=columns)


def columns_for(panels: int) -> int:
    """Return how many panels stand side by side."""
    return 1 if panels == 1 else 2 if panels <= _MOST_IN_TWO_COLUMNS else 3


def ratio_span(ratios: pd.Series, length: float) -> Span:
    """Return the ends of a ratio axis: all ratios, and 1 if that is not far away."""
    low, high = float(ratios.min()), float(ratios.max())
    ends = [low, high, *([1.0] if low <= _NEAR_ONE and high >= 1 / _NEAR_ONE else [])]
    return span(pd.Series(ends), length, log=True, room=_ROOM)


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
        alt.Tooltip("caution:N", title="differs too"),
    ]


def _time_x(every: pd.DataFrame, line: Any, across: Span) -> alt.X:  # noqa: ANN401 - a row of the summary
    return alt.X(
        "secs:Q",
        scale=alt.Scale(type="log", nice=False, domain=across.domain),
        axis=alt.Axis(
            title=f"Time per image, {line.base} (log scale)",
            labelExpr=SECONDS_LABEL,
            values=log_ticks(every["secs"], narrow=True),
        ),
    )


def _rules(line: Any, down: Span) -> list[alt.Chart]:  # noqa: ANN401 - a row of the summary
    """Return the median of the headline, thin that of all if it is another, and a line at equal speed."""
    base = alt.Chart(LINES).transform_filter(alt.datum.panel == line.panel)
    rules = []
    if down.low <= 1 <= down.high:
        rules.append(base.mark_rule(aria=False, color=ONE_COLOUR).encode(y=alt.datum(1)))
    if pd.notna(line.median_of_all):
        thin = base.mark_rule(aria=False, color=FRONTIER_COLOUR, strokeWidth=1, strokeDash=[6, 4])
        rules.append(thin.encode(y=ratio_y("median_of_all", down)))
    thick = base.mark_rule(aria=False, color=FRONTIER_COLOUR, strokeWidth=2)
    return [*rules, thick.encode(y=ratio_y("median", down))]


def _names(line: Any, x: alt.X, y: alt.Y, across: Span) -> AnyChart:  # noqa: ANN401 - a row of the summary
    """Return the names of the families at the ends, under the lowest dot and over the highest."""
    left, right = (across.low * (across.high / across.low) ** share for share in (_EDGE, 1 - _EDGE))
    align = f"datum.secs < {left:.3g} ? 'left' : datum.secs > {right:.3g} ? 'right' : 'center'"
    mine = alt.Chart(LABELS).transform_filter(alt.datum.panel == line.panel)
    named = mine.encode(x=x, y=y, text="label:N")
    return words_over_marks(named, fontSize=LABEL_SIZE, dy=_AWAY, align=alt.ExprRef(align))


def _title(line: Any) -> alt.TitleParams:  # noqa: ANN401 - a row of the summary
    return alt.TitleParams(line.panel, fontSize=14, offset=8, subtitle=line.heading.split("\n"))
