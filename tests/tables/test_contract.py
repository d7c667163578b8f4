from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pandera.errors
import pytest

from config.contracts import COLUMNS, COVERAGE, REJECTS, TABLES, Column, Table
from tasks.tables.contract import (
    DTYPES,
    ContractError,
    as_table,
    check_table,
    empty_table,
    expectation,
    failures,
    keeps_columns,
    keeps_table,
    row_schema,
    table_schema,
)

REJECT = {
    "source_file": "a.csv",
    "line": 2,
    "column": "top1",
    "value": "x",
    "rule": "type",
    "expected": "a number",
}


def rejects(**columns: list[object]) -> pd.DataFrame:
    """Return two good rows of a table, with some columns replaced."""
    return _rejects().assign(**columns)


@cache
def _rejects() -> pd.DataFrame:
    return as_table(pd.DataFrame([REJECT, REJECT | {"line": 3}]), REJECTS)


def test_a_good_table_comes_back_as_it_is() -> None:
    pd.testing.assert_frame_equal(check_table(rejects(), REJECTS), rejects())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_empty_table_has_every_column_with_its_type(table: Table) -> None:
    frame = empty_table(table)
    assert tuple(frame.columns) == table.columns
    assert [str(dtype) for dtype in frame.dtypes] == [DTYPES[COLUMNS[name].type] for name in table.columns]
    assert check_table(frame, table).empty


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (rejects(line=["2", "3"]), "line: dtype('Int64'), found str"),
        (rejects(line=pd.array([2, 2], dtype="Int64")), "line: multiple_fields_uniqueness, found 2"),
        (rejects(line=pd.array([2, None], dtype="Int64")), "line: not_nullable"),
        (rejects(line=pd.array([0, 3], dtype="Int64")), "line: range, found 0"),
        (rejects(value=["x", None]), "value: not_nullable"),
        (rejects(value=[1, 2]), "value: dtype("),
        (rejects().drop(columns="rule"), "rule"),
        (rejects(more=["x", "y"]), "more"),
        (rejects()[sorted(REJECTS.columns)], "column_ordered"),
    ],
)
def test_a_table_that_breaks_its_contract(frame: pd.DataFrame, found: str) -> None:
    with pytest.raises(ContractError) as caught:
        check_table(frame, REJECTS)
    message = str(caught.value)
    assert message.startswith("table rejects breaks its contract in ")
    assert found in message
    assert "\n" not in message


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_repeated_key_is_refused_in_every_table(table: Table) -> None:
    values = {"string": "x", "int64": 1, "float64": 1.0, "bool": True, "models": []}
    row = {name: values[COLUMNS[name].type] for name in table.columns}
    assert len(as_table(pd.DataFrame([row]), table)) == 1
    with pytest.raises(ContractError, match=rf"table {table.name} breaks its contract"):
        as_table(pd.DataFrame([row, row]), table)


def test_a_message_shows_at_most_five_violations_and_counts_all() -> None:
    frame = as_table(pd.DataFrame([REJECT | {"line": line} for line in range(2, 10)]), REJECTS)
    with pytest.raises(ContractError, match="in 8 places") as caught:
        check_table(frame.assign(line=pd.array(range(-8, 0), dtype="Int64")), REJECTS)
    assert str(caught.value).count("found") == 5


def test_failures_name_row_column_and_rule_and_nothing_else() -> None:
    frame = pd.DataFrame(
        {"top1": [50.0, -1.0, 101.0, None], "gmacs": [0.0, None, -1.0, 1.0], "img_size": [1, 1, None, 0]},
        index=[2, 3, 4, 5],
    ).astype({"img_size": "Int64"})
    assert sorted(failures(frame, tuple(frame.columns))) == [
        (3, "top1", "range"),
        (4, "gmacs", "range"),
        (4, "img_size", "not_nullable"),
        (4, "top1", "range"),
        (5, "img_size", "range"),
        (5, "top1", "not_nullable"),
    ]
    assert failures(frame.loc[[2]], tuple(frame.columns)) == []


def test_every_bound_is_kept_exactly() -> None:
    share = COLUMNS["crop_pct"]
    assert (share.above, share.maximum, share.required) == (0, 2, False)
    frame = pd.DataFrame({"crop_pct": [0.0, 1e-9, 2.0, 2.0001, None]})
    assert failures(frame, ("crop_pct",)) == [(0, "crop_pct", "range"), (3, "crop_pct", "range")]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (COLUMNS["top1"], "a number from 0 to 100"),
        (COLUMNS["img_size"], "a whole number from 1"),
        (COLUMNS["param_count"], "a number above 0"),
        (COLUMNS["crop_pct"], "a number above 0 to 2, or empty"),
        (COLUMNS["model"], "text"),
        (replace(COLUMNS["model"], required=False), "text, or empty"),
    ],
)
def test_expectations_in_words(column: Column, words: str) -> None:
    assert expectation(column) == words


def test_lists_of_models_go_through_the_contract() -> None:
    counts = {name: 0 for name in COVERAGE.columns if COLUMNS[name].type == "int64"}
    names = {
        name: [{"model": "a", "img_size": 1}] for name in COVERAGE.columns if COLUMNS[name].type == "models"
    }
    frame = as_table(pd.DataFrame([{"profile": "p", **counts, **names}]), COVERAGE)
    assert frame.loc[0, "matched_names"] == [{"model": "a", "img_size": 1}]


# --- the quick verdict is pandera's ---


def refused(schema: Any, frame: pd.DataFrame) -> list[Any]:  # noqa: ANN401 - of pandera
    """Return the index of each cell that pandera finds wrong; None where it is the whole column or table."""
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        return list(error.failure_cases["index"])
    return []


VALUES = {
    "string": [None, "", "x"],
    "int64": [None, -(10**6), -100, -1, 0, 1, 2, 100, 101],
    "float64": [
        None,
        float("inf"),
        float("-inf"),
        -100.1,
        -100.0,
        -1.0,
        0.0,
        1e-9,
        1.0,
        2.0,
        2.1,
        100.0,
        100.1,
    ],
    "bool": [True, False],
    "models": [None, []],
}


@pytest.mark.slow
@pytest.mark.parametrize("column", COLUMNS.values(), ids=lambda column: column.name)
def test_every_value_of_every_column_is_judged_as_pandera_does(column: Column) -> None:
    values = VALUES[column.type]
    frame = pd.DataFrame({column.name: pd.Series(values, dtype=DTYPES[column.type])})
    wrong = refused(row_schema((column.name,)), frame)  # all at once: pandera takes long for each call
    assert set(wrong) <= set(frame.index)
    for i, value in enumerate(values):
        assert keeps_columns(frame.iloc[[i]], (column.name,)) == (i not in wrong), value


@pytest.mark.parametrize(
    "frame",
    [
        rejects(), rejects(line=["2", "3"]), rejects(line=[2, 3]), rejects(line=[2.0, 3.0]),
        rejects(line=pd.array([2, 2], dtype="Int64")), rejects(value=pd.Series(["x", "y"], dtype="object")),
        rejects(value=pd.Series(["x", "y"], dtype="category")), rejects().drop(columns="rule"),
        rejects(more=["x", "y"]), rejects()[sorted(REJECTS.columns)], rejects().iloc[:0],
        rejects().set_index(pd.Index([7, 7])), pd.concat([rejects(), rejects()[["rule"]]], axis=1),
    ],
)  # fmt: skip
def test_nothing_passes_that_pandera_would_refuse(frame: pd.DataFrame) -> None:
    assert not refused(table_schema(REJECTS), frame) or not keeps_table(frame, REJECTS)
