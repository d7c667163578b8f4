from __future__ import annotations

import json
import random
import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.contracts import CHANGES, COVERAGE
from config.presets import load_rules
from tasks.artifacts.summary import (
    MOST_HEADLINES,
    MOST_ROWS,
    artifact_key,
    frontier_rows,
    headline_profiles,
    summary_markdown,
)
from tasks.outputs.manifest import Rows, Source, SourceEntry
from tasks.tables.changes import compare
from tasks.tables.contract import empty_table
from tasks.tables.merge import merge_profile
from tasks.tables.news import News
from tests.frames import (
    PROFILE,
    SNAPSHOT,
    a_profile,
    benchmark,
    benchmarks,
    evaluation,
    evaluations,
    manifest,
    merged,
    merged_row,
    tables,
)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4).map(lambda parts: ["chart", *parts]))
def test_a_key_is_what_prefect_accepts(parts: list[str]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", artifact_key(*parts))


def test_a_key_reads_like_its_parts() -> None:
    assert (
        artifact_key("chart", "infer-amp_x-i7_12700H.v2", sample=True)
        == "sample-chart-infer-amp-x-i7-12700h-v2"
    )


# --- the frontier as a table ---


def test_the_frontier_is_most_accurate_first_and_no_longer_than_promised() -> None:
    speeds = range(1, MOST_ROWS + 6)
    frame = merged(
        *(merged_row(f"vit{s}.a", top1=60.0 + s, speed=1000.0 / s) for s in speeds),
        merged_row("bad", 224, 1.0),
    )
    rows = frontier_rows(frame)
    assert len(rows) == MOST_ROWS
    accuracies = [row["top-1, %"] for row in rows]
    assert accuracies == sorted(accuracies, reverse=True)
    assert rows[0]["model"] == f"vit{speeds[-1]}.a"


def test_the_frontier_holds_plain_values_only() -> None:
    rows = frontier_rows(a_profile())
    assert rows
    assert {type(value) for row in rows for value in row.values()} <= {str, int, float}
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_models_of_equal_accuracy_are_in_order_of_name() -> None:
    frame = merged(*(merged_row(name, top1=80.0, speed=10.0) for name in ("vit.b", "vit.c", "vit.a")))
    assert [row["model"] for row in frontier_rows(frame)] == ["vit.a", "vit.b", "vit.c"]


# --- which profiles to show ---


def chosen(*profiles: dict[str, Any], rows: dict[str, int] | None = None) -> list[str]:
    """Return what is chosen of profiles given by mode, torch, device, compiler; all have merged rows."""
    measured = [benchmark("vit", profile=_id(p), **p) for p in profiles]
    random.Random(1).shuffle(measured)  # noqa: S311 - no secret
    joined = [
        merged_row(f"vit.{i}", speed=10.0 + i, profile=_id(p))
        for p in profiles
        for i in range((rows or {}).get(_id(p), 1))
    ]
    return list(headline_profiles(benchmarks(*measured), merged(*joined)).values())


def _id(profile: dict[str, Any]) -> str:
    p = {"mode": "infer", "torch": None, "device": "rtx4090", "compiler": "eager", "layout": "nchw"} | profile
    return f"{p['mode']}-{p['layout']}-{p['torch']}-{p['device']}-{p['compiler']}"


def test_the_newest_torch_is_newest_by_number_not_by_letter() -> None:
    versions = [{"torch": version} for version in ("1.9", "2.10", "1.13", None, "2.9.1")]
    assert chosen(*versions) == [_id({"torch": "2.10"})]
    assert chosen({"torch": "1.9"}, {"torch": "1.13"}) == [_id({"torch": "1.13"})]
    assert chosen({"torch": "2.4.0"}, {"torch": None}) == [_id({"torch": "2.4.0"})]


def test_eager_goes_before_dynamo_and_dynamo_before_nothing() -> None:
    eager, dynamo = {"torch": "2.1"}, {"torch": "2.4", "compiler": "dynamo"}
    assert chosen(dynamo, eager) == [_id(eager)]
    assert chosen(dynamo) == [_id(dynamo)]


def test_inference_of_every_device_goes_before_training() -> None:
    profiles = [
        {"torch": "2.4", "mode": "train"}, {"torch": "2.1", "device": "rtx3090"},
        {"torch": "2.4", "device": "a100"},
    ]  # fmt: skip
    assert chosen(*profiles) == [_id(profiles[2]), _id(profiles[1]), _id(profiles[0])]


def test_of_equal_profiles_the_one_with_most_rows_is_shown() -> None:
    first, second = {"torch": "2.4", "layout": "nchw"}, {"torch": "2.4", "layout": "nhwc"}
    assert chosen(first, second, rows={_id(second): 3}) == [_id(second)]
    assert chosen(first, second) == [_id(first)]


def test_a_profile_without_merged_rows_is_not_shown() -> None:
    old, new = {"torch": "1.12"}, {"torch": "2.4"}
    assert chosen(old, new, rows={_id(new): 0}) == [_id(old)]


def test_there_are_only_a_few() -> None:
    many = [{"torch": "2.4", "device": f"gpu{i}"} for i in range(9)]
    assert len(chosen(*many)) == MOST_HEADLINES


def test_a_key_stays_when_a_newer_benchmark_of_the_device_comes() -> None:
    def keys(*torch: str) -> list[str]:
        rows = [benchmark("vit", profile=f"p{t}", torch=t) for t in torch]
        joined = [merged_row("vit.a", profile=f"p{t}") for t in torch]
        return list(headline_profiles(benchmarks(*rows), merged(*joined)))

    assert keys("2.1") == keys("2.1", "2.4")


# --- the summary ---


def a_summary(changes: pd.DataFrame, **more: Any) -> str:  # noqa: ANN401 - any field
    evaluated = [evaluation("vit.a"), evaluation("vit.b"), evaluation("swin.a")]
    coverage = merge_profile(
        evaluations(*evaluated), benchmarks(benchmark("vit"), benchmark("beit")), load_rules(None)
    ).coverage
    source = Source(
        commit="ee5b1e82" + "0" * 32, committed_at="2024-09-05T10:00:00-07:00",
        previous_commit="ef570e26" + "0" * 32, previous_snapshot="2024-08-13T120000Z-ef570e26", link="https://example.invalid/commit/ee5b1e82",
        files=(
            SourceEntry(name="results-imagenet.csv", blob="", kind="evaluations", rows_in=1500,
                        rows_rejected=2),
            SourceEntry(name="odd.csv", blob="", kind="unknown"),
        ),
        odd_entries=("link.csv",),
    )  # fmt: skip
    facts = {
        "source": source, "rows": Rows(rows_in=1503, rows_out=1501, rows_rejected=2),
        "tables": {"merged": 1440},
    }  # fmt: skip
    whole = manifest(**facts | more)
    previous = whole.source.previous_snapshot
    return summary_markdown(whole, coverage, News(SNAPSHOT, previous, previous, changes))


def some_changes() -> pd.DataFrame:
    return compare(tables(), tables(evaluated=[evaluation("vit.a"), evaluation("vit.b")]))


def test_the_summary_in_full() -> None:
    assert (
        a_summary(some_changes(), failures=("results-sketch.csv: empty file",))
        == f"""\
# Snapshot 2024-09-05 ee5b1e82

Results commit [`ee5b1e82`](https://example.invalid/commit/ee5b1e82) of 2024-09-05, upstream \
`https://example.invalid/timm.git`. 1,440 merged rows, benchmark profiles with rows in them: 1.

0 charts, 0 drawn by this run, 0 as they were.

## Problems

- results-sketch.csv: empty file

## Changes since 2024-08-13 ef570e26, shown before, to 2024-09-05 ee5b1e82

- **Test sets added: 1.** `imagenet`
- **Models added: 2.** `vit.a` at 224, `vit.b` at 224

## Rows of the CSV files

| read | used | rejected |
|--:|--:|--:|
| 1,503 | 1,501 | 2 |

- `results-imagenet.csv`: 2 of 1,500 rejected

## Coverage

| profile | matched | benchmark only | evaluation only | left out by preset |
|---|--:|--:|--:|--:|
| {PROFILE} | 2 | 1 | 1 | 0 |

## Unknown files in results/, not read

- `odd.csv`
- `link.csv`
"""
    )


def test_a_sample_a_preset_and_the_first_commit_are_named() -> None:
    source = manifest().source
    globs = ("infer-*-rtx3090", "train-*")
    text = a_summary(empty_table(CHANGES), sample=True, preset="fastai-2022", source=source, profiles=globs)
    assert "only benchmark profiles that match `infer-*-rtx3090` or `train-*`." in text
    assert "**Sample: made-up numbers" in text
    assert "preset `fastai-2022`" in text
    assert "This is the first results commit." in text
    assert "Results commit `ee5b1e82` of" in text
    assert "Problems" not in text


def test_no_change_and_no_benchmark_are_said() -> None:
    assert (
        "to 2024-09-05 ee5b1e82\n\nNone in profiles, test sets, models, accuracies, speeds, frontiers and columns.\n"
        in a_summary(empty_table(CHANGES))
    )
    text = summary_markdown(
        manifest(), empty_table(COVERAGE), News(SNAPSHOT, None, None, empty_table(CHANGES))
    )
    assert "No benchmark file at this results commit" in text


@pytest.mark.parametrize("changes", [True, False])
def test_there_are_no_stray_blank_lines(changes: bool) -> None:
    text = a_summary(some_changes() if changes else empty_table(CHANGES))
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
