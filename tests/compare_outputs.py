"""Compare two outputs folders by content: which files differ, but for what the code's version changes.

``python -m tests.compare_outputs BEFORE AFTER`` prints one line for each difference and ends with 1 if there
is one. In the manifest the code version, the build id and the sha256 of the files are not compared: of the
files themselves every byte is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.flows.job import files_of, manifest_of


def differences(before: Path, after: Path) -> list[str]:
    """Return what differs, in words."""
    old, new = files_of(before), files_of(after)
    found = [f"only in {before}: {name}" for name in sorted(old.keys() - new.keys())]
    found += [f"only in {after}: {name}" for name in sorted(new.keys() - old.keys())]
    found += [f"other content: {name}" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return found + list(_unlike("manifest", _comparable(before), _comparable(after)))


def _comparable(outputs: Path) -> dict[str, Any]:
    manifest = manifest_of(outputs)
    for name in ("build", "files"):
        del manifest[name]
    for entry in manifest["snapshots"].values():
        del entry["code"]
    return manifest


def _unlike(where: str, old: Any, new: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from _unlike(f"{where}.{name}", old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _unlike(f"{where}[{number}]", one, other)
    elif old != new:
        yield f"{where}: {json.dumps(old)[:200]} before, {json.dumps(new)[:200]} after"


def main() -> int:
    before, after = map(Path, sys.argv[1:])
    found = differences(before, after)
    print("\n".join(found) or f"the same: {len(files_of(after)):,} files and the manifest")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
