"""Contracts: every column once (type, unit, meaning, range), every table as its key and its columns.

Readers of CSV, checks, Parquet schemas and the data dictionary in docs/tables.md all come from here.
What a column is called upstream is part of it, so that a number can be traced back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Type = Literal["string", "int64", "float64", "bool", "models"]  # models: list of (model, img_size)


@dataclass(frozen=True)
class Column:
    """One column of ours: where it occurs it always means the same."""

    name: str
    type: Type
    description: str
    unit: str = ""
    required: bool = True  # False: may be null
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None  # exclusive lower bound


@dataclass(frozen=True)
class Table:
    """One Parquet table: its grain (unique key), row order and columns."""

    name: str
    grain: tuple[str, ...]
    order: tuple[str, ...]
    columns: tuple[str, ...]
    description: str


_COLUMNS: Final = (
    Column("test_set", "string", "the data the accuracy was measured on, such as `imagenet`"),
    Column("model", "string", "model name as `timm.create_model` takes it: architecture and tag"),
    Column("architecture", "string", "the part of the model name before the first dot, lower case"),
    Column("pretrained_tag", "string", "the part after it; null before 2023, when there were no tags",
           required=False),
    Column("family", "string", "family of the architecture, by the rules in `config/names.toml`"),
    Column("pretraining", "string", "largest data set the weights saw, read from the tag; "
           "`unknown` where the tag does not say"),
    Column("img_size", "int64", "width and height of the input", "pixels", minimum=1),
    Column("top1", "float64", "share of images whose first guess is right", "%", minimum=0, maximum=100),
    Column("top1_err", "float64", "100 - top1, as published", "%", minimum=0, maximum=100),
    Column("top5", "float64", "share of images with the right answer among five guesses", "%",
           minimum=0, maximum=100),
    Column("top5_err", "float64", "100 - top5, as published", "%", minimum=0, maximum=100),
    Column("param_count", "float64", "parameters of the evaluated model", "millions", above=0),
    Column("crop_pct", "float64", "share of the resized image that was kept in the center crop", "fraction",
           required=False, above=0, maximum=2),
    Column("interpolation", "string", "resize filter used in the evaluation", required=False),
    Column("top1_diff", "float64", "top1 minus top1 on the reference set, as published", "points",
           required=False, minimum=-100, maximum=100),
    Column("top5_diff", "float64", "top5 minus top5 on the reference set, as published", "points",
           required=False, minimum=-100, maximum=100),
    Column("rank_diff", "int64", "places won (+) or lost (-) against the reference set, as published",
           "places", required=False),
    Column("profile", "string", "benchmark profile id: the file name without `benchmark-` and `.csv`"),
    Column("mode", "string", "`infer` or `train`"),
    Column("precision", "string", "`amp` is float16 autocast, `fp32` is none; others as upstream names them"),
    Column("layout", "string", "memory layout: `nchw`, or `nhwc` for channels last"),
    Column("torch", "string", "PyTorch version, such as `2.4.0`; null where the file name has none",
           required=False),
    Column("cuda", "string", "CUDA version, `cpu`, or another runtime; null where the file name has none",
           required=False),
    Column("device", "string", "id of the device, such as `rtx4090`: one for each card or processor, however "
           "the file name spells it"),
    Column("device_label", "string", "the device as people write it, such as `RTX 4090`"),
    Column("device_kind", "string", "`gpu` or `cpu`"),
    Column("compiler", "string", "`eager`, or `dynamo` for torch.compile"),
    Column("samples_per_sec", "float64", "throughput at the stated batch size", "images/s", above=0),
    Column("step_time_ms", "float64", "mean time of one step, that is of one batch, not of one image",
           "ms/batch", above=0),
    Column("batch_size", "int64", "images in a batch; upstream lowers it when memory runs out", "images",
           minimum=1),
    Column("benchmark_param_count", "float64", "parameters of the benchmarked model, which can have "
           "another head than the evaluated one", "millions", above=0),
    Column("gmacs", "float64", "multiply-accumulates for one image; FLOPs are about twice that",
           "10^9", required=False, minimum=0),
    Column("macts", "float64", "activations for one image", "10^6", required=False, minimum=0),
    Column("secs", "float64", "1 / samples_per_sec: reciprocal of throughput, not a latency", "s/image",
           above=0),
    Column("is_pareto", "bool", "no other row of the profile is at least as fast and as accurate and "
           "better in one of the two (secs, top1); timm's toy models (`test_*`) are left aside"),
    Column("source_file", "string", "CSV in `results/` the row comes from"),
    Column("line", "int64", "line in that file, the header is line 1", minimum=1),
    Column("column", "string", "column as the file names it"),
    Column("value", "string", "what stood there"),
    Column("rule", "string", "the rule it broke"),
    Column("expected", "string", "what would have been valid"),
    Column("benchmarks", "int64", "benchmark rows of the profile", minimum=0),
    Column("evaluations", "int64", "evaluations on the main test set (imagenet)", minimum=0),
    Column("matched", "int64", "merged rows: evaluations that found their benchmark", minimum=0),
    Column("benchmark_only", "int64", "benchmark rows that no evaluation matched", minimum=0),
    Column("evaluation_only", "int64", "evaluations without a benchmark row", minimum=0),
    Column("left_out", "int64", "matched rows that the preset's rules left out", minimum=0),
    Column("matched_names", "models", "evaluations that found their benchmark"),
    Column("benchmark_only_names", "models", "architectures and sizes of the benchmark-only rows"),
    Column("evaluation_only_names", "models", "models and sizes of the evaluation-only rows"),
    Column("left_out_names", "models", "models and sizes that the preset's rules left out"),
    Column("kind", "string", "model-added, model-removed, model-renamed, accuracy-moved, speed-moved, "
           "frontier-entered, frontier-left, profile-added, profile-removed, profile-replaced, "
           "test-set-added, test-set-removed, columns-changed"),
    Column("subject", "string", "test set, profile or file the change is about"),
    Column("changed_model", "string", "model the change is about; empty for a change of a whole file"),
    Column("changed_img_size", "int64", "its image size; 0 for a change of a whole file", "pixels",
           minimum=0),
    Column("previous_name", "string", "earlier name of a renamed model or a replaced profile",
           required=False),
    Column("before", "float64", "top1 at the previous results commit", "%", required=False),
    Column("after", "float64", "top1 at this results commit", "%", required=False),
    Column("speed_before", "float64", "samples_per_sec at the previous results commit, for speed-moved",
           "images/s", required=False, above=0),
    Column("speed_after", "float64", "samples_per_sec at this results commit, for speed-moved", "images/s",
           required=False, above=0),
    Column("detail", "string", "the change in words", required=False),
    Column("snapshot_id", "string", "id of the snapshot, which is also the value of the partition column "
           "`snapshot`; in the order of text they are in the order of upstream's history"),
    Column("commit", "string", "results commit the snapshot is made from"),
    Column("committed_at", "string", "when it was committed: ISO 8601 in UTC, such as "
           "`2024-09-05T17:00:00Z`; null for a snapshot of an earlier version whose commit upstream no "
           "longer has",
           required=False),
    Column("previous_snapshot", "string", "snapshot of the results commit before it, which `changes` "
           "compares with, in the folder or not; null for the first results commit, and where committed_at "
           "is null",
           required=False),
    Column("merged_rows", "int64", "rows of its table `merged`; null if that can't be read", "rows",
           required=False, minimum=0),
    Column("is_current", "bool", "the gallery, the charts and the manifest show this snapshot; "
           "true for exactly one"),
)  # fmt: skip

COLUMNS: Final = {column.name: column for column in _COLUMNS}

_NAME = ("model", "architecture", "pretrained_tag", "family", "pretraining", "img_size")
_PROFILE = (
    "profile", "mode", "precision", "layout", "torch", "cuda", "device", "device_label", "device_kind",
    "compiler",
)  # fmt: skip
_SPEED = ("samples_per_sec", "step_time_ms", "batch_size")

EVALUATIONS: Final = Table(
    "evaluations",
    grain=("test_set", "model", "img_size"),
    order=("test_set", "model", "img_size"),
    columns=(
        "test_set", *_NAME, "top1", "top1_err", "top5", "top5_err", "param_count", "crop_pct",
        "interpolation", "top1_diff", "top5_diff", "rank_diff", "source_file",
    ),
    description="Accuracy of a model at an image size on a test set.",
)  # fmt: skip
BENCHMARKS: Final = Table(
    "benchmarks",
    grain=("profile", "model", "img_size"),
    order=("profile", "model", "img_size"),
    columns=(
        *_PROFILE, "model", "architecture", "img_size", *_SPEED, "benchmark_param_count", "gmacs", "macts",
        "source_file",
    ),
    description="Speed of an architecture at an image size under a benchmark profile.",
)  # fmt: skip
MERGED: Final = Table(
    "merged",
    grain=("model", "img_size", "profile"),
    order=("profile", "secs", "model", "img_size"),
    columns=(
        *_NAME, "top1", "top5", "param_count", *_PROFILE, *_SPEED, "benchmark_param_count", "gmacs", "macts",
        "secs", "is_pareto",
    ),
    description="ImageNet accuracy and speed side by side, joined on architecture and image size.",
)  # fmt: skip
COVERAGE: Final = Table(
    "coverage",
    grain=("profile",),
    order=("profile",),
    columns=(
        "profile", "benchmarks", "evaluations", "matched", "benchmark_only", "evaluation_only", "left_out",
        "matched_names", "benchmark_only_names", "evaluation_only_names", "left_out_names",
    ),
    description="What found its counterpart in the merge and what did not, with the names.",
)  # fmt: skip
CHANGES: Final = Table(
    "changes",
    grain=("kind", "subject", "changed_model", "changed_img_size"),
    order=("kind", "subject", "changed_model", "changed_img_size"),
    columns=(
        "kind", "subject", "changed_model", "changed_img_size", "previous_name", "before", "after",
        "speed_before", "speed_after", "detail",
    ),
    description="What is different from the previous results commit.",
)  # fmt: skip
REJECTS: Final = Table(
    "rejects",
    grain=("source_file", "line", "column", "rule"),
    order=("source_file", "line", "column", "rule"),
    columns=("source_file", "line", "column", "value", "rule", "expected"),
    description="Every value that broke a rule; its whole row is in no other table.",
)
COMMITS: Final = Table(
    "commits",
    grain=("snapshot_id",),
    order=("snapshot_id",),
    columns=(
        "snapshot_id", "commit", "committed_at", "previous_snapshot", "merged_rows", "is_current",
    ),
    description="Every snapshot in the outputs, one row in the folder of each, and which one is the current.",
)  # fmt: skip

TABLES: Final = (EVALUATIONS, BENCHMARKS, MERGED, COVERAGE, CHANGES, REJECTS, COMMITS)
