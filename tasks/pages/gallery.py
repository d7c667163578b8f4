"""The page that lists all charts of a build and says what is behind them: ``index.html``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from config.contracts import COLUMNS, TABLES
from config.vocabulary import MAIN_TEST_SET, TEST_SETS
from tasks.outputs import layout
from tasks.outputs.manifest import ChartEntry, profiles_in_words
from tasks.outputs.record import BuildFacts, Drawn
from tasks.pages.render import POLICY, template
from tasks.tables.filenames import BenchmarkProfile, in_words
from tasks.tables.frames import records
from tasks.tables.profiles import profiles_of, ranked_profiles, rows_by_profile

MOST_ROWS: Final = 100
_FORMATS: Final = (("SVG", "svg"), ("PNG", "png"), ("JSON", "vl.json"), ("CSV", "csv"))
_COMPARISONS: Final = "Comparisons of profiles and test sets"


@dataclass(frozen=True)
class Heading:
    """What the top of a page says."""

    snapshot: str
    snapshot_in_words: str
    commit: str
    date: str
    link: str | None
    preset: str | None
    test_set: str
    sample: bool
    only: str = ""  # which benchmark profiles were asked for; empty: all


@dataclass(frozen=True)
class Gallery:
    """Everything on the page."""

    heading: Heading
    charts: Sequence[ChartEntry]
    profiles: Mapping[str, BenchmarkProfile]  # in the order of the page
    changes: pd.DataFrame | None  # None: there is no results commit before this one
    coverage: pd.DataFrame
    rejects: pd.DataFrame
    problems: Sequence[str]
    not_drawn: Sequence[str]
    previous: str = ""  # the results commit before as people are shown it


@dataclass(frozen=True)
class _Section:
    profile: str
    words: str
    device: str  # empty for charts that compare
    charts: tuple[ChartEntry, ...]


def gallery_of(
    facts: BuildFacts, tables: Mapping[str, pd.DataFrame], drawn: Drawn, failures: Sequence[str]
) -> Gallery:
    """Return everything that the page says of a build.

    Args:
        facts: Where the build comes from.
        tables: Of the snapshot, by name.
        drawn: The charts.
        failures: Everything that went wrong, in words.
    """
    profiles = ranked_profiles(profiles_of(tables["benchmarks"]), rows_by_profile(tables["merged"]))
    return Gallery(
        heading=_heading(facts),
        charts=drawn.charts,
        profiles={profile.id: profile for profile in profiles},
        changes=tables["changes"] if facts.report.previous else None,
        coverage=tables["coverage"],
        rejects=tables["rejects"],
        problems=failures,
        not_drawn=[f"{chart.label}: {chart.reason}" for chart in drawn.not_drawn],
        previous=facts.report.previous.in_words if facts.report.previous else "",
    )


def _heading(facts: BuildFacts) -> Heading:
    commit = facts.report.results
    return Heading(
        snapshot=commit.snapshot_id,
        snapshot_in_words=commit.in_words,
        commit=commit.sha[:8],
        date=commit.date,
        link=facts.link,
        preset=facts.asked.preset,
        test_set=TEST_SETS[MAIN_TEST_SET],
        sample=facts.asked.sample,
        only=profiles_in_words(facts.asked.profiles) if facts.asked.profiles else "",
    )


def write_gallery(gallery: Gallery, folder: Path) -> None:
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
        previous=gallery.previous,
        coverage=records(gallery.coverage),
        rejects=records(gallery.rejects),
        not_drawn=gallery.not_drawn,
        tables=TABLES,
        columns=COLUMNS,
        most=MOST_ROWS,
        layout=layout,
    )
    (folder / layout.GALLERY).write_text(page, encoding="utf-8")


def _sections(gallery: Gallery) -> list[_Section]:
    by_profile: dict[str, list[ChartEntry]] = {}
    for chart in gallery.charts:
        by_profile.setdefault(chart.profile, []).append(chart)
    named = {name: profile for name, profile in gallery.profiles.items() if name in by_profile}
    sections = [
        _Section(name, in_words(profile), profile.device_label, tuple(by_profile[name]))
        for name, profile in named.items()
    ]
    others = [
        _Section(n, _COMPARISONS, "", tuple(charts)) for n, charts in by_profile.items() if n not in named
    ]
    return [*sections[:1], *others, *sections[1:]]


def _by_kind(changes: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    numbers = ("before", "after", "speed_before", "speed_after")
    written = changes.assign(**{name: changes[name].map(_number) for name in numbers})
    return {str(kind): records(rows) for kind, rows in written.groupby("kind", sort=True)}


def _each(values: Sequence[str]) -> list[str]:
    """Return each value once, in order of first occurrence."""
    return list(dict.fromkeys(values))


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}".rstrip("0").rstrip(".")
