"""A table as a picture: a number in each cell, its colour the places won or lost against the first column."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from tasks.charts.chart import ROWS, AnyChart, ChartRows
from tasks.charts.theme import COLOURS, LABEL_COLOUR, OTHER_COLOUR

WON: Final = "places won"
LOST: Final = "places lost"
SAME: Final = "same place"
_DARKEST: Final = 0.55  # text on the cell stays readable
_CELL: Final = (112, 22)
_LINE: Final = 15
_HEADING: Final = 15  # characters in a line of a column's heading


def with_colour(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``change`` and ``strength`` (0 to 0.55, logarithmic) of ``places``, which are positive if won."""
    places = rows["places"].to_numpy(dtype=float)
    most = np.log1p(np.abs(places)).max(initial=0.0)
    strength = np.log1p(np.abs(places)) / most * _DARKEST if most else np.zeros(len(places))
    change = np.select([places > 0, places < 0], [WON, LOST], SAME)
    return rows.assign(change=change, strength=np.round(strength, 3))


def nothing(columns: Sequence[str], why: str, rows: int) -> ChartRows:
    """Return no rows, and why all rows of the table are left out."""
    return ChartRows(pd.DataFrame(columns=list(columns)), left_out={why: rows})


def places_in_words(places: int) -> str:
    """Write places won or lost, such as +3 or -12; nothing for none."""
    return f" ({places:+d})" if places else ""


def heading(text: str) -> str:
    """Break a column's heading into short lines."""
    return "\n".join(textwrap.wrap(text, _HEADING, break_long_words=False))


def table(
    row: str, rows: Sequence[str], columns: Sequence[str], against: str, tooltip: Sequence[alt.Tooltip]
) -> AnyChart:
    """Return cells of `ROWS` with their ``text``, coloured by ``change`` and ``strength``.

    Args:
        row: Column of the data with the names of the table's rows.
        rows: These names from top to bottom.
        columns: Values of ``column``, left to right; a line break parts lines of the heading.
        against: The title of the legend.
        tooltip: What a cell tells when pointed at.
    """
    lines = max(column.count("\n") for column in columns)
    base = alt.Chart(ROWS).encode(
        x=alt.X(
            "column:N",
            sort=list(columns),
            axis=alt.Axis(
                orient="top", title=None, labelAngle=0, labelExpr="split(datum.label, '\\n')", ticks=False,
                domain=False, labelLimit=0, labelPadding=lines * _LINE + 6, labelLineHeight=_LINE,
            ),
        ),
        y=alt.Y(
            f"{row}:N",
            sort=list(rows),
            axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=0),
        ),
    )  # fmt: skip
    cells = base.mark_rect(aria=False).encode(
        color=alt.Color(
            "change:N",
            scale=alt.Scale(domain=[WON, LOST, SAME], range=[COLOURS[0], COLOURS[1], OTHER_COLOUR]),
            legend=alt.Legend(
                title=f"{against} (no colour: {SAME})",
                values=[WON, LOST],
                symbolOpacity=_DARKEST,
                orient="bottom",
                titleLimit=0,
            ),
        ),
        fillOpacity=alt.FillOpacity("strength:Q", scale=None),
        tooltip=list(tooltip),
    )
    words = base.mark_text(aria=False, fontSize=12, color=LABEL_COLOUR).encode(text="text:N")
    return alt.layer(cells, words).properties(width=_CELL[0] * len(columns), height=_CELL[1] * len(rows))
