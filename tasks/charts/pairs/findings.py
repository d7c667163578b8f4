"""What pairs of benchmark profiles show: medians, how many got slower, the families at the ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from tasks.charts.chart import ChartRows
from tasks.charts.pairs.words import Panel, times
from tasks.tables.frames import rows_of

FEWEST: Final = 5
"""Rows from which on a family's median is told."""


def ranked_families(values: pd.Series, family: pd.Series, fewest: int) -> list[str]:
    """Return the families with at least so many rows by their median, lowest first, ties by name."""
    medians = values.groupby(family).agg(["median", "size"])
    large = medians[medians["size"] >= fewest]["median"]
    return sorted(large.index, key=lambda name: (large[name], name))


def summary(panels: Sequence[Panel], rows: pd.DataFrame) -> pd.DataFrame:
    """Sum panels up: number of rows, median, how many got slower, of the comparable rows and of all."""
    made = []
    for panel in panels:
        ratio = panel.found.rows["ratio"]
        good = ratio[panel.found.rows["caution"] == ""]
        made.append(
            {
                "panel": panel.title,
                "base": panel.base,
                "same": panel.same,
                "differs": panel.differs and f"differs too: {panel.differs}",
                "batches": panel.batches,
                "families": _extremes(rows[rows["panel"] == panel.title]),
                "comparable": len(good),
                "median": float(good.median()) if len(good) else None,
                "slower": int((good < 1).sum()),
                "rows": len(ratio),
                "median_of_all": float(ratio.median()),
                "slower_of_all": int((ratio < 1).sum()),
            }
        )
    return pd.DataFrame(made)


def _extremes(rows: pd.DataFrame) -> str:
    """Say which families gain most and least."""
    ranked = ranked_families(rows["ratio"], rows["family"], FEWEST)
    if len(ranked) < 2:
        return ""
    lowest, highest = (
        f"{name} {times(rows['ratio'][rows['family'] == name].median())}" for name in (ranked[0], ranked[-1])
    )
    return f"medians of families: {lowest} to {highest}"


def findings(line: Any) -> list[str]:  # noqa: ANN401 - a row of the summary
    """Say what a line of the summary found, the comparable rows first."""
    of_all = f"median {times(line.median_of_all)}, {_slower(line.slower_of_all, line.rows)}"
    if not line.comparable:
        return [f"all {line.rows:,}: {of_all}", "none strictly comparable"]
    good = f"median {times(line.median)}, {_slower(line.slower, line.comparable)}"
    if line.comparable == line.rows:
        return [f"all {line.rows:,}, all comparable: {good}"]
    return [f"{line.comparable:,} comparable: {good}", f"all {line.rows:,}: {of_all}"]


def _slower(number: int, of: int) -> str:
    """Write a share so that some is never called none: none, 3 (under 1 %), 12 %, 100 %."""
    if not number:
        return "none slower"
    if number == of:
        return "all slower"
    share = 100 * number / of
    return f"{number:,} slower (under 1 %)" if share < 1 else f"{min(share, 99):.0f} % slower"


def describe(rows: ChartRows) -> str:
    """State the median ratio and the share that got slower, panel by panel."""
    if rows.lines is None:
        return ""
    told = [
        "; ".join([*findings(line), *filter(None, [line.families, line.differs, line.batches])])
        for line in rows_of(rows.lines)
    ]
    found = [f"{panel}: {text}." for panel, text in zip(rows.lines["panel"], told, strict=True)]
    dots = "1 dot" if len(rows.rows) == 1 else f"{len(rows.rows):,} dots"
    return f"{dots}. {' '.join(found)}"
