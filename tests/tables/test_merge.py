from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.contracts import BENCHMARKS, EVALUATIONS, MERGED
from config.presets import FamilyRules, Rules, load_rules
from tasks.tables.contract import ContractError, as_table, empty_table, stack
from tasks.tables.filenames import BenchmarkProfile, MetadataFile, TestSetFile, classify
from tasks.tables.merge import (
    AmbiguousMergeError,
    ProfileMerge,
    benchmarks_table,
    evaluations_table,
    merge_profile,
    rejects_table,
)
from tasks.tables.names import split_model
from tasks.tables.parse import ParsedFile, parse

DEFAULT = load_rules(None)
ON_MODEL = DEFAULT.model_copy(update={"merge_on": "model"})
Pair = tuple[str, int]


def evaluation(model: str, size: int = 224, top1: float = 80.0, test_set: str = "imagenet") -> dict[str, Any]:
    architecture, tag = split_model(model)
    return {
        "test_set": test_set, "model": model, "architecture": architecture, "pretrained_tag": tag,
        "family": architecture[:3], "pretraining": "unknown", "img_size": size, "top1": top1,
        "top1_err": 100 - top1, "top5": 99.0, "top5_err": 1.0, "param_count": 10.0, "source_file": "e.csv",
    }  # fmt: skip


def benchmark(model: str, size: int = 224, speed: float = 100.0, profile: str = "p") -> dict[str, Any]:
    return {
        "profile": profile, "mode": "infer", "precision": "amp", "layout": "nchw", "device": "d",
        "device_label": "D", "device_kind": "gpu", "compiler": "eager", "model": model, "architecture": split_model(model)[0], "img_size": size,
        "samples_per_sec": speed, "step_time_ms": 1000 / speed, "batch_size": 1,
        "benchmark_param_count": 11.0, "source_file": "b.csv",
    }  # fmt: skip


def merge(
    evaluations: list[dict[str, Any]], benchmarks: list[dict[str, Any]], rules: Rules = DEFAULT
) -> ProfileMerge:
    return merge_profile(
        as_table(pd.DataFrame(evaluations), EVALUATIONS),
        as_table(pd.DataFrame(benchmarks), BENCHMARKS),
        rules,
    )


def pairs(frame: pd.DataFrame) -> list[Pair]:
    return sorted(zip(frame["model"], frame["img_size"], strict=True))


def named(merged: ProfileMerge, column: str) -> list[Pair]:
    return [(name["model"], name["img_size"]) for name in merged.coverage.loc[0, f"{column}_names"]]


# The join


def test_two_tags_of_an_architecture_share_its_speed() -> None:
    merged = merge([evaluation("a.x"), evaluation("a.y")], [benchmark("a", speed=50)]).merged
    assert pairs(merged) == [("a.x", 224), ("a.y", 224)]
    assert merged["samples_per_sec"].tolist() == [50, 50]
    assert merged["secs"].tolist() == [1 / 50, 1 / 50]


def test_each_size_gets_the_speed_measured_at_that_size() -> None:
    merged = merge(
        [evaluation("a.x", 224), evaluation("a.x", 288), evaluation("a.x", 320)],
        [benchmark("a", 224, 50), benchmark("a", 288, 30), benchmark("a", 384, 10)],
    )
    speeds = dict(zip(merged.merged["img_size"], merged.merged["samples_per_sec"], strict=True))
    assert speeds == {224: 50, 288: 30}
    assert named(merged, "evaluation_only") == [("a.x", 320)]
    assert named(merged, "benchmark_only") == [("a", 384)]


def test_upper_case_in_one_of_the_files_does_no_harm() -> None:
    assert pairs(merge([evaluation("NetB.x")], [benchmark("netb")]).merged) == [("NetB.x", 224)]


def test_other_test_sets_are_not_merged_nor_counted() -> None:
    merged = merge([evaluation("a"), evaluation("a", test_set="sketch")], [benchmark("a")])
    assert len(merged.merged) == 1
    assert merged.coverage.loc[0, "evaluations"] == 1


def test_nothing_in_common_is_an_empty_merge_with_full_coverage() -> None:
    merged = merge([evaluation("a.x")], [benchmark("b")])
    assert merged.merged.empty
    assert tuple(merged.merged.columns) == MERGED.columns
    assert named(merged, "evaluation_only") == [("a.x", 224)]
    assert named(merged, "benchmark_only") == [("b", 224)]


def test_both_parameter_counts_are_kept_apart() -> None:
    row = merge([evaluation("a")], [benchmark("a")]).merged.iloc[0]
    assert (row["param_count"], row["benchmark_param_count"]) == (10.0, 11.0)


@pytest.mark.parametrize(
    ("rows", "rules", "named_key"),
    [
        (
            [benchmark("a.x"), benchmark("a.y")],
            DEFAULT,
            "architecture and img_size, such as a.x @ 224, a.y @ 224",
        ),
        ([benchmark("A"), benchmark("a")], DEFAULT, "such as A @ 224, a @ 224"),
        ([benchmark("a", 224), benchmark("a", 288)], ON_MODEL, "model, such as a @ 224, a @ 288"),
    ],
)
def test_two_speeds_for_one_key_are_refused(rows: list[dict[str, Any]], rules: Rules, named_key: str) -> None:
    with pytest.raises(AmbiguousMergeError, match=r"^profile p: 2 benchmark rows share their ") as caught:
        merge([evaluation("a")], rows, rules)
    assert named_key in str(caught.value)


def test_on_the_model_name_the_size_is_the_evaluations_and_is_not_compared() -> None:
    merged = merge(
        [evaluation("a", 288), evaluation("a", 224), evaluation("b.x")],
        [benchmark("a", 224, 50), benchmark("b")],
        ON_MODEL,
    )
    assert pairs(merged.merged) == [("a", 224), ("a", 288)]
    assert merged.merged["samples_per_sec"].tolist() == [50, 50]
    assert named(merged, "evaluation_only") == [("b.x", 224)]
    assert named(merged, "benchmark_only") == [("b", 224)]


def test_rules_leave_rows_out_and_say_which() -> None:
    rules = DEFAULT.model_copy(update={"drop_models": "gn$", "keep_families": "^(net|vgg)"})
    models = ["net_1", "net_1gn", "net_gn.x", "vgg_1", "old_1"]
    merged = merge(
        [evaluation(m) for m in [*models, "net_2"]], [benchmark(m.split(".")[0]) for m in models], rules
    )
    assert pairs(merged.merged) == [("net_1", 224), ("net_gn.x", 224), ("vgg_1", 224)]
    assert named(merged, "left_out") == [("net_1gn", 224), ("old_1", 224)]
    assert named(merged, "evaluation_only") == [("net_2", 224)]
    assert named(merged, "benchmark_only") == []  # left out by rules is not unmatched


def test_the_frontier_is_that_of_the_rows_that_stay() -> None:
    rules = DEFAULT.model_copy(update={"drop_models": "^best"})
    evaluations = [evaluation("best", top1=99), evaluation("fast", top1=70), evaluation("slow", top1=60)]
    speeds = [benchmark("best", speed=900), benchmark("fast", speed=500), benchmark("slow", speed=400)]
    on = merge(evaluations, speeds).merged.set_index("model")["is_pareto"].to_dict()
    assert on == {"best": True, "fast": False, "slow": False}
    assert merge(evaluations, speeds, rules).merged["is_pareto"].tolist() == [True, False]


NAMES = [*product(["a.x", "a.y", "b.x", "c"], [224, 288])]
SUBSETS = st.lists(st.sampled_from(NAMES), unique=True, min_size=1)
SPEEDS = st.lists(st.sampled_from([*product("abc", [224, 288])]), unique=True, min_size=1)


@settings(max_examples=6, deadline=None)
@given(SUBSETS, SPEEDS, st.sampled_from([None, "x$"]))
def test_coverage_adds_up(evaluated: list[Pair], measured: list[Pair], drop: str | None) -> None:
    rules = DEFAULT.model_copy(update={"drop_models": drop})
    result = merge([evaluation(*e) for e in evaluated], [benchmark(*m) for m in measured], rules)
    joined = sorted(e for e in evaluated if (e[0].split(".")[0], e[1]) in measured)
    used = {(e[0].split(".")[0], e[1]) for e in joined}
    expected = {
        "matched": [e for e in joined if not (drop and e[0].endswith("x"))],
        "left_out": [e for e in joined if drop and e[0].endswith("x")],
        "evaluation_only": sorted(set(evaluated) - set(joined)),
        "benchmark_only": sorted(set(measured) - used),
    }
    counts = result.coverage.iloc[0]
    for column, names in expected.items():
        assert named(result, column) == names
        assert counts[column] == len(names)
    assert pairs(result.merged) == expected["matched"]
    assert counts["matched"] + counts["left_out"] + counts["evaluation_only"] == counts["evaluations"]
    assert counts["benchmark_only"] + len(used) == counts["benchmarks"]


# The tables around it


def parsed(name: str, text: str) -> ParsedFile:
    kind = classify(name)
    assert isinstance(kind, TestSetFile | BenchmarkProfile | MetadataFile)
    return parse(kind, text.encode(), name)


EVALUATION_HEADER = "model,top1,top1_err,top5,top5_err,param_count,img_size,crop_pct,interpolation\n"
BENCHMARK_HEADER = (
    "model,{0}_samples_per_sec,{0}_step_time,{0}_batch_size,{0}_img_size,{0}_gmacs,{0}_macts,param_count\n"
)
INFER = "infer-amp-nchw-pt240-cu124-rtx4090"
TRAIN = "train-amp-nhwc-pt240-cpu-i9-dynamo"


@cache
def files() -> list[ParsedFile]:
    return [
        parsed(
            "results-imagenet.csv",
            EVALUATION_HEADER + "b.in1k,70,30,90,10,1,224,1,bilinear\na,60,40,90,10,1,224,1,x\n",
        ),
        parsed(
            "results-sketch.csv",
            "rank_diff,top1_diff,"
            + EVALUATION_HEADER
            + "=,-1.5,a,50,50,60,40,1,224,,\n+1,x,a,1,99,2,98,1,32,1,y\n",
        ),
        parsed(f"benchmark-{INFER}.csv", BENCHMARK_HEADER.format("infer") + "b,100,1000,100,224,1,2,3\n"),
        parsed(
            f"benchmark-{TRAIN}.csv",
            BENCHMARK_HEADER.format("train") + "b,10,1000,10,224,,,3\na,10,x,10,224,,,3\n",
        ),
        parsed("model_metadata-in1k.csv", "model,pretrain\na,in21k\nb.in1k,in21k\n"),
    ]


def test_evaluations_of_all_test_sets_with_what_the_names_say() -> None:
    table = evaluations_table(files(), DEFAULT)
    names = ["test_set", "model", "architecture", "pretrained_tag", "pretraining", "source_file"]
    assert table[names].astype(object).where(table[names].notna(), None).to_numpy().tolist() == [
        ["imagenet", "a", "a", None, "ImageNet-21k", "results-imagenet.csv"],
        ["imagenet", "b.in1k", "b", "in1k", "ImageNet-1k", "results-imagenet.csv"],
        ["sketch", "a", "a", None, "ImageNet-21k", "results-sketch.csv"],
    ]
    assert table["rank_diff"].isna().tolist() == [True, True, False]
    assert table["crop_pct"].isna().tolist() == [False, False, True]


def test_without_metadata_an_untagged_name_says_nothing() -> None:
    assert evaluations_table(files()[:1], DEFAULT)["pretraining"].tolist() == ["unknown", "ImageNet-1k"]


def test_families_come_from_the_architecture_or_in_a_preset_from_the_model() -> None:
    rules = Rules(family=FamilyRules(pattern="^(.*)$"))
    on_model = rules.model_copy(update={"merge_on": "model"})
    assert evaluations_table(files()[:1], rules)["family"].tolist() == ["a", "b"]
    assert evaluations_table(files()[:1], on_model)["family"].tolist() == ["a", "b.in1k"]


def test_benchmarks_of_all_profiles_with_what_the_file_names_say() -> None:
    table = benchmarks_table(files()).set_index("profile")
    assert list(table.index) == [INFER, TRAIN]
    shown = ["mode", "precision", "layout", "torch", "cuda", "device", "compiler"]
    assert table.loc[INFER, shown].tolist() == ["infer", "amp", "nchw", "2.4.0", "12.4", "rtx4090", "eager"]
    assert table.loc[TRAIN, shown].tolist() == ["train", "amp", "nhwc", "2.4.0", "cpu", "i9", "dynamo"]


def test_the_first_benchmark_files_have_null_versions() -> None:
    old = parsed(
        "model_benchmark_amp_nchw_rtx3090.csv", BENCHMARK_HEADER.format("infer") + "b,9,1000,9,224,1,2,3\n"
    )
    table = benchmarks_table([*files(), old])
    assert table["torch"].isna().tolist() == [False, True, False]
    merged = merge_profile(evaluations_table(files(), DEFAULT), benchmarks_table([old]), DEFAULT).merged
    assert merged[["torch", "cuda"]].isna().all(axis=None)
    assert len(merged) == 1


def test_rejects_of_all_files() -> None:
    assert rejects_table(files())[["source_file", "line", "column", "value"]].to_numpy().tolist() == [
        [f"benchmark-{TRAIN}.csv", 3, "train_step_time", "x"],
        ["results-sketch.csv", 3, "top1_diff", "x"],
    ]


def test_the_order_of_files_and_rows_changes_nothing() -> None:
    pd.testing.assert_frame_equal(
        evaluations_table(files()[::-1], DEFAULT), evaluations_table(files(), DEFAULT)
    )
    pd.testing.assert_frame_equal(benchmarks_table(files()[::-1]), benchmarks_table(files()))
    pd.testing.assert_frame_equal(rejects_table(files()[::-1]), rejects_table(files()))


def test_without_files_tables_are_empty() -> None:
    assert evaluations_table([], DEFAULT).empty
    assert benchmarks_table([]).empty
    assert rejects_table([]).empty
    assert stack([], MERGED).empty


def test_stacking_keeps_types_and_sorts_by_profile_then_speed() -> None:
    one = merge([evaluation("a"), evaluation("b")], [benchmark("a", speed=5), benchmark("b", speed=9)]).merged
    two = merge([evaluation("a")], [benchmark("a", profile="o")]).merged
    table = stack([one, two, empty_table(MERGED)], MERGED)
    assert table[["profile", "model"]].to_numpy().tolist() == [["o", "a"], ["p", "b"], ["p", "a"]]
    pd.testing.assert_series_equal(table.dtypes, one.dtypes)


def test_the_same_part_twice_is_a_broken_contract_that_names_the_table() -> None:
    part = merge([evaluation("a")], [benchmark("a")]).merged
    with pytest.raises(ContractError, match="table merged breaks its contract"):
        stack([part, part], MERGED)


@pytest.mark.parametrize("column", ["top1", "img_size", "model"])
def test_a_missing_required_column_is_a_broken_contract(column: str) -> None:
    with pytest.raises(ContractError, match=f"table evaluations breaks its contract.*{column}: not_nullable"):
        as_table(pd.DataFrame([evaluation("a")]).drop(columns=column), EVALUATIONS)


def test_a_toy_is_on_no_frontier_and_keeps_nobody_off() -> None:
    rows = merge(
        [
            evaluation("test_vit.r160_in1k", top1=99.0),
            evaluation("Test_net.x", top1=98.0),
            evaluation("b.x", top1=80.0),
        ],
        [benchmark("test_vit", speed=1e6), benchmark("test_net", speed=1e6), benchmark("b", speed=1.0)],
    ).merged
    assert dict(zip(rows["model"], rows["is_pareto"], strict=True)) == {
        "test_vit.r160_in1k": False, "Test_net.x": False, "b.x": True,
    }  # fmt: skip
