"""The comparing charts over the newest real results: like for like, and nothing lost."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from config.presets import load_rules
from tasks.charts.chart import Chart, ChartRows
from tasks.charts.pairs.findings import in_one_line
from tasks.charts.registry import BY_STEM, OVERVIEW_CHARTS
from tasks.tables.finding import Finding
from tasks.tables.frames import rows_of
from tasks.tables.merge import benchmarks_table, evaluations_table
from tasks.tables.sentences import say
from tests.overview_tables import OVERVIEW_CONTEXT, differences, profiles_of_panels
from tests.real.bundle import parsed_at

pytestmark = pytest.mark.slow
MAY_DIFFER = {
    "device-speedup": {"device"},
    "compiler-speedup": {"compiler"},
    "layout-speedup": {"layout"},
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


@pytest.mark.parametrize(
    "chart", [c for c in OVERVIEW_CHARTS if c.stem != "precision-speedup"], ids=lambda chart: chart.stem
)
def test_every_chart_has_something_to_show_and_is_no_mud(chart: Chart) -> None:
    rows = prepared(chart.stem)
    assert 50 < len(rows.rows) < 6000


def test_no_device_was_measured_with_two_precisions_so_nothing_is_drawn() -> None:
    rows = prepared("precision-speedup")
    assert rows.rows.empty
    assert rows.left_out == {
        "benchmark rows: no device was measured with a higher and a lower precision, all else equal": len(
            tables()["benchmarks"]
        )
    }


def headlines(stem: str) -> dict[str, str]:
    return {
        str(finding.over["pair"]): say(finding)
        for finding in prepared(stem).told
        if finding.kind.startswith(("pair-comparable", "pair-all", "pair-unlike"))
    }


def test_devices_are_compared_by_the_profiles_with_most_comparable_rows() -> None:
    assert headlines("device-speedup") == {
        "Core i9-10940X over Core i7-12700H, inference": "2.38x, median of 1,431 comparable of 1,431",
        "RTX 4090 over RTX 3090, inference": "1.40x, median of 1,393 comparable of 1,439",
    }


def test_a_headline_without_a_basis_is_about_all_rows() -> None:
    (compiled,) = headlines("compiler-speedup").values()
    assert compiled == "1.67x, median of all 1,439, of which 1,367 differ in batch size"
    assert headlines("layout-speedup") == {
        "nhwc over nchw, RTX 3090, inference": "1.08x, median of 1,313 comparable of 1,427",
        "nhwc over nchw, RTX 3090, training": "1.11x, median of 796 comparable of 834",
        "nhwc over nchw, RTX 4090, inference": "1.08x, median of all 1,437, of which 1,253 differ in batch size",
    }
    (training,) = headlines("training-cost").values()
    assert training.startswith(
        "3.67x, median of all 681, which all differ in PyTorch release (1.13 over 1.12)"
    )


def test_families_run_from_the_slowest_to_the_fastest_however_small() -> None:
    (families,) = [
        finding
        for finding in BY_STEM["compiler-speedup"].describe(prepared("compiler-speedup"))
        if isinstance(finding, Finding) and finding.kind == "pair-families"
    ]
    assert say(families) == (
        "Medians of its 151 families: from convmixer 0.543x (3 of the rows) to efficientformerv2 11.0x (4)."
    )


def test_releases_within_the_noise_of_a_re_run_are_called_that() -> None:
    lines = prepared("torch-versions").lines
    assert lines is not None
    noise = {
        in_one_line(panel)
        for panel, text in zip(lines["panel"], lines["text"], strict=True)
        if "noise" in text
    }
    assert noise == {
        "RTX 3090, inference, amp, nchw, eager, PyTorch 2.1.0 over 1.13",
        "RTX 3090, inference, amp, nhwc, eager, PyTorch 2.1.0 over 1.13",
    }


def test_compiling_gains_and_attention_got_faster() -> None:
    (compiled,) = rows_of(prepared("compiler-speedup").lines)
    assert 1.5 < compiled.median < 1.9
    assert compiled.comparable < 100 < 1400 < compiled.rows
    assert all(line.median > 1 for line in rows_of(prepared("torch-versions").lines))
