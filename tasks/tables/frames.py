"""Small helpers for walking through frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield rows with their columns as attributes. Their types are known from the contract, not to pandas."""
    yield from frame.itertuples()
