from __future__ import annotations

import pytest

from config.vocabulary import Mode
from tasks.charts.chart import Chart, alternative_text, caption, spec
from tasks.charts.registry import PROFILE_CHARTS
from tasks.charts.theme import CONFIG
from tests.charts.specs import MANY, made, prepared
from tests.frames import context

EVERY_CHART = pytest.mark.parametrize("chart", PROFILE_CHARTS, ids=lambda chart: chart.stem)


@pytest.mark.slow
@EVERY_CHART
def test_a_chart_says_what_was_measured_and_where_it_comes_from(chart: Chart) -> None:
    rows, lines = prepared(chart), made(chart)["title"]["subtitle"]
    text = "\n".join(lines)
    assert "ImageNet validation" in text
    assert context().profile_in_words in text
    assert "last changed by commit ee5b1e82 of 2024-09-05" in text
    assert f"{len(rows.rows)} {rows.unit} shown" in text
    for reason, number in rows.left_out.items():
        assert f"{number} left out: {reason}" in text
    assert "SAMPLE" not in text
    assert "preset" not in text


@pytest.mark.parametrize(
    "chart", [c for c in PROFILE_CHARTS if c.stem != "family-counts"], ids=lambda chart: chart.stem
)
def test_rows_shown_and_left_out_are_all_rows(chart: Chart) -> None:
    rows = prepared(chart)
    assert len(rows.rows) + sum(rows.left_out.values()) == len(MANY)


@EVERY_CHART
def test_a_sample_is_marked_first(chart: Chart) -> None:
    where = context(sample=True)
    first, *rest = caption(prepared(chart), where)
    assert first.startswith("SAMPLE: made-up numbers")
    assert "timm results" not in "".join(rest)


def test_a_sample_is_marked_in_another_colour() -> None:
    chart, where = PROFILE_CHARTS[0], context(sample=True)
    title = spec(chart, prepared(chart), where)["title"]
    assert title["subtitle"] == caption(prepared(chart), where)
    assert title["subtitleColor"] != CONFIG["title"]["subtitleColor"]
    assert "subtitleColor" not in made(chart)["title"]


def test_a_preset_is_named() -> None:
    where = context(preset="fastai-2022", sample=True)
    rows = prepared(PROFILE_CHARTS[0])
    assert "rules of preset fastai-2022" in caption(rows, where)
    assert caption(rows, where)[0].startswith("SAMPLE")


@pytest.mark.parametrize(("mode", "word"), [("infer", "(inference)"), ("train", "(training)")])
def test_the_title_names_the_mode(mode: Mode, word: str) -> None:
    chart, preset = PROFILE_CHARTS[0], "fastai-2022" if mode == "train" else None
    assert made(chart, mode, preset)["title"]["text"] == f"{chart.title} {word}"


@EVERY_CHART
def test_the_picture_is_put_into_words(chart: Chart) -> None:
    rows = prepared(chart)
    words = alternative_text(chart, rows, context())
    assert words == made(chart)["description"]
    assert words.startswith(f"{chart.title}, {context().profile_in_words}. ")
    assert f" {len(rows.rows)} " in words
    assert words.endswith(".")
    assert "nan" not in words.lower()
