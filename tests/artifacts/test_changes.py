from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from config.contracts import CHANGES
from tasks.artifacts.changes import (
    MOST_NAMED,
    MOST_TABLE_ROWS,
    change_counts,
    changes_markdown,
    changes_rows,
    headline,
)
from tasks.tables.contract import as_table, empty_table
from tasks.tables.news import News, Turn
from tests.frames import SNAPSHOT, SNAPSHOT_IN_WORDS

OLDER, NEWER = "2024-08-13T120000Z-4515a435", "2025-01-01T000000Z-0ddba115"
OLDER_IN_WORDS, NEWER_IN_WORDS = "2024-08-13 4515a435", "2025-01-01 0ddba115"


def news(
    table: pd.DataFrame | None = None, before: str | None = OLDER, since: str | None = OLDER, **more: str
) -> News:
    return News(SNAPSHOT, before, since, empty_table(CHANGES) if table is None else table, **more)


def changes(*rows: dict[str, object]) -> pd.DataFrame:
    whole = [{"subject": "imagenet", "changed_model": "", "changed_img_size": 0, **row} for row in rows]
    return as_table(pd.DataFrame(whole), CHANGES)


ONE_OF_EACH = changes(
    {"kind": "model-added", "changed_model": "vit.b", "changed_img_size": 224, "after": 81.0},
    {"kind": "model-removed", "changed_model": "vit.c", "changed_img_size": 224, "before": 80.0},
    {"kind": "model-renamed", "changed_model": "vit.a", "changed_img_size": 224, "previous_name": "vit",
     "before": 80.0, "after": 80.0},
    {"kind": "accuracy-moved", "changed_model": "vit.d", "changed_img_size": 384, "subject": "sketch",
     "before": 80.0, "after": 80.5},
    {"kind": "frontier-entered", "changed_model": "vit.b", "changed_img_size": 224, "subject": "infer-x", "after": 81.0},
    {"kind": "frontier-left", "changed_model": "vit.c", "changed_img_size": 224, "subject": "infer-x", "before": 80.0},
    {"kind": "speed-moved", "changed_model": "vit", "changed_img_size": 224, "subject": "infer-x",
     "speed_before": 100.0, "speed_after": 120.0},
    {"kind": "speed-moved", "changed_model": "vit", "changed_img_size": 1024, "subject": "infer-x",
     "speed_before": 100.0, "speed_after": 80.0, "detail": "batch size was 256; is 128"},
    {"kind": "profile-replaced", "subject": "infer-4090", "previous_name": "infer-rtx4090"},
    {"kind": "profile-added", "subject": "infer-y"},
    {"kind": "profile-removed", "subject": "infer-z"},
    {"kind": "test-set-added", "subject": "imagenet-r"},
    {"kind": "test-set-removed", "subject": "imagenet-a"},
    {"kind": "columns-changed", "subject": "results-sketch.csv", "detail": "was a; is b"},
)  # fmt: skip


def test_every_kind_in_words() -> None:
    assert (
        changes_markdown(news(ONE_OF_EACH))
        == f"""\
## Changes since {OLDER_IN_WORDS}, shown before, to {SNAPSHOT_IN_WORDS}

- **Benchmark profiles added: 1.** `infer-y`
- **Benchmark profiles gone: 1.** `infer-z`
- **Benchmark profiles replaced by one of the same device and settings: 1.** `infer-rtx4090` by `infer-4090`
- **Test sets added: 1.** `imagenet-r`
- **Test sets gone: 1.** `imagenet-a`
- **Models added: 1.** `vit.b` at 224
- **Models removed: 1.** `vit.c` at 224
- **Models renamed (same weights): 1.** `vit` is `vit.a` at 224
- **Accuracies moved beyond re-run noise: 1.** `vit.d` at 384 on sketch 80.000 → 80.500 %
- **Speeds moved beyond re-run noise: 2.** 2 in `infer-x`, now 1.00x of before at the median \
(0.800x to 1.20x), 1 with another batch size
- **New on a Pareto frontier: 1.** `vit.b` at 224 in `infer-x`
- **No longer on a Pareto frontier: 1.** `vit.c` at 224 in `infer-x`
- **Files with other columns: 1.** `results-sketch.csv`"""
    )


def test_a_long_list_is_cut_and_counted() -> None:
    many = changes(*({"kind": "profile-added", "subject": f"p{i:02}"} for i in range(MOST_NAMED + 3)))
    text = changes_markdown(news(many))
    assert f"**Benchmark profiles added: {MOST_NAMED + 3}.** `p00`, " in text
    assert text.endswith(", and 3 more")
    assert text.count("`p") == MOST_NAMED


def test_the_largest_moves_are_named_first_and_those_on_imagenet_before_others() -> None:
    moves = {"vit.a": 80.1, "vit.b": 86.9, "vit.c": 70.0}
    moved = [{"kind": "accuracy-moved", "changed_model": m, "changed_img_size": 224, "before": 80.0, "after": after}
             for m, after in moves.items()]  # fmt: skip
    elsewhere = moved[0] | {"changed_model": "vit.d", "subject": "sketch", "after": 10.0}
    text = changes_markdown(news(changes(*moved, elsewhere)))
    assert re.findall(r"`(vit.[a-d])`", text) == ["vit.c", "vit.b", "vit.a", "vit.d"]


def test_the_table_begins_as_the_summary_does() -> None:
    kinds = [row["kind"] for row in changes_rows(ONE_OF_EACH)]
    assert kinds[:3] == ["profile-added", "profile-removed", "profile-replaced"]
    assert kinds[-1] == "columns-changed"


def test_toy_models_are_counted_apart() -> None:
    added = {"kind": "model-added", "changed_img_size": 160}
    table = changes(added | {"changed_model": "test_vit.r160"}, added | {"changed_model": "vit.a"})
    text = changes_markdown(news(table))
    assert "**Models added: 1.** `vit.a` at 160" in text
    assert "toy models, in the table and not named here: 1." in text
    assert "test_vit" not in text
    assert change_counts(table) == {"model-added": 1}


NONE = "None in profiles, test sets, models, accuracies, speeds, frontiers and columns."
TURNS: dict[Turn, tuple[str | None, str | None, str, str]] = {
    "first": (None, OLDER, f"first results, {SNAPSHOT_IN_WORDS}",
              f"## Changes since {OLDER_IN_WORDS}, the results commit before, to {SNAPSHOT_IN_WORDS}\n\n"
              "These outputs showed nothing before that this version can read. "
              "What their results commit changed:\n\n"),
    "same": (SNAPSHOT, OLDER, f"the same results, {SNAPSHOT_IN_WORDS}",
             f"## Changes since {OLDER_IN_WORDS}, the results commit before, to {SNAPSHOT_IN_WORDS}\n\n"
             "These outputs showed the same snapshot before, so these are no new results. "
             "What its results commit changed:\n\n"),
    "newer": (OLDER, OLDER, f"new results, {SNAPSHOT_IN_WORDS}, before {OLDER_IN_WORDS}",
              f"## Changes since {OLDER_IN_WORDS}, shown before, to {SNAPSHOT_IN_WORDS}\n\n"),
    "older": (NEWER, NEWER, f"back to {SNAPSHOT_IN_WORDS}, before {NEWER_IN_WORDS}: no new results",
              f"## Back from {NEWER_IN_WORDS} to {SNAPSHOT_IN_WORDS}\n\n"
              "These outputs showed a newer snapshot before, so these are no new results. "
              "What is different from it:\n\n"),
}  # fmt: skip


@pytest.mark.parametrize("turn", TURNS)
def test_what_the_outputs_showed_before_is_said(turn: Turn) -> None:
    before, since, short, start = TURNS[turn]
    told = news(None, before, since)
    assert told.turn == turn
    assert headline(told) == short
    assert changes_markdown(told) == start + NONE


def test_the_first_commit_and_a_comparison_that_can_not_be_made() -> None:
    for before in (None, SNAPSHOT):
        assert "This is the first results commit." in changes_markdown(news(None, before, None))
    text = changes_markdown(news(cannot="its results commit is gone"))
    assert f"from {OLDER_IN_WORDS}, shown before, can't be told: its results commit is gone." in text
    assert NONE not in text
    assert changes_markdown(news(note="But for columns.")).endswith(f"{NONE}\n\nBut for columns.")


def test_the_table_holds_plain_values_and_is_capped() -> None:
    rows = changes_rows(ONE_OF_EACH)
    assert {type(value) for row in rows for value in row.values()} <= {str, int, float, type(None)}
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert len(rows) == len(ONE_OF_EACH) == 14
    many = changes(*({"kind": "profile-added", "subject": f"p{i}"} for i in range(MOST_TABLE_ROWS + 9)))
    assert len(changes_rows(many)) == MOST_TABLE_ROWS


def test_counts() -> None:
    assert change_counts(ONE_OF_EACH)["model-added"] == 1
    assert sum(change_counts(ONE_OF_EACH).values()) == len(ONE_OF_EACH)
    assert change_counts(empty_table(CHANGES)) == {}
