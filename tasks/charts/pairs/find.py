"""Pairs of benchmark profiles that differ in one dimension and are alike otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.profiles import release

DIMENSIONS: Final = ("mode", "precision", "layout", "torch", "device", "compiler")


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
    by_name = sorted(found, key=lambda pair: sorted((pair.base.id, pair.other.id)))
    return sorted(by_name, key=lambda pair: _distance(pair, besides, releases))


def _distance(
    pair: ProfilePair, besides: Sequence[str], releases: Sequence[tuple[int, ...]]
) -> tuple[object, ...]:
    one, other = releases.index(release(pair.base)), releases.index(release(pair.other))
    order = tuple(besides.index(name) for name in pair.also)
    return len(pair.also), order, abs(one - other), -(one + other)
