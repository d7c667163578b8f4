"""Gaps and ranks on other test sets, against plain Python."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Any

import pytest

from config.vocabulary import TEST_SETS
from tasks.charts.chart import description, without_toys
from tasks.charts.parts.robustness_panels import TREND, column_of, facts_of
from tasks.charts.parts.several_test_sets import best_sizes, compared_sets, side_by_side
from tasks.charts.registry import BY_STEM
from tasks.tables.frames import rows_of
from tests.charts.specs import WHOLE_TABLES, made_overview, prepared_overview
from tests.frames import evaluation, evaluations
from tests.overview_tables import OVERVIEW_CONTEXT

GAPS, RANKS = BY_STEM["robustness"], BY_STEM["robustness-ranks"]
TABLE = WHOLE_TABLES["evaluations"]
COMPARED = {
    "imagenet-real": "imagenet", "imagenetv2-matched-frequency": "imagenet", "sketch": "imagenet",
    "imagenet-a": "imagenet-a-clean", "imagenet-r": "imagenet-r-clean",
}  # fmt: skip


def best_by_hand() -> dict[str, dict[str, float]]:
    """Return for each model that is no toy its top-1 by test set, at the size best on ImageNet."""
    scores: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for row in rows_of(TABLE):
        if row.family != "test":
            scores[row.model, row.img_size][row.test_set] = row.top1
    best: dict[str, tuple[float, int]] = {}
    for (model, size), by_set in scores.items():
        best[model] = max(best.get(model, (-1.0, 0)), (by_set["imagenet"], -size))
    return {model: scores[model, -size] for model, (_, size) in best.items()}


def test_subsets_with_the_same_classes_are_the_reference() -> None:
    assert compared_sets(TABLE) == COMPARED
    without = TABLE[TABLE["test_set"] != "imagenet-a-clean"]
    assert compared_sets(without) == COMPARED | {"imagenet-a": "imagenet"}
    assert compared_sets(TABLE[TABLE["test_set"] == "imagenet"]) == {}
    assert compared_sets(TABLE[TABLE["test_set"] == "sketch"]) == {}


def test_a_new_test_set_comes_last_and_is_compared_with_the_main_one() -> None:
    new = evaluations(
        evaluation("vit.a"), evaluation("vit.a", test_set="aaa"), evaluation("vit.a", test_set="sketch")
    )
    assert list(compared_sets(new).items()) == [("sketch", "imagenet"), ("aaa", "imagenet")]


def test_gaps_are_top1_minus_top1_on_the_reference() -> None:
    by_hand = best_by_hand()
    rows = prepared_overview(GAPS).rows
    assert set(rows["model"]) == set(by_hand)
    for row in rows_of(rows):
        for test_set, base in COMPARED.items():
            gap = getattr(row, f"{column_of(test_set)}_gap")
            scores = by_hand[row.model]
            if test_set in scores:
                assert gap == pytest.approx(scores[test_set] - scores[base], abs=5e-4)
                assert getattr(row, column_of(test_set)) == scores[test_set]
            else:
                assert gap != gap


def test_medians_and_correlations_of_each_panel() -> None:
    by_hand = best_by_hand().values()
    facts = {line.panel: line for line in rows_of(facts_of(prepared_overview(GAPS)))}
    assert set(facts) == set(COMPARED)
    for test_set, base in COMPARED.items():
        pairs = [(scores[base], scores[test_set]) for scores in by_hand if test_set in scores]
        assert facts[test_set].models == len(pairs)
        assert facts[test_set].median_gap == pytest.approx(
            statistics.median(y - x for x, y in pairs), abs=6e-4
        )
        assert facts[test_set].best_top1 == max(y for _, y in pairs)
        ranks = [
            [sum(v < u for v in side) + (side.count(u) + 1) / 2 for u in side]
            for side in map(list, zip(*pairs, strict=True))
        ]
        assert facts[test_set].rank_correlation == pytest.approx(statistics.correlation(*ranks), abs=1e-4)


def test_the_trend_rises_along_the_reference() -> None:
    lines = prepared_overview(GAPS).lines
    assert lines is not None
    for _, points in lines[lines["kind"] == TREND].groupby("panel", sort=False):
        assert list(points["x"]) == sorted(points["x"])
        assert 1 < len(points) <= 10


def test_models_shown_and_left_out_are_all_models_at_all_sizes() -> None:
    rows = prepared_overview(GAPS)
    total = len(TABLE.drop_duplicates(["model", "img_size"]))
    assert len(rows.rows) + sum(rows.left_out.values()) == total
    assert rows.left_out["toy models of timm's tests"] > 0
    assert rows.left_out["other image sizes of models shown"] > 0


def test_a_model_without_another_test_set_is_counted() -> None:
    table = evaluations(evaluation("vit.a"), evaluation("vit.a", test_set="sketch"), evaluation("vit.b"),
                        evaluation("vit.c", test_set="sketch"))  # fmt: skip
    rows = GAPS.prepare(table, OVERVIEW_CONTEXT)
    assert rows.rows["model"].tolist() == ["vit.a"]
    assert rows.left_out == {"not evaluated on ImageNet": 1, "evaluated on no other test set": 1}


def test_nothing_right_at_all_is_a_result_too() -> None:
    table = evaluations(evaluation("vit.a"), evaluation("vit.a", test_set="imagenet-a", top1=0.0))
    rows = GAPS.prepare(table, OVERVIEW_CONTEXT)
    assert rows.rows["imagenet_a_gap"].tolist() == [-80.0]
    assert "median gap -80.00 points" in description(GAPS, rows)
    assert "rank correlation" not in description(GAPS, rows)


def test_there_is_a_panel_for_each_test_set() -> None:
    panels = made_overview(GAPS)["concat"]
    assert len(panels) == len(COMPARED)
    for panel, (test_set, base) in zip(panels, COMPARED.items(), strict=True):
        encoding = panel["layer"][0]["encoding"]
        assert (encoding["x"]["field"], encoding["y"]["field"]) == (column_of(base), column_of(test_set))


def test_the_best_size_is_that_of_the_highest_top1_and_of_equals_the_smallest() -> None:
    wide = side_by_side(
        evaluations(
            *(evaluation("vit.a", size, top1) for size, top1 in ((384, 80.0), (224, 80.0), (160, 79.0)))
        )
    )
    assert best_sizes(wide)["img_size"].tolist() == [224]


def test_ranks_are_one_more_than_the_number_of_better_models() -> None:
    sets = ["imagenet", *COMPARED]
    everywhere = {m: s for m, s in best_by_hand().items() if all(name in s for name in sets)}
    cells = prepared_overview(RANKS).rows
    for cell in rows_of(cells):
        mine = everywhere[cell.model]
        better = {name: sum(s[name] > mine[name] for s in everywhere.values()) for name in sets}
        assert cell.rank == better[cell.test_set] + 1
        assert cell.places == better["imagenet"] - better[cell.test_set]
        assert cell.top1 == mine[cell.test_set]
    order = sorted(everywhere, key=lambda m: (-everywhere[m]["imagenet"], m))[:30]
    assert list(dict.fromkeys(cells["model"])) == order
    assert len(cells) == len(order) * len(sets)


def test_evaluations_shown_and_left_out_are_the_table() -> None:
    rows = prepared_overview(RANKS)
    assert len(rows.rows) + sum(rows.left_out.values()) == len(TABLE)


def ranked(*scores: tuple[float, float]) -> Any:  # noqa: ANN401 - cells as pandas names them
    rows = [
        evaluation(f"vit.{i}", top1=top1, test_set=name)
        for i, pair in enumerate(scores)
        for name, top1 in zip(("imagenet", "sketch"), pair, strict=True)
    ]
    return RANKS.prepare(evaluations(*rows), OVERVIEW_CONTEXT)


def test_equal_accuracy_is_an_equal_rank() -> None:
    cells = ranked((90.0, 50.0), (85.0, 60.0), (85.0, 60.0), (80.0, 60.0)).rows
    by_set = {name: list(group["rank"]) for name, group in cells.groupby("test_set")}
    assert by_set == {"imagenet": [1, 2, 2, 4], "sketch": [4, 1, 1, 1]}
    assert cells[cells["test_set"] == "sketch"]["text"].tolist() == ["4 (-3)", "1 (+1)", "1 (+1)", "1 (+3)"]


def test_all_equal_loses_nothing() -> None:
    rows = ranked((80.0, 50.0), (80.0, 50.0))
    assert description(RANKS, rows).endswith("No model loses a place.")
    assert set(rows.rows["strength"]) == {0.0}
    assert set(rows.rows["change"]) == {"same place"}


def test_the_largest_loss_is_told() -> None:
    text = description(RANKS, ranked((90.0, 10.0), (85.0, 60.0), (80.0, 50.0)))
    assert "Largest loss: vit.0 from rank 1 on ImageNet to rank 3 on ImageNet-Sketch." in text


def test_columns_are_the_test_sets_in_words() -> None:
    x = made_overview(RANKS)["layer"][0]["encoding"]["x"]
    words = [text.replace("\n", " ") for text in x["sort"]]
    assert words == [TEST_SETS[name] for name in ("imagenet", *COMPARED)]


def test_toys_are_left_out_of_ranks() -> None:
    kept, left_out = without_toys(TABLE)
    assert sum(left_out.values()) == len(TABLE) - len(kept) > 0
    assert not set(prepared_overview(RANKS).rows["model"]) & (set(TABLE["model"]) - set(kept["model"]))
