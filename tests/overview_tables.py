"""Made-up whole tables for charts that compare profiles and test sets."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from config.vocabulary import TEST_SETS
from tasks.tables.filenames import BenchmarkProfile, classify
from tests.frames import FAMILIES, benchmark, benchmarks, context, evaluation, evaluations

OVERVIEW_CONTEXT = context(mode=None, profile="overview", profile_in_words="")
PROFILES = (
    "infer-amp-nchw-pt210-cu121-gpua",
    "infer-amp-nchw-pt240-cu124-gpua",
    "infer-amp-nchw-pt240-cu124-gpua-dynamo",
    "infer-amp-nhwc-pt240-cu124-gpua",
    "infer-amp-nchw-pt240-cu124-gpub",
    "infer-fp32-nchw-pt240-cpu-cpuc-dynamo",
    "infer-fp32-nchw-pt240-cpu-cpud-dynamo",
    "train-amp-nchw-pt230-cu121-gpua",
    "infer-fp32-nchw-pt240-cu124-gpua",
)


@cache
def profile_of(profile_id: str) -> BenchmarkProfile:
    kind = classify(f"benchmark-{profile_id}.csv")
    assert isinstance(kind, BenchmarkProfile), profile_id
    return kind


def measured(
    profile_id: str,
    model: str,
    img_size: int = 224,
    speed: float = 100.0,
    **more: Any,  # noqa: ANN401 - any cell
) -> dict[str, Any]:
    """Return a benchmark row with the columns that the profile's name tells."""
    p = profile_of(profile_id)
    told = {
        "profile": p.id, "mode": p.mode, "precision": p.precision, "layout": p.layout, "torch": p.torch,
        "cuda": p.cuda, "device": p.device, "compiler": p.compiler, "source_file": p.name,
    }  # fmt: skip
    return benchmark(model, img_size, speed, **(told | more))


def a_benchmark_table(models: int = 40, profiles: Iterable[str] = PROFILES, seed: int = 7) -> pd.DataFrame:
    """Return made-up rows: each profile measures most models, some at another batch size."""
    return benchmarks(*_measured(models, tuple(profiles), seed))


@cache
def _measured(models: int, profiles: tuple[str, ...], seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    rows = []
    for number, profile in enumerate(profiles):
        for i in range(models):
            if random.random() < 0.1:
                continue
            speed = float(np.round(10 ** (4 - i % 25 / 10 - number / 10) * random.uniform(0.8, 1.2), 2))
            batch = 256 if random.random() < 0.8 else 128
            parameters = 11.0 if random.random() < 0.9 else 12.0
            gmacs = None if profile.startswith("train") else 1.5 if random.random() < 0.9 else 1.6
            more = {"batch_size": batch, "benchmark_param_count": parameters, "gmacs": gmacs}
            rows.append(measured(profile, f"{FAMILIES[i % len(FAMILIES)]}{i}", 224, speed, **more))
    return rows


def an_evaluation_table(models: int = 48, seed: int = 8) -> pd.DataFrame:
    """Return made-up evaluations on all test sets, a third of the models at two sizes, some sets with gaps."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(models):
        model = f"{FAMILIES[i % len(FAMILIES)]}{i}.tag"
        for size in (224, 288)[: 1 + (i % 3 == 0)]:
            top1 = float(np.round(random.uniform(65, 90), 2))
            for number, test_set in enumerate(TEST_SETS):
                if test_set == "sketch" and i % 8 == 5:
                    continue
                value = float(np.round(max(0.0, top1 - 9 * number + random.normal(0, 2)), 2))
                rows.append(evaluation(model, size, value if number else top1, test_set=test_set))
    return evaluations(*rows)


def profiles_of_panels(table: pd.DataFrame, rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Find the two profiles of each panel again by its ratios, among all pairs of profiles there are."""
    columns = ["profile", "architecture", "img_size", "samples_per_sec"]
    speed = {(p, name, size): value for p, name, size, value in table[columns].itertuples(index=False)}
    ids = sorted(table["profile"].unique())
    found = []
    for panel, members in rows.groupby("panel"):
        wanted = list(zip(members["architecture"], members["img_size"], members["ratio"], strict=True))
        fitting = [
            (base, other)
            for base in ids
            for other in ids
            if base != other
            and all(
                (base, name, size) in speed
                and (other, name, size) in speed
                and math.isclose(speed[other, name, size] / speed[base, name, size], ratio)
                for name, size, ratio in wanted
            )
        ]
        assert len(fitting) == 1, (panel, fitting)
        found += fitting
    return found


def differences(table: pd.DataFrame, base: str, other: str) -> set[str]:
    """Return the dimensions in which two profiles of a table differ."""
    profiles = table.drop_duplicates("profile").set_index("profile")
    names = ["mode", "precision", "layout", "torch", "device", "compiler"]
    return {name for name in names if profiles.at[base, name] != profiles.at[other, name]}
