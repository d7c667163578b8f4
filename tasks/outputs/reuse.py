"""What of the build in the outputs folder can stay, and for everything else why not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tasks.outputs.layout import is_of_all, snapshot_of
from tasks.outputs.manifest import ChartEntry, Manifest
from tasks.tables.lineage import Inputs

_MOST_NAMED: Final = 3  # changed files in a reason


@dataclass(frozen=True)
class Standing:
    """The current build of an outputs folder, and which of its files are missing or altered."""

    manifest: Manifest
    damaged: frozenset[str]

    def is_current(self, build: str) -> bool:
        """Tell whether this is that build, whole: nothing missing or altered, no chart that failed."""
        return self.manifest.build == build and not self.damaged and not self.manifest.failed_charts

    def has(self, path: str, digest: str) -> bool:
        """Tell whether this file is there, as it was made, with this sha256."""
        return self.manifest.files.get(path) == digest and path not in self.damaged

    @property
    def damaged_snapshots(self) -> frozenset[str]:
        """Return the snapshots with a table that is missing or altered and can't be made anew without them."""
        lost = (snapshot_of(path) for path in self.damaged if not is_of_all(path))
        return frozenset(snapshot for snapshot in lost if snapshot is not None)

    def chart(self, label: str) -> ChartEntry | None:
        """Return a chart of the build, drawn or not."""
        entries = (*self.manifest.charts, *self.manifest.not_drawn)
        return next((entry for entry in entries if entry.label == label), None)












def why_redraw(label: str, now: Inputs, before: Standing | None) -> str | None:
    """Return why a chart of the current build can't stay; None if it can."""
    if before is None:
        return "there is no earlier build"
    manifest, chart = before.manifest, before.chart(label)
    if manifest.code != now.code:
        return "the code or a library changed"
    if manifest.preset != now.preset:
        return f"preset {manifest.preset or 'none'} before, {now.preset or 'none'} now"
    if chart is None:
        return "it is new" if label not in manifest.failed_charts else "it failed before"
    if changed := _changed_files(chart, manifest, now.blobs):
        more = f"; and {len(changed) - _MOST_NAMED} more files" if len(changed) > _MOST_NAMED else ""
        return "; ".join(changed[:_MOST_NAMED]) + more
    if chart.changed_by != now.changed_by:
        return f"the history was rewritten: commit {now.changed_by[:8]}, before {chart.changed_by[:8]}"
    damaged = [path for path in manifest.files_of(chart) if path in before.damaged]
    return f"missing or altered: {', '.join(damaged)}" if damaged else None






def _changed_files(chart: ChartEntry, manifest: Manifest, blobs: Mapping[str, str]) -> list[str]:
    old = {file.name: file.blob for file in manifest.source.files if file.name in chart.files}
    words = []
    for name in sorted(old.keys() | blobs.keys()):
        if name not in old:
            words.append(f"{name} is new")
        elif name not in blobs:
            words.append(f"{name} is gone")
        elif old[name] != blobs[name]:
            words.append(f"{name} changed")
    return words
