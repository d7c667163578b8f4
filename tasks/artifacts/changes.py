"""The table ``changes`` in words and counts, for people who read the run in the Prefect UI. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import pandas as pd

from tasks.tables.frames import records, rows_of
from tasks.tables.source import snapshot_in_words

MOST_NAMED: Final = 10
"""Names listed of each kind of change; the rest is counted."""
MOST_TABLE_ROWS: Final = 200
"""Rows of the table artifact."""

_TITLES: Final = {
    "profile-added": "Benchmark profiles added",
    "profile-removed": "Benchmark profiles gone",
    "test-set-added": "Test sets added",
    "test-set-removed": "Test sets gone",
    "model-added": "Models added",
    "model-removed": "Models removed",
    "model-renamed": "Models renamed (same weights)",
    "accuracy-moved": "Accuracies moved beyond re-run noise",
    "frontier-entered": "New on a Pareto frontier",
    "frontier-left": "No longer on a Pareto frontier",
    "columns-changed": "Files with other columns",
}
_OF_A_FILE: Final = frozenset(
    {"profile-added", "profile-removed", "test-set-added", "test-set-removed", "columns-changed"}
)


def change_counts(changes: pd.DataFrame) -> dict[str, int]:
    """Return the number of changes of each kind that occurs."""
    return {str(kind): int(count) for kind, count in changes.groupby("kind").size().items()}


def changes_markdown(changes: pd.DataFrame, previous: str | None) -> str:
    """Return the section of the summary that says what is different from the previous snapshot."""
    if previous is None:
        return "## Changes\n\nThis is the first results commit."
    lines = [f"## Changes since {snapshot_in_words(previous)}", ""]
    for kind, title in _TITLES.items():
        rows = list(rows_of(changes[changes["kind"] == kind]))
        if rows:
            lines.append(f"- **{title}: {len(rows):,}.** {_listed(rows, _words(kind))}")
    if not changes.size:
        lines.append("None in profiles, test sets, models, accuracies, frontiers and columns.")
    return "\n".join(lines)


def changes_rows(changes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first rows of the table as plain values; null is None."""
    return [
        {
            "kind": row["kind"],
            "where": row["subject"],
            "model": row["changed_model"] or None,
            "image size": row["changed_img_size"] or None,
            "previous name": row["previous_name"],
            "top-1 before, %": _rounded(row["before"]),
            "top-1 now, %": _rounded(row["after"]),
            "detail": row["detail"],
        }
        for row in records(changes.head(MOST_TABLE_ROWS))
    ]


def _listed(rows: Iterable[Any], words: Callable[[Any], str]) -> str:
    named = [words(row) for row in rows]
    more = f", and {len(named) - MOST_NAMED:,} more" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more


def _words(kind: str) -> Callable[[Any], str]:
    if kind in _OF_A_FILE:
        return lambda row: f"`{row.subject}`"
    if kind == "model-renamed":
        return lambda row: f"`{row.previous_name}` is `{row.changed_model}`"
    if kind == "accuracy-moved":
        return lambda row: f"{_model(row)} on {row.subject} {row.before:.3f} → {row.after:.3f} %"
    if kind.startswith("frontier-"):
        return lambda row: f"{_model(row)} in `{row.subject}`"
    return _model


def _model(row: Any) -> str:  # noqa: ANN401 - a row as pandas names it
    return f"`{row.changed_model}` at {row.changed_img_size}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
