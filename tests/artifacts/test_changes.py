from __future__ import annotations

import json

import pandas as pd

from config.contracts import CHANGES
from tasks.artifacts.changes import (
    MOST_NAMED,
    MOST_TABLE_ROWS,
    change_counts,
    changes_markdown,
    changes_rows,
)
from tasks.tables.contract import as_table, empty_table
from tests.frames import SNAPSHOT, SNAPSHOT_IN_WORDS


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
    {"kind": "profile-added", "subject": "infer-y"},
    {"kind": "profile-removed", "subject": "infer-z"},
    {"kind": "test-set-added", "subject": "imagenet-r"},
    {"kind": "test-set-removed", "subject": "imagenet-a"},
    {"kind": "columns-changed", "subject": "results-sketch.csv", "detail": "was a; is b"},
)  # fmt: skip


def test_every_kind_in_words() -> None:
    assert (
        changes_markdown(ONE_OF_EACH, "2024-08-13T120000Z-4515a435")
        == """\
## Changes since 2024-08-13 4515a435

- **Benchmark profiles added: 1.** `infer-y`
- **Benchmark profiles gone: 1.** `infer-z`
- **Test sets added: 1.** `imagenet-r`
- **Test sets gone: 1.** `imagenet-a`
- **Models added: 1.** `vit.b` at 224
- **Models removed: 1.** `vit.c` at 224
- **Models renamed (same weights): 1.** `vit` is `vit.a`
- **Accuracies moved beyond re-run noise: 1.** `vit.d` at 384 on sketch 80.000 → 80.500 %
- **New on a Pareto frontier: 1.** `vit.b` at 224 in `infer-x`
- **No longer on a Pareto frontier: 1.** `vit.c` at 224 in `infer-x`
- **Files with other columns: 1.** `results-sketch.csv`"""
    )


def test_a_long_list_is_cut_and_counted() -> None:
    many = changes(*({"kind": "profile-added", "subject": f"p{i:02}"} for i in range(MOST_NAMED + 3)))
    text = changes_markdown(many, "before")
    assert f"**Benchmark profiles added: {MOST_NAMED + 3}.** `p00`, " in text
    assert text.endswith(", and 3 more")
    assert text.count("`p") == MOST_NAMED


def test_nothing_and_the_first_commit() -> None:
    assert (
        changes_markdown(empty_table(CHANGES), SNAPSHOT)
        == f"## Changes since {SNAPSHOT_IN_WORDS}\n\nNone in profiles, test sets, models, accuracies, frontiers and columns."
    )
    assert "first results commit" in changes_markdown(empty_table(CHANGES), None)


def test_the_table_holds_plain_values_and_is_capped() -> None:
    rows = changes_rows(ONE_OF_EACH)
    assert {type(value) for row in rows for value in row.values()} <= {str, int, float, type(None)}
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert len(rows) == 11
    many = changes(*({"kind": "profile-added", "subject": f"p{i}"} for i in range(MOST_TABLE_ROWS + 9)))
    assert len(changes_rows(many)) == MOST_TABLE_ROWS


def test_counts() -> None:
    assert change_counts(ONE_OF_EACH)["model-added"] == 1
    assert sum(change_counts(ONE_OF_EACH).values()) == len(ONE_OF_EACH)
    assert change_counts(empty_table(CHANGES)) == {}
