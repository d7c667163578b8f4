"""What holds for every chart, over the registry, and what DESIGN.md says about the form of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from altair.vegalite.v6.schema.core import TopLevelHConcatSpec, TopLevelLayerSpec, TopLevelUnitSpec

from config.vocabulary import Mode
from tasks.charts.chart import Chart, ChartContext, ChartRows, spec
from tasks.charts.parts.families import colour_number, is_other
from tasks.charts.registry import BY_STEM, PROFILE_CHARTS
from tasks.charts.theme import COLOURS, CONFIG, OTHER_COLOUR
from tasks.tables.frames import records
from tests.charts.specs import MANY, Spec, made, prepared
from tests.frames import context, merged, merged_row

EVERY_CHART = pytest.mark.parametrize("chart", PROFILE_CHARTS, ids=lambda chart: chart.stem)
SCATTERS = [chart for chart in PROFILE_CHARTS if chart.stem != "family-counts"]
EVERY_SCATTER = pytest.mark.parametrize("chart", SCATTERS, ids=lambda chart: chart.stem)


def fresh(chart: Chart, frame: pd.DataFrame = MANY, where: ChartContext | None = None) -> Spec:
    where = where or context()
    return spec(chart, chart.prepare(frame, where), where)


def walk(node: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def layers(made_spec: Spec) -> list[Spec]:
    parts = made_spec.get("layer") or made_spec.get("hconcat")
    return [layer for part in parts for layer in layers(part)] if parts else [made_spec]


def params(node: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return node.get("params", []) if isinstance(node, dict) else []


def circles(made_spec: Spec) -> Spec:
    return next(layer for layer in layers(made_spec) if layer["mark"]["type"] == "circle")


@pytest.mark.slow
@EVERY_CHART
@pytest.mark.parametrize(("mode", "preset"), [("infer", None), ("train", "fastai-2022")])
def test_a_spec_is_valid_vega_lite_and_plain_json(chart: Chart, mode: Mode, preset: str | None) -> None:
    whole = made(chart, mode, preset)
    kind = {"layer": TopLevelLayerSpec, "hconcat": TopLevelHConcatSpec}
    next((kind[key] for key in kind if key in whole), TopLevelUnitSpec).validate(whole)
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    assert whole["config"] == CONFIG


@EVERY_CHART
def test_data_is_inline_once_and_exactly_the_prepared_rows(chart: Chart) -> None:
    frames = tables_of(prepared(chart))
    whole = made(chart)
    found = [node["data"] for node in walk(whole) if isinstance(node, dict) and "data" in node]
    by_name = {data["name"]: data["values"] for data in found}
    assert by_name == {name: records(frame) for name, frame in frames.items()}
    assert len(found) == len(by_name)
    assert "datasets" not in whole
    assert whole["data"]["name"] == "rows"


def tables_of(rows: ChartRows) -> dict[str, pd.DataFrame]:
    named = {"rows": rows.rows, "lines": rows.lines, "labels": rows.labels}
    return {name: frame for name, frame in named.items() if frame is not None}


@EVERY_CHART
def test_every_field_that_is_encoded_is_in_the_data(chart: Chart) -> None:
    there = {column for frame in tables_of(prepared(chart)).values() for column in frame}
    used = {node["field"] for node in walk(layers(made(chart))) if isinstance(node, dict) and "field" in node}
    assert used <= there


@pytest.mark.slow
@EVERY_CHART
def test_the_order_of_rows_does_not_matter(chart: Chart) -> None:
    shuffled = MANY.sample(frac=1, random_state=3)
    assert fresh(chart, shuffled) == made(chart)


@pytest.mark.slow
@EVERY_CHART
def test_the_input_is_left_as_it_is(chart: Chart) -> None:
    before = MANY.copy(deep=True)
    chart.prepare(MANY, context())
    pd.testing.assert_frame_equal(MANY, before)


@EVERY_CHART
def test_nothing_to_show_is_refused(chart: Chart) -> None:
    rows = chart.prepare(merged(), context())
    assert rows.rows.empty
    with pytest.raises(ValueError, match="has no rows"):
        spec(chart, rows, context())


@pytest.mark.slow
@EVERY_CHART
def test_one_row_is_enough(chart: Chart) -> None:
    whole = fresh(chart, merged(merged_row("levit_128s.fb_dist_in1k", top1=76.5, speed=2e4)))
    assert len(whole["data"]["values"]) == 1


@EVERY_SCATTER
def test_a_scatter_is_900_by_600_circles_without_a_label_each(chart: Chart) -> None:
    whole = made(chart)
    panels = whole.get("hconcat", [whole])
    assert {panel["height"] for panel in panels} == {600}
    assert sum(panel["width"] for panel in panels) + whole.get("spacing", 0) * (len(panels) - 1) == 900
    assert circles(whole)["mark"]["aria"] is False
    assert CONFIG["aria"] is False


@pytest.mark.parametrize("stem", ["benchmark", "subset-benchmark"])
def test_speed_charts_have_time_on_a_log_axis_and_accuracy_not_from_zero(stem: str) -> None:
    for layer in layers(made(BY_STEM[stem])):
        encoding = layer["encoding"]
        assert encoding["x"]["field"] == "secs"
        assert encoding["x"]["scale"]["type"] == "log"
        assert encoding["y"]["field"] == "top1"
        assert encoding["y"]["scale"]["zero"] is False
    size = circles(made(BY_STEM[stem]))["encoding"]["size"]
    assert size["field"] == "img_size"
    assert (size["scale"]["type"], size["scale"]["exponent"]) == ("pow", 2)


@pytest.mark.parametrize(("preset", "across"), [(None, "band"), ("fastai-2022", "img_size")])
def test_accuracy_against_size_has_time_as_dot_size_on_a_log_scale(preset: str | None, across: str) -> None:
    encoding = circles(made(BY_STEM["accuracy-vs-size"], preset=preset))["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"]) == (across, "top1")
    assert encoding["y"]["scale"]["zero"] is False
    assert (encoding["size"]["field"], encoding["size"]["scale"]["type"]) == ("secs", "log")


@pytest.mark.parametrize("stem", ["benchmark", "subset-benchmark", "accuracy-vs-size"])
@pytest.mark.parametrize("preset", [None, "fastai-2022"])
def test_a_click_in_the_legend_dims_the_other_families(stem: str, preset: str | None) -> None:
    whole = made(BY_STEM[stem], preset=preset)
    click = next(p for node in walk(whole) for p in params(node) if p["name"] == "family_click")
    colour = circles(whole)["encoding"]["color"]
    assert click["select"] == {"type": "point", "fields": [colour["field"]]}
    assert click["bind"] == "legend"
    opacity = circles(whole)["encoding"]["opacity"]
    assert opacity["condition"]["param"] == "family_click"
    assert opacity["value"] == pytest.approx(0.1)
    assert opacity["condition"]["value"] > 0.5
    if preset:
        assert colour["field"] == "family"


@EVERY_SCATTER
def test_pointing_at_a_dot_tells_family_model_size_accuracy_and_time(chart: Chart) -> None:
    told = {entry["field"] for entry in circles(made(chart))["encoding"]["tooltip"]}
    assert {"family", "model", "img_size", "top1", "secs"} <= told


@pytest.mark.parametrize("stem", ["benchmark", "accuracy-vs-size", "compute-vs-time"])
def test_the_families_most_on_the_frontier_get_their_colours_and_the_rest_is_grey_beneath(stem: str) -> None:
    rows = prepared(BY_STEM[stem]).rows
    others = is_other(rows["group"])
    named = set(rows["group"][~others])
    assert 1 < len(named) <= len(COLOURS)
    assert set(rows[~others]["family"]) == named
    assert others.tolist() == sorted(others, reverse=True)
    whole = made(BY_STEM[stem])
    part = whole["hconcat"][0] if "hconcat" in whole else whole
    scale = circles(part)["encoding"]["color"]["scale"]
    assert scale["domain"][: len(named)] == sorted(named)
    assert scale["range"] == [*(COLOURS[colour_number(name)] for name in sorted(named)), OTHER_COLOUR]


def test_a_preset_colours_every_family() -> None:
    rows = prepared(BY_STEM["benchmark"], preset="fastai-2022").rows
    whole = made(BY_STEM["benchmark"], preset="fastai-2022")
    domain = circles(whole)["encoding"]["color"]["scale"]["domain"]
    assert domain == sorted(set(rows["family"]))


def test_parameters_against_time_is_log_log_and_coloured_by_image_size() -> None:
    encoding = made(BY_STEM["parameters-vs-time"])["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"]) == ("benchmark_param_count", "secs")
    assert encoding["x"]["scale"]["type"] == encoding["y"]["scale"]["type"] == "log"
    assert encoding["color"]["field"] == "img_size"


def test_parameters_against_time_shows_an_architecture_once_a_size() -> None:
    frame = merged(
        merged_row("vit.a", 224, 81.0), merged_row("vit.b", 224, 83.0), merged_row("vit.a", 384, 84.0, 50.0)
    )
    rows = BY_STEM["parameters-vs-time"].prepare(frame, context())
    assert list(rows.rows["img_size"]) == [224, 384]
    assert sum(rows.left_out.values()) == 1


def test_log_ticks_cover_the_data() -> None:
    ticks = made(BY_STEM["benchmark"])["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert min(ticks) <= MANY["secs"].min()
    assert max(ticks) >= MANY["secs"].max()
    assert ticks == sorted(ticks)


def test_the_time_axis_does_not_call_it_a_latency() -> None:
    title = made(BY_STEM["benchmark"])["layer"][0]["encoding"]["x"]["axis"]["title"]
    assert "1 / throughput" in title
    assert "latency" not in title.lower()


@pytest.mark.slow
def test_specs_are_equal_whatever_was_made_before() -> None:
    first = {chart: made(chart) for chart in PROFILE_CHARTS}
    assert {chart: fresh(chart) for chart in reversed(PROFILE_CHARTS)} == first
