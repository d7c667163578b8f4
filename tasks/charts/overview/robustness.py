"""Top-1 on ImageNet against top-1 on other test sets: does accuracy hold up?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from config.vocabulary import MAIN_TEST_SET, TEST_SETS
from tasks.charts.chart import Chart, ChartContext, ChartRows, Line, row_with_most, without_toys
from tasks.charts.parts.families import coloured, groups, is_other
from tasks.charts.parts.rank_table import nothing
from tasks.charts.parts.robustness_panels import EQUAL, TREND, best_on, build, column_of, facts_of, found
from tasks.charts.parts.several_test_sets import MODEL, best_sizes, compared_sets, side_by_side
from tasks.tables.finding import Finding
from tasks.tables.frames import rows_of
from tasks.tables.ranks import rank_correlation

TOP_SHARE: Final = 10
"""Families get a colour by their number of models among the best 1 in 10 on ImageNet."""
_BINS: Final = 10
_FEWEST_IN_BIN: Final = 3


def prepare(evaluations: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return a row for each model at its best image size, with top-1 on each test set and each gap.

    Rows shown and left out add up to the different (model, image size) of the table.
    """
    del context
    sets = compared_sets(evaluations)
    wide = side_by_side(evaluations)
    if not sets or MAIN_TEST_SET not in wide:
        why = "models and image sizes: there is nothing to compare the main test set with"
        return nothing(["model"], why, len(wide))
    named = wide.merge(evaluations[[*MODEL, "family", "pretraining"]].drop_duplicates(MODEL), on=MODEL)
    kept, left_out = without_toys(named)
    on_main = kept[kept[MAIN_TEST_SET].notna()]
    best = best_sizes(on_main)
    gaps = {name: best[name] - best[base] for name, base in sets.items()}
    compared = pd.concat(gaps.values(), axis=1).notna().any(axis=1)
    left_out |= {
        "not evaluated on ImageNet": len(kept) - len(on_main),
        "other image sizes of models shown": len(on_main) - len(best),
        "evaluated on no other test set": int((~compared).sum()),
    }
    used = list(dict.fromkeys([MAIN_TEST_SET, *sets.values(), *sets]))
    renamed = best.assign(**{f"{column_of(name)}_gap": gap.round(3) for name, gap in gaps.items()})
    rows = _grouped(renamed[compared].rename(columns={name: column_of(name) for name in used}))
    columns = ["model", "family", "group", "pretraining", "img_size", *map(column_of, used)]
    rows = rows[[*columns, *(f"{column_of(name)}_gap" for name in sets)]].reset_index(drop=True)
    return ChartRows(
        rows,
        lines=_lines(rows, sets),
        left_out=left_out,
        notes=("thick line: medians of tenths of the models; dashed diagonal: no loss",),
        unit="models, each at its best image size,",
        subject="Top-1 accuracy on each test set against the test set named under it",
    )


def _grouped(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``group``: the family if it has many of the most accurate models, else that it is another."""
    ranked = rows.sort_values([column_of(MAIN_TEST_SET), "model"], ascending=[False, True])
    top = ranked.head(max(len(rows) // TOP_SHARE, 1)).groupby("family").size()
    every = rows.groupby("family").size()
    order = sorted(every.index, key=lambda name: (-top.get(name, 0), -every[name], name))
    named = rows.assign(group=groups(rows["family"], coloured(order)))
    layer = (~is_other(named["group"])).astype(int)
    return named.assign(layer=layer).sort_values(["layer", "model"]).drop(columns="layer")


def _lines(rows: pd.DataFrame, sets: Mapping[str, str]) -> pd.DataFrame:
    """Return for each panel its medians of tenths, its diagonal, and what was found."""
    made: list[dict[str, Any]] = []
    for name, base in sets.items():
        x, y = column_of(base), column_of(name)
        members = rows[[x, y, "model"]].dropna()
        if members.empty:
            continue
        best = row_with_most(members, y)
        facts = {
            "panel": name,
            "reference": base,
            "models": len(members),
            "median_gap": float((members[y] - members[x]).median()),
            "rank_correlation": rank_correlation(members[x], members[y]),
            "best": best.model,
            "best_top1": float(best[y]),
        }
        low, high = max(members[x].min(), members[y].min()), min(members[x].max(), members[y].max())
        ends = sorted({float(low), float(high)}) if low <= high else []
        made += [facts | {"kind": EQUAL, "x": end, "y": end} for end in ends]
        made += [facts | {"kind": TREND, "x": a, "y": b} for a, b in _trend(members, x, y)]
    return pd.DataFrame(made)


def _trend(members: pd.DataFrame, x: str, y: str) -> list[tuple[float, float]]:
    """Return median x and median y of tenths of the models by x; of one group if there are few."""
    bins = min(_BINS, max(len(members) // _FEWEST_IN_BIN, 1))
    place = (members[x].rank(method="first") - 1) * bins // len(members)
    medians = members.groupby(place)[[x, y]].median()
    return [(float(a), float(b)) for a, b in medians.itertuples(index=False)]


def describe(rows: ChartRows) -> list[Finding | Line]:
    """State the median gap of each test set, how well its reference predicts the ranking, and the best."""
    panels = [_panel_in_words(line) for line in rows_of(facts_of(rows))]
    return [Finding("models-in-panels", len(rows.rows)), *panels]


def _panel_in_words(line: Any) -> Line:  # noqa: ANN401 - a row of the facts
    gap, *ranks = found(line)
    words = TEST_SETS.get(line.panel, line.panel)
    return (f"{words}: ", gap, *(part for rank in ranks for part in (", ", rank)), "; ", best_on(line), ".")


CHART = Chart(
    stem="robustness",
    title="Accuracy on other test sets against accuracy on ImageNet",
    question="Does accuracy on ImageNet hold up on other images and labels?",
    category="robustness",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="evaluations",
    scope="overview",
)
