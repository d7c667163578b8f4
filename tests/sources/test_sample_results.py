"""The invented results: timm's formats, consistent numbers, something for every rule."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from datetime import datetime
from typing import Final

import pytest

from tasks.sources.sample.results import sample_commits

Files = dict[str, bytes]
Rows = list[dict[str, str]]


COMMITS: Final = sample_commits()


def _trees() -> list[Files]:
    """Return the files of ``results/`` after each commit, by name."""
    trees: list[Files] = []
    files: Files = {}
    for commit in COMMITS:
        for path, data in commit.files.items():
            name = path.removeprefix("results/")
            files = {key: value for key, value in files.items() if key != name}
            if data is not None:
                files[name] = data
        trees.append(files)
    return trees


TREES: Final = _trees()
Y2019, Y2021, Y2022, README, Y2023, Y2024, Y2025 = TREES
RESULTS: Final = [
    pytest.param(tree, name, id=f"{index}-{name}")
    for index, tree in enumerate(TREES)
    for name in tree
    if name.startswith("results-")
]
BENCHMARKS: Final = [
    pytest.param(tree[name], id=f"{index}-{name}")
    for index, tree in enumerate(TREES)
    for name in tree
    if "benchmark" in name
]
PLAIN_2019: Final = "model,top1,top1_err,top5,top5_err,param_count,img_size,cropt_pct,interpolation"
PLAIN_2023: Final = PLAIN_2019.replace("cropt_pct", "crop_pct")
PLAIN_2024: Final = "model,img_size,top1,top1_err,top5,top5_err,param_count,crop_pct,interpolation"
DIFFS: Final = ",top1_diff,top5_diff,rank_diff"
DIFFS_2021: Final = (
    "model,rank_diff,top1,top1_diff,top1_err,top5,top5_diff,top5_err,param_count,img_size,"
    "cropt_pct,interpolation"
)


def _rows(data: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(data.decode("ascii"))))


def _header(data: bytes) -> str:
    return data.decode("ascii").splitlines()[0]


def _bare(data: bytes) -> Rows:
    """Return benchmark rows with the mode taken off the column names."""
    return [{re.sub("^(infer|train)_", "", key): value for key, value in row.items()} for row in _rows(data)]


def test_same_content_every_time() -> None:
    def digest(commits: object) -> str:
        return hashlib.sha256(repr(commits).encode()).hexdigest()

    assert digest(sample_commits()) == digest(COMMITS)


def test_dates_rise_and_have_a_zone() -> None:
    dates = [datetime.fromisoformat(commit.date) for commit in COMMITS]
    assert dates == sorted(set(dates))
    assert all(date.tzinfo for date in dates)


def test_deleted_files_were_there() -> None:
    before: set[str] = set()
    for commit, tree in zip(COMMITS, TREES, strict=True):
        gone = {path for path, data in commit.files.items() if data is None}
        assert gone <= before
        before = {f"results/{name}" for name in tree}


def test_files_of_each_year() -> None:
    assert set(Y2019) == {"results-all.csv"}
    assert set(Y2021) == {
        "results-imagenet.csv",
        "results-inv2-matched-frequency.csv",
        "results-sketch.csv",
        "results-imagenet-a.csv",
        "model_metadata_in1k.csv",
        "model_benchmark_amp_nchw_rtx3090.csv",
    }
    assert set(README) - set(Y2022) == {"README.md"}
    assert not any("pt111" in name for name in Y2023)
    assert {"notes-unknown.csv", "model_metadata-in1k.csv"} < set(Y2024)
    assert set(Y2025) - set(Y2024) == {"benchmark-infer-amp-nchw-pt260-cu126-samplegpu_c.csv"}
    assert sum(name.startswith("benchmark-") for name in Y2025) == 9


def test_readme_commit_changes_no_csv() -> None:
    assert [list(c.files) for c in COMMITS].count(["results/README.md"]) == 1


@pytest.mark.parametrize(
    ("tree", "name", "header"),
    [
        (Y2019, "results-all.csv", PLAIN_2019),
        (Y2021, "results-inv2-matched-frequency.csv", PLAIN_2019),
        (Y2021, "results-sketch.csv", DIFFS_2021),
        (Y2021, "results-imagenet-a.csv", DIFFS_2021),
        (Y2022, "results-imagenet.csv", PLAIN_2019),
        (Y2022, "results-imagenetv2-matched-frequency.csv", PLAIN_2019 + DIFFS),
        (Y2023, "results-imagenet-r-clean.csv", PLAIN_2023),
        (Y2023, "results-imagenet-r.csv", PLAIN_2023 + DIFFS),
        (Y2024, "results-imagenet-a-clean.csv", PLAIN_2024),
        (Y2025, "results-imagenet-real.csv", PLAIN_2024 + DIFFS),
        (Y2021, "model_metadata_in1k.csv", "model,pretrain"),
        (
            Y2021,
            "model_benchmark_amp_nchw_rtx3090.csv",
            "model,infer_samples_per_sec,infer_step_time,infer_batch_size,infer_img_size,"
            "infer_gmacs,infer_macts,param_count",
        ),
        (
            Y2022,
            "benchmark-train-amp-nhwc-pt111-cu113-rtx3090.csv",
            "model,train_samples_per_sec,train_step_time,train_batch_size,train_img_size,param_count",
        ),
        (
            Y2024,
            "benchmark-infer-amp-nchw-pt240-cu124-samplegpu_b.csv",
            "model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,"
            "param_count,infer_gmacs,infer_macts",
        ),
        (
            Y2024,
            "benchmark-infer-amp-nhwc-pt240-cu124-samplegpu_a.csv",
            "model,infer_img_size,infer_batch_size,infer_samples_per_sec,infer_step_time,"
            "infer_gmacs,infer_macts,param_count",
        ),
    ],
)
def test_header_layouts(tree: Files, name: str, header: str) -> None:
    assert _header(tree[name]) == header


@pytest.mark.parametrize(("tree", "name"), RESULTS)
def test_evaluations_are_consistent(tree: Files, name: str) -> None:
    rows = _rows(tree[name])
    keys = Counter((row["model"], row["img_size"]) for row in rows)
    assert set(keys.values()) == {1}
    assert [float(row["top1"]) for row in rows] == sorted((float(row["top1"]) for row in rows), reverse=True)
    for row in rows:
        top1, top5 = float(row["top1"]), float(row["top5"])
        assert 0 < top1 < top5 < 100
        assert row["top1_err"] == f"{100 - top1:.3f}"
        assert row["top5_err"] == f"{100 - top5:.3f}"
        assert re.fullmatch(r"\d{1,3}(,\d{3})*\.\d\d", row["param_count"])


def _base(tree: Files, name: str) -> Rows:
    clean = name.replace(".csv", "-clean.csv")
    return _rows(tree.get(clean, tree.get("results-imagenet.csv", b"")))


@pytest.mark.parametrize(("tree", "name"), RESULTS)
def test_diffs_are_against_the_right_test_set(tree: Files, name: str) -> None:
    rows = _rows(tree[name])
    if "rank_diff" not in rows[0]:
        pytest.skip("a layout without differences")
    base = _base(tree, name)
    ranks = {(row["model"], row["img_size"]): rank for rank, row in enumerate(base)}
    for rank, row in enumerate(rows):
        base_rank = ranks[row["model"], row["img_size"]]
        for column in ("top1", "top5"):
            diff = float(row[column]) - float(base[base_rank][column])
            assert row[f"{column}_diff"] == f"{diff:+.3f}"
        places = base_rank - rank
        assert row["rank_diff"] in ({"0", "="} if places == 0 else {f"{places:+d}"})


@pytest.mark.parametrize("data", BENCHMARKS)
def test_benchmarks_are_consistent(data: bytes) -> None:
    rows = _bare(data)
    keys = Counter((row["model"], row["img_size"]) for row in rows)
    assert set(keys.values()) == {1}
    for row in rows:
        if not row["samples_per_sec"]:
            continue
        batch, speed = float(row["batch_size"]), float(row["samples_per_sec"])
        assert float(row["step_time"]) == pytest.approx(1000 * batch / speed, rel=0.01)


def test_speed_falls_and_batches_shrink_with_work() -> None:
    rows = _bare(Y2025["benchmark-infer-amp-nchw-pt240-cu124-samplegpu_a.csv"])
    by_work = sorted(rows, key=lambda row: float(row["gmacs"]))
    speeds = [float(row["samples_per_sec"]) for row in by_work]
    assert min(speeds[:20]) > 10 * max(speeds[-20:])
    assert {row["batch_size"] for row in rows} >= {"1024", "512", "256"}


def test_accuracy_grows_with_parameters() -> None:
    rows = _rows(Y2025["results-imagenet.csv"])
    by_size = sorted(rows, key=lambda row: float(row["param_count"].replace(",", "")))
    top1 = [float(row["top1"]) for row in by_size]
    assert sum(top1[-40:]) / 40 > sum(top1[:40]) / 40 + 8


def test_oddities_of_upstream_are_there() -> None:
    by_device = {
        name.partition("-cu124-")[2] or name: data for name, data in Y2024.items() if "infer-amp-nchw" in name
    }
    assert [name for name, data in Y2024.items() if b"\r\n" in data] == [
        "benchmark-infer-amp-nchw-pt240-cu124-samplegpu_b.csv"
    ]
    blank = [r for r in _bare(by_device["samplegpu_b.csv"]) if not r["gmacs"]]
    assert [row["model"] for row in blank] == ["mobilenetv3_large_100"]
    rows = _bare(Y2024["benchmark-infer-amp-nhwc-pt240-cu124-samplegpu_a.csv"])
    unmeasured = [row for row in rows if not row["samples_per_sec"]]
    assert [(r["model"], r["step_time"], r["batch_size"]) for r in unmeasured] == [
        ("eva_giant_patch14_336", "", "")
    ]
    assert all(row["batch_size"].endswith(".0") for row in rows if row not in unmeasured)
    assert b'"1,0' in Y2023["results-imagenet.csv"]
    assert b'"' not in Y2022["results-imagenet.csv"]
    cpu = _bare(Y2024["benchmark-infer-fp32-nchw-pt240-cpu-samplecpu-dynamo.csv"])
    assert {row["batch_size"] for row in cpu} == {"1"}


def test_newest_measures_one_file_again() -> None:
    changed = {name for name in Y2024 if Y2024[name] != Y2025[name] and "benchmark" in name}
    assert changed == {"benchmark-infer-amp-nchw-pt240-cu124-samplegpu_a.csv"}
    old, new = (
        {(row["model"], row["img_size"]): float(row["samples_per_sec"]) for row in _bare(data)}
        for data in (Y2024[min(changed)], Y2025[min(changed)])
    )
    assert old.keys() < new.keys()
    assert all(new[key] == pytest.approx(old[key], rel=0.01) for key in old)
    assert any(new[key] != old[key] for key in old)


@pytest.mark.parametrize("name", [name for name in Y2025 if name.startswith("benchmark-")])
def test_newest_has_every_kind_of_coverage(name: str) -> None:
    measured = {(row["model"], row["img_size"]) for row in _bare(Y2025[name])}
    evaluated = {
        (row["model"].partition(".")[0], row["img_size"]) for row in _rows(Y2025["results-imagenet.csv"])
    }
    assert len(measured & evaluated) > 40
    assert measured - evaluated
    assert evaluated - measured


def test_newest_has_models_at_two_image_sizes() -> None:
    models = Counter(row["model"] for row in _rows(Y2025["results-imagenet.csv"]))
    assert set(models.values()) == {1, 2}
    assert all("." in model for model in models)


def _family_of_2022(name: str) -> str:
    match = re.match(r"^([a-z]+?(?:v2)?)(?:\d|_|$)", name)
    assert match
    family = match[1] + ("_in22" if "in22" in name else "")
    return family + ("d" if re.search("resnet.*d", name) else "")


@pytest.mark.parametrize("mode", ["infer", "train"])
def test_the_2022_preset_finds_families(mode: str) -> None:
    measured = {r["model"] for r in _rows(Y2022[f"benchmark-{mode}-amp-nhwc-pt111-cu113-rtx3090.csv"])}
    evaluated = {row["model"] for row in _rows(Y2022["results-imagenet.csv"])}
    families = Counter(_family_of_2022(name) for name in measured & evaluated if not name.endswith("gn"))
    wanted = "levit|resnetd?|regnetx|vgg|convnext.*|efficientnetv2|beit"
    subset = {f: n for f, n in families.items() if re.fullmatch(wanted, f)}
    assert sum(count >= 3 for count in subset.values()) >= 6
    assert "convnext_in22" in subset
    assert any(name.endswith("gn") for name in measured & evaluated)
    assert measured - evaluated
    assert evaluated - measured
