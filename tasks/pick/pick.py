"""Which models to pick under limits: filter, Pareto frontier, rank; and what to relax when nothing fits.

The explorer page computes the same with the same numbers; a test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from itertools import combinations
from typing import Any, Final

import pandas as pd

from config.errors import UsageError
from tasks.tables.call import create_call
from tasks.tables.finding import Finding
from tasks.tables.frames import rows_of
from tasks.tables.frontier import is_on_frontier
from tasks.tables.noise import is_tied_step, standard_error
from tasks.tables.sentences import typed

CANDIDATE_COLUMNS: Final = (
    "model", "img_size", "family", "top1", "samples_per_sec", "batch_size", "param_count", "profile",
    "crop_pct", "interpolation",
)  # fmt: skip
_SLIGHT: Final = 1.01  # below this a ratio in three digits hides what was gained
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
    top1_error: float | None  # standard error in points; None: the images of the test set were never counted
    tie: bool  # at most one standard error below the next more accurate model
    ms_per_image: float
    samples_per_sec: float
    batch_size: int
    param_count: float
    profile: str
    reasons: tuple[Finding, ...]


@dataclass(frozen=True)
class Relaxation:
    """Limits that would let a model in if they were changed together."""

    limits: dict[str, float]  # name of the limit -> the value that is enough, in few digits
    needed: dict[str, float]  # the same, exactly
    fitting: int  # models that fit then
    model: str
    img_size: int
    create: str


@dataclass(frozen=True)
class Picks:
    """The answer: models on the frontier, most accurate first, or what to relax."""

    considered: int
    fitting: int
    on_frontier: int
    ties: int  # models on the frontier that are a tie with the next more accurate one
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
            msg = f"--{name.replace('_', '-')} is {typed(value)}; expected {expected}"
            raise UsageError(msg)
    if top < 1:
        msg = f"--top is {top}; expected 1 or more"
        raise UsageError(msg)


def pick(candidates: pd.DataFrame, limits: Limits, top: int, test_set: str) -> Picks:
    """Return the models that no other model within the limits beats on both time and accuracy.

    Args:
        candidates: One row for each (model, img_size) with `CANDIDATE_COLUMNS`; top1 in %, samples_per_sec
            in images/s, param_count in millions.
        limits: What a model must keep to.
        top: Most models to return; the most accurate of the frontier.
        test_set: What top1 was measured on, for its standard error.

    Returns:
        The picks; if nothing fits, which limits to relax and by how much.
    """
    rows = with_ms(candidates)
    fitting = rows[fits(rows, limits)]
    if fitting.empty:
        return Picks(len(rows), 0, 0, 0, (), _relaxations(rows, limits))
    front = frontier(fitting)
    front = front.assign(tie=is_tied_step(front["top1"], test_set))
    ordered = list(rows_of(front))
    picks = tuple(_pick(ordered, i, test_set, len(fitting)) for i in range(min(top, len(ordered))))
    return Picks(len(rows), len(fitting), len(ordered), int(front["tie"].sum()), picks, ())


def frontier(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, with ``ms``, that no other one beats, the most accurate first."""
    return rows[is_on_frontier(rows["ms"], rows["top1"])].sort_values(
        ["top1", "ms", "model", "img_size"], ascending=[False, True, True, True]
    )


def with_ms(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their time per image in ms."""
    return candidates.assign(ms=1000 / candidates["samples_per_sec"])


def fits(rows: pd.DataFrame, limits: Limits) -> pd.Series:
    """Tell for each row, with ``ms``, whether it keeps to the limits."""
    fits = pd.Series(data=True, index=rows.index)
    if limits.max_ms is not None:
        fits &= rows["ms"] <= limits.max_ms
    if limits.max_params is not None:
        fits &= rows["param_count"] <= limits.max_params
    if limits.min_top1 is not None:
        fits &= rows["top1"] >= limits.min_top1
    return fits


def _pick(ordered: list[Any], i: int, test_set: str, fitting: int) -> Pick:
    row = ordered[i]
    return Pick(
        rank=i + 1,
        model=row.model,
        img_size=int(row.img_size),
        create=_call(row),
        family=row.family,
        top1=float(row.top1),
        top1_error=standard_error(float(row.top1), test_set),
        tie=bool(row.tie),
        ms_per_image=float(row.ms),
        samples_per_sec=float(row.samples_per_sec),
        batch_size=int(row.batch_size),
        param_count=float(row.param_count),
        profile=row.profile,
        reasons=tuple(_reasons(ordered, i, test_set, fitting)),
    )


def _call(row: Any) -> str:  # noqa: ANN401 - a row
    crop = None if pd.isna(row.crop_pct) else float(row.crop_pct)
    interpolation = None if pd.isna(row.interpolation) else str(row.interpolation)
    return create_call(row.model, int(row.img_size), crop, interpolation)


def _reasons(ordered: list[Any], i: int, test_set: str, fitting: int) -> Iterator[Finding]:
    """State why a member of the frontier is worth a look, against its next more accurate neighbour."""
    row, of_row = ordered[i], {"rank": i + 1}
    if _place(row) == _place(ordered[0]):
        yield Finding("pick-most-accurate", fitting, of_row)
    if row.ms == ordered[-1].ms:
        yield Finding("pick-fastest", fitting, of_row)
    if i and _place(row) == _place(ordered[i - 1]):
        yield Finding("pick-twin", fitting, of_row, {"twin": ordered[i - 1].model})
    elif i:
        yield _step(ordered[i - 1], row, i, fitting).about(**of_row)
        if row.tie:
            error = standard_error(float(ordered[i - 1].top1), test_set)
            yield Finding("pick-tie", fitting, of_row, {"error": error})


def _place(row: Any) -> tuple[float, float]:  # noqa: ANN401 - a row
    return float(row.top1), float(row.ms)


def _step(before: Any, row: Any, above: int, fitting: int) -> Finding:  # noqa: ANN401 - rows
    """State how much faster and less accurate a row is; a small gain must not read as none."""
    times, less = float(before.ms / row.ms), float(before.top1 - row.top1)
    if times < _SLIGHT:
        values = {"faster": 100 * (times - 1), "less": less, "above": above}
        return Finding("pick-step-slight", fitting, values=values)
    return Finding("pick-step", fitting, values={"times": times, "less": less, "above": above})


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
    within = rows[fits(rows, replace(limits, **others))]
    if within.empty:
        return None
    need = sum((_short_by(within, name, getattr(limits, name)) for name in names), start=0.0 * within["ms"])
    order = within.assign(need=need).sort_values(["need", "model", "img_size"])
    nearest = next(rows_of(order.head(1)))
    needed = {name: float(getattr(nearest, _COLUMN[name])) for name in names}
    enough = {name: _enough(name, value) for name, value in needed.items()}
    return Relaxation(
        limits=enough,
        needed=needed,
        fitting=int(fits(rows, replace(limits, **enough)).sum()),
        model=nearest.model,
        img_size=int(nearest.img_size),
        create=_call(nearest),
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
