"""Read tables of the current snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

import pandas as pd
import pyarrow.parquet as pq

from config.contracts import BENCHMARKS, EVALUATIONS, MERGED, Table
from config.errors import UsageError
from tasks.outputs.layout import table_file
from tasks.outputs.manifest import Manifest
from tasks.outputs.store import Store
from tasks.tables.contract import as_table


@dataclass(frozen=True)
class Shown:
    """The tables of a snapshot as they stand in the outputs, to compare another with."""

    evaluations: pd.DataFrame
    benchmarks: pd.DataFrame
    merged: pd.DataFrame
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # no table has them


def current_manifest(store: Store) -> Manifest:
    """Return the manifest of the current build.

    Raises:
        UsageError: There is none, or another version of the program wrote it.
    """
    manifest = store.manifest()
    if manifest is None:
        msg = f"no results of this version of timm-charts in {store}; run timm-charts refresh first"
        raise UsageError(msg)
    return manifest


def read_table(store: Store, manifest: Manifest, table: Table, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return some columns of a table of the current snapshot.

    Raises:
        UsageError: The file is missing or damaged.
    """
    path = table_file(table, manifest.snapshot)
    try:
        content = BytesIO(store.read(path))
        frame: pd.DataFrame = pq.read_table(content, columns=list(columns)).to_pandas()
    except (OSError, ValueError) as error:
        msg = f"{store}/{path} can't be read ({error}); run timm-charts refresh, which makes it again"
        raise UsageError(msg) from None
    return frame


def read_shown(store: Store, manifest: Manifest) -> Shown:
    """Return the tables of the current snapshot that another is compared with.

    Raises:
        TimmChartsError: A file is missing or damaged, or another version of the program wrote it.
    """
    return Shown(
        _whole(store, manifest, EVALUATIONS),
        _whole(store, manifest, BENCHMARKS),
        _whole(store, manifest, MERGED),
    )


def _whole(store: Store, manifest: Manifest, table: Table) -> pd.DataFrame:
    frame = read_table(store, manifest, table, table.columns)
    if missing := [name for name in table.columns if name not in frame]:
        msg = f"its table {table.name} has no {', '.join(missing)}: another version of timm-charts wrote it"
        raise UsageError(msg)
    return as_table(frame, table)
