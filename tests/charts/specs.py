"""Prepared rows and specifications of the charts over made-up tables, made once for all tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from config.vocabulary import Mode
from tasks.charts.chart import Chart, ChartRows, spec
from tests.frames import a_profile, context
from tests.overview_tables import OVERVIEW_CONTEXT, a_benchmark_table, an_evaluation_table

Spec = dict[str, Any]
MANY = a_profile()
WHOLE_TABLES = {"benchmarks": a_benchmark_table(), "evaluations": an_evaluation_table()}


@cache
def prepared(chart: Chart, mode: Mode = "infer", preset: str | None = None) -> ChartRows:
    return chart.prepare(MANY, context(mode=mode, preset=preset))


@cache
def made(chart: Chart, mode: Mode = "infer", preset: str | None = None) -> Spec:
    return spec(chart, prepared(chart, mode, preset), context(mode=mode, preset=preset))


@cache
def prepared_overview(chart: Chart) -> ChartRows:
    return chart.prepare(WHOLE_TABLES[chart.table], OVERVIEW_CONTEXT)


@cache
def made_overview(chart: Chart) -> Spec:
    return spec(chart, prepared_overview(chart), OVERVIEW_CONTEXT)
