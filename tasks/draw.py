"""One chart from rows to files: what a render process does. No Prefect: these processes must start fast."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import vl_convert

from tasks.adapters.render import Page, use_bundled_font, write_chart
from tasks.charts.base import Chart, ChartContext, ChartRows, alternative_text, caption, spec
from tasks.charts.registry import BY_STEM
from tasks.charts.theme import DARK

ROOT_FROM_CHART = "../../"


@dataclass(frozen=True)
class DrawJob:
    """Everything a render process needs; plain data, so that it can be sent there."""

    stem: str
    rows: pd.DataFrame  # of the chart's table; of one profile, or all
    context: ChartContext
    folder: Path  # of the build, such as .../charts/<profile>


@dataclass(frozen=True)
class DrawnChart:
    """What was drawn, for manifest and summary."""

    profile: str
    name: str
    title: str
    question: str
    category: str
    description: str
    rows: int
    left_out: dict[str, int]
    reason: str = ""  # why there is no picture; empty for a drawn chart


def draw_chart(job: DrawJob) -> DrawnChart:
    """Prepare, build and write one chart in all its formats."""
    use_bundled_font()
    chart = BY_STEM[job.stem]
    rows = chart.prepare(job.rows, job.context)
    name = chart.name(job.context.mode)
    if rows.rows.empty:
        return _not_drawn(chart, job.context, rows)
    page = Page(
        name=name,
        title=chart.title,
        question=chart.question,
        profile=job.context.profile_in_words,
        description=alternative_text(chart, rows, job.context),
        caption=caption(rows, job.context),
        sample=job.context.sample,
        root=ROOT_FROM_CHART,
        dark=DARK,
    )
    job.folder.mkdir(parents=True, exist_ok=True)
    write_chart(spec(chart, rows, job.context), page, rows.rows, job.folder)
    return DrawnChart(
        profile=job.context.profile,
        name=name,
        title=chart.title,
        question=chart.question,
        category=chart.category,
        description=page.description,
        rows=len(rows.rows),
        left_out=dict(rows.left_out),
    )


def warm_up() -> None:
    """Load Vega in this process before there is something to draw; takes half a second."""
    use_bundled_font()
    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})


def _not_drawn(chart: Chart, context: ChartContext, rows: ChartRows) -> DrawnChart:
    left_out = "; ".join(f"{n} {why}" for why, n in rows.left_out.items() if n)
    reason = f"no rows; left out: {left_out}" if left_out else "no rows"
    return DrawnChart(
        profile=context.profile,
        name=chart.name(context.mode),
        title=chart.title,
        question=chart.question,
        category=chart.category,
        description="",
        rows=0,
        left_out=dict(rows.left_out),
        reason=reason,
    )
