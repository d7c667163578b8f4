"""The most accurate models on ImageNet and their ranks on every other test set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd

from config.vocabulary import MAIN_TEST_SET, TEST_SETS
from tasks.charts.chart import AnyChart, Chart, ChartContext, ChartRows, without_toys
from tasks.charts.parts.rank_table import heading, nothing, places_in_words, table, with_colour
from tasks.charts.parts.several_test_sets import best_sizes, compared_sets, side_by_side
from tasks.tables.finding import Finding

MOST_MODELS: Final = 30
COLUMNS: Final = [
    "model", "img_size", "test_set", "column", "top1", "rank", "places", "text", "change", "strength",
]  # fmt: skip


def prepare(evaluations: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return a cell for each of the most accurate models on each test set.

    Ranks are among the models evaluated on all test sets shown, each at its best image size; equal accuracy
    is an equal rank. Rows shown and left out add up to the table.
    """
    del context
    sets = [MAIN_TEST_SET, *compared_sets(evaluations)]
    kept, left_out = without_toys(evaluations)
    shown = kept[kept["test_set"].isin(sets)]
    if len(sets) < 2 or MAIN_TEST_SET not in set(shown["test_set"]):
        why = "evaluations: there is no test set beside the main one"
        return nothing(COLUMNS, why, len(evaluations))
    wide = side_by_side(shown)
    everywhere = wide.dropna(subset=sets)
    if everywhere.empty:
        return nothing(COLUMNS, "evaluations: no model was evaluated on all test sets", len(evaluations))
    best = best_sizes(everywhere)
    ranks = best[sets].rank(method="min", ascending=False).astype(int)
    top = best.sort_values([MAIN_TEST_SET, "model"], ascending=[False, True]).head(MOST_MODELS)
    cells = _cells(top, ranks.loc[top.index], sets)
    evaluated = wide[sets].notna().sum(axis=1)
    left_out |= {
        "subsets for comparison": len(kept) - len(shown),
        "models not on all test sets": int(evaluated.drop(index=everywhere.index).sum()),
        "other image sizes": len(sets) * (len(everywhere) - len(best)),
        "less accurate models": len(sets) * (len(best) - len(top)),
    }
    return ChartRows(
        cells,
        left_out=left_out,
        notes=("in brackets and colour: places won or lost against the rank on ImageNet",),
        unit="evaluations",
        subject=Finding("ranked-among", len(best)),
        over={"test_sets": ",".join(sets), "most": MOST_MODELS},
    )


def _cells(top: pd.DataFrame, ranks: pd.DataFrame, sets: Sequence[str]) -> pd.DataFrame:
    """Return model by model, test set by test set, with rank and places won."""
    cells = [
        {
            "model": row["model"],
            "img_size": row["img_size"],
            "test_set": name,
            "column": heading(TEST_SETS.get(name, name)),
            "top1": row[name],
            "rank": rank[name],
            "places": rank[MAIN_TEST_SET] - rank[name],
        }
        for row, rank in zip(top.to_dict("records"), ranks.to_dict("records"), strict=True)
        for name in sets
    ]
    frame = with_colour(pd.DataFrame(cells))
    frame["text"] = [
        f"{rank:,}{places_in_words(places)}"
        for rank, places in zip(frame["rank"], frame["places"], strict=True)
    ]
    return frame[COLUMNS]


def build(rows: ChartRows, context: ChartContext) -> AnyChart:
    """Return the table, best model on ImageNet at the top."""
    del context
    cells = rows.rows
    return table(
        "model",
        list(dict.fromkeys(cells["model"])),
        list(dict.fromkeys(cells["column"])),
        "Against the rank on ImageNet",
        [
            alt.Tooltip("model:N", title="model"),
            alt.Tooltip("img_size:Q", title="image size, pixels"),
            alt.Tooltip("test_set:N", title="test set"),
            alt.Tooltip("top1:Q", title="top-1, %", format=".2f"),
            alt.Tooltip("rank:Q", title="rank"),
            alt.Tooltip("places:Q", title="places won", format="+d"),
        ],
    )


def describe(rows: ChartRows) -> list[Finding]:
    """State on how many of the other test sets the best on ImageNet is the best, and who loses most."""
    cells = rows.rows
    first = cells.iloc[0]
    others = cells[(cells["model"] == first.model) & (cells["test_set"] != MAIN_TEST_SET)]
    leads = {"best": first.model, "leads": int((others["rank"] == 1).sum()), "others": len(others)}
    told = Finding("first-elsewhere", int(cells["model"].nunique()), values=leads)
    worst = cells.sort_values(["places", "test_set", "model"]).iloc[0]
    if worst.places >= 0:
        return [told, Finding("no-place-lost", told.n)]
    values = {
        "model": worst.model,
        "before": int(worst["rank"] + worst.places),
        "after": int(worst["rank"]),
        "words": TEST_SETS.get(worst.test_set, worst.test_set),
    }
    return [told, Finding("largest-loss", told.n, {"test_set": worst.test_set}, values)]


CHART = Chart(
    stem="robustness-ranks",
    title="Ranks of the most accurate models, test set by test set",
    question="Is the best model on ImageNet the best on other images too?",
    category="robustness",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="evaluations",
    scope="overview",
)
