from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tasks.charts.chart import caption, description, spec
from tasks.charts.parts.encodings import grouped
from tasks.charts.profile.subset_benchmark import CHART, FAMILIES, FEWEST_POINTS, fit_lines
from tests.frames import a_profile, context, merged, merged_row


@pytest.mark.parametrize(
    "family",
    ["levit", "resnet", "resnetd", "regnetx", "vgg", "convnext", "convnext_in22", "efficientnetv2", "beit"],
)
def test_families_of_the_original(family: str) -> None:
    assert FAMILIES.fullmatch(family)


@pytest.mark.parametrize(
    "family", ["vit", "resnetv2", "regnety", "efficientnet", "beitv2", "xlevit", "repvgg"]
)
def test_other_families_are_left_out(family: str) -> None:
    assert not FAMILIES.fullmatch(family)


def test_three_points_on_a_curve_give_that_curve() -> None:
    seconds = [0.001, 0.01, 0.1]
    frame = merged(
        *(merged_row(f"vgg1{i}", top1=80 + 2 * np.log(s), speed=1 / s) for i, s in enumerate(seconds))
    )
    lines, without = fit_lines(frame)
    assert without == []
    assert lines["secs"].tolist() == pytest.approx([0.001, 0.1])
    assert lines["top1"].tolist() == pytest.approx([80 + 2 * np.log(0.001), 80 + 2 * np.log(0.1)])
    assert lines["r2"].tolist() == [1.0, 1.0]
    assert lines["n"].tolist() == [3, 3]


def test_lines_are_least_squares_in_the_logarithm() -> None:
    rows = CHART.prepare(a_profile(120), context())
    assert rows.lines is not None
    assert set(rows.lines["family"]) == {"beit", "convnext", "levit", "regnetx", "resnet", "vgg"}
    for family, ends in rows.lines.groupby("family"):
        members = rows.rows[rows.rows["family"] == family]
        x, y = np.log(members["secs"]), members["top1"]
        slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
        expected = y.mean() + slope * (np.log(ends["secs"]) - x.mean())
        np.testing.assert_allclose(ends["top1"], expected)
        np.testing.assert_allclose(ends["gain"], slope * math.log(2))
        np.testing.assert_allclose(ends["r2"], np.corrcoef(x, y)[0, 1] ** 2)


def test_lines_end_where_they_leave_what_was_measured() -> None:
    rows = CHART.prepare(a_profile(120), context())
    assert rows.lines is not None
    for family, ends in rows.lines.groupby("family"):
        members = rows.rows[rows.rows["family"] == family]
        for column in ("secs", "top1"):
            inside = ends[column].between(members[column].min() * 0.999999, members[column].max() * 1.000001)
            assert inside.all(), (family, column)


def test_the_lines_of_a_preset_span_all_times() -> None:
    rows = CHART.prepare(a_profile(120), context(preset="fastai-2022"))
    assert rows.lines is not None
    for family, ends in rows.lines.groupby("family"):
        secs = rows.rows[rows.rows["family"] == family]["secs"]
        np.testing.assert_allclose(ends["secs"], [secs.min(), secs.max()])


def family(name: str, models: int, gain: float, ratio: float) -> list[dict[str, Any]]:
    """Return models of a family that gains so much for twice the time, each slower than the last by a ratio."""
    return [
        merged_row(f"{name}{i}", top1=60 + gain * i * math.log2(ratio), speed=1000.0 / ratio**i)
        for i in range(models)
    ]


def test_the_words_answer_which_family_gains_most() -> None:
    rows = CHART.prepare(merged(*family("vgg", 10, 2.0, 1.5), *family("levit", 10, 2.5, 1.5)), context())
    assert description(CHART, rows) == (
        "20 dots in 2 families, a fitted line for 2 of them. Of the 2 with at least 10 models and times that "
        "span a doubling, levit gains most for twice the time per image: +2.50 points of top-1 (n 10, R² 1.00)."
    )


def test_nothing_is_said_of_a_doubling_that_nobody_measured_nor_of_a_handful() -> None:
    """As vgg on a processor: all its times within a factor of 1.2, and a line of 21 points a doubling."""
    rows = CHART.prepare(merged(*family("vgg", 12, 20.0, 1.01), *family("levit", 5, 2.0, 2.0)), context())
    assert description(CHART, rows) == "17 dots in 2 families, a fitted line for 2 of them."
    assert "vgg spans no doubling (n 12, R² 1.00)" in "".join(caption(rows, context()))


def test_a_single_family_without_a_colour_is_named() -> None:
    names = (
        "levit",
        "resnet",
        "resnetd",
        "regnetx",
        "vgg",
        "convnext",
        "convnextv2",
        "efficientnetv2",
        "beit",
    )
    rows = pd.DataFrame(
        {
            "model": names,
            "family": names,
            "img_size": 224,
            "secs": range(1, 10),
            "is_pareto": [n != "vgg" for n in names],
        }
    )
    assert set(grouped(rows, context())["group"]) == {*names, "other: vgg"} - {"vgg"}


def test_a_family_with_too_few_different_times_gets_no_line_and_is_named() -> None:
    speeds = {"vgg": (10.0, 20.0, 30.0), "levit": (10.0, 20.0), "beit": (10.0, 20.0, 20.0)}
    frame = merged(
        *(merged_row(f"{family}{i}", top1=70.0 + i, speed=speed)
          for family, values in speeds.items() for i, speed in enumerate(values))
    )  # fmt: skip
    rows = CHART.prepare(frame, context())
    assert rows.lines is not None
    assert set(rows.lines["family"]) == {"vgg"}
    note = f"no line for beit, levit: fewer than {FEWEST_POINTS} different times to fit"
    assert note in caption(rows, context())


def test_equal_accuracies_give_a_flat_line_with_nothing_explained() -> None:
    frame = merged(*(merged_row(f"vgg1{i}", top1=70.0, speed=10.0 + i) for i in range(3)))
    lines, _ = fit_lines(frame)
    assert lines["top1"].tolist() == pytest.approx([70.0, 70.0])
    assert lines["r2"].tolist() == [0.0, 0.0]


def test_lines_have_the_colours_of_their_dots() -> None:
    dots, fitted = spec(CHART, CHART.prepare(a_profile(120), context()), context())["layer"]
    assert fitted["mark"]["type"] == "line"
    assert fitted["encoding"]["color"] == dots["encoding"]["color"]
    assert fitted["encoding"]["opacity"] == dots["encoding"]["opacity"]
