"""What a place for outputs must be able to do. `tasks.outputs.local.LocalStore` is one: a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from tasks.outputs.manifest import Manifest
from tasks.outputs.reuse import Standing


class Store(Protocol):
    """A place that shows one build at a time, whole, and goes from one to the next in one step."""

    def __str__(self) -> str:
        """Return the place as people are shown it."""

    def check(self, upstream: str) -> None:
        """Make sure that the place may be written and belongs to this upstream. Writes nothing.

        Raises:
            UsageError: It may not, or does not.
        """

    def manifest(self) -> Manifest | None:
        """Return the manifest of the current build, or None where there is none of this version."""

    def standing(self) -> Standing | None:
        """Return the current build and which of its files are missing or altered."""

    def read(self, path: str) -> bytes:
        """Return a file of the current build.

        Raises:
            OSError: It can't be read.
        """

    def locked(self, upstream: str) -> AbstractContextManager[None]:
        """Hold the place for this run; the methods below need that.

        Raises:
            UsageError: Another run holds it, or `check` does not pass.
        """

    def clear_leftovers(self) -> None:
        """Remove what killed runs left behind."""

    def start_build(self, build_id: str) -> Path:
        """Return an empty folder to make a build in."""

    def keep(self, build: Path, paths: Iterable[str]) -> None:
        """Carry files of the current build over."""

    def snapshots(self) -> tuple[str, ...]:
        """Return the ids of the snapshots in the current build."""

    def keep_snapshots(self, build: Path, names: Mapping[str, str]) -> None:
        """Carry snapshots of the current build over, each under the id given for it."""

    def publish(self, build: Path, manifest: Manifest, before: Standing | None) -> None:
        """Make a complete build the current one, in one step.

        Args:
            build: All its files but the manifest.
            manifest: Written last.
            before: The build whose equal files may serve again; None: none may.
        """
