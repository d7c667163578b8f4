"""Prepared rows and specifications of the charts over one made-up profile, made once for all tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from config.vocabulary import Mode
from tasks.charts.base import Chart, ChartRows, spec
from tests.frames import a_profile, context

Spec = dict[str, Any]
MANY = a_profile()


@cache
def prepared(chart: Chart, mode: Mode = "infer", preset: str | None = None) -> ChartRows:
    return chart.prepare(MANY, context(mode=mode, preset=preset))


@cache
def made(chart: Chart, mode: Mode = "infer", preset: str | None = None) -> Spec:
    return spec(chart, prepared(chart, mode, preset), context(mode=mode, preset=preset))
