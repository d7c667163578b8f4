"""Speed relative to one model, device by device, against plain Python."""

from __future__ import annotations

from typing import Any

import pytest

from config.presets import load_rules
from tasks.charts.chart import ChartRows, description, in_words
from tasks.charts.parts.common_models import MOST_MODELS, choose
from tasks.charts.registry import BY_STEM
from tasks.tables.frames import rows_of
from tests.charts.specs import WHOLE_TABLES, prepared_overview
from tests.frames import benchmarks
from tests.overview_tables import OVERVIEW_CONTEXT, measured

CHART = BY_STEM["device-relative-speed"]
A, B = "infer-amp-nchw-pt240-cu124-gpua", "infer-amp-nchw-pt240-cu124-gpub"
RULES = load_rules(None).family


def drawn(*rows: dict[str, Any]) -> ChartRows:
    return CHART.prepare(benchmarks(*rows), OVERVIEW_CONTEXT)


def speeds(profile: str, **models: float) -> list[dict[str, Any]]:
    return [measured(profile, model, speed=speed) for model, speed in models.items()]


def test_the_base_is_a_hundred_on_each_device_and_the_others_in_proportion() -> None:
    table = WHOLE_TABLES["benchmarks"]
    speed = table.set_index(["profile", "architecture", "img_size"])["samples_per_sec"].to_dict()
    cells = prepared_overview(CHART).rows
    (base,) = set.intersection(
        *(set(c[c["relative"] == 100.0]["architecture"]) for _, c in cells.groupby("device"))
    )
    for cell in rows_of(cells):
        own, of_base = (speed[cell.profile, name, 224] for name in (cell.architecture, base))
        assert cell.relative == pytest.approx(100 * own / of_base)


def test_rows_shown_and_left_out_are_the_table() -> None:
    rows = prepared_overview(CHART)
    assert len(rows.rows) + sum(rows.left_out.values()) == len(WHOLE_TABLES["benchmarks"])
    devices, models = rows.rows["device"].nunique(), rows.rows["model"].nunique()
    assert len(rows.rows) == devices * models
    assert models <= MOST_MODELS


def test_places_are_won_against_the_first_device() -> None:
    rows = drawn(
        *speeds(A, resnet50=100.0, vit_a=300.0, beit_a=200.0, swin_a=1.0),
        *speeds(B, resnet50=10.0, vit_a=5.0, beit_a=20.0, swin_a=1.0),
    )
    places = {c.architecture: c.places for c in rows_of(rows.rows[rows.rows["device"] == "gpub"])}
    assert places == {"resnet50": 1, "vit_a": -2, "beit_a": 1, "swin_a": 0}
    assert (rows.rows[rows.rows["device"] == "gpua"]["places"] == 0).all()
    text = description(CHART, rows)
    assert "vit_a @ 224 loses most on GPUB: 2 places." in text
    assert "beit_a @ 224 gains most on GPUB: 1 place." in text


def test_equal_speeds_change_nothing() -> None:
    rows = drawn(*speeds(A, resnet50=5.0, vit_a=5.0), *speeds(B, resnet50=9.0, vit_a=9.0))
    assert description(CHART, rows) == "2 models on 2 devices. No model shown changes its place."


def test_another_batch_size_than_the_base_is_starred() -> None:
    rows = drawn(
        *speeds(A, resnet50=100.0), measured(A, "vit_a", speed=50.0, batch_size=64),
        *speeds(B, resnet50=100.0), measured(B, "vit_a", speed=50.0),
    )  # fmt: skip
    marked = {(c.device, c.architecture): c.text for c in rows_of(rows.rows)}
    assert marked["gpua", "vit_a"] == "50.0*"
    assert marked["gpub", "vit_a"] == "50.0"
    assert any(in_words(note).startswith("* 1 not strictly comparable") for note in rows.notes)


def test_a_model_that_is_not_the_same_on_all_devices_is_starred_everywhere() -> None:
    rows = drawn(
        *speeds(A, resnet50=100.0), measured(A, "vit_a", benchmark_param_count=20.0),
        *speeds(B, resnet50=100.0), measured(B, "vit_a", benchmark_param_count=30.0),
    )  # fmt: skip
    assert set(rows.rows[rows.rows["architecture"] == "vit_a"]["caution"]) == {"other parameters"}


def test_a_device_with_few_models_does_not_shrink_the_table() -> None:
    many = {f"vit_{i}": 10.0 + i for i in range(9)}
    few = measured("infer-amp-nchw-pt240-cu124-gpuc", "vit_1")
    rows = drawn(*speeds(A, **many), *speeds(B, **many), few)
    assert set(rows.rows["device"]) == {"gpua", "gpub"}
    assert rows.left_out["other profiles"] == 1
    assert set(drawn(*speeds(A, **many), few).rows["device"]) == {"gpua", "gpuc"}


def test_the_well_known_model_is_the_base_if_it_is_there() -> None:
    table = benchmarks(*speeds(A, vit_a=1.0, resnet50=2.0, resnet18=3.0))
    assert choose(table, table, RULES)[0] == ("resnet50", 224)
    other = benchmarks(measured(A, "vit_b", 288), measured(A, "vit_a"), measured(B, "vit_b", 288))
    assert choose(other[other["profile"] == A], other, RULES) == [("vit_b", 288)]


def test_one_model_of_each_family_the_most_measured_then_the_plainest_then_the_nearest_in_compute() -> None:
    table = benchmarks(
        measured(A, "resnet50", gmacs=4.0), measured(A, "resnet18", gmacs=2.0),
        measured(A, "vit_a", gmacs=9.0), measured(A, "vit_b", gmacs=5.0), measured(A, "vit_b_c", gmacs=4.0),
        measured(A, "beit_a", gmacs=4.0), measured(A, "beit_b", gmacs=9.0), measured(B, "beit_b", gmacs=9.0),
    )  # fmt: skip
    chosen = choose(table[table["profile"] == A], table, RULES)
    assert chosen == [("resnet50", 224), ("vit_b", 224), ("beit_b", 224)]


def test_there_are_at_most_twenty() -> None:
    names = [f"{c}{d}" for c in "abcde" for d in "fghij"]
    table = benchmarks(*(measured(A, f"{name}_x") for name in names))
    assert len(choose(table, table, RULES)) == MOST_MODELS
