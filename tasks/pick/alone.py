"""What each setting alone would answer: torch.compile or eager, one memory layout or the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.pick.pick import Limits, fits, frontier, with_ms
from tasks.tables.best import SETTINGS, fastest_rows, settings_in_words
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.finding import Finding, Value
from tasks.tables.frames import rows_of


@dataclass(frozen=True)
class _Setting:
    column: str
    value: str | None
    words: str
    profiles: tuple[str, ...]


def alone(rows: pd.DataFrame, profiles: Sequence[BenchmarkProfile], limits: Limits) -> tuple[Finding, ...]:
    """State for each setting that the profiles differ in what the answer is with its profiles alone.

    Args:
        rows: All rows of the profiles, with the columns of candidates.
        profiles: In the order in which the first of equally fast ones counts.
        limits: What a model must keep to.

    Returns:
        Nothing where nothing fits at all.
    """
    fitting = _fitting(rows, [profile.id for profile in profiles], limits)
    if fitting.empty:
        return ()
    front = frontier(fitting)
    return tuple(_finding(setting, rows, front, limits) for setting in _settings(profiles))


def _settings(profiles: Sequence[BenchmarkProfile]) -> list[_Setting]:
    """Return the settings that not all profiles share, in the order of the profiles."""
    found = []
    for column in SETTINGS:
        values = dict.fromkeys(getattr(profile, column) for profile in profiles)
        for value in values if len(values) > 1 else ():
            of = [profile for profile in profiles if getattr(profile, column) == value]
            ids = tuple(profile.id for profile in of)
            found.append(_Setting(column, value, settings_in_words(of[0])[column], ids))
    return found


def _finding(setting: _Setting, rows: pd.DataFrame, front: pd.DataFrame, limits: Limits) -> Finding:
    best = next(rows_of(front))
    fitting = _fitting(rows, setting.profiles, limits)
    over: dict[str, Value] = {"setting": setting.words, "column": setting.column, "value": setting.value}
    if fitting.empty:
        return Finding("pick-alone-nothing", 0, over)
    other = next(rows_of(frontier(fitting)))
    shares = {"rows": int(front["profile"].isin(setting.profiles).sum()), "frontier": len(front)}
    if other.top1 < best.top1:
        return Finding("pick-alone-less", len(fitting), over, shares | _less(best, other))
    slower = float(100 * (other.ms / best.ms - 1))
    if slower > 0:
        return Finding("pick-alone-slower", len(fitting), over, shares | {"slower": slower})
    return Finding("pick-alone-same", len(fitting), over, shares)


def _fitting(rows: pd.DataFrame, profiles: Sequence[str], limits: Limits) -> pd.DataFrame:
    """Return of each model the fastest row in these profiles, if it keeps to the limits."""
    fastest = with_ms(fastest_rows(rows, profiles))
    return fastest[fits(fastest, limits)]


def _less(best: Any, other: Any) -> dict[str, Value]:  # noqa: ANN401 - rows
    return {
        "best": other.model,
        "img_size": int(other.img_size),
        "top1": float(other.top1),
        "less": float(best.top1 - other.top1),
    }
