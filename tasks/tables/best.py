"""The best that a device does: its profiles of one mode side by side, and of each model the fastest row.

Accuracy belongs to a model at an image size and is the same in every profile, so of its rows the fastest is
the only one that can be worth picking. The explorer page has the same rules once more; a test compares both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

import pandas as pd

from tasks.tables.filenames import BenchmarkProfile

SETTINGS: Final = ("compiler", "layout", "precision", "torch")
"""What somebody can choose who runs a model: columns of a profile."""


def side_by_side(ranked: Sequence[BenchmarkProfile], glob: str | None = None) -> list[BenchmarkProfile]:
    """Return the profiles to look at together: those of the first one's device and mode, in their order.

    Args:
        ranked: Profiles as `ranked_profiles` orders them, inference before training.
        glob: Only profiles whose id it matches.

    Returns:
        Empty if there is none.
    """
    meant = [profile for profile in ranked if glob is None or fnmatchcase(profile.id, glob)]
    return [p for p in meant if (p.device, p.mode) == (meant[0].device, meant[0].mode)]


def fastest_rows(rows: pd.DataFrame, profiles: Sequence[str]) -> pd.DataFrame:
    """Return the fastest row of each model at each image size; of equals that of the earlier profile.

    Args:
        rows: With ``model``, ``img_size``, ``profile`` and ``samples_per_sec``.
        profiles: Ids of the profiles to look at.

    Returns:
        Rows as they were, in their order.
    """
    place = {profile: i for i, profile in enumerate(profiles)}
    there = rows[rows["profile"].isin(list(place))]
    order = there.assign(place=there["profile"].map(place)).sort_values(
        ["samples_per_sec", "place"], ascending=[False, True]
    )
    return rows.loc[order.drop_duplicates(["model", "img_size"]).index.sort_values()]


def settings_in_words(profile: BenchmarkProfile) -> Mapping[str, str]:
    """Return what each setting of a profile is called."""
    return {
        "compiler": {"eager": "eager", "dynamo": "torch.compile"}.get(profile.compiler, profile.compiler),
        "layout": profile.layout,
        "precision": profile.precision,
        "torch": f"PyTorch {profile.torch or 'of an unknown release'}",
    }
