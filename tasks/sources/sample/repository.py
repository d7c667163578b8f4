"""Builds the sample upstream: a real bare git repository with invented results.

Objects go straight into GitPython's object database. No git process runs and no ``Repo`` is opened:
both read ``GIT_*`` variables, which a job inside a git hook has. So nothing of the user's configuration
or environment can change or break what is built.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

from filelock import FileLock
from gitdb import IStream, LooseObjectDB  # type: ignore[import-untyped]

from config.errors import UsageError
from tasks.sources.sample.results import sample_commits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_AUTHOR: Final = "timm-charts sample <sample@timm-charts.invalid>"
_MARK: Final = "[timm-charts]\n\tsample = true\n"
_CONFIG: Final = f"""\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
{_MARK}"""
_LOCK_SECONDS: Final = 60


@dataclass(frozen=True)
class _Object:
    kind: bytes
    data: bytes

    @property
    def sha(self) -> str:
        """The git object id."""
        head = b"%s %d\0" % (self.kind, len(self.data))
        return hashlib.sha1(head + self.data, usedforsecurity=False).hexdigest()


def make_sample_upstream(path: Path) -> str:
    """Make the sample upstream, unless it is there already, and return its ``file://`` URL.

    Args:
        path: Folder of the bare repository. One that an older version made is replaced.

    Raises:
        UsageError: If something else is at ``path``, or it cannot be written.
    """
    path = path.absolute()
    objects = _objects()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=_LOCK_SECONDS):
            if not _is_current(path, objects):
                _replace(path, objects)
    except OSError as error:
        message = f"The sample upstream cannot be written to {path}: {error}."
        raise UsageError(message) from error
    return path.as_uri()


def _objects() -> dict[str, _Object]:
    """Return every object by its id, commits in order; the last one is the head."""
    objects: dict[str, _Object] = {}
    files: dict[str, bytes] = {}
    parent = None
    for commit in sample_commits():
        for name, data in commit.files.items():
            if data is None:
                del files[name]
            else:
                files[name] = data
        tree = _add_tree(objects, files)
        parent = _add(objects, _commit(tree, parent, commit.message, commit.date))
    return objects


def _add(objects: dict[str, _Object], new: _Object) -> str:
    sha = new.sha
    objects[sha] = new
    return sha


def _add_tree(objects: dict[str, _Object], files: Mapping[str, bytes]) -> str:
    """Add the blobs and the trees of files that all lie one folder deep."""
    folders: dict[str, list[tuple[str, str]]] = {}
    for path, data in files.items():
        folder, _, name = path.partition("/")
        folders.setdefault(folder, []).append((name, _add(objects, _Object(b"blob", data))))
    trees = [(name, _add(objects, _tree("100644", entries))) for name, entries in folders.items()]
    return _add(objects, _tree("40000", trees))


def _tree(mode: str, entries: list[tuple[str, str]]) -> _Object:
    lines = (f"{mode} {name}\0".encode() + bytes.fromhex(sha) for name, sha in sorted(entries))
    return _Object(b"tree", b"".join(lines))


def _commit(tree: str, parent: str | None, message: str, date: str) -> _Object:
    moment = datetime.fromisoformat(date)
    who = f"{_AUTHOR} {int(moment.timestamp())} {moment:%z}"
    parents = [f"parent {parent}"] if parent else []
    lines = [f"tree {tree}", *parents, f"author {who}", f"committer {who}", "", message, ""]
    return _Object(b"commit", "\n".join(lines).encode())


def _is_current(path: Path, objects: Mapping[str, _Object]) -> bool:
    written = _skeleton(objects).items()
    return all(
        (path / name).is_file() and (path / name).read_text(encoding="utf-8") == text
        for name, text in written
    ) and all((path / "objects" / sha[:2] / sha[2:]).is_file() for sha in objects)


def _skeleton(objects: Mapping[str, _Object]) -> dict[str, str]:
    """Return the files of the repository besides objects; git's own template may hold hooks."""
    head = list(objects)[-1]
    return {"HEAD": "ref: refs/heads/main\n", "config": _CONFIG, "refs/heads/main": f"{head}\n"}


def _replace(path: Path, objects: Mapping[str, _Object]) -> None:
    """Write beside ``path`` and rename; what was interrupted and left there is swept away."""
    if path.exists() and not _is_ours(path):
        message = f"{path} is in the way of the sample upstream and is no sample: move it away."
        raise UsageError(message)
    new, old = (path.with_name(f".{path.name}.{word}") for word in ("new", "old"))
    for left in (new, old):
        if left.exists():
            shutil.rmtree(left)
    _write(new, objects)
    if path.exists():
        path.rename(old)
    new.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    if path.is_dir() and not any(path.iterdir()):
        return True
    config = path / "config"
    return config.is_file() and _MARK in config.read_text(encoding="utf-8", errors="replace")


def _write(path: Path, objects: Mapping[str, _Object]) -> None:
    for name, text in _skeleton(objects).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8", newline="\n")
    (path / "objects").mkdir()
    database = LooseObjectDB(str(path / "objects"))
    for item in objects.values():
        database.store(IStream(item.kind, len(item.data), BytesIO(item.data)))
