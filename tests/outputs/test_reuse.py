from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.tables.filenames import classify
from tasks.outputs.manifest import ChartEntry, Manifest, SnapshotEntry, Source, SourceEntry
from tasks.tables.lineage import Inputs, benchmark_files, evaluation_files, merge_files, work_key
from tasks.outputs.reuse import Standing, why_redraw
from tests.frames import manifest

LABEL = "infer-a/inference-benchmark"
COMMIT = "c" * 40
BLOBS = {"benchmark-a.csv": "1" * 40, "results-imagenet.csv": "2" * 40}


def a_chart(**more: Any) -> ChartEntry:  # noqa: ANN401 - any field
    facts: dict[str, Any] = {
        "profile": "infer-a", "name": "inference-benchmark", "title": "", "question": "", "category": "",
        "description": "", "rows": 1, "left_out": {}, "files": tuple(BLOBS), "changed_by": COMMIT,
    }  # fmt: skip
    return ChartEntry(**facts | more)


def built(blobs: Mapping[str, str] = BLOBS, code: str = "code", **more: Any) -> Manifest:  # noqa: ANN401 - any field
    empty = manifest()
    entries = tuple(SourceEntry(name=n, blob=b, kind="benchmarks") for n, b in blobs.items())
    source = Source(**{**dict(empty.source), "files": entries})
    made = SnapshotEntry(commit=COMMIT, preset=None, profiles=(), code=code)
    facts: dict[str, Any] = {
        "source": source, "snapshots": {empty.snapshot: made}, "charts": (a_chart(),),
        "files": {f"charts/{LABEL}.svg": "d1", f"charts/{LABEL}-more.svg": "d2", "index.html": "d3"},
    }  # fmt: skip
    return manifest(**facts | more)


def why(before: Standing | None, **more: Any) -> str | None:  # noqa: ANN401 - any field
    facts: dict[str, Any] = {"blobs": BLOBS, "changed_by": COMMIT, "code": "code", "preset": None}
    return why_redraw(LABEL, Inputs(**facts | more), before)


def standing(*damaged: str, **more: Any) -> Standing:  # noqa: ANN401 - any field
    return Standing(built(**more), frozenset(damaged))


def test_a_chart_stays_while_nothing_it_is_made_from_changes() -> None:
    assert why(standing()) is None
    assert why(standing("index.html", f"charts/{LABEL}-more.svg")) is None
    assert why(standing(blobs={**BLOBS, "benchmark-b.csv": "3" * 40})) is None


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, {}, "there is no earlier build"),
        (standing(code="older"), {}, "the code or a library changed"),
        (standing(preset="fastai-2022"), {}, "preset fastai-2022 before, none now"),
        (standing(charts=()), {}, "it is new"),
        (standing(charts=(), failed_charts=(LABEL,)), {}, "it failed before"),
        (standing(), {"blobs": {**BLOBS, "benchmark-a.csv": "9" * 40}}, "benchmark-a.csv changed"),
        (standing(), {"blobs": {"benchmark-a.csv": "1" * 40}}, "results-imagenet.csv is gone"),
        (standing(), {"blobs": {**BLOBS, "x.csv": "1" * 40}}, "x.csv is new"),
        (standing(), {"changed_by": "d" * 40}, "the history was rewritten: commit dddddddd, before cccccccc"),
        (standing(f"charts/{LABEL}.svg"), {}, f"missing or altered: charts/{LABEL}.svg"),
    ],
)
def test_why_a_chart_is_drawn_again(before: Standing | None, now: dict[str, Any], expected: str) -> None:
    assert why(before, **now) == expected


def test_a_long_list_of_changed_files_is_cut() -> None:
    many = {f"results-{i}.csv": f"{i}" * 40 for i in range(6)}
    assert why(standing(), blobs={**BLOBS, **many}) == (
        "results-0.csv is new; results-1.csv is new; results-2.csv is new; and 3 more files"
    )


def test_a_chart_without_rows_stays_undrawn() -> None:
    assert why(standing(charts=(), not_drawn=(a_chart(reason="no rows"),), files={})) is None


def test_a_build_is_current_when_it_is_the_one_and_whole() -> None:
    build = built().build
    assert standing().is_current(build)
    assert not standing().is_current("another")
    assert not standing("index.html").is_current(build)
    assert not standing(failed_charts=(LABEL,)).is_current(build)


def test_a_snapshot_is_damaged_by_its_own_tables_but_not_by_the_table_of_all() -> None:
    paths = ("snapshots/merged/snapshot=s1/part-0.parquet", "snapshots/commits/snapshot=s2/part-0.parquet")
    assert standing(*paths, "index.html").damaged_snapshots == {"s1"}
