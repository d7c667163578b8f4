from __future__ import annotations

import importlib
import pkgutil
import re
from typing import get_args

import pytest

import tasks.charts
from config.vocabulary import Mode
from tasks.charts.chart import Chart
from tasks.charts.registry import BY_STEM, OVERVIEW_CHARTS, PROFILE_CHARTS

ORIGINAL = {
    "infer": ("family-counts", "benchmark", "subset-benchmark", "parameters-vs-time", "accuracy-vs-size"),
    "train": ("benchmark", "subset-benchmark"),
}
"""The seven charts of the analysis of 2022, whose names others rely on."""


def test_every_chart_that_is_declared_is_registered_once() -> None:
    modules = pkgutil.walk_packages(tasks.charts.__path__, "tasks.charts.")
    found = [importlib.import_module(module.name) for module in modules]
    declared = [module.CHART for module in found if hasattr(module, "CHART")]
    registered = (*PROFILE_CHARTS, *OVERVIEW_CHARTS)
    assert len(declared) == len(registered)
    assert all(any(chart is other for other in registered) for chart in declared)
    assert {chart.stem: chart for chart in registered} == BY_STEM
    assert len(BY_STEM) == len(registered)


def test_charts_of_the_overview_compare_whole_tables() -> None:
    assert {chart.scope for chart in OVERVIEW_CHARTS} == {"overview"}
    assert {chart.scope for chart in PROFILE_CHARTS} == {"profile"}
    assert {chart.table for chart in OVERVIEW_CHARTS} <= {"benchmarks", "evaluations", "merged"}
    assert {chart.table for chart in PROFILE_CHARTS} == {"merged"}


@pytest.mark.parametrize(("mode", "prefix"), [("infer", "inference"), ("train", "training")])
def test_names_are_those_of_the_contract(mode: Mode, prefix: str) -> None:
    names = {chart.name(mode) for chart in PROFILE_CHARTS}
    assert names == {f"{prefix}-{chart.stem}" for chart in PROFILE_CHARTS}
    assert {f"{prefix}-{stem}" for stem in ORIGINAL[mode]} <= names


@pytest.mark.parametrize("chart", BY_STEM.values(), ids=lambda chart: chart.stem)
def test_names_are_safe_as_files_and_in_addresses(chart: Chart) -> None:
    for mode in (None, *get_args(Mode)):
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", chart.name(mode))


@pytest.mark.parametrize("chart", BY_STEM.values(), ids=lambda chart: chart.stem)
def test_a_chart_says_what_it_answers(chart: Chart) -> None:
    assert chart.question.endswith("?")
    assert chart.title
    assert not chart.title.endswith(".")
