"""What a check of `timm-charts doctor` says, and a guard so that none can stop the others."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from config.errors import TimmChartsError

if TYPE_CHECKING:
    from collections.abc import Callable

Status = Literal["ok", "warning", "problem"]
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do about it.

    Attributes:
        status: A warning stops no run.
        found: One line.
        remedy: One line; None where all is well.
    """

    status: Status
    found: str
    remedy: str | None


@dataclass(frozen=True)
class Check(Finding):
    """A finding and the name of what was checked."""

    name: str


def ok(found: str) -> Finding:
    """All is well."""
    return Finding("ok", found, None)


def warning(found: str, remedy: str) -> Finding:
    """Something that stops no run."""
    return Finding("warning", found, remedy)


def problem(found: str, remedy: str) -> Finding:
    """Something that would make a run fail, or its results wrong."""
    return Finding("problem", found, remedy)


def guarded(name: str, check: Callable[[], Finding]) -> Check:
    """Carry out a check; whatever it raises becomes a problem."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            finding = check()
    except TimmChartsError as error:
        finding = split(error)
    except Exception as error:  # the other checks have to go on
        reason = (str(error).splitlines() or [""])[0]
        found = f"could not be checked: {type(error).__name__}: {reason}".rstrip(": ")
        finding = problem(found, "if no other line here explains it, report it with this text")
    return Check(**asdict(finding), name=name)


def split(error: TimmChartsError) -> Finding:
    """Turn an error of the form `what was found; what to do` into a problem."""
    found, mark, remedy = str(error).rpartition("; ")
    return problem(found, remedy) if mark else problem(remedy, "change that, then run doctor again")


def in_words(size: float) -> str:
    """Return a number of bytes as people write it, such as `3.4 MB`."""
    unit = _UNITS[0]
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:.1f} {unit}" if size < 10 and unit != _UNITS[0] else f"{size:.0f} {unit}"
