"""What is different in the benchmarks: profiles that came, went or were replaced, and speeds. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import pandas as pd

from tasks.tables.change import Change
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.frames import rows_of
from tasks.tables.profiles import profiles_of, release

SPEED_MOVED: Final = 0.05
"""Share by which a throughput may differ when the same profile is measured again.

Upstream measured seven files again under their name, from 2022-01-20 (499c4749) to 2024-09-04 (5c33776a): of
4,474 rows with equal batch sizes 90 % came out within 2.5 %, 99 % within 3.8 %, and 33 by more than this.
"""


def benchmark_changes(before: pd.DataFrame, now: pd.DataFrame) -> Iterable[Change]:
    """Yield what is different from one table ``benchmarks`` to another."""
    old, new = profiles_of(before), profiles_of(now)
    there, had = {profile.id for profile in new}, {profile.id for profile in old}
    gone = [profile for profile in old if profile.id not in there]
    fresh = [profile for profile in new if profile.id not in had]
    replaced = replacements(gone, fresh)
    for was, profile in replaced:
        yield Change("profile-replaced", profile.id, previous_name=was.id, detail=_difference(was, profile))
    lost, taken = {was.id for was, _ in replaced}, {profile.id for _, profile in replaced}
    yield from (Change("profile-added", profile.id) for profile in fresh if profile.id not in taken)
    yield from (Change("profile-removed", profile.id) for profile in gone if profile.id not in lost)
    # A file that was only named anew is measured by the same software, so its speeds compare.
    anew = {was.id: p.id for was, p in replaced if _software(was) == _software(p)}
    yield from speed_moves(before.assign(profile=before["profile"].replace(anew)), now)


def replacements(
    gone: Iterable[BenchmarkProfile], fresh: Iterable[BenchmarkProfile]
) -> list[tuple[BenchmarkProfile, BenchmarkProfile]]:
    """Match profiles that are gone with new ones of the same device and settings.

    PyTorch, CUDA and the spelling of the device may differ. The newest one gone goes with the newest one that
    came, and so on; no profile twice.
    """
    came: dict[tuple[str, ...], list[BenchmarkProfile]] = defaultdict(list)
    for profile in _newest_first(fresh):
        came[profile.settings].append(profile)
    return [
        (profile, waiting.pop(0)) for profile in _newest_first(gone) if (waiting := came[profile.settings])
    ]


def speed_moves(before: pd.DataFrame, now: pd.DataFrame) -> Iterable[Change]:
    """Yield the rows of each profile whose throughput is another than a re-run explains."""
    grain = ["profile", "model", "img_size"]
    columns = [*grain, "samples_per_sec", "batch_size"]
    both = before[columns].merge(now[columns], on=grain, suffixes=("_before", "_after"))
    ratio = both["samples_per_sec_after"] / both["samples_per_sec_before"]
    beyond = (ratio > 1 + SPEED_MOVED) | (ratio < 1 / (1 + SPEED_MOVED))
    for row in rows_of(both[beyond]):
        yield Change(
            "speed-moved",
            row.profile,
            row.model,
            int(row.img_size),
            speed_before=float(row.samples_per_sec_before),
            speed_after=float(row.samples_per_sec_after),
            detail=_batches(row.batch_size_before, row.batch_size_after),
        )


def _newest_first(profiles: Iterable[BenchmarkProfile]) -> list[BenchmarkProfile]:
    return sorted(profiles, key=lambda profile: (release(profile), profile.id), reverse=True)


def _difference(was: BenchmarkProfile, now: BenchmarkProfile) -> str:
    return f"was {_software(was)}; is {_software(now)}"


def _software(profile: BenchmarkProfile) -> str:
    return f"PyTorch {profile.torch or 'unknown'}, CUDA {profile.cuda or 'unknown'}"


def _batches(before: int, after: int) -> str | None:
    return None if before == after else f"batch size was {before}; is {after}"
