"""The page that lists all charts of a build: ``index.html``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tasks.adapters.render import POLICY, template


class Listed(Protocol):
    """What the page says of a chart."""

    @property
    def profile(self) -> str:
        """Return the folder of the chart."""

    @property
    def name(self) -> str:
        """Return its file name without suffix."""

    @property
    def question(self) -> str:
        """Return the question it answers."""


@dataclass(frozen=True)
class Heading:
    """What the top of the page says."""

    snapshot: str
    commit: str
    date: str
    link: str | None
    preset: str | None
    test_set: str
    sample: bool


def write_index(charts: Sequence[Listed], heading: Heading, folder: Path) -> None:
    """Write the page into a build, profiles and charts in the order given."""
    profiles: dict[str, list[Listed]] = {}
    for chart in charts:
        profiles.setdefault(chart.profile, []).append(chart)
    page = template("index.html").render(policy=POLICY, profiles=profiles, **vars(heading))
    (folder / "index.html").write_text(page, encoding="utf-8")
