"""The page that lists all charts of a build and says what is behind them: ``index.html``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import pandas as pd

from config.contracts import COLUMNS, TABLES
from tasks.pages.render import POLICY, template
from tasks.tables.filenames import BenchmarkProfile, in_words

MOST_ROWS: Final = 100
_FORMATS: Final = (("SVG", "svg"), ("PNG", "png"), ("JSON", "vl.json"), ("CSV", "csv"))
_COMPARISONS: Final = "Comparisons of profiles and test sets"


class Listed(Protocol):
    """What the page says of a chart."""

    @property
    def profile(self) -> str:
        """Return the folder of the chart."""

    @property
    def name(self) -> str:
        """Return its file name without suffix."""

    @property
    def title(self) -> str:
        """Return its title."""

    @property
    def question(self) -> str:
        """Return the question it answers."""

    @property
    def category(self) -> str:
        """Return what it is about in one word."""

    @property
    def description(self) -> str:
        """Return what is to see on it."""


@dataclass(frozen=True)
class Heading:
    """What the top of a page says."""

    snapshot: str
    commit: str
    date: str
    link: str | None
    preset: str | None
    test_set: str
    sample: bool


@dataclass(frozen=True)
class Gallery:
    """Everything on the page."""

    heading: Heading
    charts: Sequence[Listed]
    profiles: Mapping[str, BenchmarkProfile]  # in the order of the page
    changes: pd.DataFrame | None  # None: there is no results commit before this one
    coverage: pd.DataFrame
    rejects: pd.DataFrame
    problems: Sequence[str]
    not_drawn: Sequence[str]


@dataclass(frozen=True)
class _Section:
    profile: str
    words: str
    device: str  # empty for charts that compare
    charts: tuple[Listed, ...]


def write_index(gallery: Gallery, folder: Path) -> None:
    """Write the page into a build: the first profile, the comparisons, the other profiles."""
    sections = _sections(gallery)
    page = template("index.html").render(
        policy=POLICY,
        heading=gallery.heading,
        problems=gallery.problems,
        sections=sections,
        devices=sorted({section.device for section in sections} - {""}),
        categories=_each([chart.category for chart in gallery.charts]),
        questions=_each([chart.question for chart in gallery.charts]),
        formats=_FORMATS,
        changes=None if gallery.changes is None else _by_kind(gallery.changes),
        coverage=_plain(gallery.coverage),
        rejects=_plain(gallery.rejects),
        not_drawn=gallery.not_drawn,
        tables=TABLES,
        columns=COLUMNS,
        most=MOST_ROWS,
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


def _sections(gallery: Gallery) -> list[_Section]:
    by_profile: dict[str, list[Listed]] = {}
    for chart in gallery.charts:
        by_profile.setdefault(chart.profile, []).append(chart)
    named = {name: profile for name, profile in gallery.profiles.items() if name in by_profile}
    sections = [
        _Section(name, in_words(profile), profile.device, tuple(by_profile[name]))
        for name, profile in named.items()
    ]
    others = [
        _Section(n, _COMPARISONS, "", tuple(charts)) for n, charts in by_profile.items() if n not in named
    ]
    return [*sections[:1], *others, *sections[1:]]


def _by_kind(changes: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    written = changes.assign(before=changes["before"].map(_number), after=changes["after"].map(_number))
    return {str(kind): _plain(rows) for kind, rows in written.groupby("kind", sort=True)}


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values; null becomes None."""
    return [
        {str(name): value for name, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def _each(values: Sequence[str]) -> list[str]:
    """Return each value once, in order of first occurrence."""
    return list(dict.fromkeys(values))


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}".rstrip("0").rstrip(".")
