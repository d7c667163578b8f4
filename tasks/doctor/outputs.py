"""Checks of the folders: room, the right to write, whose they are, and whether results are whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.doctor.check import Finding, in_words, ok, problem, warning
from tasks.outputs import layout
from tasks.outputs.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST_FREE = 1_000_000_000  # a build needs about 200 MB, and the one before stays until it is done
_NAMES_SHOWN = 3


def disk_space(folders: Mapping[str, Path], least: int = LEAST_FREE) -> Finding:
    """Look how much room there is for each folder, by name; folders on one disk are named together."""
    disks: dict[int, list[str]] = {}
    free: dict[int, int] = {}
    for name, folder in folders.items():
        place = _existing(folder)
        place = place if place.is_dir() else place.parent  # the check of the right to write says why
        disk = place.stat().st_dev
        disks.setdefault(disk, []).append(name)
        free[disk] = shutil.disk_usage(place).free
    found = "; ".join(f"{in_words(free[disk])} free for {', '.join(names)}" for disk, names in disks.items())
    if min(free.values()) < least:
        remedy = f"make room, {in_words(least)} or more, or move the folders with TIMM_CHARTS_OUTPUTS, "
        return problem(found, remedy + "TIMM_CHARTS_CACHE_DIR or TIMM_CHARTS_DATA_DIR")
    return ok(found)


def writable(folder: Path, variable: str) -> Finding:
    """Make a file without a name in the folder, or in the nearest one above it that is there."""
    place = _existing(folder)
    remedy = f"let this user write there, or choose another folder with {variable}"
    if not place.is_dir():
        return problem(f"{place} is in the way: it is no folder", f"choose another with {variable}")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return problem(f"{place} can't be written ({error.strerror})", remedy)
    return ok(f"{folder} can be written" if place == folder else f"{folder} can be made; the first run does")


def outputs_folder(folder: Path, upstream: str) -> Finding:
    """Check that the outputs folder can be written and belongs to this upstream."""
    finding = writable(folder, "--outputs")
    if finding.status != "ok":
        return finding
    LocalStore(folder).check(upstream)
    holder = _holder(folder / layout.LOCK)
    return ok(f"{finding.found}; a run is writing it now (pid {holder})") if holder else finding


def results(folder: Path) -> Finding:
    """Compare every file of the outputs with the manifest."""
    if not (folder / layout.MANIFEST).exists():
        return ok("none yet; made by the first run")
    now = LocalStore(folder).standing()
    if now is None:
        found = f"{folder / layout.MANIFEST} can't be read or is of another version of timm-charts"
        return warning(found, "make the results anew: timm-charts refresh")
    files, snapshot = len(now.manifest.files), now.manifest.in_words
    if not now.damaged:
        return ok(f"snapshot {snapshot}, {files:,} files, none missing or altered")
    missing = sum(not (folder / path).exists() for path in now.damaged)
    counts = f"{missing:,} missing and {len(now.damaged) - missing:,} altered"
    names = sorted(now.damaged)
    shown = ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
    found = f"snapshot {snapshot}, of {files:,} files {counts} ({shown})"
    return problem(found, "make them anew: timm-charts refresh")


def _existing(folder: Path) -> Path:
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _holder(lock: Path) -> int | None:
    """Return the process that holds a lock file, where Linux tells; asking for the lock could fail a run."""
    try:
        facts = lock.stat()
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    # 1: FLOCK  ADVISORY  WRITE 4711 fe:00:139 0 EOF
    inode = f"{os.major(facts.st_dev):02x}:{os.minor(facts.st_dev):02x}:{facts.st_ino}"
    words = (line.split() for line in lines)
    return next((int(word[4]) for word in words if len(word) > 5 and word[5] == inode), None)
