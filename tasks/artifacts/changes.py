"""What is different from the snapshot shown before: in words, findings and rows for people. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import pandas as pd

from config.vocabulary import MAIN_TEST_SET
from tasks.tables.finding import Finding
from tasks.tables.frames import records, rows_of
from tasks.tables.names import is_toy
from tasks.tables.news import News
from tasks.tables.sentences import say
from tasks.tables.source import snapshot_in_words

MOST_NAMED: Final = 10
"""Names listed of each kind of change; the rest is counted."""
MOST_TABLE_ROWS: Final = 200
"""Rows of the table artifact."""

_TITLES: Final = {
    "profile-added": "Benchmark profiles added",
    "profile-removed": "Benchmark profiles gone",
    "profile-replaced": "Benchmark profiles replaced by one of the same device and settings",
    "test-set-added": "Test sets added",
    "test-set-removed": "Test sets gone",
    "model-added": "Models added",
    "model-removed": "Models removed",
    "model-renamed": "Models renamed (same weights)",
    "accuracy-moved": "Accuracies moved beyond re-run noise",
    "speed-moved": "Speeds moved beyond re-run noise",
    "frontier-entered": "New on a Pareto frontier",
    "frontier-left": "No longer on a Pareto frontier",
    "columns-changed": "Files with other columns",
}
_LOOKED_AT: Final = "profiles, test sets, models, accuracies, speeds, frontiers and columns"
_OPENINGS: Final = {
    "first": "These outputs showed nothing before that this version can read. "
    "What their results commit changed:",
    "same": "These outputs showed the same snapshot before, so these are no new results. "
    "What its results commit changed:",
    "newer": "",
    "older": "These outputs showed a newer snapshot before, so these are no new results. "
    "What is different from it:",
}


def headline(news: News) -> str:
    """Return in a few words what the outputs show now."""
    now = snapshot_in_words(news.snapshot)
    if news.turn == "first" or news.shown_before is None:
        return f"first results, {now}"
    before = snapshot_in_words(news.shown_before)
    return {
        "same": f"the same results, {now}",
        "newer": f"new results, {now}, before {before}",
        "older": f"back to {now}, before {before}: no new results",
    }[news.turn]


def change_counts(changes: pd.DataFrame) -> dict[str, int]:
    """Return the number of changes of each kind that occurs, but for those of toy models."""
    return {str(kind): int(count) for kind, count in _meant(changes).groupby("kind").size().items()}


def change_findings(news: News) -> list[Finding]:
    """Return every number that the section of the summary states."""
    found = [finding for kind in _TITLES for finding in _of_kind(news, kind)]
    toys = len(news.changes) - len(_meant(news.changes))
    return [*found, _about(news, Finding("changes-of-toys", toys))] if toys else found


def changes_markdown(news: News) -> str:
    """Return the section of the summary that says what is different from the snapshot shown before."""
    if news.cannot:
        shown = snapshot_in_words(news.since or "")
        return f"## Changes\n\nWhat is different from {shown}, shown before, can't be told: {news.cannot}."
    if news.since is None:
        return "## Changes\n\nThis is the first results commit."
    blocks = [_heading(news), _OPENINGS[news.turn], _list(news), news.note]
    return "\n\n".join(block for block in blocks if block)


def changes_rows(changes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first rows of the table as plain values, kinds in the order of the summary; null is None."""
    order = changes["kind"].map({kind: place for place, kind in enumerate(_TITLES)})
    changes = changes.loc[order.sort_values(kind="stable").index]
    return [
        {
            "kind": row["kind"],
            "where": row["subject"],
            "model": row["changed_model"] or None,
            "image size": row["changed_img_size"] or None,
            "previous name": row["previous_name"],
            "top-1 before, %": _rounded(row["before"]),
            "top-1 now, %": _rounded(row["after"]),
            "images/s before": _rounded(row["speed_before"]),
            "images/s now": _rounded(row["speed_after"]),
            "detail": row["detail"],
        }
        for row in records(changes.head(MOST_TABLE_ROWS))
    ]


def _heading(news: News) -> str:
    since = snapshot_in_words(news.since or "")
    if news.turn == "older":
        return f"## Back from {since} to {snapshot_in_words(news.snapshot)}"
    shown = ", shown before," if news.turn == "newer" else ", the results commit before,"
    return f"## Changes since {since}{shown} to {snapshot_in_words(news.snapshot)}"


def _list(news: News) -> str:
    lines = []
    for kind in _TITLES:
        head, *items = [*map(say, _of_kind(news, kind)), ""]
        if head:
            between = "; " if kind == "speed-moved" else ", "
            lines.append(f"- {head} {between.join(items[:-1])}")
    toys = [finding for finding in change_findings(news) if finding.kind == "changes-of-toys"]
    lines += [f"- {say(finding)}" for finding in toys]
    return "\n".join(lines) or f"None in {_LOOKED_AT}."


def _of_kind(news: News, kind: str) -> list[Finding]:
    """Return how many changes of a kind there are, the first of them, and how many more; empty for none."""
    changes = _meant(news.changes)
    rows = changes[changes["kind"] == kind]
    if rows.empty:
        return []
    rows = _largest_first(rows) if kind == "accuracy-moved" else rows
    items = list(_moves(rows) if kind == "speed-moved" else map(_ITEMS.get(kind, _of_model), rows_of(rows)))
    head = Finding("changes-of-kind", len(rows), {"change": kind, "title": _TITLES[kind]})
    more = [Finding("changes-not-named", len(items) - MOST_NAMED, {"change": kind})]
    named = [head, *items[:MOST_NAMED], *(more if len(items) > MOST_NAMED else [])]
    return [_about(news, finding) for finding in named]


def _largest_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the largest moves of accuracy first, those on the main test set before others."""
    rank = pd.DataFrame(
        {"other": rows["subject"] != MAIN_TEST_SET, "move": -(rows["after"] - rows["before"]).abs()}
    )
    return rows.loc[rank.sort_values(["other", "move"], kind="stable").index]


def _moves(rows: pd.DataFrame) -> Iterable[Finding]:
    """Sum up the speeds that moved, profile by profile: by name they would be too many to read."""
    for profile, moved in rows.groupby("subject"):
        ratio = moved["speed_after"] / moved["speed_before"]
        values = {
            "median": float(ratio.median()),
            "lowest": float(ratio.min()),
            "highest": float(ratio.max()),
            "other_batch": int(moved["detail"].notna().sum()),
        }
        yield Finding("speed-moved", len(moved), {"profile": str(profile)}, values)


def _of_file(row: Any) -> Finding:  # noqa: ANN401 - a row as pandas names it
    return Finding(row.kind, 1, {"subject": row.subject})


def _replaced(row: Any) -> Finding:  # noqa: ANN401
    return Finding(row.kind, 1, {"subject": row.subject, "previous_name": row.previous_name})


def _of_model(row: Any) -> Finding:  # noqa: ANN401
    over = {"subject": row.subject, "model": row.changed_model, "img_size": int(row.changed_img_size)}
    return Finding(row.kind, 1, over)


def _renamed(row: Any) -> Finding:  # noqa: ANN401
    return _of_model(row).about(previous_name=row.previous_name)


def _moved(row: Any) -> Finding:  # noqa: ANN401
    values = {"before": float(row.before), "after": float(row.after)}
    return Finding(row.kind, 1, _of_model(row).over, values)


_ITEMS: Final[dict[str, Callable[[Any], Finding]]] = {
    **dict.fromkeys(
        ("profile-added", "profile-removed", "test-set-added", "test-set-removed", "columns-changed"),
        _of_file,
    ),
    "profile-replaced": _replaced,
    "model-renamed": _renamed,
    "accuracy-moved": _moved,
}
"""How one change of a kind is stated; the others are about a model."""


def _meant(changes: pd.DataFrame) -> pd.DataFrame:
    return changes[~changes["changed_model"].map(is_toy).astype(bool)]


def _about(news: News, finding: Finding) -> Finding:
    return finding.about(since=news.since, snapshot=news.snapshot)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
