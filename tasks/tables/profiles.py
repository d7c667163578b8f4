"""Which benchmark profile to look at first, when there are several of a device."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tasks.tables.frames import rows_of


def ranked_profiles(benchmarks: pd.DataFrame, sizes: Mapping[str, int]) -> list[Any]:
    """Return the profiles that have merged rows, the one most people want first.

    Inference before training, no compiler before others, the newest PyTorch, then the most merged rows.

    Args:
        benchmarks: Table ``benchmarks``, or the columns of ``merged`` that name a profile.
        sizes: Profile to its number of merged rows.

    Returns:
        One row of ``benchmarks`` for each profile.
    """
    profiles = benchmarks.drop_duplicates("profile")
    there = [row for row in rows_of(profiles) if sizes.get(row.profile)]
    return sorted(
        there,
        key=lambda row: (
            row.mode != "infer",
            row.compiler != "eager",
            _descending(row.torch),
            -sizes[row.profile],
            row.profile,
        ),
    )


def _descending(torch: object) -> tuple[int, ...]:
    if not isinstance(torch, str):
        return (0,)
    return tuple(-int(part) for part in re.findall(r"\d+", torch))
