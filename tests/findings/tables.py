"""The Parquet files of a real snapshot as SQL sees them, and every chart of it with what it states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from config.contracts import TABLES
from tasks.charts.chart import ChartContext, ChartRows, alternative_text, caption, findings, spec
from tasks.charts.jobs import DrawJob, draw_jobs
from tasks.charts.registry import BY_STEM
from tasks.outputs.parquet import write_table
from tasks.tables.finding import Finding, Value
from tests.real.bundle import snapshot_at, tree_at

Sql = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Stated:
    """A chart of a snapshot: its findings and every text it shows."""

    label: str
    context: ChartContext
    rows: ChartRows
    findings: tuple[Finding, ...]
    texts: tuple[str, ...]


def connect(revision: str, folder: Path) -> Sql:
    """Write the tables of a revision as Parquet files and return a connection that has them as views."""
    snapshot = snapshot_at(revision)
    connection = duckdb.connect()
    for contract in TABLES:
        frame = getattr(snapshot, contract.name, None)
        if frame is None:
            continue
        path = folder / f"{contract.name}.parquet"
        write_table(frame, contract, path)
        connection.execute(f"create view {contract.name} as select * from '{path}'")
    return connection


@cache
def charts_of(revision: str, stem: str) -> tuple[Stated, ...]:
    """Return every chart of a revision that has this stem and rows."""
    return tuple(_charts(revision, stem))


def _charts(revision: str, stem: str) -> Iterator[Stated]:
    chart = BY_STEM[stem]
    for job in _jobs(revision):
        if job.stem != stem:
            continue
        rows = chart.prepare(job.rows, job.context)
        if rows.rows.empty:
            continue
        texts = [alternative_text(chart, rows, job.context), *caption(rows, job.context)]
        texts += _titles(spec(chart, rows, job.context))
        yield Stated(
            job.label,
            job.context,
            rows,
            tuple(findings(chart, rows, job.context)),
            tuple(dict.fromkeys(texts)),
        )


@cache
def _jobs(revision: str) -> list[DrawJob]:
    return draw_jobs(snapshot_at(revision), tree_at(revision), preset=None, sample=False)


def _titles(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the titles and lines under them of every panel of a specification."""
    if isinstance(node, list):
        for item in node:
            yield from _titles(item)
    elif isinstance(node, dict):
        title = node.get("title")
        if isinstance(title, dict) and "text" in title:
            for part in (title["text"], title.get("subtitle", [])):
                yield from [part] if isinstance(part, str) else part
        for key, item in node.items():
            if key not in {"data", "title", "usermeta"}:
                yield from _titles(item)


def average_rank(column: str) -> str:
    """Return SQL for the rank of a value, equal values at the mean of their places: as Spearman takes it."""
    return f"(rank() over (order by {column}) + (count(*) over (partition by {column}) - 1) / 2.0)"


def named(connection: Sql, query: str, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the only row of a query by its column names."""
    used = {name: value for name, value in values.items() if re.search(rf"\${name}\b", query)}
    cursor = connection.execute(query, used)
    columns = [column[0] for column in cursor.description or ()]
    [row] = cursor.fetchall()
    return dict(zip(columns, row, strict=True))
