"""Which models to pick under limits: filter, Pareto frontier, rank; and what to relax when nothing fits.

The explorer page computes the same with the same numbers; a test compares the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from itertools import combinations
from typing import Any, Final

import pandas as pd

from config.errors import UsageError
from tasks.tables.frames import rows_of
from tasks.tables.frontier import is_on_frontier

CANDIDATE_COLUMNS: Final = (
    "model", "img_size", "family", "top1", "samples_per_sec", "batch_size", "param_count",
)  # fmt: skip
_DIGITS: Final = 3  # significant digits of a suggested limit


@dataclass(frozen=True)
class Limits:
    """What a model must keep to, all inclusive; None: no limit."""

    max_ms: float | None = None  # milliseconds per image: 1000 / images per second
    max_params: float | None = None  # millions
    min_top1: float | None = None  # %

    @property
    def given(self) -> tuple[str, ...]:
        """Return the names of the limits that are set."""
        return tuple(name for name, value in vars(self).items() if value is not None)


@dataclass(frozen=True)
class Pick:
    """One model worth picking, and why."""

    rank: int
    model: str
    img_size: int
    create: str
    family: str
    top1: float
    ms_per_image: float
    samples_per_sec: float
    batch_size: int
    param_count: float
    reason: str


@dataclass(frozen=True)
class Relaxation:
    """Limits that would let a model in if they were changed together."""

    limits: dict[str, float]  # name of the limit -> the value that is enough
    model: str
    img_size: int


@dataclass(frozen=True)
class Picks:
    """The answer: models on the frontier, most accurate first, or what to relax."""

    considered: int
    fitting: int
    on_frontier: int
    models: tuple[Pick, ...]
    relax: tuple[Relaxation, ...]


def check_limits(limits: Limits, top: int) -> None:
    """Make sure that the limits can be meant.

    Raises:
        UsageError: A limit that is no positive number, an accuracy beyond 100 %, or fewer than one model.
    """
    for name in limits.given:
        value = getattr(limits, name)
        low = 0 if name == "min_top1" else math.ulp(0.0)
        high = 100 if name == "min_top1" else math.inf
        if not (low <= value <= high) or math.isinf(value):
            expected = "a number from 0 to 100" if name == "min_top1" else "a number above 0"
            msg = f"--{name.replace('_', '-')} is {plain(value)}; expected {expected}"
            raise UsageError(msg)
    if top < 1:
        msg = f"--top is {top}; expected 1 or more"
        raise UsageError(msg)


def pick(candidates: pd.DataFrame, limits: Limits, top: int) -> Picks:
    """Return the models that no other model within the limits beats on both time and accuracy.

    Args:
        candidates: One row for each (model, img_size) with `CANDIDATE_COLUMNS`; top1 in %, samples_per_sec
            in images/s, param_count in millions.
        limits: What a model must keep to.
        top: Most models to return; the most accurate of the frontier.

    Returns:
        The picks; if nothing fits, which limits to relax and by how much.
    """
    rows = candidates.assign(ms=1000 / candidates["samples_per_sec"])
    fitting = rows[_fits(rows, limits)]
    if fitting.empty:
        return Picks(len(rows), 0, 0, (), _relaxations(rows, limits))
    front = fitting[is_on_frontier(fitting["ms"], fitting["top1"])].sort_values(
        ["top1", "ms", "model", "img_size"], ascending=[False, True, True, True]
    )
    ordered = list(rows_of(front))
    picks = tuple(_pick(ordered, i) for i in range(min(top, len(ordered))))
    return Picks(len(rows), len(fitting), len(ordered), picks, ())


def plain(value: float) -> str:
    """Write a limit the way a person would type it, with every digit that counts."""
    return f"{value:.15g}"


def create_call(model: str) -> str:
    """Return the call that makes the model with its weights."""
    return f"timm.create_model({model!r}, pretrained=True)"


def _fits(rows: pd.DataFrame, limits: Limits) -> pd.Series:
    fits = pd.Series(data=True, index=rows.index)
    if limits.max_ms is not None:
        fits &= rows["ms"] <= limits.max_ms
    if limits.max_params is not None:
        fits &= rows["param_count"] <= limits.max_params
    if limits.min_top1 is not None:
        fits &= rows["top1"] >= limits.min_top1
    return fits


def _pick(ordered: list[Any], i: int) -> Pick:
    row = ordered[i]
    return Pick(
        rank=i + 1,
        model=row.model,
        img_size=int(row.img_size),
        create=create_call(row.model),
        family=row.family,
        top1=float(row.top1),
        ms_per_image=float(row.ms),
        samples_per_sec=float(row.samples_per_sec),
        batch_size=int(row.batch_size),
        param_count=float(row.param_count),
        reason=_reason(ordered, i),
    )


def _reason(ordered: list[Any], i: int) -> str:
    """Say why a member of the frontier is worth a look, against its next more accurate neighbour."""
    row = ordered[i]
    if (row.top1, row.ms) == (ordered[0].top1, ordered[0].ms):
        words = "most accurate that fits"
        return f"{words}, and the fastest" if row.ms == ordered[-1].ms else words
    before = ordered[i - 1]
    if (row.top1, row.ms) == (before.top1, before.ms):
        return f"as fast and as accurate as {before.model}"
    words = f"{_gain(before.ms / row.ms)} rank {i} for {before.top1 - row.top1:.3g} points less"
    return f"fastest that fits; {words}" if row.ms == ordered[-1].ms else words


def _gain(times: float) -> str:
    """Say how much faster; a gain too small for the digits shown must not read as none."""
    if times < 1.01:
        return "less than 1 % faster than"
    return f"{times:,.0f}x as fast as" if times >= 100 else f"{times:.3g}x as fast as"


def _relaxations(rows: pd.DataFrame, limits: Limits) -> tuple[Relaxation, ...]:
    """Return the smallest sets of limits that let a model in when relaxed, with the nearest values."""
    for size in range(1, len(limits.given) + 1):
        found = [_relaxation(rows, limits, names) for names in combinations(limits.given, size)]
        if any(found):
            return tuple(relaxation for relaxation in found if relaxation)
    return ()


def _relaxation(rows: pd.DataFrame, limits: Limits, names: tuple[str, ...]) -> Relaxation | None:
    """Relax some limits just enough: for the model that needs the least in total, as shares of the limits."""
    others: dict[str, Any] = dict.fromkeys(names)
    within = rows[_fits(rows, replace(limits, **others))]
    if within.empty:
        return None
    need = sum((_short_by(within, name, getattr(limits, name)) for name in names), start=0.0 * within["ms"])
    order = within.assign(need=need).sort_values(["need", "model", "img_size"])
    nearest = next(rows_of(order.head(1)))
    return Relaxation(
        {name: _enough(name, float(getattr(nearest, _COLUMN[name]))) for name in names},
        nearest.model,
        int(nearest.img_size),
    )


_COLUMN: Final = {"max_ms": "ms", "max_params": "param_count", "min_top1": "top1"}


def _short_by(rows: pd.DataFrame, name: str, limit: float) -> pd.Series:
    """Return how far rows are beyond a limit, as a share of it; 0 for those within."""
    beyond = limit - rows["top1"] if name == "min_top1" else rows[_COLUMN[name]] - limit
    return beyond.clip(lower=0) / max(limit, math.ulp(1.0))


def _enough(name: str, value: float) -> float:
    """Round a value to a few digits, in the direction that still lets it in.

    The decimal lies on that side of the value, and the float nearest to it can't be on the other.
    """
    towards = ROUND_FLOOR if name == "min_top1" else ROUND_CEILING
    return float(Context(prec=_DIGITS, rounding=towards).create_decimal(repr(value)))
