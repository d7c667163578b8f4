from __future__ import annotations

from collections import Counter
from typing import Any

from tasks.charts.chart import ChartRows, spec
from tasks.charts.profile.family_counts import CHART
from tasks.tables.finding import Finding
from tests.frames import a_profile, context, merged, merged_row


def many_families(number: int) -> list[dict[str, Any]]:
    """Return rows of made-up families, the first with most models."""
    return [
        merged_row(f"{'abcdefghij'[i // 10] * 2}{'abcdefghij'[i % 10]}_{n}", speed=100.0 + n)
        for i in range(number)
        for n in range(1 + (number - i) // 5)
    ]


def drawn(rows: ChartRows) -> dict[str, Any]:
    return spec(CHART, rows, context())


def test_bars_are_the_counts_longest_first_then_by_name() -> None:
    frame = a_profile()
    rows = CHART.prepare(frame, context()).rows
    meant = frame["family"][frame["family"] != "test"]
    expected = sorted(Counter(meant).items(), key=lambda item: (-item[1], item[0]))
    assert list(zip(rows["family"], rows["models"], strict=True)) == expected


def test_bars_lie_and_keep_the_order_of_the_rows() -> None:
    bars = drawn(CHART.prepare(a_profile(), context()))["layer"][0]
    assert bars["mark"]["type"] == "bar"
    assert bars["encoding"]["x"]["field"] == "models"
    assert bars["encoding"]["y"]["field"] == "family"
    assert bars["encoding"]["y"]["sort"] is None


def test_short_families_beyond_forty_are_counted_not_shown() -> None:
    frame = merged(*many_families(60))
    rows = CHART.prepare(frame, context())
    assert len(rows.rows) == 40
    assert rows.left_out == {"families with fewer models": 20}
    (rest,) = rows.notes
    assert rest == Finding("models-of-rest", len(frame) - rows.rows["models"].sum())
    assert rows.rows["models"].min() >= 1


def test_a_preset_shows_every_family() -> None:
    rows = CHART.prepare(merged(*many_families(60)), context(preset="fastai-2022"))
    assert len(rows.rows) == 60
    assert not rows.left_out


def test_height_grows_with_the_bars() -> None:
    few, more = (CHART.prepare(merged(*many_families(n)), context()) for n in (5, 10))
    assert drawn(more)["height"] == 2 * drawn(few)["height"]
    assert drawn(few)["width"] == 900
