"""Read tables of the current snapshot from an outputs folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from config.contracts import Table
from config.errors import UsageError
from tasks.outputs.local import read_manifest
from tasks.outputs.parquet import snapshot_path
from tasks.outputs.manifest import Manifest


def current_manifest(outputs: Path) -> Manifest:
    """Return the manifest of an outputs folder.

    Raises:
        UsageError: There is none, or another version of the program wrote it.
    """
    manifest = read_manifest(outputs)
    if manifest is None:
        msg = f"no results of this version of timm-charts in {outputs}; run timm-charts refresh first"
        raise UsageError(msg)
    return manifest


def read_table(outputs: Path, manifest: Manifest, table: Table, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return some columns of a table of the current snapshot.

    Raises:
        UsageError: The file is missing or damaged.
    """
    path = outputs / snapshot_path(table, manifest.snapshot)
    try:
        frame: pd.DataFrame = pq.read_table(path, columns=list(columns), partitioning=None).to_pandas()
    except (OSError, ValueError) as error:
        msg = f"{path} can't be read ({error}); run timm-charts refresh, which makes it again"
        raise UsageError(msg) from None
    return frame
