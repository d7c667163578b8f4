"""The analysis of 2022 through the command line: the published numbers, in the tables and in the charts."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.flows.job import Job, chart_rows, files_of, manifest_of, table

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("post")]

INFER, TRAIN = (f"{mode}-amp-nhwc-pt111-cu113-rtx3090" for mode in ("infer", "train"))
FASTEST, SECS = "levit_128s", 4.654236751715086e-05
ASKED = ("--ref", "upstream-8fca002c", "--preset", "fastai-2022")


@pytest.fixture(scope="module")
def post(job: Job, real_upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    outputs = tmp_path_factory.mktemp("post") / "o"
    there = job.having(TZ="Pacific/Kiritimati", PYTHONHASHSEED="1", LANG="C.UTF-8")
    assert there.refresh(real_upstream, outputs, *ASKED).state == "Completed"
    return outputs


def test_evaluations(post: Path) -> None:
    path = table(post, "evaluations")
    query = f"select count(*) from '{path}' where test_set = 'imagenet'"
    assert duckdb.sql(query).fetchall() == [(668,)]
    (file,) = (f for f in manifest_of(post)["source"]["files"] if f["name"] == "results-imagenet.csv")
    assert (file["rows_in"], file["rows_out"], file["columns"]) == (668, 668, 9)
    best = duckdb.sql(f"select model, top1 from '{path}' where test_set = 'imagenet' order by top1 desc")
    assert best.fetchall()[0] == ("beit_large_patch16_512", 88.602)


@pytest.mark.parametrize(("profile", "rows"), [(INFER, 165), (TRAIN, 172)])
def test_merged(post: Path, profile: str, rows: int) -> None:
    merged = pq.read_table(table(post, "merged"), filters=[("profile", "=", profile)])
    assert merged.num_rows == rows
    assert len(merged["family"].unique()) == 22
    fastest = min(merged.to_pylist(), key=lambda row: row["secs"])
    assert fastest["model"] == FASTEST
    if profile == INFER:
        assert fastest["secs"] == SECS


def test_nothing_but_the_two_profiles(post: Path) -> None:
    profiles = pq.read_table(table(post, "merged"))["profile"].unique().to_pylist()
    assert sorted(profiles) == [INFER, TRAIN]
    assert sorted(path.name for path in (post / "charts").iterdir()) == [INFER, TRAIN]


@pytest.mark.parametrize(
    ("profile", "name", "rows", "families"),
    [
        (INFER, "inference-benchmark", 165, 22),
        (INFER, "inference-subset-benchmark", 61, None),
        (INFER, "inference-parameters-vs-time", 165, 22),
        (INFER, "inference-accuracy-vs-size", 165, 22),
        (INFER, "inference-family-counts", 22, 22),
        (TRAIN, "training-benchmark", 172, 22),
        (TRAIN, "training-subset-benchmark", 66, None),
    ],
)
def test_chart_data(post: Path, profile: str, name: str, rows: int, families: int | None) -> None:
    shown = chart_rows(post, profile, name)
    assert len(shown) == rows
    if families:
        assert len({row["family"] for row in shown}) == families


def test_first_row_of_the_benchmark_chart(post: Path) -> None:
    first = chart_rows(post, INFER, "inference-benchmark")[0]
    assert (first["model"], first["secs"]) == (FASTEST, SECS)


def test_family_counts_add_up(post: Path) -> None:
    bars = chart_rows(post, INFER, "inference-family-counts")
    (number,) = {key for key, value in bars[0].items() if isinstance(value, int)}
    assert sum(bar[number] for bar in bars) == 165


def test_same_input_same_bytes(post: Path, job: Job, real_upstream: str, tmp_path: Path) -> None:
    """Another process, home, cache, time zone, language, hash seed and umask: not one byte differs."""
    other = Job(tmp_path / "home", job.api).having(TZ="America/St_Johns", PYTHONHASHSEED="2", LANG="C")
    umask = os.umask(0o077)
    try:
        other.refresh(real_upstream, tmp_path / "o", *ASKED)
    finally:
        os.umask(umask)
    here, there = files_of(post), files_of(tmp_path / "o")
    assert [name for name in here | there if here.get(name) != there.get(name)] == []
    assert (tmp_path / "o/manifest.json").read_bytes() == (post / "manifest.json").read_bytes()
