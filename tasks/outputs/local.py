"""A folder as the place for outputs: builds are made aside and become visible at once, or not at all.

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
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from config.errors import UsageError
from tasks.outputs import layout
from tasks.outputs.manifest import Manifest
from tasks.outputs.reuse import Standing

_PARTIAL: Final = "partial-"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class LocalStore:
    """An outputs folder on this machine. What each method does for its caller: see `Store`."""

    folder: Path

    def __str__(self) -> str:
        return str(self.folder)

    def manifest(self) -> Manifest | None:
        """Return the manifest of the current build, or None where there is none of this version."""
        try:
            return Manifest.model_validate_json(self.read(layout.MANIFEST))
        except (OSError, ValueError):
            return None

    def standing(self) -> Standing | None:
        """Return the current build and which of its files are missing or altered; None where there is none."""
        manifest = self.manifest()
        if manifest is None:
            return None
        with ThreadPoolExecutor() as pool:  # hashing leaves Python's lock
            sound = pool.map(lambda item: _is_sound(self.folder / item[0], item[1]), manifest.files.items())
            damaged = frozenset(path for path, good in zip(manifest.files, sound, strict=True) if not good)
        return Standing(manifest, damaged)

    def read(self, path: str) -> bytes:
        """Return a file of the current build."""
        return (self.folder / path).read_bytes()

    def check(self, upstream: str) -> None:
        """Make sure that this folder may be written and belongs to this upstream. Writes nothing.

        Raises:
            UsageError: It is a file, can't be written, holds something else, or another upstream's results.
        """
        _require_writable(self.folder)
        if not self.folder.is_dir():
            return
        found = self._owner()
        if found not in {None, upstream}:
            msg = (
                f"outputs {self.folder} belongs to upstream {found}, this run is for {upstream}; "
                "choose another folder with --outputs"
            )
            raise UsageError(msg)
        foreign = [name for name in layout.TOP if _is_foreign(self.folder / name)]
        if foreign:
            msg = (
                f"outputs {self.folder} holds {', '.join(foreign)} not made by timm-charts; "
                "move it away or choose another folder with --outputs"
            )
            raise UsageError(msg)

    @contextlib.contextmanager
    def locked(self, upstream: str) -> Iterator[None]:
        """Hold the outputs folder for this run, creating it.

        Raises:
            UsageError: Another run holds it, it can't be created, or it has become another upstream's.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / layout.LOCK)
            lock.acquire(timeout=0)
        except Timeout:
            msg = (
                f"another run is writing {self.folder}; wait for it, or choose another folder with --outputs"
            )
            raise UsageError(msg) from None
        except OSError as error:
            msg = (
                f"outputs {self.folder} can't be written ({error.strerror}); choose another with --outputs"
            )
            raise UsageError(msg) from None
        try:
            self.check(upstream)  # once more: another run may have used it since
            yield
        finally:
            lock.release()

    def clear_leftovers(self) -> None:
        """Remove the builds that killed runs left behind. Needs the lock."""
        current = self._current()
        for old in self._builds.glob("*"):
            if old != current:
                shutil.rmtree(old)

    def start_build(self, build_id: str) -> Path:
        """Return an empty folder to make a build in. Needs the lock."""
        self.clear_leftovers()
        partial = self._builds / f"{_PARTIAL}{build_id}"
        partial.mkdir(parents=True)
        return partial

    def keep(self, build: Path, paths: Iterable[str]) -> None:
        """Carry files of the current build over."""
        current = (self.folder / layout.CURRENT).resolve()  # the names in the folder are links themselves
        for path in paths:
            (build / path).parent.mkdir(parents=True, exist_ok=True)
            _link(str(current / path), str(build / path))

    def snapshots(self) -> tuple[str, ...]:
        """Return the ids of the snapshots in the current build, in the order of text."""
        found = {layout.snapshot_of(path) for path in self._snapshot_folders()}
        return tuple(sorted(snapshot for snapshot in found if snapshot is not None))

    def keep_snapshots(self, build: Path, names: Mapping[str, str]) -> None:
        """Carry snapshots of the current build over, each under the id given for it."""
        current = (self.folder / layout.CURRENT).resolve()
        for path in self._snapshot_folders():
            name = names.get(layout.snapshot_of(path) or "")
            if name is not None:
                shutil.copytree(current / path, build / layout.in_snapshot(path, name), copy_function=_link)

    def _snapshot_folders(self) -> list[str]:
        """Return the folders of tables that are of one snapshot."""
        current = self._current()
        if current is None:
            return []
        found = current.glob(layout.snapshot_folders())
        paths = sorted(folder.relative_to(current).as_posix() for folder in found)
        return [path for path in paths if not layout.is_of_all(path)]

    def publish(self, build: Path, manifest: Manifest, before: Standing | None) -> None:
        """Make a complete build the current one, in one step, and remove the one before. Needs the lock."""
        if before is not None:
            self._link_unchanged(build, manifest, before)
        text = manifest.model_dump_json(indent=1) + "\n"
        (build / layout.MANIFEST).write_text(text, encoding="utf-8")
        self._switch(build, manifest.build)

    def _link_unchanged(self, build: Path, manifest: Manifest, before: Standing) -> None:
        """Put links in place of files that are as in the current build: no second copy, and the old date."""
        same = [path for path, digest in manifest.files.items() if before.has(path, digest)]
        for path in same:
            (build / path).unlink()
        self.keep(build, same)

    def _switch(self, build: Path, build_id: str) -> None:
        for path in sorted(p for p in build.rglob("*") if p.is_file()):
            _sync(path)
        final = _free_name(self._builds, build_id)
        build.rename(final)
        previous = self._current()
        for name in sorted(p.name for p in final.iterdir()):
            if not (self.folder / name).is_symlink():
                # leads nowhere until the switch below
                _point(self.folder / name, Path(layout.CURRENT, name))
        _point(self.folder / layout.CURRENT, Path(layout.BUILDS, final.name))
        for link in self.folder.iterdir():
            if _is_ours(link) and not link.exists():
                link.unlink()
        _sync(self.folder)
        if previous is not None:
            shutil.rmtree(previous)

    @property
    def _builds(self) -> Path:
        return self.folder / layout.BUILDS

    def _current(self) -> Path | None:
        link = self.folder / layout.CURRENT
        return self._builds / link.readlink().name if link.is_symlink() and link.exists() else None

    def _owner(self) -> str | None:
        """Return the upstream the folder belongs to, from a manifest of any version; None if it is fresh."""
        path = self.folder / layout.MANIFEST
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["upstream"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            msg = f"{path} is no manifest of timm-charts ({error!r}); choose another folder with --outputs"
            raise UsageError(msg) from None


def file_digests(build: Path) -> dict[str, str]:
    """Return the sha256 of every file of a build by its path, manifest excepted."""
    files = sorted(p for p in build.rglob("*") if p.is_file() and p.name != layout.MANIFEST)
    return {path.relative_to(build).as_posix(): sha256(path) for path in files}


def sha256(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _require_writable(outputs: Path) -> None:
    parent = outputs
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    if not parent.is_dir():
        msg = f"outputs {outputs}: {parent} is no folder; choose another with --outputs"
        raise UsageError(msg)
    if not os.access(parent, os.W_OK | os.X_OK):
        msg = f"outputs {outputs}: {parent} can't be written by this user; choose another with --outputs"
        raise UsageError(msg)


def _is_sound(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


def _is_foreign(path: Path) -> bool:
    return (path.exists() or path.is_symlink()) and not _is_ours(path)


def _is_ours(path: Path) -> bool:
    """Tell whether this is a link that publishing made."""
    return path.is_symlink() and path.readlink().parent == Path(layout.CURRENT)


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
