"""What the outputs show now that they did not show before: the differences from the snapshot published last.

The table ``changes`` of a snapshot is against the results commit before it, whatever a folder showed: same
results, same bytes. What a run tells people is this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Turn = Literal["first", "same", "newer", "older"]


@dataclass(frozen=True)
class News:
    """The differences from one snapshot to the one that the outputs show now.

    ``since`` is the snapshot they are from: the one shown before, and where that is none or this one, the
    results commit before. None: there is none.
    """

    snapshot: str
    shown_before: str | None  # None: the outputs were empty
    since: str | None
    changes: pd.DataFrame
    cannot: str = ""  # why there is no comparison; ``changes`` is empty then
    note: str = ""  # what the comparison leaves out

    @property
    def turn(self) -> Turn:
        """Return what the outputs turn to: ids in the order of text are in the order of history."""
        if self.shown_before is None:
            return "first"
        if self.shown_before == self.snapshot:
            return "same"
        return "newer" if self.shown_before < self.snapshot else "older"
