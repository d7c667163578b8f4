"""Pairs of benchmark profiles as chart rows: how many times the throughput, for each model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pandas as pd

from config.presets import load_rules
from tasks.charts.chart import TOYS, ChartContext, ChartRows
from tasks.charts.pairs.find import ProfilePair
from tasks.charts.pairs.findings import FEWEST, ranked_families, summary
from tasks.charts.pairs.words import Panel, panel_of
from tasks.charts.parts.encodings import OTHER
from tasks.charts.theme import COLOURS
from tasks.tables.names import family_of

MOST_PANELS: Final = 6
_SHARE: Final = 0.01
UNIT: Final = "pairs of benchmark rows"
ONLY_ONE: Final = "models and image sizes that only one of the two profiles has"
AMBIGUOUS: Final = "models and image sizes that a profile has twice"
FURTHER: Final = "models and image sizes in further pairs of profiles"
COLUMNS: Final = [
    "panel", "architecture", "family", "group", "img_size", "ratio", "secs", "base_batch", "other_batch",
    "caution",
]  # fmt: skip


def pair_chart_rows(
    benchmarks: pd.DataFrame,
    pairs: Sequence[ProfilePair],
    dimension: str,
    context: ChartContext,
    nothing: str,
) -> ChartRows:
    """Return the rows of a chart with a panel for each pair, as `panel_rows` does."""
    panels = [panel_of(benchmarks, pair, dimension) for pair in pairs]
    return panel_rows(benchmarks, panels, context, nothing)


def panel_rows(
    benchmarks: pd.DataFrame, panels: Sequence[Panel], context: ChartContext, nothing: str
) -> ChartRows:
    """Stack the rows of the panels and sum each panel up in ``lines``.

    Args:
        benchmarks: The whole table.
        panels: In the order in which they are shown; only the first are.
        context: Names the preset, whose rules tell families apart.
        nothing: Why there is no panel, if there is none.

    Returns:
        Rows and those left out add up to the different (architecture, image size) in each two profiles that
        are compared, summed over the pairs. ``lines``: one row for each panel with rows.
    """
    if not panels:
        return ChartRows(pd.DataFrame(columns=COLUMNS), left_out={nothing: len(benchmarks)})
    shown, further = panels[:MOST_PANELS], panels[MOST_PANELS:]
    left_out = {
        ONLY_ONE: sum(p.found.only_one for p in shown),
        AMBIGUOUS: sum(p.found.ambiguous for p in shown),
        TOYS: sum(p.found.toys for p in shown),
        FURTHER: sum(p.found.total for p in further),
    }
    rows = _grouped(
        pd.concat([p.found.rows.assign(panel=p.title) for p in shown], ignore_index=True), context
    )
    return ChartRows(
        rows[COLUMNS],
        lines=summary([p for p in shown if len(p.found.rows)], rows),
        left_out=left_out,
        notes=tuple(_marked(rows)),
        unit=UNIT,
        subject="2x means twice as many images per second, for the same architecture and image size in two "
        "benchmark files",
    )


def _grouped(rows: pd.DataFrame, context: ChartContext) -> pd.DataFrame:
    """Add ``family`` and ``group``: the family if it is among those that gain most or least, else `OTHER`.

    Gains are taken as a share of the panel's median, so that several panels count alike. Rows come in the
    order in which they are drawn: other families and hollow dots underneath.
    """
    rules = load_rules(context.preset).family
    rows = rows.assign(family=[family_of(name, rules) for name in rows["architecture"]])
    gain = rows["ratio"] / rows.groupby("panel")["ratio"].transform("median")
    shown = _ends(gain, rows["family"])
    rows["group"] = [name if name in shown else OTHER for name in rows["family"]]
    layer = 2 * (rows["group"] != OTHER).astype(int) + (rows["caution"] == "").astype(int)
    return rows.assign(layer=layer).sort_values(["layer", "panel", "secs", "architecture", "img_size"])


def _ends(gain: pd.Series, family: pd.Series) -> set[str]:
    """Return all families if there are few, else those of some size with the highest and lowest median."""
    if family.nunique() <= len(COLOURS):
        return set(family)
    ranked = ranked_families(gain, family, max(FEWEST, math.ceil(len(gain) * _SHARE)))
    half = len(COLOURS) // 2
    return {*ranked[:half], *ranked[-half:]}


def _marked(rows: pd.DataFrame) -> list[str]:
    """Count what is not comparable, reason by reason, for the caption."""
    reasons = Counter(why for text in rows["caution"] if text for why in text.split("; "))
    if not reasons:
        return []
    counted = ", ".join(f"{why}: {number:,}" for why, number in sorted(reasons.items()))
    hollow = int((rows["caution"] != "").sum())
    return [
        f"hollow: {hollow:,} not strictly comparable ({counted})",
        "thick line: median of the comparable; thin line: median of all",
    ]
