from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vocabulary import TEST_SET_IMAGES, TEST_SETS
from tasks.tables.noise import is_tie, is_tied_step, standard_error
from tests.real.bundle import snapshot_at

ACCURACIES = st.lists(st.floats(0, 100), max_size=20)


@pytest.mark.parametrize(
    ("top1", "test_set", "points"),
    [
        (85.0, "imagenet", 0.1597),
        (50.0, "imagenet", 0.2236),
        (85.0, "imagenetv2-matched-frequency", 0.3571),
        (30.0, "imagenet-a", 0.5292),
        (100.0, "imagenet", 0.0),
        (0.0, "sketch", 0.0),
    ],
)
def test_the_error_of_an_accuracy(top1: float, test_set: str, points: float) -> None:
    assert standard_error(top1, test_set) == pytest.approx(points, abs=5e-5)


def test_every_test_set_with_words_has_its_number_of_images_and_another_has_no_error() -> None:
    assert TEST_SET_IMAGES.keys() == TEST_SETS.keys()
    assert standard_error(85.0, "a-new-one") is None
    assert not is_tie(85.0, 85.0, "a-new-one")


@pytest.mark.parametrize(("worse", "tie"), [(85.0, True), (84.85, True), (84.83, False), (80.0, False)])
def test_a_tie_is_at_most_one_error_below(worse: float, tie: bool) -> None:
    assert is_tie(85.0, worse, "imagenet") == tie


def test_steps_are_taken_from_the_next_more_accurate_row_in_any_order_of_rows() -> None:
    assert list(is_tied_step([80.0, 85.0, 84.9, 84.8, 70.0], "imagenet")) == [False, False, True, True, False]
    assert list(is_tied_step([90.0, 90.0], "imagenet")) == [False, True]
    assert list(is_tied_step([], "imagenet")) == []
    assert list(is_tied_step([85.0, 84.9], "a-new-one")) == [False, False]


@given(ACCURACIES)
def test_as_many_steps_are_tied_as_neighbours_are_within_one_error(values: list[float]) -> None:
    down = sorted(values, reverse=True)
    near = [
        better - worse <= 100 * math.sqrt(better / 100 * (1 - better / 100) / 50_000)
        for better, worse in pairwise(down)
    ]
    assert sum(is_tied_step(values, "imagenet")) == sum(near)


@pytest.mark.slow
def test_ties_on_the_frontier_of_a_real_profile() -> None:
    """RTX 4090, eager, at the bundle's head: 8 of 30 steps, read off the list of the frontier by hand."""
    merged = snapshot_at("HEAD").merged
    front = merged[(merged["profile"] == "infer-amp-nchw-pt240-cu124-rtx4090") & merged["is_pareto"]]
    tied = front[is_tied_step(front["top1"], "imagenet")].sort_values("top1", ascending=False)
    assert len(front) - 1 == 30
    assert [name.split(".")[0] for name in tied["model"]] == [
        "eva_large_patch14_196",
        "maxxvitv2_rmlp_base_rw_224",
        "convnext_large",
        "vit_mediumd_patch16_reg4_gap_256",
        "beitv2_base_patch16_224",
        "levit_192",
        "levit_128",
        "levit_128s",
    ]
