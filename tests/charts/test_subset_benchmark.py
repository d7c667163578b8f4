from __future__ import annotations

import numpy as np
import pytest

from tasks.charts.chart import caption, spec
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
        np.testing.assert_allclose(ends["secs"], [members["secs"].min(), members["secs"].max()])
        np.testing.assert_allclose(ends["r2"], np.corrcoef(x, y)[0, 1] ** 2, atol=1e-4)


def test_a_family_with_too_few_different_times_gets_no_line_and_is_named() -> None:
    speeds = {"vgg": (10.0, 20.0, 30.0), "levit": (10.0, 20.0), "beit": (10.0, 20.0, 20.0)}
    frame = merged(
        *(merged_row(f"{family}{i}", top1=70.0 + i, speed=speed)
          for family, values in speeds.items() for i, speed in enumerate(values))
    )  # fmt: skip
    rows = CHART.prepare(frame, context())
    assert rows.lines is not None
    assert set(rows.lines["family"]) == {"vgg"}
    note = f"no line for beit, levit: fewer than {FEWEST_POINTS} times to fit"
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
