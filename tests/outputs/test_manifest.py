from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from tasks.outputs.accounting import count_rows, source_entry
from tasks.tables.filenames import classify
from tasks.outputs.manifest import Asked, Manifest, SourceEntry
from tasks.tables.parse import parse
from tasks.tables.snapshot import used_file
from tasks.tables.source import SourceFile
from tests.frames import manifest

ASKED = Asked(upstream="sample", sample=True, preset=None, profiles=("a", "b"))
HEADER = "model,img_size,top1,top1_err,top5,top5_err,param_count,strange"
ROWS = ("vit.a,224,80.0,20.0,95.0,5.0,22.0,x", "vit.b,224,none,20.0,95.0,5.0,22.0,x")


def test_a_build_id_is_the_same_for_the_same_input_whatever_the_order_of_profiles() -> None:
    assert ASKED.build_id("c", "v") == replace(ASKED, profiles=("b", "a")).build_id("c", "v")
    assert len(ASKED.build_id("c", "v")) == 16


def test_a_build_id_tells_commit_code_and_everything_asked_for_apart() -> None:
    others = [
        ASKED.build_id("d", "v"),
        ASKED.build_id("c", "w"),
        *(
            replace(ASKED, **change).build_id("c", "v")
            for change in (
                {"upstream": "x"}, {"sample": False}, {"preset": "fastai-2022"}, {"profiles": ("a",)},
                {"profiles": ("ab",)},
            )
        ),
        ASKED.build_id("c", "v"),
    ]  # fmt: skip
    assert len(set(others)) == len(others)


def test_a_file_that_was_used_is_described_with_its_rows() -> None:
    kind = classify("results-imagenet.csv")
    data = "\n".join([HEADER, *ROWS]).encode()
    entry = source_entry(
        SourceFile(kind.name, "b" * 40, data),
        kind,
        used_file(parse(kind, data, "here")),  # type: ignore[arg-type]
        None,
    )
    assert entry == SourceEntry(
        name="results-imagenet.csv", blob="b" * 40, kind="evaluations", subject="imagenet", columns=8,
        rows_in=2, rows_out=1, rows_rejected=1, ignored_columns=("strange",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "subject"),
    [
        ("results-all.csv", "evaluations", "imagenet"),
        (
            "benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv",
            "benchmarks",
            "infer-amp-nchw-pt240-cu124-rtx4090",
        ),
        ("model_metadata-in1k.csv", "metadata", None),
        ("notes.csv", "unknown", None),
    ],
)
def test_a_file_that_was_not_used_is_described_with_the_reason(
    name: str, kind: str, subject: str | None
) -> None:
    entry = source_entry(SourceFile(name, "b" * 40, b""), classify(name), None, "no good")
    assert (entry.kind, entry.subject, entry.error) == (kind, subject, "no good")
    assert (entry.rows_in, entry.rows_out, entry.rows_rejected, entry.columns) == (0, 0, 0, None)


def test_rows_are_added_up() -> None:
    entries = [
        SourceEntry(name="a", blob="", kind="evaluations", rows_in=5, rows_out=3, rows_rejected=2),
        SourceEntry(name="b", blob="", kind="unknown"),
        SourceEntry(name="c", blob="", kind="benchmarks", rows_in=7, rows_out=7),
    ]
    assert tuple(count_rows(entries).model_dump().values()) == (12, 10, 2)
    assert tuple(count_rows([]).model_dump().values()) == (0, 0, 0)


def test_a_manifest_survives_json_and_nothing_in_it_can_be_changed() -> None:
    before = manifest(files={"a": "b"}, failures=("x",), preset="fastai-2022")
    assert Manifest.model_validate_json(before.model_dump_json()) == before
    with pytest.raises(ValidationError, match="frozen"):
        before.build = "other"  # type: ignore[misc]


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="surprise"):
        manifest(surprise=1)


def test_a_manifest_of_version_2_is_read_without_the_times_that_it_lacks() -> None:
    written = manifest().model_dump()
    entry = {"commit": "c" * 40, "preset": None, "profiles": [], "code": "old"}
    old = written | {"manifest_version": 2, "snapshots": {"2024-09-05-ee5b1e82": entry}}
    read = Manifest.model_validate_json(json.dumps(old))
    kept = read.snapshots["2024-09-05-ee5b1e82"]
    assert (kept.commit, kept.code, kept.committed_at, kept.previous_snapshot) == ("c" * 40, "old", None, None)
