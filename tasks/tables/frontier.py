"""The Pareto frontier: which rows no other row beats."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def is_on_frontier(cost: ArrayLike, value: ArrayLike) -> NDArray[np.bool_]:
    """Mark the rows that no other row dominates.

    A row dominates another if its cost is not higher, its value is not lower, and one of the two is
    better. Rows that tie in both stay together.

    Args:
        cost: Shape (n,), lower is better, such as seconds per image. No NaN.
        value: Shape (n,), higher is better, such as top-1. No NaN.

    Returns:
        Shape (n,), True on the frontier; the order of the rows does not matter.

    Raises:
        ValueError: A NaN, or shapes that differ.
    """
    costs, values = np.asarray(cost, dtype=float), np.asarray(value, dtype=float)
    if costs.shape != values.shape or costs.ndim != 1:
        msg = (
            f"cost and value must be one-dimensional and as long as each other: {costs.shape}, {values.shape}"
        )
        raise ValueError(msg)
    if np.isnan(costs).any() or np.isnan(values).any():
        msg = "a frontier needs numbers: drop or reject rows without cost or value first"
        raise ValueError(msg)
    order = np.lexsort((-values, costs))
    on = np.zeros(len(costs), dtype=bool)
    best: tuple[float, float] | None = None  # value and cost of the last row on the frontier
    for i in order:
        row = (values[i], costs[i])
        if best is None or row[0] > best[0] or row == best:
            best = row
            on[i] = True
    return on
