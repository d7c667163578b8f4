"""GMACs and activations of models whose own benchmark file does not say them."""

from __future__ import annotations

from typing import Final

import pandas as pd

AGREE: Final = 1.01
"""Ratio up to which files count as saying the same. Of 1,579 (architecture, image size) of 2024-09-05, 248
differ by more: newer PyTorch fuses attention, which is then not counted."""
KEY: Final = ["architecture", "img_size"]


def lacks_compute(merged: pd.DataFrame) -> bool:
    """Tell whether a value is null that another benchmark file may have."""
    return bool(merged[["gmacs", "macts"]].isna().to_numpy().any())


def with_known_compute(merged: pd.DataFrame, benchmarks: pd.DataFrame) -> pd.DataFrame:
    """Fill ``gmacs`` and ``macts`` where they are null from other benchmark files that agree on them.

    Both are properties of the model at an image size, not of the device; training files never have them.

    Args:
        merged: Rows of one profile.
        benchmarks: The whole table.

    Returns:
        The rows in their order, with a column ``borrowed``: True where a value comes from another file.
    """
    known = benchmarks.groupby(KEY)[["gmacs", "macts"]].agg(["min", "max", "median"])
    keys = pd.MultiIndex.from_frame(merged[KEY])
    filled = merged.assign(borrowed=False)
    for column in ("gmacs", "macts"):
        values = known[column].reindex(keys)
        agreed = values["median"].where(values["max"] <= values["min"] * AGREE).to_numpy()
        gap = filled[column].isna() & pd.notna(agreed)
        filled["borrowed"] |= gap
        filled[column] = filled[column].where(~gap, agreed)
    return filled
