"""The outputs folder: builds are made aside and become visible at once, or not at all.

A build is a complete set of outputs in its own folder under ``.builds/``. The names in the contract
(``charts/``, ``snapshots/``, ``manifest.json``, ...) are links through ``.current``, and one rename of
``.current`` moves all of them. A reader sees the old build or the new one; a run that is killed leaves
the old one. Files that did not change are hard links, so a build costs only what is new.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from config.errors import UsageError
from tasks.outputs.manifest import ChartEntry, Manifest
from tasks.outputs.reuse import Standing

MANIFEST: Final = "manifest.json"
_BUILDS: Final = ".builds"
_CURRENT: Final = ".current"
_LOCK: Final = ".lock"
_PARTIAL: Final = "partial-"
_OURS: Final = (_BUILDS, _CURRENT, _LOCK)
_CHUNK: Final = 1 << 20


def read_manifest(outputs: Path) -> Manifest | None:
    """Return the manifest of the current build, or None where there is none of this version."""
    try:
        return Manifest.model_validate_json((outputs / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def standing(outputs: Path) -> Standing | None:
    """Return the current build and which of its files are missing or altered; None where there is none."""
    manifest = read_manifest(outputs)
    if manifest is None:
        return None
    with ThreadPoolExecutor() as pool:  # hashing leaves Python's lock
        sound = pool.map(lambda item: _is_sound(outputs / item[0], item[1]), manifest.files.items())
        damaged = frozenset(path for path, good in zip(manifest.files, sound, strict=True) if not good)
    return Standing(manifest, damaged)


def write_manifest(build: Path, manifest: Manifest) -> None:
    """Write the manifest into a build."""
    (build / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _owner(outputs: Path) -> str | None:
    """Return the upstream a folder belongs to, from a manifest of any version; None for a fresh folder."""
    path = outputs / MANIFEST
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["upstream"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path} is no manifest of timm-charts ({error!r}); choose another folder with --outputs"
        raise UsageError(msg) from None


def check_outputs(outputs: Path, upstream: str) -> None:
    """Make sure that this folder may be written and belongs to this upstream. Writes nothing.

    Raises:
        UsageError: It is a file, can't be written, holds something else, or another upstream's results.
    """
    parent = outputs
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    if not parent.is_dir():
        msg = f"outputs {outputs}: {parent} is no folder; choose another with --outputs"
        raise UsageError(msg)
    if not os.access(parent, os.W_OK | os.X_OK):
        msg = f"outputs {outputs}: {parent} can't be written by this user; choose another with --outputs"
        raise UsageError(msg)
    if not outputs.is_dir():
        return
    found = _owner(outputs)
    if found not in {None, upstream}:
        msg = (
            f"outputs {outputs} belongs to upstream {found}, this run is for {upstream}; "
            "choose another folder with --outputs"
        )
        raise UsageError(msg)
    foreign = [
        name
        for name in ("assets", "charts", "explorer.html", "index.html", "snapshots", MANIFEST)
        if _is_foreign(outputs / name)
    ]
    if foreign:
        msg = (
            f"outputs {outputs} holds {', '.join(foreign)} not made by timm-charts; "
            "move it away or choose another folder with --outputs"
        )
        raise UsageError(msg)


@contextlib.contextmanager
def locked(outputs: Path, upstream: str) -> Iterator[None]:
    """Hold the outputs folder for this run, creating it.

    Raises:
        UsageError: Another run holds it, it can't be created, or it has become another upstream's.
    """
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        lock = FileLock(outputs / _LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        msg = f"another run is writing {outputs}; wait for it, or choose another folder with --outputs"
        raise UsageError(msg) from None
    except OSError as error:
        msg = f"outputs {outputs} can't be written ({error.strerror}); choose another with --outputs"
        raise UsageError(msg) from None
    try:
        check_outputs(outputs, upstream)  # once more: another run may have used it since
        yield
    finally:
        lock.release()


def start_build(outputs: Path, build_id: str) -> Path:
    """Return an empty folder to make a build in. Needs the lock."""
    clear_leftovers(outputs)
    partial = outputs / _BUILDS / f"{_PARTIAL}{build_id}"
    partial.mkdir(parents=True)
    return partial


def clear_leftovers(outputs: Path) -> None:
    """Remove the builds that killed runs left behind. Needs the lock."""
    current = _current(outputs)
    for old in (outputs / _BUILDS).glob("*"):
        if old != current:
            shutil.rmtree(old)


def keep_chart(outputs: Path, build: Path, manifest: Manifest, chart: ChartEntry) -> None:
    """Carry the files of a chart of the current build over."""
    current = (outputs / _CURRENT).resolve()
    for path in manifest.files_of(chart):
        (build / path).parent.mkdir(parents=True, exist_ok=True)
        _link(str(current / path), str(build / path))


def link_unchanged(outputs: Path, build: Path, before: Standing, digests: Mapping[str, str]) -> None:
    """Put links in place of files that are as in the current build: no second copy, and the old date."""
    current = (outputs / _CURRENT).resolve()  # the names in outputs are links themselves
    for path, digest in digests.items():
        if before.manifest.files.get(path) == digest and path not in before.damaged:
            (build / path).unlink()
            _link(str(current / path), str(build / path))


def keep_snapshots(outputs: Path, build: Path, but: str) -> list[str]:
    """Carry the snapshots of the current build over, except the one being made and those that are damaged.

    Returns:
        The damaged ones: a file of theirs is missing or is not what the manifest says.
    """
    current, manifest = _current(outputs), read_manifest(outputs)
    if current is None:
        return []
    damaged = _damaged_snapshots(current, manifest) - {but} if manifest else set()
    for folder in sorted((current / "snapshots").glob("*/snapshot=*")):
        if folder.name.removeprefix("snapshot=") not in {but, *damaged}:
            shutil.copytree(folder, build / folder.relative_to(current), copy_function=_link)
    return sorted(damaged)


def _damaged_snapshots(build: Path, manifest: Manifest) -> set[str]:
    return {
        Path(path).parent.name.removeprefix("snapshot=")
        for path, digest in manifest.files.items()
        if path.startswith("snapshots/") and not _is_sound(build / path, digest)
    }


def publish(outputs: Path, build: Path, build_id: str) -> None:
    """Make a complete build the current one, in one step, and remove the one before. Needs the lock."""
    for path in sorted(p for p in build.rglob("*") if p.is_file()):
        _sync(path)
    final = _free_name(outputs / _BUILDS, build_id)
    build.rename(final)
    previous = _current(outputs)
    for name in sorted(p.name for p in final.iterdir()):
        if not (outputs / name).is_symlink():
            _point(outputs / name, Path(_CURRENT, name))  # leads nowhere until the switch below
    _point(outputs / _CURRENT, Path(_BUILDS, final.name))
    for link in outputs.iterdir():
        if _is_ours(link) and not link.exists():
            link.unlink()
    _sync(outputs)
    if previous is not None:
        shutil.rmtree(previous)


def file_digests(build: Path) -> dict[str, str]:
    """Return the sha256 of every file of a build by its path, manifest excepted."""
    files = sorted(p for p in build.rglob("*") if p.is_file() and p.name != MANIFEST)
    return {path.relative_to(build).as_posix(): sha256(path) for path in files}


def sha256(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_sound(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


def _is_foreign(path: Path) -> bool:
    return (path.exists() or path.is_symlink()) and not _is_ours(path)


def _is_ours(path: Path) -> bool:
    """Tell whether this is a link that `publish` made."""
    return path.is_symlink() and path.readlink().parent == Path(_CURRENT)


def _current(outputs: Path) -> Path | None:
    link = outputs / _CURRENT
    return outputs / _BUILDS / link.readlink().name if link.is_symlink() and link.exists() else None


def _free_name(builds: Path, build_id: str) -> Path:
    """Return a folder name for a build: its id, or the id and a number when it is built anew."""
    final = builds / build_id
    return final if not final.exists() else builds / f"{build_id}-again"


def _point(link: Path, target: Path) -> None:
    """Make or move a link in one step."""
    fresh = link.with_name(f".{link.name.lstrip('.')}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
