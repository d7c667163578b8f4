"""The benchmark profiles of a table, and which one to look at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.frames import records


def profiles_of(frame: pd.DataFrame) -> list[BenchmarkProfile]:
    """Return the profiles of a table that names them (``benchmarks`` or ``merged``), by id.

    Their ``name`` is empty where the table does not say which file a row is from.
    """
    first = frame.drop_duplicates("profile").sort_values("profile")
    return [
        BenchmarkProfile(
            name=row.get("source_file") or "",
            id=row["profile"],
            mode=row["mode"],
            precision=row["precision"],
            layout=row["layout"],
            torch=row["torch"],
            cuda=row["cuda"],
            device=row["device"],
            device_label=row["device_label"],
            device_kind=row["device_kind"],
            compiler=row["compiler"],
        )
        for row in records(first)
    ]


def rows_by_profile(frame: pd.DataFrame) -> dict[str, int]:
    """Return the number of rows of each profile."""
    sizes: dict[Any, int] = frame.groupby("profile").size().to_dict()
    return sizes


def release(profile: BenchmarkProfile) -> tuple[int, ...]:
    """Return the PyTorch version as numbers, so that 2.10 is newer than 2.4; empty if it is not known."""
    parts = (profile.torch or "").split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def newest_first(profiles: Sequence[BenchmarkProfile], rows: Mapping[str, int]) -> list[BenchmarkProfile]:
    """Return the profiles by PyTorch release, the newest first; of one release that with most rows first."""
    by_size = sorted(profiles, key=lambda profile: (-rows[profile.id], profile.id))
    return sorted(by_size, key=release, reverse=True)  # reverse keeps the order of equals


def newest_of_each_device(
    profiles: Sequence[BenchmarkProfile], rows: Mapping[str, int]
) -> list[BenchmarkProfile]:
    """Return for each device the profile that is newest, the device with most rows first."""
    first: dict[str, BenchmarkProfile] = {}
    for profile in newest_first(profiles, rows):
        first.setdefault(profile.device, profile)
    return sorted(first.values(), key=lambda profile: (-rows[profile.id], profile.device))


def ranked_profiles(profiles: Sequence[BenchmarkProfile], rows: Mapping[str, int]) -> list[BenchmarkProfile]:
    """Return the profiles that have rows, the one most people want first.

    Inference before training, no compiler before others, then as `newest_first`.

    Args:
        profiles: In any order.
        rows: Profile id to the number of its rows in ``merged``.
    """
    there = [profile for profile in profiles if rows.get(profile.id)]
    return sorted(
        newest_first(there, rows), key=lambda profile: (profile.mode != "infer", profile.compiler != "eager")
    )
