"""Results that are not as they should be: bad files and rows, unknown names, hostile text."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest

from tests.flows.job import (
    INFER,
    MODELS,
    TRAIN,
    Job,
    benchmark_csv,
    builds_of,
    chart_rows,
    evaluations_csv,
    files_of,
    listing,
    manifest_of,
    results,
    table,
)
from tests.gitrepo import Upstream, make_upstream
from tests.prefect_server import call

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("odd")]

PAGE = "<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n"
TRAIN_FILE = f"benchmark-{TRAIN}.csv"


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return make_upstream(tmp_path / "up.git")


def summary_of(job: Job, run_id: str) -> str:
    asked = {"flow_runs": {"id": {"any_": [run_id]}}, "artifacts": {"key": {"like_": "%summary"}}}
    (artifact,) = call(f"{job.api}/artifacts/filter", asked)
    text: str = artifact["data"]
    return text


def test_bad_file_bad_row_and_unknown_file(job: Job, upstream: Upstream, outputs: Path) -> None:
    """All three in one run: each is reported, and what does not depend on them is made."""
    lines = evaluations_csv().splitlines()
    lines[3] = lines[3].replace(",80.2,", ",180.2,")
    files = results(imagenet="\n".join(lines) + "\n", train=PAGE, **{"benchmark-tpu": "model,x\na,1\n"})
    commit = upstream.commit(files)
    ended = job.refresh(upstream.url, outputs)

    assert ended.state == "CompletedWithErrors"
    assert f"{TRAIN_FILE}@{commit[:8]}" in ended.out
    assert "Traceback" not in ended.out + ended.err
    manifest = manifest_of(outputs)
    assert {chart["profile"] for chart in manifest["charts"]} - {"overview"} == {INFER}
    assert files_of(outputs) == manifest["files"]
    (problem,) = manifest["failures"]
    assert f"{TRAIN_FILE}@{commit[:8]}" in problem

    entries = {file["name"]: file for file in manifest["source"]["files"]}
    assert entries[TRAIN_FILE]["error"] == problem
    assert entries["benchmark-tpu.csv"]["kind"] == "unknown"
    assert manifest["rows"] == {"rows_in": 20, "rows_out": 19, "rows_rejected": 1}

    (reject, *more) = pq.read_table(table(outputs, "rejects")).to_pylist()
    assert (reject["source_file"], reject["line"], reject["column"]) == ("results-imagenet.csv", 4, "top1")
    assert (reject["value"], reject["rule"]) == ("180.2", "range")
    assert {row["line"] for row in more} <= {4}
    merged = pq.read_table(table(outputs, "merged")).to_pylist()
    assert ("resnet50.a1_in1k", 224) not in {(row["model"], row["img_size"]) for row in merged}
    assert len(merged) == len(MODELS) - 1

    summary = summary_of(job, ended.run_id)
    for words in (problem, "`benchmark-tpu.csv`", "| 20 | 19 | 1 |"):
        assert words in summary

    again = job.refresh(upstream.url, outputs)
    assert again.state == "Unchanged"


def test_a_bad_main_file_fails_the_run_and_keeps_the_outputs(
    job: Job, upstream: Upstream, outputs: Path
) -> None:
    upstream.commit(results())
    job.refresh(upstream.url, outputs)
    before = listing(outputs)
    commit = upstream.commit(results(imagenet=PAGE), date="2024-03-01")
    ended = job.run("refresh", "--upstream", upstream.url, "--outputs", outputs)
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert f"results-imagenet.csv@{commit[:8]}" in ended.errors[0]
    assert "Traceback" not in ended.out + ended.err
    assert listing(outputs) == before


def test_an_empty_merge_is_an_error(job: Job, upstream: Upstream, outputs: Path) -> None:
    others = [(f"other{number}", 224, 80.0, 1000.0) for number in range(3)]
    upstream.commit(results(infer=benchmark_csv(others)))
    ended = job.run("refresh", "--upstream", upstream.url, "--outputs", outputs)
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert f"empty merge for {INFER}" in ended.errors[0]
    assert not (outputs / "manifest.json").exists()


def test_one_empty_merge_of_two_fails_alone(job: Job, upstream: Upstream, outputs: Path) -> None:
    others = [("other1", 224, 80.0, 1000.0)]
    upstream.commit(results(train=benchmark_csv(others, mode="train")))
    assert job.refresh(upstream.url, outputs).state == "CompletedWithErrors"
    manifest = manifest_of(outputs)
    assert {chart["profile"] for chart in manifest["charts"]} - {"overview"} == {INFER}
    assert f"empty merge for {TRAIN}" in manifest["failures"][0]


def test_no_benchmark_file_gives_evaluations_and_no_chart_then_charts(
    job: Job, upstream: Upstream, outputs: Path
) -> None:
    upstream.commit(results(infer=None))
    ended = job.refresh(upstream.url, outputs)
    assert ended.state == "Completed"
    assert "0 charts" in ended.out
    manifest = manifest_of(outputs)
    assert manifest["charts"] == []
    assert manifest["tables"]["evaluations"] == len(MODELS)
    assert manifest["tables"]["merged"] == 0
    assert files_of(outputs) == manifest["files"]
    assert not (outputs / "charts").exists()
    assert "evaluations only, no chart" in summary_of(job, ended.run_id)

    upstream.commit(results(), date="2024-02-01")
    job.refresh(upstream.url, outputs)
    assert len(list((outputs / "charts" / INFER).glob("*.svg"))) == 5  # no GMACs in these files

    upstream.commit({f"results/benchmark-{INFER}.csv": None}, date="2024-03-01")
    job.refresh(upstream.url, outputs)
    assert not (outputs / "charts").exists()
    assert not (outputs / "charts").is_symlink()
    assert files_of(outputs) == manifest_of(outputs)["files"]
    assert len(builds_of(outputs)) == 1


def test_a_family_with_one_model_only(job: Job, upstream: Upstream, outputs: Path) -> None:
    """One row: axes have no extent, no line can be fitted, the subset chart has nothing to show."""
    only = [("vit_base_patch16_224.augreg_in21k_ft_in1k", 224, 84.5, 1500.0)]
    upstream.commit({**results(imagenet=evaluations_csv(only), infer=benchmark_csv(only))})
    job.refresh(upstream.url, outputs)
    manifest = manifest_of(outputs)
    assert manifest["failures"] == []
    assert len(manifest["charts"]) == 4
    missing = [chart["name"] for chart in manifest["not_drawn"] if chart["profile"] == INFER]
    assert missing == ["inference-subset-benchmark", "inference-compute-vs-time"]
    assert all(chart["reason"].startswith("no rows") for chart in manifest["not_drawn"])


# --- text that means something to a browser ---

HOSTILE = (
    "resnet18.</script><script>alert(1)</script>",
    'resnet34."quoted"\'&amp;<b>',
    "resnet50.<!--<script>",
    "levit_128.]]>\\u003c&lt;",
)


class Counted(HTMLParser):
    """Elements of a page by name, and attributes that run code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_model_names_stay_text(job: Job, tmp_path: Path) -> None:
    pages = {}
    for name, models in (
        ("plain", [(f"{hostile.partition('.')[0]}.tag", 224, 89.0, 30000.0) for hostile in HOSTILE]),
        ("hostile", [(hostile, 224, 89.0, 30000.0) for hostile in HOSTILE]),
    ):
        upstream = make_upstream(tmp_path / f"{name}.git")
        upstream.commit(results(imagenet=evaluations_csv(models), infer=benchmark_csv(models)))
        pages[name] = tmp_path / name
        job.refresh(upstream.url, pages[name])
    hostile, plain = pages["hostile"], pages["plain"]
    assert {row["model"] for row in chart_rows(hostile, INFER, "inference-benchmark")} == set(HOSTILE)
    found = sorted(hostile.glob("charts/*/*.html"))
    assert len(found) == 5
    for page in [*found, hostile / "index.html", hostile / "explorer.html"]:
        expected = Counted((plain / page.relative_to(hostile)).read_text(encoding="utf-8"))
        counted = Counted(page.read_text(encoding="utf-8"))
        assert counted.elements == expected.elements, page
        assert counted.handlers == []
    for picture in sorted(hostile.glob("charts/*/*.svg")):
        elements = Counter(element.tag.rpartition("}")[2] for element in ET.parse(picture).iter())  # noqa: S314
        assert not elements.keys() & {"script", "b", "foreignObject"}, picture
