"""One chart from rows to files: what a render process does. No Prefect: these processes must start fast."""

from __future__ import annotations

from pathlib import Path

import vl_convert

from tasks.charts.chart import Chart, ChartRows, spec
from tasks.charts.jobs import DrawJob
from tasks.charts.registry import BY_STEM
from tasks.charts.theme import DARK
from tasks.outputs import layout
from tasks.outputs.manifest import ChartEntry
from tasks.pages.render import Page, use_bundled_font, write_chart


def draw_chart(job: DrawJob, build: Path) -> ChartEntry:
    """Prepare one chart, make its specification and write it into a build in all its formats."""
    use_bundled_font()
    chart = BY_STEM[job.stem]
    rows = chart.prepare(job.rows, job.context)
    if rows.rows.empty:
        return _entry(chart, job, rows, reason=_no_rows(rows))
    made = spec(chart, rows, job.context)
    page = Page(
        name=job.name,
        title=chart.title,
        question=chart.question,
        profile=job.context.profile_in_words,
        description=made["description"],
        caption=made["title"]["subtitle"],
        sample=job.context.sample,
        root=layout.FROM_CHART_TO_TOP,
        dark=DARK,
    )
    folder = build / layout.chart_folder(job.context.profile)
    folder.mkdir(parents=True, exist_ok=True)
    write_chart(made, page, rows.rows, folder)
    return _entry(chart, job, rows, description=page.description)


def warm_up() -> None:
    """Load Vega in this process before there is something to draw; takes half a second."""
    use_bundled_font()
    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})


def _entry(
    chart: Chart, job: DrawJob, rows: ChartRows, description: str = "", reason: str = ""
) -> ChartEntry:
    return ChartEntry(
        profile=job.context.profile,
        name=job.name,
        title=chart.title,
        question=chart.question,
        category=chart.category,
        description=description,
        rows=len(rows.rows),
        left_out=dict(rows.left_out),
        files=job.files,
        changed_by=job.changed_by,
        reason=reason,
    )


def _no_rows(rows: ChartRows) -> str:
    left_out = "; ".join(f"{n:,} {why}" for why, n in rows.left_out.items())
    return f"no rows; left out: {left_out}" if left_out else "no rows"
