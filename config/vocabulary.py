"""Closed word lists and data files every layer shares. No logic beyond reading the shipped TOML."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Mode = Literal["infer", "train"]
PresetName = Literal["fastai-2022"]  # the files in config/presets; a choice in the form of the UI

TEST_SETS: Final = {
    "imagenet": "ImageNet validation",
    "imagenet-real": "ImageNet with reassessed labels (ReaL)",
    "imagenetv2-matched-frequency": "ImageNet-V2 matched frequency",
    "sketch": "ImageNet-Sketch",
    "imagenet-a": "ImageNet-A (200 classes)",
    "imagenet-a-clean": "ImageNet, the 200 classes of ImageNet-A",
    "imagenet-r": "ImageNet-R (200 classes)",
    "imagenet-r-clean": "ImageNet, the 200 classes of ImageNet-R",
}
MAIN_TEST_SET: Final = "imagenet"
# Images of each test set that count; of ReaL those that have a label left.
TEST_SET_IMAGES: Final = {
    "imagenet": 50_000,
    "imagenet-real": 46_837,
    "imagenetv2-matched-frequency": 10_000,
    "sketch": 50_889,
    "imagenet-a": 7_500,
    "imagenet-a-clean": 10_000,
    "imagenet-r": 30_000,
    "imagenet-r-clean": 10_000,
}

# Earlier names of the same test sets: results-all.csv until 2020-01-31 (82dd60b3),
# results-inv2-matched-frequency.csv until 2022-01-18 (2d4b7e70).
TEST_SET_ALIASES: Final = {
    "all": "imagenet",
    "inv2-matched-frequency": "imagenetv2-matched-frequency",
}

COMPILERS: Final = ("eager", "dynamo")
# Bits of a number, where a name says it; amp is float16 where it can be. A lower precision is one with fewer.
PRECISION_BITS: Final = {
    "float64": 64, "fp64": 64, "float32": 32, "fp32": 32, "amp": 16, "float16": 16, "fp16": 16,
    "bfloat16": 16, "bf16": 16, "fp8": 8, "float8": 8, "int8": 8, "int4": 4,
}  # fmt: skip
# Share by which the same benchmark gives another throughput when it is run again. Upstream measured five
# files a second time with batch sizes as before (4,413 rows): 95 % of the rows of each moved by less than
# 1.1, 2.5, 2.6, 0.5 and 2.9 %, and their medians by up to 1.6 %.
SPEED_NOISE: Final = 0.03

REAL_UPSTREAM: Final = "https://github.com/huggingface/pytorch-image-models.git"
SAMPLE: Final = "sample"
RUN_TAG: Final = "timm-charts"  # of every run in the UI, as in prefect.yaml


@cache
def data_file(name: str) -> dict[str, Any]:
    """Read a TOML file that ships with this package, such as ``names.toml``."""
    return tomllib.loads(files("config").joinpath(name).read_text(encoding="utf-8"))


def preset_names() -> tuple[str, ...]:
    """Return the names of the shipped presets, sorted."""
    folder = files("config").joinpath("presets")
    return tuple(sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml")))
