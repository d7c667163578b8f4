"""Of all pairs of profiles that answer a question those that answer it best, and which way round."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from tasks.charts.pairs.find import ProfilePair, pairs_in
from tasks.charts.pairs.shared import Measurements, PairRows, rows_of_pair
from tasks.tables.filenames import BenchmarkProfile


def most_comparable(
    measured: Measurements, pairs: Sequence[ProfilePair], group: Callable[[ProfilePair], Hashable]
) -> list[PairRows]:
    """Return of each group the pair with most comparable rows, the one with most first.

    Of several the first. A pair without a row in common is none.
    """
    best: dict[Hashable, PairRows] = {}
    for pair in pairs:
        found = rows_of_pair(measured, pair)
        before = best.get(group(pair))
        if len(found.rows) and (before is None or found.comparable > before.comparable):
            best[group(pair)] = found
    return sorted(best.values(), key=lambda found: -found.comparable)


def alike_but_for(
    measured: Measurements,
    profiles: Sequence[BenchmarkProfile],
    dimension: str,
    rank: Callable[[BenchmarkProfile], Any],
) -> list[PairRows]:
    """Return for each mode, device and two values of a dimension the pair with most comparable rows."""
    return most_comparable(
        measured,
        pairs_in(profiles, dimension, rank),
        lambda pair: (
            pair.base.mode, pair.base.device, getattr(pair.base, dimension), getattr(pair.other, dimension),
        ),
    )  # fmt: skip


def faster_last(measured: Measurements, found: PairRows) -> PairRows:
    """Turn a pair so that its median ratio is not below 1."""
    if found.rows["ratio"].median() >= 1:
        return found
    return rows_of_pair(measured, found.pair.turned)
