"""How well one order tells another: Spearman's rank correlation."""

from __future__ import annotations

from typing import Final

import pandas as pd

FEWEST: Final = 3
"""Two rows always agree or disagree altogether."""


def rank_correlation(one: pd.Series, other: pd.Series) -> float | None:
    """Return Spearman's rank correlation; None for fewer than three rows or a column that never changes."""
    if len(one) < FEWEST or one.nunique() < 2 or other.nunique() < 2:
        return None
    return float(one.rank().corr(other.rank()))
