"""Pairs of benchmark profiles as chart rows: how many times the throughput, for each model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from config.presets import load_rules
from tasks.charts.chart import TOYS, ChartContext, ChartRows
from tasks.charts.pairs.findings import families_at_the_ends, heading, headline_rows, ranked_families
from tasks.charts.pairs.shared import PairRows
from tasks.charts.pairs.words import Panel, panel_of
from tasks.charts.parts.families import coloured, groups, is_other
from tasks.charts.theme import COLOURS
from tasks.tables.finding import Finding
from tasks.tables.names import family_of
from tasks.tables.sentences import say

_FEWEST: Final = 5  # rows of a family that gets a colour of its own
_SHARE: Final = 0.01  # and their share of all
UNIT: Final = "pairs of benchmark rows"
ONLY_ONE: Final = "models and image sizes that only one of the two profiles has"
AMBIGUOUS: Final = "models and image sizes that a profile has twice"
SUBJECT: Final = (
    "Images per second, as a ratio: the same architecture at the same image size in two benchmark files"
)
_LINES_IN_WORDS: Final = (
    "thick line: the median that is stated; thin line, if there is one: the median of all"
)
_NAMED: Final = "named: the families with the lowest and the highest median"
COLUMNS: Final = [
    "panel", "architecture", "family", "group", "img_size", "ratio", "secs", "base_batch", "other_batch",
    "caution",
]  # fmt: skip


def pair_chart_rows(
    found: Sequence[PairRows], dimension: str, benchmarks: pd.DataFrame, context: ChartContext, nothing: str
) -> ChartRows:
    """Return the rows of a chart with a panel for each pair, as `panel_rows` does."""
    return panel_rows([panel_of(pair, dimension) for pair in found], benchmarks, context, nothing)


def panel_rows(
    panels: Sequence[Panel], benchmarks: pd.DataFrame, context: ChartContext, nothing: str
) -> ChartRows:
    """Stack the rows of the panels and sum each panel up in ``lines``.

    Args:
        panels: In the order in which they are shown, each with rows.
        benchmarks: The whole table.
        context: Names the preset, whose rules tell families apart.
        nothing: Why there is no panel, if there is none.

    Returns:
        Rows and those left out add up to the different (architecture, image size) in each two profiles that
        are compared, summed over the pairs. ``lines``: one row for each panel. ``labels``: the families at
        the ends of each.
    """
    if not panels:
        return ChartRows(pd.DataFrame(columns=COLUMNS), left_out={nothing: len(benchmarks)})
    rows = _grouped(
        pd.concat([p.found.rows.assign(panel=p.title) for p in panels], ignore_index=True), context
    )
    told = [heading(panel) for panel in panels]
    return ChartRows(
        rows[COLUMNS],
        lines=pd.DataFrame([_line(panel, said) for panel, said in zip(panels, told, strict=True)]),
        left_out={
            ONLY_ONE: sum(p.found.only_one for p in panels),
            AMBIGUOUS: sum(p.found.ambiguous for p in panels),
            TOYS: sum(p.found.toys for p in panels),
        },
        notes=_notes(rows),
        unit=UNIT,
        subject=SUBJECT,
        labels=_labels(rows),
        told=tuple(finding for said in told for finding in said),
    )


def _line(panel: Panel, said: Sequence[Finding]) -> dict[str, Any]:
    """Sum a panel up: what is written over it, the median it is about and that of all if this is another."""
    ratio = panel.found.rows["ratio"]
    everything = said[0].n == len(ratio)
    return {
        "panel": panel.title,
        "base": panel.base,
        "heading": "\n".join([*map(say, said), *([panel.same] if panel.same else [])]),
        "rows": len(ratio),
        "comparable": panel.found.comparable,
        "median": said[0].values["median"],
        "median_of_all": None if everything else float(ratio.median()),
    }


def _grouped(rows: pd.DataFrame, context: ChartContext) -> pd.DataFrame:
    """Add ``family`` and ``group``: the family if it is among those that gain most or least, or another.

    Gains are taken as a share of the panel's median, so that several panels count alike. Rows come in the
    order in which they are drawn: other families and hollow dots underneath.
    """
    rules = load_rules(context.preset).family
    rows = rows.assign(family=[family_of(name, rules) for name in rows["architecture"]])
    gain = rows["ratio"] / rows.groupby("panel")["ratio"].transform("median")
    rows["group"] = groups(rows["family"], coloured(_ends_first(gain, rows["family"])))
    layer = 2 * (~is_other(rows["group"])).astype(int) + (rows["caution"] == "").astype(int)
    return rows.assign(layer=layer).sort_values(["layer", "panel", "secs", "architecture", "img_size"])


def _ends_first(gain: pd.Series, family: pd.Series) -> list[str]:
    """Return the families of some size (all if there are few), those of highest and lowest median first."""
    few = family.nunique() <= len(COLOURS)
    ranked = ranked_families(gain, family, 1 if few else max(_FEWEST, math.ceil(len(gain) * _SHARE)))
    both_ends = zip(ranked, reversed(ranked), strict=True)
    return list(dict.fromkeys(name for ends in both_ends for name in ends))


def _labels(rows: pd.DataFrame) -> pd.DataFrame:
    """Return where the names of the families at the ends of each panel go: to their outermost dot."""
    made = []
    for panel, members in rows.groupby("panel"):
        about = headline_rows(members)
        ends = families_at_the_ends(about) or {}
        for end in ("lowest", "highest"):
            if end not in ends:
                continue
            family = about[about["family"] == ends[end]].sort_values(["ratio", "secs"])
            dot = family.iloc[0 if end == "lowest" else -1]
            made.append(
                {"panel": panel, "label": ends[end], "end": end, "secs": dot["secs"], "ratio": dot["ratio"]}
            )
    return pd.DataFrame(made, columns=["panel", "label", "end", "secs", "ratio"])


def _notes(rows: pd.DataFrame) -> tuple[str | Finding, ...]:
    """Say what hollow dots, lines and names are, for the caption."""
    marked = int((rows["caution"] != "").sum())
    return (*([Finding("pairs-marked", marked)] if marked else []), f"{_LINES_IN_WORDS}; {_NAMED}")
