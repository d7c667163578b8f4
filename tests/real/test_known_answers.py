"""The 2022 analysis and the newest results of the bundle, against published and independent numbers."""

from __future__ import annotations

import csv
import io
import re
from functools import cache

import pandas as pd
import pytest

from config.presets import load_rules
from tasks.tables.merge import ProfileMerge, benchmarks_table, evaluations_table, merge_profile
from tests.real.bundle import files_at, parse_files, parsed_at, read_blobs

pytestmark = pytest.mark.slow  # reads the bundle

POST = "upstream-8fca002c"
INFER, TRAIN = (f"{mode}-amp-nhwc-pt111-cu113-rtx3090" for mode in ("infer", "train"))
SUBSET = "levit|resnetd?|regnetx|vgg|convnext.*|efficientnetv2|beit"
ROWS_AT_HEAD = {
    "infer-amp-nchw-pt113-cu117-rtx3090": 838,
    "infer-amp-nchw-pt210-cu121-rtx3090": 1317,
    "infer-amp-nchw-pt240-cu124-rtx3090": 1445,
    "infer-amp-nchw-pt240-cu124-rtx4090": 1445,
    "infer-amp-nchw-pt240-cu124-rtx4090-dynamo": 1443,
    "infer-amp-nhwc-pt113-cu117-rtx3090": 835,
    "infer-amp-nhwc-pt210-cu121-rtx3090": 1217,
    "infer-amp-nhwc-pt240-cu124-rtx3090": 1432,
    "infer-amp-nhwc-pt240-cu124-rtx4090": 1441,
    "infer-fp32-nchw-pt221-cpu-i9_10940x-dynamo": 1367,
    "infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo": 1441,
    "infer-fp32-nchw-pt240-cpu-i9_10940x-dynamo": 1439,
    "train-amp-nchw-pt112-cu113-rtx3090": 710,
    "train-amp-nhwc-pt112-cu113-rtx3090": 707,
}


@cache
def merges(revision: str, preset: str | None) -> dict[str, ProfileMerge]:
    rules = load_rules(preset)
    names = {"results-imagenet.csv", *(f"benchmark-{profile}.csv" for profile in rules.profiles)}
    files = [f for f in files_at(revision) if preset is None or f[0] in names]
    parsed = list(parse_files(files).values()) if preset else list(parsed_at(revision))
    evaluations, benchmarks = evaluations_table(parsed, rules), benchmarks_table(parsed)
    return {
        str(name): merge_profile(evaluations, rows, rules) for name, rows in benchmarks.groupby("profile")
    }


def post(profile: str) -> pd.DataFrame:
    return merges(POST, "fastai-2022")[profile].merged


def test_the_evaluations_of_the_post() -> None:
    (parsed,) = parse_files(f for f in files_at(POST) if f[0] == "results-imagenet.csv").values()
    assert (parsed.rows_in, len(parsed.frame), len(parsed.header)) == (668, 668, 9)
    first = parsed.frame.iloc[0]
    assert (first["model"], first["top1"]) == ("beit_large_patch16_512", 88.602)


@pytest.mark.parametrize(
    ("profile", "rows", "secs"), [(INFER, 165, 4.654236751715086e-05), (TRAIN, 172, 0.00015865108501477042)]
)
def test_the_rows_of_the_post(profile: str, rows: int, secs: float) -> None:
    merged = post(profile)
    assert len(merged) == rows
    assert merged["family"].nunique() == 22
    fastest = merged.sort_values("secs").iloc[0]
    assert (fastest["model"], fastest["secs"]) == ("levit_128s", secs)


@pytest.mark.parametrize(("profile", "rows"), [(INFER, 61), (TRAIN, 66)])
def test_the_subset_of_the_post(profile: str, rows: int) -> None:
    assert sum(bool(re.fullmatch(SUBSET, family)) for family in post(profile)["family"]) == rows


@pytest.mark.parametrize(
    ("profile", "counts"), [(INFER, [742, 668, 165, 161, 87, 416]), (TRAIN, [751, 668, 172, 160, 77, 419])]
)
def test_the_coverage_of_the_post(profile: str, counts: list[int]) -> None:
    columns = ["benchmarks", "evaluations", "matched", "benchmark_only", "evaluation_only", "left_out"]
    assert merges(POST, "fastai-2022")[profile].coverage.loc[0, columns].tolist() == counts


# The newest results: the same join once more, in plain loops over the text of the files.

Key = tuple[str, str]


@cache
def text_rows(revision: str) -> dict[str, list[dict[str, str]]]:
    files = files_at(revision)
    content = read_blobs(blob for _, blob in files)
    return {name: list(csv.DictReader(io.StringIO(content[blob].decode()))) for name, blob in files}


def plain_join(profile: str) -> dict[tuple[str, int], tuple[float, float]]:
    """Return (model, size) -> (top1, throughput) without pandas and without the project's parser."""
    mode = profile.split("-", maxsplit=1)[0]
    speeds: dict[Key, float] = {}
    for row in text_rows("HEAD")[f"benchmark-{profile}.csv"]:
        if row[f"{mode}_samples_per_sec"]:
            speeds[row["model"], row[f"{mode}_img_size"]] = float(row[f"{mode}_samples_per_sec"])
    joined = {}
    for row in text_rows("HEAD")["results-imagenet.csv"]:
        key = row["model"].split(".")[0], row["img_size"]
        if key in speeds:
            joined[row["model"], int(row["img_size"])] = float(row["top1"]), speeds[key]
    return joined


def test_all_profiles_of_the_newest_results_merge() -> None:
    assert {profile: len(m.merged) for profile, m in merges("HEAD", None).items()} == ROWS_AT_HEAD


@pytest.mark.parametrize("profile", sorted(ROWS_AT_HEAD))
def test_a_merge_equals_plain_loops(profile: str) -> None:
    expected = plain_join(profile)
    assert len(expected) == ROWS_AT_HEAD[profile]
    merged = merges("HEAD", None)[profile].merged
    rows = zip(merged["model"], merged["img_size"], merged["top1"], merged["samples_per_sec"], strict=True)
    assert {(model, size): (top1, speed) for model, size, top1, speed in rows} == expected
    assert (merged["secs"] == 1 / merged["samples_per_sec"]).all()


@pytest.mark.parametrize("profile", sorted(ROWS_AT_HEAD))
def test_the_frontier_of_a_merge_equals_brute_force(profile: str) -> None:
    every = merges("HEAD", None)[profile].merged
    toys = every["model"].str.startswith("test_")
    assert not every[toys]["is_pareto"].any()
    merged = every[~toys]
    secs, top1 = merged["secs"].to_numpy(), merged["top1"].to_numpy()
    better = (secs <= secs[:, None]) & (top1 >= top1[:, None])
    strictly = (secs < secs[:, None]) | (top1 > top1[:, None])
    assert merged["is_pareto"].tolist() == (~(better & strictly).any(axis=1)).tolist()
    assert merged["is_pareto"].any()


@pytest.mark.parametrize("profile", sorted(ROWS_AT_HEAD))
def test_the_coverage_of_a_merge_adds_up(profile: str) -> None:
    counts = merges("HEAD", None)[profile].coverage.iloc[0]
    assert counts["evaluations"] == 1445
    assert counts["matched"] == ROWS_AT_HEAD[profile]
    assert counts["matched"] + counts["evaluation_only"] == 1445
    assert counts["left_out"] == 0
    # Each benchmark row is used by at least one evaluation or counted as benchmark-only.
    used = {(model.split(".")[0], size) for model, size in plain_join(profile)}
    assert counts["benchmark_only"] == counts["benchmarks"] - len(used)
    for column in ("matched", "evaluation_only", "benchmark_only", "left_out"):
        assert len(counts[f"{column}_names"]) == counts[column]


def test_the_recipe_in_circulation_finds_next_to_nothing_today() -> None:
    rules = load_rules(None).model_copy(update={"merge_on": "model"})
    evaluations, benchmarks = evaluations_table(parsed_at("HEAD"), rules), benchmarks_table(parsed_at("HEAD"))
    rows = benchmarks[benchmarks["profile"] == "infer-amp-nchw-pt113-cu117-rtx3090"]
    # All other evaluations carry a tag; a benchmark names the bare architecture.
    assert merge_profile(evaluations, rows, rules).merged["model"].tolist() == ["tnt_s_patch16_224"]


def test_of_the_newest_results_every_family_and_all_but_seven_pretrainings_are_known() -> None:
    rows = evaluations_table(parsed_at("HEAD"), load_rules(None)).query("test_set == 'imagenet'")
    assert len(rows) == 1445
    models = rows.drop_duplicates("model")
    assert "other" not in set(models["family"])
    counts = models["pretraining"].value_counts().to_dict()
    assert counts == {
        "ImageNet-1k": 907, "ImageNet-22k": 100, "ImageNet-21k": 52, "ImageNet-12k": 39, "LAION-2B": 23,
        "Instagram": 15, "JFT-300M": 10, "OpenAI WIT": 9, "YFCC-100M": 6, "RandomInternetImages-2B": 4,
        "Merged-38M": 2, "Merged-30M": 2, "LAION-400M": 2, "LAION-Aesthetics": 1, "unknown": 7,
    }  # fmt: skip
    unknown = models.loc[models["pretraining"] == "unknown", "model"]
    assert sorted(unknown) == [
        "mobilenet_edgetpu_v2_m",  # the only name without a tag that metadata does not list
        "nextvit_base.bd_ssld_6m_in1k",
        "nextvit_base.bd_ssld_6m_in1k_384",
        "nextvit_large.bd_ssld_6m_in1k",
        "nextvit_large.bd_ssld_6m_in1k_384",
        "nextvit_small.bd_ssld_6m_in1k",
        "nextvit_small.bd_ssld_6m_in1k_384",
    ]


def test_a_tag_that_ends_in_1k_only_never_hides_a_larger_data_set() -> None:
    rows = evaluations_table(parsed_at("HEAD"), load_rules(None))
    tags = set(rows.loc[rows["pretraining"] == "ImageNet-1k", "pretrained_tag"].dropna())
    larger = re.compile(r"in(12|21|22)k|laion|jft|ig1b|swag|seer|ssld|yfcc|clip|lvd|m30m|m38m|openai|dfn")
    assert sorted(tag for tag in tags if larger.search(tag)) == []


def test_metadata_names_the_pretraining_of_models_without_tags() -> None:
    rows = evaluations_table(parsed_at(POST), load_rules(None)).query("test_set == 'imagenet'")
    assert rows["pretraining"].value_counts().to_dict() == {
        "ImageNet-1k": 446, "unknown": 121, "ImageNet-21k": 53, "ImageNet-22k": 20, "JFT-300M": 12,
        "Instagram": 10, "YFCC-100M": 6,
    }  # fmt: skip
