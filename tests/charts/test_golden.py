"""Each chart's specification without its data, as JSON in ``golden/``: a diff shows what changed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tasks.charts.chart import Chart
from tasks.charts.registry import BY_STEM, OVERVIEW_CHARTS
from tests.charts.specs import made, made_overview

GOLDEN = Path(__file__).with_name("golden")


def without_data(node: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, list):
        return [without_data(item) for item in node]
    if isinstance(node, dict):
        return {key: without_data(item) for key, item in node.items() if key not in {"data", "config"}}
    return node


def name_of(chart: Chart) -> str:
    return chart.name(None if chart in OVERVIEW_CHARTS else "infer")


@pytest.mark.parametrize("chart", BY_STEM.values(), ids=lambda chart: chart.stem)
def test_the_specification_is_as_agreed(chart: Chart) -> None:
    now = without_data(made_overview(chart) if chart in OVERVIEW_CHARTS else made(chart))
    path = GOLDEN / f"{name_of(chart)}.json"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    expected = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    if now != expected:
        pytest.fail(
            f"{path.name} differs from the chart as it is built now. If the change is meant, write it anew "
            f"with `make golden`, look at the diff and at the picture, and commit it.\nnow: {json.dumps(now, ensure_ascii=False)}"
        )


def test_there_is_no_golden_file_without_a_chart() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {name_of(chart) for chart in BY_STEM.values()}
