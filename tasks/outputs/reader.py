"""Read tables of the current snapshot."""

from __future__ import annotations

from io import BytesIO

import pandas as pd
import pyarrow.parquet as pq

from config.contracts import Table
from config.errors import UsageError
from tasks.outputs.layout import table_file
from tasks.outputs.manifest import Manifest
from tasks.outputs.store import Store


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
