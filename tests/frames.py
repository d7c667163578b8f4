"""Small tables and manifests for tests, with sound defaults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from config.contracts import BENCHMARKS, COVERAGE, EVALUATIONS, MERGED, REJECTS, Table
from config.presets import load_rules
from tasks.charts.chart import ChartContext
from tasks.charts.jobs import DrawJob
from tasks.outputs.manifest import MANIFEST_VERSION, Manifest, Rows, Source
from tasks.tables.contract import as_table, empty_table
from tasks.tables.devices import device_of, kind_of
from tasks.tables.filenames import classify
from tasks.tables.frontier import is_on_frontier
from tasks.tables.names import family_of, split_model
from tasks.tables.snapshot import Snapshot, UsedFile
from tasks.tables.source import ResultsCommit

COMMIT = ResultsCommit("ee5b1e82" + "0" * 32, datetime(2024, 9, 5, 17, tzinfo=UTC))
SNAPSHOT = "2024-09-05T170000Z-ee5b1e82"
SNAPSHOT_IN_WORDS = "2024-09-05 ee5b1e82"
PROFILE = "infer-amp-nchw-pt240-cu124-rtx4090"
FAMILIES = (
    "beit", "convnext", "deit", "efficientnet", "levit", "mixnet", "regnetx", "resnet", "swin", "test_net", "vgg",
    "vit",
)  # fmt: skip
_RULES = load_rules(None).family
_TABLES: dict[tuple[Table, str], pd.DataFrame] = {}


def evaluation(model: str, img_size: int = 224, top1: float = 80.0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any cell
    architecture, tag = split_model(model)
    top5 = more.pop("top5", 95.0)
    return {
        "test_set": "imagenet", "model": model, "architecture": architecture, "pretrained_tag": tag,
        "family": family_of(architecture, _RULES), "pretraining": "unknown",
        "img_size": img_size, "top1": top1, "top1_err": round(100 - top1, 6),
        "top5": top5, "top5_err": round(100 - top5, 6), "param_count": 10.0,
        "source_file": "results-imagenet.csv", **more,
    }  # fmt: skip


def benchmark(model: str, img_size: int = 224, speed: float = 100.0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any cell
    row = {
        "profile": PROFILE, "mode": "infer", "precision": "amp", "layout": "nchw", "torch": "2.4.0",
        "cuda": "12.4", "device": "rtx4090", "compiler": "eager", "model": model,
        "architecture": split_model(model)[0], "img_size": img_size, "samples_per_sec": speed,
        "step_time_ms": 1000 * 256 / speed, "batch_size": 256, "benchmark_param_count": 11.0, "gmacs": 1.5,
        "macts": 2.5, "source_file": f"benchmark-{PROFILE}.csv", **more,
    }  # fmt: skip
    return row | on_device(row["device"], row["cuda"])


def on_device(spelling: str, cuda: str | None = "12.4") -> dict[str, Any]:
    """Return the columns that say what a row was measured on."""
    device = device_of(spelling, kind_of(cuda))
    return {"device": device.id, "device_label": device.label, "device_kind": device.kind}


def merged_row(
    model: str,
    img_size: int = 224,
    top1: float = 80.0,
    speed: float = 100.0,
    **more: Any,  # noqa: ANN401 - any cell
) -> dict[str, Any]:
    row = benchmark(model, img_size, speed) | evaluation(model, img_size, top1)
    row |= {"secs": 1 / speed, "is_pareto": False} | more
    return row | on_device(row["device"], row["cuda"])


def evaluations(*rows: dict[str, Any]) -> pd.DataFrame:
    return _table(EVALUATIONS, rows)


def benchmarks(*rows: dict[str, Any]) -> pd.DataFrame:
    return _table(BENCHMARKS, rows)


def merged(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return the table with its frontier marked, as `merge_profile` does for one profile."""
    return _table(MERGED, rows)


def _table(table: Table, rows: Sequence[dict[str, Any]] = ()) -> pd.DataFrame:
    """Return a copy of the table; one with the same rows is made and checked only once for all tests."""
    key = (table, repr(rows))
    if key not in _TABLES:
        frame = pd.DataFrame(rows)
        if table is MERGED and rows:
            frame = frame.assign(is_pareto=is_on_frontier(frame["secs"], frame["top1"]))
        _TABLES[key] = as_table(frame, table) if rows else empty_table(table)
    return _TABLES[key].copy(deep=True)


def tables(
    *,
    evaluated: Sequence[dict[str, Any]] = (),
    measured: Sequence[dict[str, Any]] = (),
    joined: Sequence[dict[str, Any]] = (),
    headers: dict[str, tuple[str, ...]] | None = None,
) -> Snapshot:
    used = [UsedFile(classify(name), header, 0, 0, 0, ()) for name, header in (headers or {}).items()]
    return Snapshot(
        commit=COMMIT,
        used=tuple(used), unusable={}, unmerged=(), rejects=_table(REJECTS),
        evaluations=evaluations(*evaluated), benchmarks=benchmarks(*measured), merged=merged(*joined),
        coverage=_table(COVERAGE),
    )  # fmt: skip


def a_profile(models: int = 60, seed: int = 1) -> pd.DataFrame:
    """Return made-up merged rows of many families, with two tags for some architectures."""
    return _profile(models, seed).copy(deep=True)


@cache
def _profile(models: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for i in range(models):
        architecture = f"{FAMILIES[i % len(FAMILIES)]}{i}"
        speed = float(np.round(10 ** random.uniform(1.5, 4.5), 2))
        top1 = float(np.round(70 + 6 * (4.5 - np.log10(speed)) + random.normal(0, 2), 3))
        millions = float(np.round(10 ** random.uniform(0.3, 2.8), 2))
        size = int(random.choice([160, 224, 288, 384, 512]))
        more = {"param_count": millions, "benchmark_param_count": millions + 1}
        rows += [
            merged_row(f"{architecture}.{tag}", size, top1 - (tag == "b"), speed, **more)
            for tag in ["a", "b"][: 1 + (i % 3 == 0)]
        ]
    return merged(*rows)


def context(**more: Any) -> ChartContext:  # noqa: ANN401 - any field
    facts: dict[str, Any] = {
        "mode": "infer", "profile": PROFILE, "profile_in_words": "inference, rtx4090, amp, PyTorch 2.4.0",
        "commit": "ee5b1e82", "date": "2024-09-05", "sample": False,
        "preset": None,
    }  # fmt: skip
    return ChartContext(**facts | more)


def draw_job(stem: str, rows: pd.DataFrame, where: ChartContext) -> DrawJob:
    return DrawJob(stem, rows, where, ("results-imagenet.csv",), "ee5b1e82" + "0" * 32)


def manifest(**more: Any) -> Manifest:  # noqa: ANN401 - any field
    facts: dict[str, Any] = {
        "manifest_version": MANIFEST_VERSION, "build": "b0", "snapshot": SNAPSHOT,
        "upstream": "https://example.invalid/timm.git", "sample": False, "preset": None, "profiles": (),
        "source": Source(
            commit=COMMIT.sha, committed_at="2024-09-05T10:00:00-07:00", previous_commit=None, previous_snapshot=None,
            link=None, files=(), odd_entries=(),
        ),
        "rows": Rows(rows_in=0, rows_out=0, rows_rejected=0), "tables": {"merged": 0}, "charts": (),
        "not_drawn": (), "failures": (), "failed_charts": (), "snapshots": {}, "files": {}, "versions": {},
    }  # fmt: skip
    return Manifest(**facts | more)
