"""Labels that cover nothing, swarms that stay in their band."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.charts.parts.geometry import LABEL_SIZE, MOST_LABELS, label_frontier, span, swarm
from tasks.tables.frontier import is_on_frontier

WIDTH, HEIGHT = 900, 600
points = st.lists(
    st.tuples(
        st.floats(1e-6, 1.0), st.floats(0, 100), st.sampled_from(["a", "resnet50", "m" * 25, "x" * 60])
    ),
    min_size=1,
    max_size=60,
)


def front_of(rows: list[tuple[float, float, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["secs", "top1", "architecture"])
    return frame[is_on_frontier(frame["secs"], frame["top1"])]


@given(points)
def test_labels_are_members_cover_no_other_label_and_stay_on_the_picture(
    rows: list[tuple[float, float, str]],
) -> None:
    front = front_of(rows)
    x, y = span(front["secs"], WIDTH, log=True), span(front["top1"], HEIGHT)
    labels = label_frontier(front, x, y, "architecture")
    members = set(front[["secs", "top1", "architecture"]].itertuples(index=False, name=None))
    assert set(labels.itertuples(index=False, name=None)) <= members
    assert len(labels) <= MOST_LABELS
    assert labels["label"].is_unique
    right, bottom = x.pixels(labels["secs"]), HEIGHT - y.pixels(labels["top1"])
    left = right - [6.0 * len(label) for label in labels["label"]]
    assert (left >= 0).all()
    for i in range(len(labels)):
        for j in range(i):
            apart = left[i] >= right[j] or left[j] >= right[i] or abs(bottom[i] - bottom[j]) >= LABEL_SIZE
            assert apart, (labels.loc[i], labels.loc[j])


@given(points, st.randoms())
def test_labels_do_not_depend_on_the_order_of_rows(
    rows: list[tuple[float, float, str]], random: object
) -> None:
    front = front_of(rows)
    x, y = span(front["secs"], WIDTH, log=True), span(front["top1"], HEIGHT)
    shuffled = front.sample(frac=1, random_state=random.randrange(2**31))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(
        label_frontier(front, x, y, "architecture"), label_frontier(shuffled, x, y, "architecture")
    )


def test_the_most_accurate_member_is_named() -> None:
    front = pd.DataFrame(
        {"secs": [1e-4, 1e-3, 1e-2], "top1": [70.0, 80.0, 90.0], "architecture": list("abc")}
    )
    labels = label_frontier(
        front, span(front["secs"], 900, log=True), span(front["top1"], 600), "architecture"
    )
    assert "c" in set(labels["label"])


@given(st.lists(st.floats(1e-9, 1e9), min_size=1), st.booleans())
def test_a_span_holds_its_values_with_room_at_both_ends(values: list[float], log: bool) -> None:
    made = span(pd.Series(values), 900, log=log)
    at = made.pixels(values)
    assert made.low < min(values) <= max(values) < made.high
    assert (at > 0).all()
    assert (at < 900).all()


def test_a_span_on_a_log_axis_has_equal_ratios_at_equal_distances() -> None:
    made = span(pd.Series([1.0, 100.0]), 900, log=True)
    first, second, third = made.pixels([1, 10, 100])
    assert math.isclose(second - first, third - second)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300))
def test_a_swarm_stays_in_its_band_and_leaves_lone_values_in_the_middle(values: list[float]) -> None:
    offsets = swarm(values, 0.25)
    assert (np.abs(offsets) <= 1).all()
    at = np.array(values)
    alone = [(np.abs(at - value) <= 0.25).sum() == 1 for value in at]
    assert (offsets[alone] == 0).all()


@pytest.mark.parametrize("count", [2, 5, 50])
def test_equal_values_stand_apart(count: int) -> None:
    assert len(set(swarm([80.0] * count, 0.25))) == count
