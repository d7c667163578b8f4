"""Small helpers for walking through frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from tasks.tables.names import is_toy


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield rows with their columns as attributes. Their types are known from the contract, not to pandas."""
    yield from frame.itertuples()


def keys_of(frame: pd.DataFrame) -> list[tuple[str, int]]:
    """Return (architecture, image size) of each row."""
    return list(zip(frame["architecture"], frame["img_size"], strict=True))


def is_toy_row(frame: pd.DataFrame) -> pd.Series:
    """Tell for each row whether its model is one of timm's toys (see `is_toy`)."""
    return frame["model"].map(is_toy).astype(bool)


def plain_values(column: pd.Series) -> list[Any]:
    """Return a column as plain Python values; null becomes None."""
    missing = column.isna().to_numpy()
    values = column.tolist()
    if not missing.any():
        return values
    return [None if none else value for value, none in zip(values, missing, strict=True)]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain Python values by column; null becomes None."""
    names = [str(name) for name in frame.columns]
    columns = [plain_values(frame[name]) for name in frame.columns]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
