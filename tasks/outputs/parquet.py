"""Tables as Parquet files with explicit schemas from the contracts; the same frame gives the same bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from config.contracts import COLUMNS, Column, Table

_MODELS: Final = pa.list_(
    pa.struct(
        [
            pa.field("model", pa.string(), nullable=False),
            pa.field("img_size", pa.int64(), nullable=False),
        ]
    )
)
_TYPES: Final = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "models": _MODELS,
}


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Return the schema of a table; every field carries its description and unit as metadata.

    A blank column keeps its declared type this way, so that snapshots can always be read together.
    """
    return pa.schema([_field(COLUMNS[name]) for name in table.columns])


def write_table(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Write one table, creating its folder. No pandas block, so any reader sees plain columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrow = pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False)
    pq.write_table(arrow.replace_schema_metadata(None), path, compression="zstd")


def rows_in_file(path: Path) -> int | None:
    """Return the number of rows of a Parquet file; None if it can't be read."""
    try:
        rows: int = pq.read_metadata(path).num_rows
    except (OSError, ValueError):
        return None
    return rows


def _field(column: Column) -> pa.Field:
    metadata = {"description": column.description}
    if column.unit:
        metadata["unit"] = column.unit
    return pa.field(column.name, _TYPES[column.type], nullable=not column.required, metadata=metadata)
