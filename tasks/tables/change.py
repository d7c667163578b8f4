"""One row of the table ``changes``, and what two sides must have to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import pandas as pd


class Key(NamedTuple):
    """A model at an image size."""

    model: str
    img_size: int


@dataclass(frozen=True)
class Change:
    """One row of the table."""

    kind: str
    subject: str
    changed_model: str = ""
    changed_img_size: int = 0
    previous_name: str | None = None
    before: float | None = None
    after: float | None = None
    speed_before: float | None = None
    speed_after: float | None = None
    detail: str | None = None


class Side(Protocol):
    """The tables of a snapshot that are compared."""

    @property
    def evaluations(self) -> pd.DataFrame:
        """Return the table."""

    @property
    def benchmarks(self) -> pd.DataFrame:
        """Return the table."""

    @property
    def merged(self) -> pd.DataFrame:
        """Return the table."""

    @property
    def headers(self) -> Mapping[str, tuple[str, ...]]:
        """Return the header of each file by its name; a file that is not there is not compared."""
