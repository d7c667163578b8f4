"""Colours of families: the same in every chart, none twice in one."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vocabulary import data_file
from tasks.charts.parts.families import (
    OTHER,
    colour_number,
    coloured,
    family_colour,
    groups,
    is_other,
    legend_click,
)
from tasks.charts.registry import OVERVIEW_CHARTS, PROFILE_CHARTS
from tasks.charts.theme import COLOURS, OTHER_COLOUR
from tests.charts.specs import Spec, made, made_overview

NAMES = st.lists(st.text("abcdefghij", min_size=1, max_size=6), max_size=40)


@given(NAMES)
def test_no_colour_is_given_twice_and_the_first_that_asks_gets_it(ranked: list[str]) -> None:
    shown = coloured(ranked)
    numbers = [colour_number(name) for name in shown]
    assert len(set(numbers)) == len(numbers) <= len(COLOURS)
    for name in set(ranked) - set(shown):
        rival = next(other for other in shown if colour_number(other) == colour_number(name))
        assert ranked.index(rival) < ranked.index(name)


@given(NAMES)
def test_a_colour_does_not_depend_on_the_others(ranked: list[str]) -> None:
    rows = pd.DataFrame({"family": ranked, "group": groups(pd.Series(ranked, dtype=str), coloured(ranked))})
    scale = family_colour(rows, legend_click(rows))[0]["scale"]
    for name, colour in zip(scale["domain"], scale["range"], strict=True):
        assert colour == (OTHER_COLOUR if is_other(pd.Series([name])).all() else COLOURS[colour_number(name)])


def test_one_family_left_over_is_named() -> None:
    assert groups(pd.Series(["vgg", "vit"]), ["vit"]) == ["other: vgg", "vit"]
    assert groups(pd.Series(["vgg", "vit", "dla"]), ["vit"]) == [OTHER, "vit", OTHER]
    assert groups(pd.Series(["vit"]), ["vit"]) == ["vit"]


def test_the_table_names_colours_there_are() -> None:
    assert set(data_file("colours.toml")["families"].values()) == set(range(len(COLOURS)))


def scales_of(node: object) -> list[Spec]:
    """Return every colour scale of a specification whose legend is of families."""
    if isinstance(node, list):
        return [scale for item in node for scale in scales_of(item)]
    if not isinstance(node, dict):
        return []
    colour = node.get("color")
    own = isinstance(colour, dict) and colour.get("field") in {"family", "group"}
    return [*([colour["scale"]] if own else []), *(s for item in node.values() for s in scales_of(item))]


@pytest.mark.slow
@pytest.mark.parametrize("chart", [*PROFILE_CHARTS, *OVERVIEW_CHARTS], ids=lambda chart: chart.stem)
def test_a_family_has_its_colour_in_every_chart(chart: object) -> None:
    whole = made(chart) if chart in PROFILE_CHARTS else made_overview(chart)  # type: ignore[arg-type]
    for scale in scales_of({key: part for key, part in whole.items() if key != "data"}):
        for name, colour in zip(scale["domain"], scale["range"], strict=True):
            assert colour in {COLOURS[colour_number(name)], OTHER_COLOUR}
