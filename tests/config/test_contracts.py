from __future__ import annotations

from collections import Counter

import pytest

from config.contracts import _COLUMNS, COLUMNS, MERGED, TABLES, Column, Table

BY_NAME = {"argvalues": TABLES, "ids": lambda table: table.name}


@pytest.mark.parametrize("table", **BY_NAME)
def test_a_table_is_made_of_declared_columns(table: Table) -> None:
    assert set(table.columns) <= set(COLUMNS)
    assert max(Counter(table.columns).values()) == 1
    assert table.description.endswith(".")


@pytest.mark.parametrize("table", **BY_NAME)
def test_grain_and_order_are_columns_and_never_null(table: Table) -> None:
    assert table.grain
    assert set(table.grain) | set(table.order) <= set(table.columns)
    assert all(COLUMNS[name].required for name in (*table.grain, *table.order))


@pytest.mark.parametrize("table", **BY_NAME)
def test_the_order_decides_every_row(table: Table) -> None:
    assert set(table.grain) <= set(table.order)


def test_names_of_tables_and_columns_are_unique() -> None:
    assert max(Counter(table.name for table in TABLES).values()) == 1
    assert max(Counter(column.name for column in _COLUMNS).values()) == 1


def test_every_declared_column_is_used() -> None:
    assert set(COLUMNS) == {name for table in TABLES for name in table.columns}


@pytest.mark.parametrize("column", _COLUMNS, ids=lambda column: column.name)
def test_a_column_is_described_and_its_range_makes_sense(column: Column) -> None:
    assert column.description
    assert not column.description.endswith(".")
    assert "\n" not in column.description
    bounds = [b for b in (column.minimum, column.above, column.maximum) if b is not None]
    assert column.type in ("int64", "float64") or not (bounds or column.unit)
    assert bounds == sorted(bounds)
    assert column.minimum is None or column.above is None


def test_merged_has_what_the_design_promises() -> None:
    promised = """model architecture pretrained_tag family pretraining img_size top1 top5 param_count mode
        precision layout device compiler profile samples_per_sec step_time_ms batch_size gmacs macts secs
        is_pareto"""
    assert set(promised.split()) <= set(MERGED.columns)
    assert set(MERGED.grain) == {"model", "img_size", "profile"}


def test_the_tables_of_the_design() -> None:
    assert [t.name for t in TABLES] == [
        "evaluations",
        "benchmarks",
        "merged",
        "coverage",
        "changes",
        "rejects",
        "commits",
    ]
