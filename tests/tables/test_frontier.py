from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.tables.frontier import is_on_frontier

# Few distinct numbers, so that ties are common; infinities because a speed can be tiny.
NUMBERS = st.one_of(st.integers(0, 4).map(float), st.floats(allow_nan=False))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30)
Row = tuple[float, float]


def dominates(a: Row, b: Row) -> bool:
    return a[0] <= b[0] and a[1] >= b[1] and a != b


def on_frontier(rows: list[Row]) -> list[bool]:
    return list(is_on_frontier([cost for cost, _ in rows], [value for _, value in rows]))


@given(ROWS)
def test_on_it_are_exactly_the_rows_that_nothing_dominates(rows: list[Row]) -> None:
    assert on_frontier(rows) == [not any(dominates(other, row) for other in rows) for row in rows]


@given(ROWS)
def test_everything_else_is_beaten_by_something_on_it(rows: list[Row]) -> None:
    on = on_frontier(rows)
    front = [row for row, kept in zip(rows, on, strict=True) if kept]
    rest = [row for row, kept in zip(rows, on, strict=True) if not kept]
    assert len(front) + len(rest) == len(rows)
    assert all(any(dominates(best, row) for best in front) for row in rest)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Row], random: np.random.Generator) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    on = on_frontier(rows)
    assert on_frontier([rows[i] for i in order]) == [on[i] for i in order]


@given(ROWS)
def test_a_frontier_is_its_own_frontier(rows: list[Row]) -> None:
    kept = [row for row, on in zip(rows, on_frontier(rows), strict=True) if on]
    assert bool(kept) == bool(rows)
    assert all(on_frontier(kept))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([(1.0, 50.0)], [True]),
        ([(1.0, 50.0), (1.0, 50.0)], [True, True]),
        ([(1.0, 50.0), (1.0, 60.0)], [False, True]),
        ([(1.0, 50.0), (2.0, 50.0)], [True, False]),
        ([(2.0, 60.0), (1.0, 50.0), (2.0, 60.0), (3.0, 55.0)], [True, True, True, False]),
        ([(1.0, float("-inf"))], [True]),
    ],
)
def test_examples(rows: list[Row], expected: list[bool]) -> None:
    assert on_frontier(rows) == expected


@pytest.mark.parametrize(("cost", "value"), [([float("nan")], [1.0]), ([1.0], [float("nan")])])
def test_nan_is_refused(cost: list[float], value: list[float]) -> None:
    with pytest.raises(ValueError, match="needs numbers"):
        is_on_frontier(cost, value)


@pytest.mark.parametrize(("cost", "value"), [([1.0], [1.0, 2.0]), ([[1.0]], [[1.0]]), (1.0, 1.0)])
def test_shapes_that_differ_are_refused(cost: object, value: object) -> None:
    with pytest.raises(ValueError, match="as long as each other"):
        is_on_frontier(np.asarray(cost), np.asarray(value))
