"""Where things lie on the picture, in pixels, so that labels and swarms can be laid out in Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

_CHARACTER: Final = 6.0  # mean width of a letter at `LABEL_SIZE`, in pixels
LABEL_SIZE: Final = 11
_GAP: Final = 5
MOST_LABELS: Final = 10


@dataclass(frozen=True)
class Span:
    """The ends of an axis and its length in pixels."""

    low: float
    high: float
    length: float
    log: bool = False

    @property
    def domain(self) -> list[float]:
        """Return the ends as a scale takes them."""
        return [self.low, self.high]

    def pixels(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the distance of values from the low end."""
        low, high, at = self.low, self.high, np.asarray(values, dtype=float)
        if self.log:
            low, high, at = math.log(low), math.log(high), np.log(at)
        return np.asarray((at - low) / (high - low) * self.length, dtype=float)


@dataclass(frozen=True)
class Box:
    """A rectangle on the picture; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Tell whether two rectangles share an area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def span(values: pd.Series, length: float, *, log: bool = False, room: float = 0.03) -> Span:
    """Return the span of values with some room at both ends, as a share of it; also for one value."""
    low, high = float(values.min()), float(values.max())
    if log:
        share = max(math.log(high / low), math.log(2)) * room
        return Span(low * math.exp(-share), high * math.exp(share), length, log)
    extra = max(high - low, 1.0) * room
    return Span(low - extra, high + extra, length, log)


def label_frontier(front: pd.DataFrame, x: Span, y: Span, text: str) -> pd.DataFrame:
    """Choose the frontier members to name, so that no label covers another, a member or the line.

    The ends come first, then whoever is farthest from those already named. Nothing lies left of and above
    the frontier, so labels go there.

    Args:
        front: Rows on the frontier with ``secs`` and ``top1``, in any order.
        x: Axis of ``secs``.
        y: Axis of ``top1``.
        text: Column that holds the names.

    Returns:
        ``secs``, ``top1`` and ``label`` of at most `MOST_LABELS` rows, fastest first.
    """
    rows = front.sort_values(["secs", "top1", text]).reset_index(drop=True)
    across, down = x.pixels(rows["secs"]), y.length - y.pixels(rows["top1"])
    taken = _line(across, down)
    named: list[int] = []
    texts: set[str] = set()
    for i in _far_first(across, down):
        label = str(rows.at[i, text])
        box = _beside(float(across[i]), float(down[i]), label)
        fits = box.left >= 0 and box.top >= 0
        if not fits or label in texts or any(box.meets(other) for other in taken):
            continue
        named.append(i)
        texts.add(label)
        taken.append(box)
        if len(named) == MOST_LABELS:
            break
    chosen = rows.loc[sorted(named), ["secs", "top1", text]]
    return chosen.rename(columns={text: "label"}).reset_index(drop=True)


def swarm(values: Sequence[float], room: float) -> NDArray[np.float64]:
    """Return a sideways offset from -1 to 1 for each value: dense places spread wide, rare ones not at all.

    Args:
        values: Positions along the other axis.
        room: Distance along that axis within which two marks would touch.
    """
    at = np.asarray(values, dtype=float)
    order = np.argsort(at, kind="stable")
    ordered = at[order]
    near = np.searchsorted(ordered, ordered + room, "right") - np.searchsorted(ordered, ordered - room)
    widest = max(int(near.max()) - 1, 1) if len(at) else 1
    offsets = np.empty(len(at))
    offsets[order] = [(2 * _halving(i) - 1) * (count - 1) / widest for i, count in enumerate(near, start=1)]
    return offsets


def _halving(i: int) -> float:
    """Return the i-th number of the sequence 1/2, 1/4, 3/4, 1/8, ...: neighbours in it lie far apart."""
    share, result = 0.5, 0.0
    while i:
        result += share * (i & 1)
        i, share = i >> 1, share / 2
    return result


def _beside(x: float, y: float, label: str) -> Box:
    width = _CHARACTER * len(label)
    return Box(x - _GAP - width, y - _GAP - LABEL_SIZE, x - _GAP, y - _GAP)


def _line(across: NDArray[np.float64], down: NDArray[np.float64]) -> list[Box]:
    """Return the members and the steps between them as what labels must not cover."""
    dots = [Box(x - 4, y - 4, x + 4, y + 4) for x, y in zip(across, down, strict=True)]
    steps = [
        Box(across[i] - 1, min(down[i - 1], down[i]), across[i] + 1, max(down[i - 1], down[i]))
        for i in range(1, len(across))
    ]
    return dots + steps


def _far_first(across: NDArray[np.float64], down: NDArray[np.float64]) -> list[int]:
    """Return all members: the slowest, the fastest, then always the one farthest from all before."""
    if not len(across):
        return []
    order = [len(across) - 1]
    gaps = np.hypot(across - across[-1], down - down[-1])
    while len(order) < len(across):
        gaps[order] = -1
        following = 0 if len(order) == 1 else int(gaps.argmax())
        order.append(following)
        gaps = np.minimum(gaps, np.hypot(across - across[following], down - down[following]))
    return order
