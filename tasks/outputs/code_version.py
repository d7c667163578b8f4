"""A digest of all code and data files a result depends on, and the versions of the libraries that matter."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

_PACKAGES: Final = ("config", "flows", "tasks")
_LIBRARIES: Final = (
    "altair",
    "numpy",
    "pandas",
    "pandera",
    "pyarrow",
    "timm-charts",
    "vl-convert-python",
)
_SUFFIXES: Final = (".py", ".toml", ".html", ".css", ".js", ".conf")
_NOT_A_RESULT: Final = ("settings.toml",)


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that shape the outputs."""
    return {name: version(name) for name in _LIBRARIES}


@cache
def code_version() -> str:
    """Return 16 hex digits that change when any code, rule, template or library changes."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path, file in sorted(_walk(files(package), package).items()):
            digest.update(path.encode() + b"\0" + file.read_bytes() + b"\0")
    for name, number in library_versions().items():
        digest.update(f"{name}={number}\0".encode())
    return digest.hexdigest()[:16]


def _walk(folder: Traversable, path: str) -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _walk(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(_SUFFIXES) and entry.name not in _NOT_A_RESULT:
            found[f"{path}/{entry.name}"] = entry
    return found
