"""Colours: readable on white and in the dark, and apart for colour-blind people."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tasks.charts.theme import COLOURS, CONFIG, DARK, DARK_BACKGROUND, MANY_COLOURS, OTHER_COLOUR, RAMP

# Machado, Oliveira, Fernandes 2009, severity 1.
SIGHT = {
    "normal": np.eye(3),
    "protanope": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranope": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanope": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip


def linear(colour: str) -> NDArray[np.float64]:
    if colour == "white":
        return np.ones(3)
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.03928, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    white = np.array([0.9505, 1, 1.089])
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = matrix @ np.clip(rgb, 0, 1) / white
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("background", ["white", DARK_BACKGROUND])
@pytest.mark.parametrize("colour", sorted({*MANY_COLOURS, OTHER_COLOUR}))
def test_marks_have_contrast(colour: str, background: str) -> None:
    assert contrast(colour, background) >= 3


@pytest.mark.parametrize(
    ("ramp", "background", "sign"),
    [(RAMP, "white", -1), ([DARK[colour] for colour in RAMP], DARK_BACKGROUND, 1)],
    ids=["light", "dark"],
)
def test_ordered_bands_move_away_from_the_background(ramp: list[str], background: str, sign: int) -> None:
    """From light to dark on white, from dark to light in the dark; every step can be seen by everybody."""
    assert all(contrast(colour, background) >= 3 for colour in ramp)
    lightness = [lab(linear(colour))[0] for colour in ramp]
    assert all(sign * (after - before) >= 6 for before, after in pairwise(lightness))
    for sight in SIGHT.values():
        seen = [lab(sight @ linear(colour)) for colour in ramp]
        assert min(float(np.linalg.norm(a - b)) for a, b in pairwise(seen)) >= 9


@pytest.mark.parametrize("sight", SIGHT)
def test_the_eight_colours_and_grey_are_apart(sight: str) -> None:
    seen = {colour: lab(SIGHT[sight] @ linear(colour)) for colour in (*COLOURS, OTHER_COLOUR)}
    closest = min(float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(seen, 2))
    assert closest >= 12


@pytest.mark.parametrize("group", ["axis", "legend", "title"])
def test_text_has_contrast_in_light_and_dark(group: str) -> None:
    words = [value for key, value in CONFIG[group].items() if key.lower().endswith("color")]
    for colour in (c for c in words if c not in {"#ececec", "#888888"}):  # grid and ticks are no text
        assert contrast(colour, "white") >= 4.5
        assert contrast(DARK[colour], DARK_BACKGROUND) >= 4.5


def test_every_colour_of_the_configuration_has_a_dark_one() -> None:
    named = {
        value
        for group in CONFIG.values()
        if isinstance(group, dict)
        for key, value in group.items()
        if isinstance(value, str) and (key.lower().endswith("color") or key == "stroke")
    }
    assert named <= set(DARK)
