from __future__ import annotations

import pandas as pd
import pytest

from tasks.charts.chart import description, spec
from tasks.charts.profile.benchmark import CHART
from tests.frames import a_profile, context, merged, merged_row


def beaten(frame: pd.DataFrame) -> list[bool]:
    """Tell by comparing every pair whether some row is as fast and as accurate, and better in one."""
    points = list(zip(frame["secs"], frame["top1"], strict=True))
    return [any(s <= t and b >= a and (s, b) != (t, a) for s, b in points) for t, a in points]


@pytest.mark.parametrize("seed", range(5))
def test_the_frontier_is_that_of_the_dots_shown(seed: int) -> None:
    rows = CHART.prepare(a_profile(seed=seed), context()).rows
    assert list(rows["is_pareto"]) == [not b for b in beaten(rows)]


def test_a_toy_model_is_left_out_and_beats_nobody() -> None:
    frame = merged(
        merged_row("test_vit.r160_in1k", 160, 99.0, 1e6),
        merged_row("levit_128.fb_dist_in1k", 224, 78.0, 1e4),
    )
    rows = CHART.prepare(frame, context())
    assert list(rows.rows["family"]) == ["levit"]
    assert rows.rows["is_pareto"].all()
    assert list(rows.left_out.values()) == [1]


def test_the_line_steps_up_after_each_model() -> None:
    line = spec(CHART, CHART.prepare(a_profile(), context()), context())["layer"][0]
    assert line["mark"]["type"] == "line"
    assert line["mark"]["interpolate"] == "step-after"
    assert line["transform"] == [{"filter": "datum.is_pareto"}]


def test_the_words_name_both_ends() -> None:
    frame = merged(
        merged_row("levit_128.fb", 224, 70.0, 1000.0), merged_row("vit_large.mae", 224, 85.5, 12.5)
    )
    words = description(CHART, CHART.prepare(frame, context()))
    assert "2 are on the dashed Pareto frontier" in words
    assert "levit_128.fb (70.0 % top-1 at 1,000 images/s)" in words
    assert "vit_large.mae (85.5 % at 12.5 images/s)" in words
