"""One full run on the newest results of the bundle, looked at from all sides."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import struct
import zlib
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import pyarrow.parquet as pq
import pytest

from config.contracts import TABLES
from tasks.artifacts.changes import MOST_TABLE_ROWS
from tests.flows.job import (
    Newest,
    builds_of,
    chart_rows,
    files_of,
    table,
)
from tests.prefect_server import call, wait_for
from tests.real.bundle import files_at, read_blobs

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newest")]

CHARTS = (
    "benchmark", "subset-benchmark", "parameters-vs-time", "accuracy-vs-size", "compute-vs-time", "family-counts",
)  # fmt: skip
OVERVIEW = (
    "compiler-speedup", "device-relative-speed", "device-speedup", "layout-speedup", "robustness",
    "robustness-ranks", "torch-versions", "training-cost",
)  # fmt: skip
NOT_DRAWN = ["precision-speedup"]  # no device of the bundle was measured with two precisions, all else equal
FORMATS = ("csv", "html", "svg", "png", "vl.json")
TERMINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
MOST_PICTURE_CHARACTERS = 200_000


# --- tables ---


def rows_of(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def independent_counts() -> dict[str, int]:
    """Return merged rows by profile: nothing but dictionaries over the text of the files."""
    blobs = dict(files_at("HEAD"))
    content = read_blobs(blobs.values())
    files = {name: content[blob] for name, blob in blobs.items()}
    evaluated = Counter(
        (row["model"].split(".")[0], int(row["img_size"])) for row in rows_of(files, "results-imagenet.csv")
    )
    counts = {}
    for name in files:
        if found := re.fullmatch(r"benchmark-((infer|train)-.+)\.csv", name):
            profile, mode = found[1], found[2]
            measured = {
                (row["model"], int(float(row[f"{mode}_img_size"])))
                for row in rows_of(files, name)
                if row[f"{mode}_samples_per_sec"]
            }
            counts[profile] = sum(evaluated[key] for key in measured)
    return counts


def test_merged_rows_equal_plain_loops(newest: Newest) -> None:
    merged = table(newest.outputs, "merged")
    found = duckdb.sql(f"select profile, count(*) from '{merged}' group by profile").fetchall()
    expected = independent_counts()
    assert len(expected) == 14
    assert dict(found) == expected


def test_grain_is_unique_in_every_table(newest: Newest) -> None:
    for contract in TABLES:
        path = table(newest.outputs, contract.name)
        rows = pq.read_table(path, columns=list(contract.grain)).to_pylist()
        keys = [tuple(row.values()) for row in rows]
        assert len(set(keys)) == len(keys) == newest.manifest["tables"][contract.name], contract.name


def test_tables_read_as_a_hive_layout(newest: Newest) -> None:
    files = newest.outputs / "snapshots/*/*/*.parquet"
    query = (
        f"select distinct snapshot from read_parquet('{files}', hive_partitioning=true, union_by_name=true)"
    )
    assert duckdb.sql(query).fetchall() == [(newest.manifest["snapshot"],)]


def test_rows_in_are_rows_out_and_rejected(newest: Newest) -> None:
    rows = newest.manifest["rows"]
    assert rows["rows_in"] == rows["rows_out"] + rows["rows_rejected"] > 0
    blobs = dict(files_at("HEAD"))
    content = read_blobs(blobs.values())
    lines = {
        name: len(list(csv.reader(io.StringIO(content[blob].decode())))) - 1 for name, blob in blobs.items()
    }
    files = {f["name"]: f for f in newest.manifest["source"]["files"]}
    assert {name: f["rows_in"] for name, f in files.items()} == lines
    assert {name: f["blob"] for name, f in files.items()} == blobs
    assert rows["rows_in"] == sum(lines.values())
    assert [name for name, f in files.items() if f["rows_rejected"]] == [
        "benchmark-infer-amp-nchw-pt210-cu121-rtx3090.csv"
    ]


def test_the_bundle_is_parsed_without_a_problem(newest: Newest) -> None:
    assert newest.ended.state == "Completed"
    assert newest.manifest["failures"] == []
    assert [chart["name"] for chart in newest.manifest["not_drawn"]] == NOT_DRAWN
    assert "Traceback" not in newest.ended.out + newest.ended.err


# --- files and pictures ---


def test_every_file_is_in_the_manifest_and_nothing_else(newest: Newest) -> None:
    assert files_of(newest.outputs) == newest.manifest["files"]
    assert builds_of(newest.outputs) == [newest.manifest["build"]]


def test_every_chart_of_every_profile_in_every_format(newest: Newest) -> None:
    profiles = independent_counts()
    expected = {
        f"charts/{profile}/{'training' if profile.startswith('train') else 'inference'}-{chart}.{form}"
        for profile in profiles
        for chart in CHARTS
        for form in FORMATS
    }
    assert len(expected) == 14 * 6 * 5
    expected |= {f"charts/overview/{chart}.{form}" for chart in OVERVIEW for form in FORMATS}
    assert {name for name in newest.manifest["files"] if name.startswith("charts/")} == expected


def test_charts_show_the_rows_the_manifest_says(newest: Newest) -> None:
    assert len(newest.manifest["charts"]) == 14 * len(CHARTS) + len(OVERVIEW)
    for chart in newest.manifest["charts"]:
        rows = chart_rows(newest.outputs, chart["profile"], chart["name"])
        assert len(rows) == chart["rows"] > 0, chart
        path = newest.outputs / "charts" / chart["profile"] / f"{chart['name']}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.DictReader(file)) == chart["rows"], chart


def test_rows_shown_and_left_out_are_the_merged_rows(newest: Newest) -> None:
    merged = independent_counts()
    for chart in newest.manifest["charts"]:
        if chart["profile"] != "overview" and not chart["name"].endswith("family-counts"):
            assert chart["rows"] + sum(chart["left_out"].values()) == merged[chart["profile"]], chart


def test_a_picture_has_a_mark_for_every_row(newest: Newest) -> None:
    for chart in newest.manifest["charts"]:
        svg = ET.parse(newest.outputs / "charts" / chart["profile"] / f"{chart['name']}.svg").getroot()  # noqa: S314 - our own file
        is_cells = chart["name"].endswith(("family-counts", "robustness-ranks", "relative-speed"))
        kind = "mark-rect" if is_cells else "mark-symbol"
        marks = sum(
            len(group)
            for group in svg.iter("{http://www.w3.org/2000/svg}g")
            if kind in group.get("class", "") and "role-mark" in group.get("class", "")
        )
        panels = {"inference-compute-vs-time": 2, "training-compute-vs-time": 2, "robustness": 5}
        expected = chart["rows"] * panels.get(chart["name"], 1)
        if chart["name"].endswith("accuracy-vs-size"):
            expected += pairs_of_sizes(newest, chart["profile"])
        assert marks == expected, (chart["profile"], chart["name"])


def pairs_of_sizes(newest: Newest, profile: str) -> int:
    """Count the dots of models that were evaluated at more than one size, one for each next larger size."""
    query = f"""select sum(sizes - 1)::int from (select count(*) as sizes
        from '{table(newest.outputs, "merged")}' where profile = $1 and model not like 'test\\_%' escape '\\'
        group by model)"""
    [(pairs,)] = duckdb.execute(query, [profile]).fetchall()
    return int(pairs)


def png_facts(data: bytes) -> tuple[int, int, int]:
    """Return width, height and the number of different values among some of its bytes."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    at, packed = 8, b""
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + size]
        at += size + 12
    return width, height, len(set(zlib.decompress(packed)[::97]))


def test_no_picture_is_blank(newest: Newest) -> None:
    for path in sorted(newest.outputs.glob("charts/*/*.png")):
        width, height, values = png_facts(path.read_bytes())
        assert width > 1000, path
        assert height > 400, path
        assert values > 60, path  # a white picture has two


def test_pages_take_nothing_from_the_network_and_share_one_vega(newest: Newest) -> None:
    for path in sorted(newest.outputs.glob("charts/*/*.html")):
        page = path.read_text(encoding="utf-8")
        links = re.findall(r'(?:src|href)="([^"]*)"', page)
        assert [link for link in links if "//" in link] == [], path
        assert [x for x in links if not x.startswith("#") and not (path.parent / x).is_file()] == [], path
    assert len(list(newest.outputs.glob("assets/vega-*.js"))) == 1


# --- records in Prefect ---


def task_runs(newest: Newest) -> list[dict[str, Any]]:
    """Return all task runs once they are recorded; Prefect writes them some seconds late."""

    def recorded() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = []
        asked = {"flow_runs": {"id": {"any_": [newest.ended.run_id]}}, "limit": 200}
        while page := call(f"{newest.api}/task_runs/filter", {**asked, "offset": len(found)}):
            found += page
        done = all(run["state_type"] in TERMINAL for run in found)
        drawn = sum(run["name"].startswith("draw ") for run in found)
        return found if done and drawn >= len(newest.manifest["charts"]) else None

    return wait_for(recorded, within=60, what="all task runs in a terminal state")


def test_every_run_is_in_a_terminal_state(newest: Newest) -> None:
    runs = task_runs(newest)
    assert {run["state_type"] for run in runs} == {"COMPLETED"}
    kinds = Counter(run["name"].split()[0] for run in runs)
    assert kinds == {
        "sync": 1, "read": 2, "parse": 23, "stack": 1, "merge": 14, "compare": 1, "draw": 93, "write": 1,
        "publish": 1, "artifacts": 1, "announce": 1,
    }  # fmt: skip
    flow_run = call(f"{newest.api}/flow_runs/{newest.ended.run_id}")
    assert flow_run["state_type"] == "COMPLETED"
    assert flow_run["parameters"]["outputs"] == str(newest.outputs)


@pytest.fixture(scope="module")
def artifacts(newest: Newest) -> dict[str, dict[str, Any]]:
    asked = {"flow_runs": {"id": {"any_": [newest.ended.run_id]}}}
    return {found["key"]: found for found in call(f"{newest.api}/artifacts/filter", asked)}


def test_artifacts_have_stable_keys(artifacts: dict[str, dict[str, Any]]) -> None:
    kinds = Counter(key.split("-")[0] for key in artifacts)
    assert kinds["summary"] == 1
    assert 1 <= kinds["frontier"] == kinds["chart"] <= 8
    assert set(kinds) == {"summary", "changes", "progress", "frontier", "chart"}
    assert artifacts["progress-drawing-charts"]["data"] == 100


def test_the_changes_are_a_table_of_plain_values(
    artifacts: dict[str, dict[str, Any]], newest: Newest
) -> None:
    changes = pq.read_table(table(newest.outputs, "changes")).to_pylist()
    rows = json.loads(artifacts["changes"]["data"])
    assert len(rows) == min(len(changes), MOST_TABLE_ROWS) > 0
    assert "NaN" not in artifacts["changes"]["data"]
    assert [row["kind"] for row in rows] == [change["kind"] for change in changes[: len(rows)]]
    for kind, count in Counter(change["kind"] for change in changes).items():
        assert f": {count:,}.**" in artifacts["summary"]["data"], kind


def test_the_summary_says_where_the_numbers_come_from(
    artifacts: dict[str, dict[str, Any]], newest: Newest
) -> None:
    text, manifest = artifacts["summary"]["data"], newest.manifest
    assert manifest["source"]["commit"][:8] in text
    assert manifest["source"]["committed_at"][:10] in text
    for count in manifest["rows"].values():
        assert f"{count:,}" in text
    for coverage in pq.read_table(table(newest.outputs, "coverage")).to_pylist():
        counts = [coverage[name] for name in ("matched", "benchmark_only", "evaluation_only", "left_out")]
        assert f"| {coverage['profile']} | {' | '.join(f'{n:,}' for n in counts)} |" in text


def test_pictures_in_the_ui_are_small(artifacts: dict[str, dict[str, Any]]) -> None:
    for key, artifact in artifacts.items():
        if key.startswith("chart-"):
            (uri,) = re.findall(r"\((data:image/png;base64,[^)]*)\)", artifact["data"])
            assert len(uri) < MOST_PICTURE_CHARACTERS, key
            width, height, values = png_facts(base64.b64decode(uri.partition(",")[2]))
            assert min(width, height) > 300, key
            assert values > 60, key


def test_frontier_tables_hold_the_most_accurate_models(
    artifacts: dict[str, dict[str, Any]], newest: Newest
) -> None:
    merged = pq.read_table(table(newest.outputs, "merged")).to_pylist()
    tables = {key: a for key, a in artifacts.items() if key.startswith("frontier-")}
    for key, artifact in tables.items():
        (profile,) = {r["profile"] for r in merged if f" of {r['profile']}, " in artifact["description"]}
        assert key == f"frontier-{profile.split('-')[0]}-{_device(merged, profile)}"
        rows = json.loads(artifact["data"])
        assert "NaN" not in artifact["data"], key
        best = max(row["top1"] for row in merged if row["profile"] == profile)
        assert rows[0]["top-1, %"] == pytest.approx(best, abs=0.001)
        on_frontier = {row["model"] for row in merged if row["profile"] == profile and row["is_pareto"]}
        assert {row["model"] for row in rows} <= on_frontier


def _device(merged: list[dict[str, Any]], profile: str) -> str:
    return next(row["device"] for row in merged if row["profile"] == profile).replace("_", "-")
