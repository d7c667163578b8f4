"""A pair of benchmark profiles in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tasks.charts.chart import plain
from tasks.charts.pairs.find import PairRows, ProfilePair, rows_of_pair
from tasks.tables.filenames import BenchmarkProfile

_WORDS: Final = {"infer": "inference", "train": "training", "dynamo": "torch.compile"}
_WORD_ORDER: Final = ("mode", "device", "precision", "layout", "torch", "compiler")


@dataclass(frozen=True)
class Panel:
    """One pair of profiles in words, and the rows they share."""

    title: str
    base: str  # the base in a word or two
    same: str  # what both have in common
    differs: str  # what else differs; empty if nothing does
    batches: str  # the usual batch sizes if they differ
    found: PairRows


def times(ratio: float) -> str:
    """Write a ratio with three digits: 1.08x, 255x."""
    return f"{plain(ratio)}x"


def word(profile: BenchmarkProfile, dimension: str) -> str:
    """Name a profile's value in a dimension."""
    value = getattr(profile, dimension)
    if dimension == "torch":
        return f"PyTorch {value or 'of unknown version'}"
    if dimension == "device":
        return profile.device_label
    return _WORDS.get(value, str(value))


def panel_of(benchmarks: pd.DataFrame, pair: ProfilePair, dimension: str) -> Panel:
    """Put two profiles side by side and say in words what is compared."""
    base, other = pair.base, pair.other
    different = {dimension, *pair.also}
    titled = [name for name in ("device", "mode") if name not in different]
    same = [word(base, name) for name in _WORD_ORDER if name not in {*different, *titled}]
    where = [f" on {p.device_label}" if "device" in pair.also else "" for p in (other, base)]
    names = [f"{word(p, dimension)}{on}" for p, on in zip((other, base), where, strict=True)]
    found = rows_of_pair(benchmarks, pair)
    return Panel(
        title=", ".join([" over ".join(names), *(word(base, name) for name in titled)]),
        base=names[1],
        same=f"both: {', '.join(same)}" if same else "",
        differs="; ".join(f"{word(other, n)} over {word(base, n)}" for n in pair.also if n != "device"),
        batches=_usual_batches(found.rows),
        found=found,
    )


def _usual_batches(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    other, base = (int(rows[column].mode().min()) for column in ("other_batch", "base_batch"))
    return "" if base == other else f"usual batch size: {other:,} over {base:,}"


def usual_first(
    profiles: Sequence[BenchmarkProfile], dimension: str
) -> Callable[[BenchmarkProfile], tuple[int, str]]:
    """Return a rank that puts the value that most profiles have first, then by name."""
    count = Counter(getattr(profile, dimension) for profile in profiles)

    def rank(profile: BenchmarkProfile) -> tuple[int, str]:
        value = getattr(profile, dimension)
        return -count[value], value

    return rank


def faster_last(benchmarks: pd.DataFrame, pair: ProfilePair) -> ProfilePair:
    """Turn a pair so that its median ratio is not below 1."""
    rows = rows_of_pair(benchmarks, pair).rows
    return pair.turned if len(rows) and rows["ratio"].median() < 1 else pair
