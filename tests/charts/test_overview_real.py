"""The comparing charts over the newest real results: like for like, and nothing lost."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from config.presets import load_rules
from tasks.charts.chart import Chart, ChartRows
from tasks.charts.registry import BY_STEM, OVERVIEW_CHARTS
from tasks.tables.frames import rows_of
from tasks.tables.merge import benchmarks_table, evaluations_table
from tests.overview_tables import OVERVIEW_CONTEXT, differences, profiles_of_panels
from tests.real.bundle import parsed_at

pytestmark = pytest.mark.slow
MAY_DIFFER = {
    "device-speedup": {"device", "precision"},
    "compiler-speedup": {"compiler"},
    "layout-speedup": {"layout"},
    "precision-speedup": {"precision", "device"},
    "training-cost": {"mode", "torch"},
    "torch-versions": {"torch"},
}


@cache
def tables() -> dict[str, pd.DataFrame]:
    parsed = list(parsed_at("HEAD"))
    return {
        "benchmarks": benchmarks_table(parsed),
        "evaluations": evaluations_table(parsed, load_rules(None)),
    }


@cache
def prepared(stem: str) -> ChartRows:
    chart = BY_STEM[stem]
    return chart.prepare(tables()[chart.table], OVERVIEW_CONTEXT)


@pytest.mark.parametrize("stem", MAY_DIFFER)
def test_pairs_are_like_for_like_and_complete(stem: str) -> None:
    table, rows = tables()["benchmarks"], prepared(stem)
    pairs = profiles_of_panels(table, rows.rows)
    total = 0
    for base, other in pairs:
        assert differences(table, base, other) <= MAY_DIFFER[stem]
        one, two = (
            {(r.architecture, r.img_size) for r in rows_of(table[table["profile"] == profile])}
            for profile in (base, other)
        )
        total += len(one | two)
    assert len(rows.rows) + sum(rows.left_out.values()) == total


@pytest.mark.parametrize("stem", MAY_DIFFER)
def test_a_row_without_caution_has_equal_batches_and_a_marked_one_a_reason(stem: str) -> None:
    table, rows = tables()["benchmarks"], prepared(stem).rows
    columns = ["batch_size", "benchmark_param_count", "gmacs"]
    known = {
        (r.profile, r.architecture, r.img_size): [getattr(r, name) for name in columns]
        for r in rows_of(table)
    }
    groups = dict(zip(sorted(rows["panel"].unique()), profiles_of_panels(table, rows), strict=True))
    strict = {panel: differences(table, *pair) == {compared(stem)} for panel, pair in groups.items()}
    for row in rows_of(rows):
        base, other = (known[profile, row.architecture, row.img_size] for profile in groups[row.panel])
        same = [base[0] == other[0]]
        same += [
            not max(p) > 1.01 * min(p)
            for p in zip(base[1:], other[1:], strict=True)
            if p[0] == p[0] and p[1] == p[1]
        ]
        assert (row.caution == "") == (all(same) and strict[row.panel])


def compared(stem: str) -> str:
    return {"training-cost": "mode", "torch-versions": "torch"}.get(stem, stem.split("-")[0])


@pytest.mark.parametrize("chart", OVERVIEW_CHARTS, ids=lambda chart: chart.stem)
def test_every_chart_has_something_to_show_and_is_no_mud(chart: Chart) -> None:
    rows = prepared(chart.stem)
    assert 50 < len(rows.rows) < 6000


def test_compiling_gains_and_attention_got_faster() -> None:
    (compiled,) = rows_of(prepared("compiler-speedup").lines)
    assert 1.5 < compiled.median_of_all < 1.9
    assert compiled.comparable < 100 < 1400 < compiled.rows
    assert all(line.median_of_all > 1 for line in rows_of(prepared("torch-versions").lines))
