"""Contracts as pandera schemas: what a parsed file and a finished table must look like."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import pandas as pd

from config.contracts import COLUMNS, Column, Table
from config.errors import TimmChartsError

os.environ.setdefault("DISABLE_PANDERA_IMPORT_WARNING", "True")
import pandera.pandas as pa

logging.getLogger("pandera").setLevel(logging.ERROR)

DTYPES: Final = {
    "string": "str",
    "int64": "Int64",
    "float64": "float64",
    "bool": "bool",
    "models": "object",
}
STEP_TIME_TOLERANCE: Final = 0.10
"""Largest relative gap between batch size / step time and throughput. Measured on every published
version up to ee5b1e82: 3 % on GPU files, 6 % on CPU files."""
ERROR_TOLERANCE: Final = 0.0015
"""Largest gap between 100 - top1 and top1_err, in points: both are published with three decimals."""


class ContractError(TimmChartsError):
    """A finished table breaks its own contract: a fault of ours, so nothing is published."""


@cache
def row_schema(columns: tuple[str, ...]) -> pa.DataFrameSchema:
    """Return the schema of a parsed file: types, ranges and required cells of its columns."""
    return pa.DataFrameSchema({name: _pandera_column(COLUMNS[name]) for name in columns})


@cache
def table_schema(table: Table) -> pa.DataFrameSchema:
    """Return the schema of a finished table: exactly its columns, in order, unique on its grain."""
    return pa.DataFrameSchema(
        {name: _pandera_column(COLUMNS[name]) for name in table.columns},
        strict=True,
        ordered=True,
        unique=list(table.grain),
        unique_column_names=True,
    )


def check_table(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame if it keeps the contract of the table.

    Raises:
        ContractError: It does not; the message lists at most five violations.
    """
    if keeps_table(frame, table):
        return frame
    try:
        return table_schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        shown = "; ".join(
            f"{case.column or case.schema_context}: {case.check}, found {case.failure_case}"
            for case in cases.head(5).itertuples()
        )
        msg = (
            f"table {table.name} breaks its contract in {len(cases)} places: {shown}. "
            "Nothing was published; please report this with the results commit."
        )
        raise ContractError(msg) from None


def keeps_table(frame: pd.DataFrame, table: Table) -> bool:
    """Tell whether pandera would find nothing wrong with a finished table, in a hundredth of its time."""
    # pandera takes 50 ms whatever the size of a table, and nearly every table is sound: it is asked for the
    # words where something is wrong. A test holds the two verdicts against each other.
    return (
        tuple(frame.columns) == table.columns
        and keeps_columns(frame, table.columns)
        and not frame.duplicated(list(table.grain)).any()
    )


def keeps_columns(frame: pd.DataFrame, columns: Sequence[str]) -> bool:
    """Tell the same of the cells of a parsed file."""
    return all(_keeps(frame[name], COLUMNS[name]) for name in columns)


def _keeps(cells: pd.Series, column: Column) -> bool:
    if str(cells.dtype) != DTYPES[column.type] or (column.required and cells.isna().any()):
        return False
    if column.above is column.minimum is column.maximum is None:
        return True
    known = cells.dropna().to_numpy(dtype="float64")
    low, high = known.min(initial=math.inf), known.max(initial=-math.inf)
    return bool(
        (column.above is None or low > column.above)
        and (column.minimum is None or low >= column.minimum)
        and (column.maximum is None or high <= column.maximum)
    )


def as_table(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Give a frame the table's columns (missing optional ones as null), types, row order; check it."""
    data = {name: _column(frame, name) for name in table.columns}
    ordered = pd.DataFrame(data, index=frame.index).sort_values(list(table.order), kind="stable")
    return check_table(ordered.reset_index(drop=True), table)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    dtype: Any = DTYPES[COLUMNS[name].type]
    return frame[name].astype(dtype) if name in frame else pd.Series(None, index=frame.index, dtype=dtype)


def empty_table(table: Table) -> pd.DataFrame:
    """Return a table without rows."""
    return as_table(pd.DataFrame(columns=list(table.columns)), table)


def stack(frames: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Put the parts of a table together."""
    return as_table(pd.concat(frames, ignore_index=True), table) if frames else empty_table(table)


def failures(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[tuple[object, str, str]]:
    """Return (index, column, rule) of every cell that breaks the contract of its column."""
    if keeps_columns(frame, columns):
        return []
    try:
        row_schema(columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        return [(case.index, str(case.column), str(case.check)) for case in cases.itertuples(index=False)]
    return []


def expectation(column: Column) -> str:
    """Say in words what a column accepts, such as ``a number from 0 to 100``."""
    kind = {"int64": "a whole number", "float64": "a number"}.get(column.type, "text")
    bounds = []
    if column.above is not None:
        bounds.append(f"above {column.above:g}")
    if column.minimum is not None:
        bounds.append(f"from {column.minimum:g}")
    if column.maximum is not None:
        bounds.append(f"to {column.maximum:g}")
    return " ".join([kind, *bounds]) + ("" if column.required else ", or empty")


def _pandera_column(column: Column) -> pa.Column:
    checks = []
    if column.above is not None:
        checks.append(pa.Check.gt(column.above, error="range"))
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, error="range"))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum, error="range"))
    return pa.Column(DTYPES[column.type], checks=checks, nullable=not column.required)
