"""Every number that ``pick`` states about real results, once more from the Parquet files alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from config.contracts import EVALUATIONS, MERGED
from tasks.outputs.layout import MANIFEST, table_file
from tasks.outputs.local import LocalStore
from tasks.outputs.parquet import write_table
from tasks.pick.ask import Request, ask
from tasks.pick.pick import Limits
from tasks.pick.words import Answer, as_text
from tasks.tables.finding import Finding
from tasks.tables.sentences import SENTENCES, say
from tasks.tables.source import snapshot_in_words
from tests.findings.pick import LEFT_OUT, SQL
from tests.findings.tables import Sql, connect, named
from tests.findings.test_charts import same
from tests.frames import manifest
from tests.real.bundle import snapshot_at

pytestmark = pytest.mark.slow

TOP: Final = 30
NVIDIA, LAPTOP = "rtx4090", "i7_12700h"
QUESTIONS: Final = (
    ("HEAD", NVIDIA, None, "imagenet", Limits()),
    ("HEAD", NVIDIA, None, "imagenet", Limits(max_ms=1, max_params=50)),
    ("HEAD", NVIDIA, "*-rtx4090", "sketch", Limits(max_params=30)),
    ("HEAD", "RTX 3090", None, "imagenet-a", Limits(min_top1=40, max_ms=2)),
    ("HEAD", "3090", "train-*", "imagenet", Limits()),
    ("HEAD", LAPTOP, None, "imagenet", Limits(max_ms=10)),
    ("HEAD", NVIDIA, None, "imagenet", Limits(max_ms=0.01, min_top1=88)),
    ("HEAD", NVIDIA, None, "imagenet", Limits(max_ms=0.01, max_params=1, min_top1=85)),
    ("HEAD", NVIDIA, None, "imagenet", Limits(max_ms=0.01)),
    ("upstream-8fca002c", "rtx3090", None, "imagenet", Limits(max_params=100)),
)


@dataclass(frozen=True)
class Asked:
    """A question about the tables of a revision, with its answer and with the tables as SQL sees them."""

    answer: Answer
    text: str
    sql: Sql


@pytest.fixture(scope="module", params=QUESTIONS, ids=str)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    revision, device, profile, test_set, limits = request.param
    folder = tmp_path_factory.mktemp("asked")
    answer = ask(Request(outputs_of(revision, folder), device, profile, test_set, limits, TOP))
    return Asked(answer, as_text(answer), connect(revision, folder))


def outputs_of(revision: str, folder: Path) -> LocalStore:
    """Write what ``pick`` reads."""
    snapshot, record = snapshot_at(revision), manifest()
    write_table(snapshot.merged, MERGED, folder / table_file(MERGED, record.snapshot))
    write_table(snapshot.evaluations, EVALUATIONS, folder / table_file(EVALUATIONS, record.snapshot))
    (folder / MANIFEST).write_text(record.model_dump_json(), encoding="utf-8")
    return LocalStore(folder)


def differences(finding: Finding, sql: Sql) -> Iterator[str]:
    over = finding.over
    query = LEFT_OUT[str(over["reason"])] if finding.kind == "rows-left-out" else SQL[finding.kind]
    found = named(sql, query, {**over, "top": TOP})
    stated: dict[str, Any] = {"n": finding.n, **finding.values}
    for name, value in stated.items():
        if not same(value, found[name]):
            yield f"{finding.kind} {over}: {name} is {value!r}, SQL says {found[name]!r}"


def test_every_finding_is_what_sql_finds(asked: Asked) -> None:
    assert len(asked.answer.findings) >= 4
    assert not [line for finding in asked.answer.findings for line in differences(finding, asked.sql)]


def test_the_questions_bring_out_every_sentence(tmp_path: Path) -> None:
    said = set()
    for revision, device, profile, test_set, limits in QUESTIONS:
        answer = ask(Request(outputs_of(revision, tmp_path), device, profile, test_set, limits, TOP))
        said |= {finding.kind for finding in answer.findings}
    twin = {"pick-twin"}  # on no frontier of real results so far
    assert said | twin == {kind for kind in SENTENCES if kind.startswith("pick-")} | {"rows-left-out"}


def test_no_text_has_a_number_that_no_finding_carries(asked: Asked) -> None:
    picks, question = asked.answer.picks, asked.answer.question
    text = " ".join(line for line in asked.text.splitlines() if not is_cells(line))
    text = re.sub(r"\s+", " ", text)
    calls = [row.create for row in (*picks.models, *picks.relax)]
    names = (
        *question.profiles, *question.other_profiles, question.device_label, *question.other_devices,
        question.test_set_in_words, snapshot_in_words(question.snapshot), "top-1",
    )  # fmt: skip
    for part in sorted({*map(say, asked.answer.findings), *calls, *names}, key=len, reverse=True):
        text = text.replace(part, "")
    assert not re.search(r"\d", text), text


def is_cells(line: str) -> bool:
    """Tell whether a line is a row of the table."""
    return bool(re.match(r" *\d+  \S+ +\d+ ", line))


def test_the_most_accurate_under_1_ms_and_50_million_parameters_is_one_that_needs_torch_compile(
    tmp_path: Path,
) -> None:
    """Looking at eager alone, the answer was 86.09."""
    limits = Limits(max_ms=1, max_params=50)
    answer = ask(Request(outputs_of("HEAD", tmp_path), "rtx4090", None, "imagenet", limits, 10))
    best = answer.picks.models[0]
    assert (best.model, best.img_size) == ("caformer_s36.sail_in22k_ft_in1k_384", 384)
    assert (round(best.top1, 2), round(best.ms_per_image, 2)) == (86.86, 0.89)
    assert best.profile == "infer-amp-nchw-pt240-cu124-rtx4090-dynamo"
    assert "eager: 1 of 26 frontier rows; alone, 920 fit, and the most accurate is" in as_text(answer)
    [eager] = [f for f in answer.about if f.over.get("setting") == "eager"]
    assert (eager.values["best"], eager.values["top1"]) == ("tiny_vit_21m_384.dist_in22k_ft_in1k", 86.094)
