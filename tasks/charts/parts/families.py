"""Colours of families: which ones have a colour in a chart, and that it is the same in every chart."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from config.vocabulary import data_file
from tasks.charts.theme import COLOURS, DIMMED, MANY_COLOURS, OTHER_COLOUR

OTHER: Final = "other families"
_LONE: Final = "other: "


def colour_number(family: str) -> int:
    """Return which of the eight colours a family has, whatever the chart."""
    listed: dict[str, int] = data_file("colours.toml")["families"]
    return listed.get(family, zlib.crc32(family.encode()) % len(COLOURS))


def coloured(ranked: Iterable[str]) -> list[str]:
    """Return the families that get their colour in a chart: of those that share one, the first.

    Args:
        ranked: Families, the most important first.
    """
    first: dict[int, str] = {}
    for family in ranked:
        first.setdefault(colour_number(family), family)
    return list(first.values())


def groups(families: pd.Series, shown: Sequence[str]) -> list[str]:
    """Return for each row its family if that is shown, else that it is one of the others.

    A family that is the only one left over is named.
    """
    others = sorted(set(families) - set(shown))
    other = f"{_LONE}{others[0]}" if len(others) == 1 else OTHER
    return [family if family in shown else other for family in families]


def is_other(groups_of_rows: pd.Series) -> pd.Series:
    """Tell for each group whether it stands for the families without a colour."""
    names = groups_of_rows.astype(str)  # no rows have no type
    return names.str.startswith(_LONE) | (names == OTHER)


def legend_click(rows: pd.DataFrame) -> alt.Parameter:
    """Return the selection of one family by a click in the legend."""
    return alt.selection_point(name="family_click", fields=[_field(rows)], bind="legend")


def family_colour(rows: pd.DataFrame, click: alt.Parameter) -> tuple[alt.Color, Any]:
    """Return colour by family, and opacity that dims all but the family clicked in the legend."""
    field = _field(rows)
    names = pd.Series(sorted(set(rows[field])), dtype=str)
    other = is_other(names)
    shown = list(names[~other])
    colours = _colours(shown)
    colour = alt.Color(
        f"{field}:N",
        scale=alt.Scale(domain=[*shown, *names[other]], range=[*colours, *[OTHER_COLOUR] * int(other.sum())]),
        legend=alt.Legend(title="Family (click to keep one)", columns=1),
    )
    opacity = alt.condition(click, alt.value(1), alt.value(DIMMED))
    return colour, opacity


def _colours(families: Sequence[str]) -> list[str]:
    """Return the colour of each; where all families are shown, as in a preset, one by their order."""
    if len(coloured(families)) == len(families):
        return [COLOURS[colour_number(family)] for family in families]
    return [MANY_COLOURS[i % len(MANY_COLOURS)] for i in range(len(families))]


def _field(rows: pd.DataFrame) -> str:
    return "family" if (rows["group"] == rows["family"]).all() else "group"
