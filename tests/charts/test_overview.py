"""What holds for every chart that compares profiles or test sets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pandas as pd
import pytest
from altair.vegalite.v6.schema.core import TopLevelConcatSpec, TopLevelLayerSpec

from tasks.charts.chart import Chart, alternative_text, caption, in_words, spec
from tasks.charts.parts.robustness_panels import facts_of
from tasks.charts.registry import OVERVIEW_CHARTS
from tasks.charts.theme import CONFIG
from tasks.pages.draw import draw_chart
from tasks.tables.frames import records
from tests.charts.specs import WHOLE_TABLES, made_overview, prepared_overview
from tests.frames import benchmarks, draw_job, evaluation, evaluations
from tests.overview_tables import OVERVIEW_CONTEXT, PROFILES, measured

EVERY_CHART = pytest.mark.parametrize("chart", OVERVIEW_CHARTS, ids=lambda chart: chart.stem)
EMPTY = {"benchmarks": benchmarks(), "evaluations": evaluations()}
SMALL = {
    "benchmarks": benchmarks(*(measured(profile, "resnet50") for profile in PROFILES)),
    "evaluations": evaluations(
        *(evaluation("vit.a", test_set=name, top1=70.0) for name in ("imagenet", "imagenet-r", "sketch"))
    ),
}
ALONE = {
    "benchmarks": benchmarks(measured(PROFILES[0], "resnet50"), measured(PROFILES[0], "resnet18")),
    "evaluations": evaluations(evaluation("vit.a"), evaluation("vit.b")),
}


def walk(node: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


@pytest.mark.slow
@EVERY_CHART
def test_a_spec_is_valid_vega_lite_and_plain_json(chart: Chart) -> None:
    whole = made_overview(chart)
    (TopLevelConcatSpec if "concat" in whole else TopLevelLayerSpec).validate(whole)
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    assert whole["config"] == CONFIG


@EVERY_CHART
def test_the_rows_are_inline_once_at_the_top(chart: Chart) -> None:
    whole = made_overview(chart)
    rows = records(prepared_overview(chart).rows)
    assert whole["data"]["values"] == rows
    named = [node["data"]["name"] for node in walk(whole) if isinstance(node, dict) and "data" in node]
    assert named.count("rows") == 1
    assert set(named) <= {"rows", "lines", "labels"}


@EVERY_CHART
def test_every_field_that_is_encoded_is_in_the_data(chart: Chart) -> None:
    rows = prepared_overview(chart)
    frames = [frame for frame in (rows.rows, rows.lines, rows.labels) if frame is not None]
    there = {name for frame in frames for name in frame}
    nodes = [node for node in walk(made_overview(chart)) if isinstance(node, dict)]
    assert {node["field"] for node in nodes if "field" in node} <= there


@EVERY_CHART
def test_no_mark_is_read_out_one_by_one(chart: Chart) -> None:
    marks = [node["mark"] for node in walk(made_overview(chart)) if isinstance(node, dict) and "mark" in node]
    assert marks
    assert all(mark["aria"] is False for mark in marks)


@pytest.mark.slow
@EVERY_CHART
def test_the_order_of_rows_does_not_matter(chart: Chart) -> None:
    shuffled = WHOLE_TABLES[chart.table].sample(frac=1, random_state=3)
    rows, before = chart.prepare(shuffled, OVERVIEW_CONTEXT), prepared_overview(chart)
    for field in fields(rows):
        one, other = getattr(rows, field.name), getattr(before, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))
        else:
            assert one == other


@pytest.mark.slow
@EVERY_CHART
def test_the_input_is_left_as_it_is(chart: Chart) -> None:
    before = WHOLE_TABLES[chart.table].copy(deep=True)
    chart.prepare(WHOLE_TABLES[chart.table], OVERVIEW_CONTEXT)
    pd.testing.assert_frame_equal(WHOLE_TABLES[chart.table], before)


@EVERY_CHART
def test_an_empty_table_is_no_rows(chart: Chart) -> None:
    rows = chart.prepare(EMPTY[chart.table], OVERVIEW_CONTEXT)
    assert rows.rows.empty
    assert not rows.left_out


@EVERY_CHART
def test_nothing_to_compare_is_not_drawn_and_says_why(chart: Chart, tmp_path: Any) -> None:  # noqa: ANN401
    drawn = draw_chart(draw_job(chart.stem, ALONE[chart.table], OVERVIEW_CONTEXT), tmp_path)
    assert drawn.rows == 0
    assert drawn.reason.startswith("no rows; left out: 2 ")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@EVERY_CHART
def test_one_model_is_enough(chart: Chart) -> None:
    rows = chart.prepare(SMALL[chart.table], OVERVIEW_CONTEXT)
    whole = spec(chart, rows, OVERVIEW_CONTEXT)
    assert whole["data"]["values"]
    assert "nan" not in json.dumps(whole).lower().replace("imagenet", "")


@EVERY_CHART
def test_the_picture_is_put_into_words(chart: Chart) -> None:
    words = alternative_text(chart, prepared_overview(chart), OVERVIEW_CONTEXT)
    assert words == made_overview(chart)["description"]
    assert words.startswith(f"{chart.title}. ")
    assert words.endswith(".")
    assert "nan" not in words.lower()
    assert len(words) > len(chart.title) + 40


@EVERY_CHART
def test_the_caption_says_what_was_measured_and_counts_what_is_left_out(chart: Chart) -> None:
    rows = prepared_overview(chart)
    first, *rest = caption(rows, OVERVIEW_CONTEXT)
    assert first == in_words(rows.subject)
    assert "commit ee5b1e82 of 2024-09-05" in rest[0]
    for reason, number in rows.left_out.items():
        assert number > 0
        assert f"{number:,} left out: {reason}" in " ".join(rest)


@pytest.mark.slow
@EVERY_CHART
def test_a_new_device_precision_layout_and_test_set_need_no_change(chart: Chart) -> None:
    table = WHOLE_TABLES[chart.table].copy()
    words = {
        "gpua": "tpu_v9", "amp": "int4", "nhwc": "nchw16c", "2.4.0": "3.10.1", "12.4": "rocm9",
        "sketch": "imagenet-w.2",
    }  # fmt: skip
    for column in ("device", "precision", "layout", "torch", "cuda", "test_set"):
        if column in table:
            table[column] = table[column].replace(words)
    rows = chart.prepare(table, OVERVIEW_CONTEXT)
    assert spec(chart, rows, OVERVIEW_CONTEXT)["data"]["values"]
    assert len(rows.rows) == len(prepared_overview(chart).rows)


@pytest.mark.slow
@EVERY_CHART
def test_the_picture_has_as_many_marks_as_rows(chart: Chart, tmp_path: Any) -> None:  # noqa: ANN401
    draw_chart(draw_job(chart.stem, WHOLE_TABLES[chart.table], OVERVIEW_CONTEXT), tmp_path)
    svg = (tmp_path / "charts" / "overview" / f"{chart.stem}.svg").read_text(encoding="utf-8")
    rows = prepared_overview(chart)
    assert len(svg) < 2_000_000
    if chart.stem in {"robustness-ranks", "device-relative-speed"}:
        assert len(re.findall(r'd="M[-\d.,]+h112v22h-112Z"', svg)) == len(rows.rows)
        return
    legend = rows.rows["group"].nunique()
    dots = facts_of(rows)["models"].sum() if chart.stem == "robustness" else len(rows.rows)
    assert len(re.findall(r'<path[^>]* d="M[^"]*A', svg)) == dots + legend
