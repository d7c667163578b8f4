"""A finding: a sentence with numbers, before it is words. Whoever states numbers makes one of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Finding:
    """What was counted, over which rows, how many they were, and what came out.

    Its words are made by `tasks.tables.sentences.say`, and only there; tests recompute every one in SQL from
    the Parquet files, so ``over`` must say all that a query needs.

    ``kind`` names the sentence. ``over`` tells which rows: columns and their values, or the name of a
    population. ``n`` is how many rows that are, ``values`` what was found in them, not rounded.
    """

    kind: str
    n: int
    over: Mapping[str, Value] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)

    def about(self, **over: Value) -> Finding:
        """Return the finding with more said about its rows; what it says itself stands."""
        return Finding(self.kind, self.n, {**over, **self.over}, self.values)

    def plain(self) -> dict[str, Any]:
        """Return the finding as plain values, as it is written into files."""
        return {"kind": self.kind, "n": self.n, "over": dict(self.over), "values": dict(self.values)}
