"""What a chart is: a declaration, a prepare step (rows) and a build step (Altair), and the spec they make.

A chart module holds ``prepare`` (rows of one table to chart rows, no drawing), ``build`` (Altair over named
data, no data work) and one `Chart`. No chart knows about files, Prefect or other charts. A chart of scope
``profile`` gets the rows of ``merged`` of one profile; one of scope ``overview`` gets a whole table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import altair as alt
import pandas as pd
from altair.utils.schemapi import debug_mode

from config.vocabulary import MAIN_TEST_SET, TEST_SETS, Mode
from tasks.charts.theme import BACKGROUND, CONFIG, SAMPLE_COLOUR, WIDTH
from tasks.tables.finding import Finding, Value
from tasks.tables.frames import is_toy_row, records
from tasks.tables.sentences import say

ROWS: Final = alt.NamedData("rows")
LINES: Final = alt.NamedData("lines")
LABELS: Final = alt.NamedData("labels")
PAIRS: Final = alt.NamedData("pairs")
Line = tuple[str | Finding, ...]
"""Words and findings of one line of text, put behind each other as they are."""
AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.ConcatChart
TOYS: Final = "toy models of timm's tests"
_PREFIX: Final = {"infer": "inference", "train": "training"}
OVERVIEW: Final = "overview"
_CAPTION_CHARACTERS: Final = 145  # what fits beside each other on the picture


@dataclass(frozen=True)
class ChartContext:
    """What every chart prints about where its numbers come from."""

    mode: Mode | None  # None: a chart that compares profiles, test sets or dates
    profile: str  # or `OVERVIEW`
    profile_in_words: str
    commit: str  # the newest that changed one of the chart's files
    date: str  # of that commit
    sample: bool
    preset: str | None

    @property
    def every_family(self) -> bool:
        """Tell whether all families get a colour (a preset's analysis) or only a readable number."""
        return self.preset is not None


@dataclass(frozen=True)
class ChartRows:
    """The rows a chart shows, rows of further layers if it has them, and what was left out and why.

    Counts of zero are dropped from ``left_out``: a reason that left nothing out is not worth a word.
    """

    rows: pd.DataFrame
    lines: pd.DataFrame | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)  # reason -> number of rows
    notes: tuple[str | Finding | Line, ...] = ()  # lines of the caption; their strings carry no number
    unit: str = "rows"  # what a mark stands for, in the caption
    subject: str | Finding = ""  # what was measured; empty: the main test set and the profile
    over: Mapping[str, Value] = field(default_factory=dict)  # what was chosen, for a query to find the rows
    labels: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None  # rows set against each other
    told: tuple[Finding, ...] = ()  # said in the picture itself, such as in the heading of a panel

    def __post_init__(self) -> None:
        counted = {reason: int(count) for reason, count in self.left_out.items() if count}
        object.__setattr__(self, "left_out", counted)


@dataclass(frozen=True)
class Chart:
    """A declared chart. ``stem`` is its name without the mode, ``question`` the one it answers."""

    stem: str
    title: str
    question: str
    category: str
    height: int | None  # None: the chart sets its own width and height
    prepare: Callable[[pd.DataFrame, ChartContext], ChartRows]
    build: Callable[[ChartRows, ChartContext], AnyChart]
    describe: Callable[[ChartRows], Sequence[Finding | Line]]  # what the picture shows
    table: Literal["merged", "evaluations", "benchmarks"] = "merged"  # what prepare gets
    scope: Literal["profile", "overview"] = "profile"
    borrows: bool = False  # GMACs that its own benchmark file lacks come from the others

    def name(self, mode: Mode | None) -> str:
        """Return the chart's file name without suffix, such as ``inference-benchmark``."""
        return f"{_PREFIX[mode]}-{self.stem}" if mode else self.stem


def spec(chart: Chart, rows: ChartRows, context: ChartContext) -> dict[str, Any]:
    """Return the whole Vega-Lite specification, data inline.

    Raises:
        ValueError: There is no row to show; an empty chart is never drawn.
    """
    if rows.rows.empty:
        msg = f"chart {chart.name(context.mode)} of {context.profile} has no rows"
        raise ValueError(msg)
    with debug_mode(arg=False):  # tests hold every chart against the schema: a run need not, it takes seconds
        made: dict[str, Any] = chart.build(rows, context).to_dict(validate=False)
    made.pop("datasets", None)
    _share_rows(made)
    inline(made, {"rows": rows.rows, "lines": rows.lines, "labels": rows.labels, "pairs": rows.pairs})
    if chart.height is not None:
        made |= {"width": WIDTH, "height": chart.height}
    made["title"] = _title(chart, rows, context)
    made["description"] = alternative_text(chart, rows, context)
    made["usermeta"] = {"findings": [finding.plain() for finding in findings(chart, rows, context)]}
    made["config"] = CONFIG
    made["background"] = BACKGROUND
    return made


def alternative_text(chart: Chart, rows: ChartRows, context: ChartContext) -> str:
    """Say in a sentence or two what the picture shows, for people who can't see it."""
    where = f", {context.profile_in_words}" if context.profile_in_words else ""
    return f"{chart.title}{where}. {description(chart, rows)}"


def description(chart: Chart, rows: ChartRows) -> str:
    """Say what the picture shows."""
    return " ".join(map(in_words, chart.describe(rows)))


def findings(chart: Chart, rows: ChartRows, context: ChartContext) -> list[Finding]:
    """Return everything that a chart states in words, each with the chart and profile it is about."""
    texts = (rows.subject, *rows.notes, *chart.describe(rows))
    parts = [part for text in texts for part in _parts(text)]
    every = [*counted(rows), *(part for part in parts if isinstance(part, Finding)), *rows.told]
    about = {"chart": chart.stem, "profile": context.profile, **rows.over}
    return [finding.about(**about) for finding in every]


def counted(rows: ChartRows) -> list[Finding]:
    """Return how many rows are shown, and how many are left out for each reason."""
    shown = Finding("rows-shown", len(rows.rows), {"unit": rows.unit})
    left = [Finding("rows-left-out", count, {"reason": why}) for why, count in rows.left_out.items()]
    return [shown, *left]


def caption(rows: ChartRows, context: ChartContext) -> list[str]:
    """Return the lines under the title: test set, profile, source, rows shown and left out."""
    source = "sample" if context.sample else "timm results"
    changed = f"last changed by commit {context.commit} of {context.date}"
    lines: list[str] = [
        in_words(rows.subject) or f"{TEST_SETS[MAIN_TEST_SET]} | {context.profile_in_words}",
        *_lines(f"source: {source}, {changed} | ", [say(finding) for finding in counted(rows)]),
        *map(in_words, rows.notes),
    ]
    if context.preset:
        lines.insert(1, f"rules of preset {context.preset}")
    if context.sample:
        lines.insert(0, "SAMPLE: made-up numbers, not results of any model")
    return lines


def row_with_most(frame: pd.DataFrame, column: str) -> Any:  # noqa: ANN401 - a row as pandas names it
    """Return the row with the largest value of a column, the first of several."""
    return frame.iloc[int(frame[column].to_numpy(dtype=float).argmax())]


def without_toys(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Leave out timm's toy models, which nobody means, and count them."""
    toys = is_toy_row(rows)
    return rows[~toys], {TOYS: int(toys.sum())}


def inline(node: Any, data: Mapping[str, pd.DataFrame | None]) -> None:  # noqa: ANN401 - any JSON
    """Replace named data by its values, in place, wherever a specification refers to it."""
    if isinstance(node, list):
        for item in node:
            inline(item, data)
    elif isinstance(node, dict):
        name = node.get("data", {}).get("name") if isinstance(node.get("data"), dict) else None
        frame = data.get(name) if name else None
        if frame is not None:
            node["data"] = {"name": name, "values": records(frame)}
        for key, item in node.items():
            if key != "data":
                inline(item, data)


def _share_rows(made: dict[str, Any]) -> None:
    """Name the rows once at the top instead of in every layer or panel that shows them."""
    rows = {"name": "rows"}
    for parts in (made.get("layer"), made.get("hconcat")):
        for part in parts or ():
            if part.get("data") == rows:
                del part["data"]
                made["data"] = rows


def in_words(note: str | Finding | Line) -> str:
    """Return a line of the caption as it is read."""
    return "".join(part if isinstance(part, str) else say(part) for part in _parts(note))


def _parts(note: str | Finding | Line) -> Line:
    return note if isinstance(note, tuple) else (note,)


def _lines(start: str, parts: Sequence[str]) -> list[str]:
    """Put parts behind each other, as many on a line as fit the picture."""
    lines = [start + parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) + 2 > _CAPTION_CHARACTERS:
            lines[-1] += ";"
            lines.append(part)
        else:
            lines[-1] += f"; {part}"
    return lines


def _title(chart: Chart, rows: ChartRows, context: ChartContext) -> dict[str, Any]:
    title: dict[str, Any] = {
        "text": f"{chart.title} ({_PREFIX[context.mode]})" if context.mode else chart.title,
        "subtitle": caption(rows, context),
    }
    if context.sample:
        title["subtitleColor"] = SAMPLE_COLOUR
    return title
