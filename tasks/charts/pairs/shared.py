"""The rows that two benchmark profiles share, side by side, like for like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.charts.pairs.find import ProfilePair
from tasks.tables.compute import AGREE, KEY
from tasks.tables.frames import is_toy_row

BATCH: Final = "batch size"
PARAMETERS: Final = "parameters"
GMACS: Final = "GMACs"
ROW_REASONS: Final = (BATCH, PARAMETERS, GMACS)
"""What may differ between two rows although their profiles are alike."""
IN_WORDS: Final = {"torch": "PyTorch release", "layout": "memory layout"}
_MEASURED: Final = ("samples_per_sec", "batch_size", "benchmark_param_count", "gmacs")
_Keys = NDArray[np.int64]
_Values = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """One profile: a key is the number of an architecture at an image size, in their order."""

    keys: _Keys  # those measured once, in order
    values: _Values  # what was measured, row by row as in ``keys``; NaN where nothing is known
    repeated: _Keys  # measured more than once: nobody can tell which speed is meant
    toys: _Keys  # of timm's toy models


@dataclass(frozen=True)
class Measurements:
    """A table of benchmarks, ready for any two of its profiles to be put side by side."""

    names: pd.DataFrame  # architecture and image size of each key
    sides: Mapping[str, Side]  # profile id to what it measured


@dataclass(frozen=True)
class PairRows:
    """What two profiles have in common.

    ``rows``: one for each (architecture, image size) measured in both, by that key, with ``ratio``
    (images/s of other divided by images/s of base), ``secs`` (time per image in base), the batch sizes and
    ``caution``: what else differs, so that the two are not comparable; empty if they are.
    """

    pair: ProfilePair
    rows: pd.DataFrame
    only_one: int  # keys that only one of the two profiles has
    ambiguous: int  # keys that one of them has twice: nobody can tell which speed is meant
    toys: int  # keys of timm's toy models

    @property
    def total(self) -> int:
        """Return the number of different keys in the two profiles."""
        return len(self.rows) + self.only_one + self.ambiguous + self.toys

    @cached_property
    def comparable(self) -> int:
        """Return the number of rows in which nothing else differs."""
        return int((self.rows["caution"] == "").sum())


def measurements_of(benchmarks: pd.DataFrame) -> Measurements:
    """Return a whole table of benchmarks by profile."""
    key: _Keys = np.asarray(benchmarks.groupby(KEY, sort=True).ngroup(), dtype=np.int64)
    _, first = np.unique(key, return_index=True)
    toy = is_toy_row(benchmarks).to_numpy(dtype=bool)
    values = benchmarks[list(_MEASURED)].to_numpy(dtype=float, na_value=np.nan)
    at = {
        str(profile): rows[np.argsort(key[rows])]
        for profile, rows in benchmarks.groupby("profile").indices.items()
    }
    return Measurements(
        benchmarks[KEY].iloc[first].reset_index(drop=True),
        {profile: _side(key[rows], values[rows], toy[rows]) for profile, rows in at.items()},
    )


def _side(key: _Keys, values: _Values, toy: NDArray[np.bool_]) -> Side:
    """Return a profile; ``key`` is in order."""
    again = key[1:] == key[:-1]
    twice = np.r_[again, False] | np.r_[False, again]
    once = ~toy & ~twice
    return Side(key[once], values[once], np.unique(key[twice & ~toy]), np.unique(key[toy]))


def rows_of_pair(measured: Measurements, pair: ProfilePair) -> PairRows:
    """Put the rows of two profiles side by side, the same architecture at the same image size."""
    base, other = measured.sides[pair.base.id], measured.sides[pair.other.id]
    keys, left, right = np.intersect1d(base.keys, other.keys, assume_unique=True, return_indices=True)
    one, two = base.values[left].T, other.values[right].T  # by what was measured, as in `_MEASURED`
    names = measured.names.iloc[keys].reset_index(drop=True)
    rows = names.assign(
        ratio=two[0] / one[0],
        secs=1 / one[0],
        base_batch=one[1].astype(np.int64),
        other_batch=two[1].astype(np.int64),
        caution=_cautions(one, two, pair),
    )
    repeated = np.union1d(base.repeated, other.repeated)
    every = np.union1d(np.union1d(base.keys, other.keys), repeated)
    toys = np.union1d(base.toys, other.toys)
    return PairRows(pair, rows, len(every) - len(repeated) - len(rows), len(repeated), len(toys))


def _cautions(one: _Values, two: _Values, pair: ProfilePair) -> NDArray[np.object_]:
    """Return for each row what else differs between its two measurements."""
    # in the order of ROW_REASONS
    found = [one[1] != two[1], _far(one[2], two[2]), _far(one[3], two[3])]
    always = [IN_WORDS.get(name, name) for name in pair.also]
    words = [
        "; ".join([*always, *(why for bit, why in enumerate(ROW_REASONS) if case >> bit & 1)])
        for case in range(2 ** len(ROW_REASONS))
    ]
    case = sum(differs.astype(int) << bit for bit, differs in enumerate(found))
    return np.asarray(np.array(words, dtype=object)[case])


def _far(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell where two numbers differ by more than one percent of the smaller; not where one is unknown."""
    return np.asarray(np.maximum(one, two) > np.minimum(one, two) * AGREE)
