"""Pairs of benchmark profiles that differ in one dimension, and the rows they share, like for like."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tasks.tables.compute import AGREE, KEY
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.frames import is_toy_row, keys_of
from tasks.tables.profiles import release

DIMENSIONS: Final = ("mode", "precision", "layout", "torch", "device", "compiler")
IN_WORDS: Final = {"torch": "PyTorch release", "layout": "memory layout"}
BATCH: Final = "another batch size"
PARAMETERS: Final = "other parameters"
GMACS: Final = "files disagree on GMACs"
_MEASURED: Final = ("samples_per_sec", "batch_size", "benchmark_param_count", "gmacs")


@dataclass(frozen=True)
class ProfilePair:
    """Two profiles to compare: how many times the throughput of ``base`` has ``other``?"""

    base: BenchmarkProfile
    other: BenchmarkProfile
    also: tuple[str, ...]  # dimensions that differ besides the one that is compared

    @property
    def turned(self) -> ProfilePair:
        """Return the pair the other way round."""
        return ProfilePair(self.other, self.base, self.also)


@dataclass(frozen=True)
class PairRows:
    """What two profiles have in common.

    ``rows``: one for each (architecture, image size) measured in both, by that key, with ``ratio``
    (images/s of other divided by images/s of base), ``secs`` (time per image in base), the batch sizes and
    ``caution``: why the two are not comparable, empty if they are.
    """

    rows: pd.DataFrame
    only_one: int  # keys that only one of the two profiles has
    ambiguous: int  # keys that one of them has twice: nobody can tell which speed is meant
    toys: int  # keys of timm's toy models

    @property
    def total(self) -> int:
        """Return the number of different keys in the two profiles."""
        return len(self.rows) + self.only_one + self.ambiguous + self.toys


def differing(one: BenchmarkProfile, other: BenchmarkProfile) -> set[str]:
    """Return the dimensions in which two profiles differ.

    CUDA comes with a PyTorch build or with a device; where neither differs it counts as its own.
    """
    found = {name for name in DIMENSIONS if getattr(one, name) != getattr(other, name)}
    if one.cuda != other.cuda and not found & {"torch", "device"}:
        found.add("cuda")
    return found


def pairs_in(
    profiles: Sequence[BenchmarkProfile],
    dimension: str,
    rank: Callable[[BenchmarkProfile], Any],
    *,
    besides: Sequence[str] = (),
) -> list[ProfilePair]:
    """Return all pairs that differ in a dimension and otherwise at most in those allowed, closest first.

    Closest: fewest other dimensions, those named first in ``besides`` before those named later, PyTorch
    releases next to each other, the newest of them.

    Args:
        profiles: All profiles.
        dimension: One of `DIMENSIONS`.
        rank: Tells which of two is the base: the one with the lower value.
        besides: Further dimensions that may differ.
    """
    releases = sorted({release(profile) for profile in profiles})
    found = []
    for base in profiles:
        for other in profiles:
            different = differing(base, other)
            if dimension not in different or different - {dimension, *besides}:
                continue
            if (rank(base), base.id) < (rank(other), other.id):
                also = tuple(name for name in besides if name in different and name != dimension)
                found.append(ProfilePair(base, other, also))
    by_name = sorted(found, key=lambda pair: (pair.base.id, pair.other.id))
    return sorted(by_name, key=lambda pair: _distance(pair, besides, releases))


def _distance(
    pair: ProfilePair, besides: Sequence[str], releases: Sequence[tuple[int, ...]]
) -> tuple[object, ...]:
    one, other = releases.index(release(pair.base)), releases.index(release(pair.other))
    order = tuple(besides.index(name) for name in pair.also)
    return len(pair.also), order, abs(one - other), -(one + other)


def first_of_each(
    pairs: Sequence[ProfilePair], group: Callable[[ProfilePair], Hashable]
) -> list[ProfilePair]:
    """Return the first pair of each group, in the order of the pairs."""
    first: dict[Hashable, ProfilePair] = {}
    for pair in pairs:
        first.setdefault(group(pair), pair)
    return list(first.values())


def closest_pairs(
    profiles: Sequence[BenchmarkProfile], dimension: str, rank: Callable[[BenchmarkProfile], Any]
) -> list[ProfilePair]:
    """Return the closest pair for each mode and device and each two values of a dimension."""
    return first_of_each(
        pairs_in(profiles, dimension, rank),
        lambda pair: (
            pair.base.mode, pair.base.device, getattr(pair.base, dimension), getattr(pair.other, dimension),
        ),
    )  # fmt: skip


def rows_of_pair(benchmarks: pd.DataFrame, pair: ProfilePair) -> PairRows:
    """Put the rows of two profiles side by side, the same architecture at the same image size.

    Args:
        benchmarks: The whole table.
        pair: Two profiles of it.
    """
    both_whole = [benchmarks[benchmarks["profile"] == p.id] for p in (pair.base, pair.other)]
    sides = [side[~is_toy_row(side)] for side in both_whole]
    toys = {key for side in both_whole for key in keys_of(side[is_toy_row(side)])}
    repeated = {key for side in sides for key in keys_of(side[side.duplicated(KEY)])}
    every = {key for side in sides for key in keys_of(side)}
    base, other = (side[[*KEY, *_MEASURED]].drop_duplicates(KEY, keep=False) for side in sides)
    both = base.merge(other, on=KEY, suffixes=("_base", "_other"))
    if repeated:
        both = both[[key not in repeated for key in keys_of(both)]]
    both = both.sort_values(KEY).reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "architecture": both["architecture"],
            "img_size": both["img_size"],
            "ratio": both["samples_per_sec_other"] / both["samples_per_sec_base"],
            "secs": 1 / both["samples_per_sec_base"],
            "base_batch": both["batch_size_base"],
            "other_batch": both["batch_size_other"],
            "caution": _cautions(both, pair.also),
        }
    )
    return PairRows(rows, len(every) - len(repeated) - len(rows), len(repeated), len(toys))


def _cautions(both: pd.DataFrame, also: Sequence[str]) -> list[str]:
    """Return for each row why its two measurements are not comparable."""
    words = [f"another {IN_WORDS.get(name, name)}" for name in also]
    found: Mapping[str, pd.Series] = {
        BATCH: both["batch_size_base"] != both["batch_size_other"],
        PARAMETERS: _far(both["benchmark_param_count_base"], both["benchmark_param_count_other"]),
        GMACS: _far(both["gmacs_base"], both["gmacs_other"]),
    }
    flags = zip(*found.values(), strict=True)
    return ["; ".join([*words, *(w for w, on in zip(found, row, strict=True) if on)]) for row in flags]


def _far(one: pd.Series, other: pd.Series) -> pd.Series:
    """Tell where two numbers differ by more than one percent of the smaller; not where one is unknown."""
    both = pd.concat([one, other], axis=1)
    return both.notna().all(axis=1) & (both.max(axis=1) > both.min(axis=1) * AGREE)
