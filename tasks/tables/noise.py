"""How far chance alone moves an accuracy, and which steps of a frontier are no larger than that.

The error is that of one accuracy. Two models answer the same images and are wrong on many of them together;
how many is not published, so the error of their difference is not known. One error of the better of the two
is the measure: what is called a tie is a difference that nobody should build on.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from config.vocabulary import TEST_SET_IMAGES


def standard_error(top1: float, test_set: str) -> float | None:
    """Return the standard error of an accuracy in points: 0.16 for 85 % of 50,000 images.

    Args:
        top1: Share of the images that were answered right, %.
        test_set: What it was measured on.

    Returns:
        None for a test set whose number of images is not known.
    """
    images = TEST_SET_IMAGES.get(test_set)
    if images is None:
        return None
    share = top1 / 100
    return 100 * math.sqrt(share * (1 - share) / images)


def is_tie(better: float, worse: float, test_set: str) -> bool:
    """Tell whether an accuracy is at most one standard error of the better one below it."""
    error = standard_error(better, test_set)
    return error is not None and better - worse <= error


def is_tied_step(top1: ArrayLike, test_set: str) -> NDArray[np.bool_]:
    """Mark the rows of a frontier that are a tie with the next more accurate one.

    Args:
        top1: Shape (n,), accuracies of the rows on the frontier, in any order, %.
        test_set: What they were measured on.

    Returns:
        Shape (n,), True where `is_tie` holds; never for the most accurate row. Of rows that are as accurate
        as each other, the first counts as the better one.
    """
    values = np.asarray(top1, dtype=float)
    order = np.argsort(-values, kind="stable")
    tied = np.zeros(len(values), dtype=bool)
    for better, worse in pairwise(order):
        tied[worse] = is_tie(float(values[better]), float(values[worse]), test_set)
    return tied
