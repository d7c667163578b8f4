"""What pairs of benchmark profiles show: medians, how many got slower, the families at the ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from config.vocabulary import SPEED_NOISE
from tasks.charts.chart import ChartRows
from tasks.charts.pairs.shared import ROW_REASONS
from tasks.charts.pairs.words import Panel
from tasks.tables.finding import Finding, Value

FEWEST_COMPARABLE: Final = 100
SMALLEST_SHARE: Final = 0.2
"""From this number and this share of a pair on, a headline is about the comparable rows alone. Fewer are
seldom like the rest, so it is then about all rows."""
_SHORT: Final = "-short"


def headline_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a pair that everything said of it is about."""
    good = rows[rows["caution"] == ""]
    return good if len(good) >= max(FEWEST_COMPARABLE, SMALLEST_SHARE * len(rows)) else rows


def heading(panel: Panel) -> tuple[Finding, Finding]:
    """Return what stands over a panel: the median and of what, and how many differ by more than noise."""
    rows = panel.found.rows
    about = headline_rows(rows)
    kind, values = _headline(panel, about)
    median = float(about["ratio"].median())
    beyond = {
        "slower": int((about["ratio"] < 1 - SPEED_NOISE).sum()),
        "faster": int((about["ratio"] > 1 + SPEED_NOISE).sum()),
    }
    over = _over(panel)
    return (
        Finding(kind + _SHORT, len(about), over, {"median": median, **values}),
        Finding(
            ("pair-even" if is_noise(median) else "pair-beyond") + _SHORT,
            len(about),
            {**over, "noise": SPEED_NOISE},
            beyond,
        ),
    )


def is_noise(median: float) -> bool:
    """Tell whether a median says no more than that a benchmark never gives the same number twice."""
    return abs(median - 1) <= SPEED_NOISE


def _over(panel: Panel) -> dict[str, Value]:
    pair = panel.found.pair
    return {
        "base": pair.base.id, "other": pair.other.id, "also": panel.also, "pair": in_one_line(panel.title),
        "same": panel.same,
    }  # fmt: skip


def _headline(panel: Panel, about: pd.DataFrame) -> tuple[str, Mapping[str, Value]]:
    rows, comparable = panel.found.rows, panel.found.comparable
    if comparable == len(rows) and len(about) < FEWEST_COMPARABLE:
        return "pair-alike", {}
    if len(about) == comparable:
        return "pair-comparable", {"rows": len(rows)}
    if not comparable:
        return "pair-unlike", {"differs": _differs(panel)}
    return "pair-all", {"differing": len(rows) - comparable, "differs": _differs(panel)}


def _differs(panel: Panel) -> str:
    """Name everything that differs in some row besides what is compared."""
    cautions = panel.found.rows["caution"]
    some = " or ".join(why for why in ROW_REASONS if cautions.str.contains(why, regex=False).any())
    return ", some in ".join(filter(None, [panel.also, some]))


def families_at_the_ends(rows: pd.DataFrame) -> dict[str, Value] | None:
    """Return the families with the lowest and the highest median, however few rows; None of only one."""
    ranked = ranked_families(rows["ratio"], rows["family"])
    if len(ranked) < 2:
        return None
    found: dict[str, Value] = {}
    for end, family in (("lowest", ranked[0]), ("highest", ranked[-1])):
        ratio = rows["ratio"][rows["family"] == family]
        found |= {end: family, f"{end}_median": float(ratio.median()), f"{end}_rows": len(ratio)}
    return found


def ranked_families(values: pd.Series, family: pd.Series, fewest: int = 1) -> list[str]:
    """Return the families with at least so many rows by their median, lowest first, ties by name."""
    medians = values.groupby(family).agg(["median", "size"])
    large = medians[medians["size"] >= fewest]["median"]
    return sorted(large.index, key=lambda name: (large[name], name))


def in_full(finding: Finding) -> Finding:
    """Return what a heading says as a sentence that names the pair."""
    return replace(finding, kind=finding.kind.removesuffix(_SHORT))


def in_one_line(title: str) -> str:
    """Return the title of a panel that is broken into lines."""
    return title.replace("\nover ", " over ").replace("\n", ", ")


def describe(rows: ChartRows) -> list[Finding]:
    """State the median of each pair, then the families at its ends."""
    return list(_described(rows))


def _described(rows: ChartRows) -> Iterator[Finding]:
    panels: dict[Any, pd.DataFrame] = {in_one_line(str(p)): of for p, of in rows.rows.groupby("panel")}
    for finding in rows.told:
        if finding.kind.endswith(_SHORT) and "median" in finding.values:
            yield in_full(finding)
            about = headline_rows(panels[finding.over["pair"]])
            if ends := families_at_the_ends(about):
                yield Finding("pair-families", about["family"].nunique(), finding.over, ends)
