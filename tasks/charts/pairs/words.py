"""A pair of benchmark profiles in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tasks.charts.pairs.find import ProfilePair
from tasks.charts.pairs.shared import IN_WORDS, PairRows
from tasks.tables.filenames import BenchmarkProfile

_WORDS: Final = {"infer": "inference", "train": "training", "dynamo": "torch.compile"}
_WORD_ORDER: Final = ("mode", "device", "precision", "layout", "torch", "compiler")


@dataclass(frozen=True)
class Panel:
    """One pair of profiles in words, and the rows they share."""

    title: str
    base: str  # the base in a word or two
    same: str  # what both have in common
    also: str  # what else differs, such as PyTorch release (1.13 over 1.12); empty if nothing does
    found: PairRows


def word(profile: BenchmarkProfile, dimension: str) -> str:
    """Name a profile's value in a dimension."""
    value = getattr(profile, dimension)
    if dimension == "torch":
        return f"PyTorch {value or 'of unknown version'}"
    if dimension == "device":
        return profile.device_label
    return _WORDS.get(value, str(value))


def panel_of(found: PairRows, dimension: str) -> Panel:
    """Say in words what is compared."""
    pair = found.pair
    different = {dimension, *pair.also}
    titled = [name for name in ("device", "mode") if name not in different]
    same = [word(pair.base, name) for name in _WORD_ORDER if name not in {*different, *titled}]
    names = [word(profile, dimension) for profile in (pair.other, pair.base)]
    return Panel(
        title=", ".join([" over ".join(names), *(word(pair.base, name) for name in titled)]),
        base=names[1],
        same=", ".join(same),
        also=", ".join(_also(pair, name) for name in pair.also),
        found=found,
    )


def _also(pair: ProfilePair, dimension: str) -> str:
    other, base = (word(profile, dimension).removeprefix("PyTorch ") for profile in (pair.other, pair.base))
    return f"{IN_WORDS.get(dimension, dimension)} ({other} over {base})"
