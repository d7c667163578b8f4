"""The command ``pick`` as a user types it, on outputs of the newest real results."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.flows.job import Job, listing, table
from tests.gitrepo import Upstream

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pick")]


@pytest.fixture(scope="module")
def made(job: Job, real_upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    outputs = tmp_path_factory.mktemp("pick") / "o"
    job.refresh(real_upstream, outputs, "--profile", "infer-*-rtx4090*")
    return outputs


@pytest.fixture
def nobody(tmp_path: Path) -> Job:
    """The command line without any server."""
    return Job(tmp_path / "home", "http://127.0.0.1:9/api")


def answer(job: Job, outputs: Path, *words: str) -> dict[str, Any]:
    ended = job.run("pick", "--outputs", outputs, "--json", *words)
    assert ended.code == 0, ended.err
    assert ended.err == ""
    found: dict[str, Any] = json.loads(ended.out)
    return found


def brute_force(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of (model, img_size, top1, samples_per_sec): those that nobody beats, most accurate first."""
    front = [
        row
        for row in rows
        if not any(o[2] >= row[2] and o[3] >= row[3] and (o[2] > row[2] or o[3] > row[3]) for o in rows)
    ]
    return sorted(front, key=lambda row: (-row[2], -row[3], row[0], row[1]))


@pytest.mark.parametrize("top", [10, 1000])
def test_the_answer_is_that_of_a_search_by_hand(nobody: Job, made: Path, top: int) -> None:
    found = answer(nobody, made, "--device", "rtx4090", "--min-top1", "85", "--top", str(top))
    assert found["profiles"] == [
        "infer-amp-nchw-pt240-cu124-rtx4090",
        "infer-amp-nhwc-pt240-cu124-rtx4090",
        "infer-amp-nchw-pt240-cu124-rtx4090-dynamo",
    ]
    rows = duckdb.sql(
        f"select model, img_size, any_value(top1), max(samples_per_sec) from '{table(made, 'merged')}' "
        "where mode = 'infer' and top1 >= 85 group by model, img_size"
    ).fetchall()
    front = brute_force(rows)
    assert found["fitting"] == len(rows) > 100
    assert found["on_frontier"] == len(front) > 5
    got = [(m["model"], m["img_size"], m["top1"], m["samples_per_sec"]) for m in found["models"]]
    assert got == front[:top]
    assert all(m["ms_per_image"] == 1000 / m["samples_per_sec"] for m in found["models"])
    assert {m["profile"] for m in found["models"]} <= set(found["profiles"])
    assert (found["test_set"], found["sample"], found["relax"]) == ("imagenet", False, [])


def test_with_one_profile_and_without_limits_it_is_the_frontier_of_the_table(nobody: Job, made: Path) -> None:
    profile = "infer-amp-nchw-pt240-cu124-rtx4090"
    found = answer(nobody, made, "--device", "rtx4090", "--profile", profile, "--top", "1000")
    rows = duckdb.sql(
        f"select model, img_size from '{table(made, 'merged')}' where profile = '{profile}' and is_pareto"
    ).fetchall()
    assert sorted((m["model"], m["img_size"]) for m in found["models"]) == sorted(rows)
    assert found["considered"] == found["fitting"]
    assert (found["profiles"], found["ties"]) == ([profile], 8)


def test_another_test_set_profile_and_all_limits(nobody: Job, made: Path) -> None:
    profile = "infer-amp-nchw-pt240-cu124-rtx4090-dynamo"
    found = answer(
        nobody, made, "--device", "rtx4090", "--profile", profile, "--test-set", "sketch", "--max-ms", "0.5",
        "--max-params", "50", "--min-top1", "30", "--top", "1000",
    )  # fmt: skip
    rows = duckdb.sql(
        f"select model, img_size, e.top1, samples_per_sec from '{table(made, 'merged')}' m "
        f"join '{table(made, 'evaluations')}' e using (model, img_size) where profile = '{profile}' and test_set = 'sketch' "
        "and 1000 / samples_per_sec <= 0.5 and m.param_count <= 50 and e.top1 >= 30"
    ).fetchall()
    got = [(m["model"], m["img_size"], m["top1"], m["samples_per_sec"]) for m in found["models"]]
    assert got == brute_force(rows)
    assert len(got) > 3


def test_nothing_fits_is_an_answer(nobody: Job, made: Path) -> None:
    found = answer(nobody, made, "--device", "rtx4090", "--max-ms", "0.01", "--min-top1", "90")
    assert (found["models"], found["fitting"]) == ([], 0)
    assert found["relax"]
    typed = {
        f"--{name.replace('_', '-')}": repr(value) for name, value in found["relax"][0]["limits"].items()
    }
    words = {"--max-ms": "0.01", "--min-top1": "90"} | typed
    again = answer(nobody, made, "--device", "rtx4090", *(word for pair in words.items() for word in pair))
    assert again["fitting"] >= 1


def test_the_text_names_profile_snapshot_and_call_and_nothing_is_written(nobody: Job, made: Path) -> None:
    before = listing(made)
    ended = nobody.run("pick", "--outputs", made, "--device", "rtx4090", "--top", "2")
    assert ended.code == 0
    for words in (
        "infer-amp-nchw-pt240-cu124-rtx4090",
        "ImageNet validation",
        "timm.create_model('",
        "2 shown",
    ):
        assert words in ended.out
    assert listing(made) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--device", "rtx9"), "no benchmark of device 'rtx9'; there is: rtx4090"),
        (("--device", "rtx4090", "--profile", "x"), "no profile 'x' of device rtx4090; there is: infer-"),
        (("--device", "rtx4090", "--test-set", "x"), "no test set 'x' in snapshot"),
        (("--device", "rtx4090", "--max-ms", "-1"), "--max-ms is -1; expected a number above 0"),
        (("--device", "rtx4090", "--max-params", "0"), "--max-params is 0; expected a number above 0"),
        (("--device", "rtx4090", "--max-ms", "inf"), "--max-ms is inf"),
        (("--device", "rtx4090", "--min-top1", "nan"), "--min-top1 is nan; expected a number from 0 to 100"),
        (("--device", "rtx4090", "--min-top1", "100.1"), "--min-top1 is 100.1"),
        (("--device", "rtx4090", "--top", "0"), "--top is 0"),
        (("--device", "rtx4090", "--top", "many"), "'many' is no whole number"),
        (("--device", "rtx4090", "--top", "1.5"), "'1.5' is no whole number"),
        (("--device", "rtx4090", "--fastest"), "--fastest"),
        (("--device", "rtx4090", "--max-ms", "fast"), "fast"),
        ((), "--device"),
    ],
)
def test_wrong_usage_is_one_line(nobody: Job, made: Path, words: tuple[str, ...], said: str) -> None:
    ended = nobody.run("pick", "--outputs", made, *words)
    assert ended.code == 2
    assert len(ended.errors) == 1
    assert said in ended.errors[0]
    assert ended.out == ""
    assert "Traceback" not in ended.err


def test_a_reader_that_stops_reading_is_no_error(nobody: Job, made: Path) -> None:
    """As in ``pick | head``: the reader is gone before the answer is written."""
    program = (
        "-c",
        "import os, sys\nfrom flows.cli import main\nreading, writing = os.pipe()\nos.close(reading)\n"
        "os.dup2(writing, 1)\nmain(sys.argv[1:])",
    )
    ended = nobody.run("pick", "--outputs", made, "--device", "rtx4090", "--top", "1000", program=program)
    assert (ended.code, ended.err) == (0, "")


def test_without_results_it_says_what_to_do(nobody: Job, tmp_path: Path) -> None:
    ended = nobody.run("pick", "--outputs", tmp_path / "none", "--device", "rtx4090")
    assert ended.code == 2
    assert "run timm-charts refresh first" in ended.errors[0]


def test_a_damaged_table_is_a_clear_error(job: Job, small_upstream: Upstream, outputs: Path) -> None:
    job.refresh(small_upstream.url, outputs)
    query = f"select any_value(device) from '{table(outputs, 'merged')}'"
    device = str(duckdb.sql(query).fetchall()[0][0])
    table(outputs, "merged").write_bytes(b"no parquet")
    ended = job.run("pick", "--outputs", outputs, "--device", device)
    assert ended.code == 2
    assert "can't be read" in ended.errors[0]


def test_it_does_not_wait_for_prefect(nobody: Job, made: Path) -> None:
    program = (
        "-c",
        "import sys\nfrom flows.cli import _exit_code\ncode = _exit_code(sys.argv[1:])\n"
        "sys.exit(code or bool({'prefect', 'git', 'altair', 'vl_convert'} & set(sys.modules)))",
    )
    assert sys.executable
    ended = nobody.run("pick", "--outputs", made, "--device", "rtx4090", program=program)
    assert ended.code == 0, ended.err
