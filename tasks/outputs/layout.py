"""Where things lie in an outputs folder: every path below it, written down once."""

from __future__ import annotations

from typing import Final

from config.contracts import COMMITS, Table

MANIFEST: Final = "manifest.json"
GALLERY: Final = "index.html"
EXPLORER: Final = "explorer.html"
ASSETS: Final = "assets"
CHARTS: Final = "charts"
SNAPSHOTS: Final = "snapshots"
TOP: Final = (ASSETS, CHARTS, EXPLORER, GALLERY, SNAPSHOTS, MANIFEST)
"""The names that readers know."""

BUILDS: Final = ".builds"
CURRENT: Final = ".current"
LOCK: Final = ".lock"

FROM_CHART_TO_TOP: Final = "../../"
_SNAPSHOT: Final = "snapshot="  # the hive column


def chart_folder(profile: str) -> str:
    """Return the folder of a profile's charts, or of those of ``overview``."""
    return f"{CHARTS}/{profile}"


def chart_file(label: str, suffix: str = "") -> str:
    """Return a file of a chart, such as ``charts/<profile>/<chart>.svg``; without a suffix what all begin with."""
    return f"{CHARTS}/{label}.{suffix}"


def table_file(table: Table, snapshot_id: str) -> str:
    """Return where a table of a snapshot lies (hive layout)."""
    return f"{SNAPSHOTS}/{table.name}/{_SNAPSHOT}{snapshot_id}/part-0.parquet"


def snapshot_folders() -> str:
    """Return the pattern of the folders that `snapshot_of` tells the snapshot of."""
    return f"{SNAPSHOTS}/*/{_SNAPSHOT}*"


def snapshot_of(path: str) -> str | None:
    """Return the snapshot that a folder or file of a table is of; None for any other path."""
    parts = path.split("/")
    is_table = len(parts) > 2 and parts[0] == SNAPSHOTS and parts[2].startswith(_SNAPSHOT)
    return parts[2].removeprefix(_SNAPSHOT) if is_table else None


def in_snapshot(path: str, snapshot_id: str) -> str:
    """Return the folder of the same table as this one in another snapshot."""
    return f"{path.rpartition('/')[0]}/{_SNAPSHOT}{snapshot_id}"


def is_of_all(path: str) -> bool:
    """Tell whether a path is of the table that is about all snapshots, and so made anew by each build."""
    return path.startswith(f"{SNAPSHOTS}/{COMMITS.name}/")
