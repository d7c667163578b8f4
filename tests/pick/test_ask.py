"""Questions answered from an outputs folder: which profile, which accuracy, what is left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from config.contracts import EVALUATIONS, MERGED
from config.errors import UsageError
from tasks.outputs.layout import MANIFEST, table_file
from tasks.outputs.local import LocalStore
from tasks.outputs.parquet import write_table
from tasks.pick.ask import Request, ask
from tasks.pick.pick import Limits, Picks
from tasks.pick.words import Question, as_text
from tests.frames import SNAPSHOT, evaluation, evaluations, manifest, merged, merged_row

pytestmark = pytest.mark.slow  # searches and reads outputs for each question

NEWEST = "infer-amp-nchw-pt240-cu124-rtx4090"
NHWC = "infer-amp-nhwc-pt240-cu124-rtx4090"
OLDER = "infer-amp-nchw-pt210-cu121-rtx4090"
DYNAMO = "infer-amp-nchw-pt250-cu124-rtx4090-dynamo"
TRAIN = "train-amp-nchw-pt250-cu124-rtx4090"
OTHER = "infer-amp-nchw-pt250-cu124-h100"
SKETCH = {("a.x", 224): 30.0, ("b.x", 224): 50.0, ("b.x", 384): 55.0}


def row(profile: str, model: str, img_size: int, top1: float, speed: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any cell
    return merged_row(model, img_size, top1, speed, profile=profile, **more)


JOINED = (
    row(NEWEST, "a.x", 224, 80.0, 1000.0),
    row(NEWEST, "b.x", 224, 79.0, 500.0),
    row(NEWEST, "b.x", 384, 83.0, 200.0),
    row(NEWEST, "c.x", 224, 85.0, 100.0, param_count=99.0, benchmark_param_count=1.0),
    row(NHWC, "a.x", 224, 80.0, 1100.0, layout="nhwc"),
    row(OLDER, "a.x", 224, 80.0, 900.0, torch="2.1.0"),
    row(OLDER, "b.x", 224, 79.0, 400.0, torch="2.1.0"),
    row(DYNAMO, "a.x", 224, 80.0, 2000.0, torch="2.5.0", compiler="dynamo"),
    row(TRAIN, "a.x", 224, 80.0, 300.0, torch="2.5.0", mode="train"),
    row(OTHER, "a.x", 224, 80.0, 9000.0, torch="2.5.0", device="h100"),
)


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    write(tmp_path, merged(*JOINED))
    return tmp_path


def write(outputs: Path, joined: pd.DataFrame, **facts: Any) -> None:  # noqa: ANN401 - any field
    """Write the tables and the manifest that a refresh would have written."""
    record = manifest(**facts)
    on_sketch = [
        evaluation(model, size, top1, test_set="sketch", crop_pct=0.5, interpolation="bilinear")
        for (model, size), top1 in SKETCH.items()
    ]
    on_imagenet = [
        evaluation(model, size, top1, crop_pct=0.95, interpolation="bicubic")
        for model, size, top1 in {(r.model, r.img_size, r.top1) for r in joined.itertuples()}
    ]
    evaluated = evaluations(*on_imagenet, *on_sketch)
    write_table(joined, MERGED, outputs / table_file(MERGED, record.snapshot))
    write_table(evaluated, EVALUATIONS, outputs / table_file(EVALUATIONS, record.snapshot))
    (outputs / MANIFEST).write_text(record.model_dump_json(), encoding="utf-8")


def asked(outputs: Path, **more: Any) -> Request:  # noqa: ANN401 - any field
    return replace(Request(LocalStore(outputs), "rtx4090", None, "imagenet", Limits(), 10), **more)


def ask_for(outputs: Path, **more: Any) -> tuple[Question, Picks]:  # noqa: ANN401 - any field
    answer = ask(asked(outputs, **more))
    return answer.question, answer.picks


def left_out(outputs: Path, **more: Any) -> dict[Any, int]:  # noqa: ANN401 - any field
    answer = ask(asked(outputs, **more))
    return {f.over["reason"]: f.n for f in answer.about if f.kind == "rows-left-out"}


def test_all_inference_profiles_of_the_device_are_looked_at_and_each_row_names_its_fastest(
    outputs: Path,
) -> None:
    question, picks = ask_for(outputs)
    assert (question.device_label, question.mode) == ("RTX 4090", "infer")
    assert question.profiles == (NEWEST, NHWC, OLDER, DYNAMO)
    assert question.other_profiles == (TRAIN,)
    assert [(p.model, p.img_size, p.profile) for p in picks.models] == [
        ("c.x", 224, NEWEST), ("b.x", 384, NEWEST), ("a.x", 224, DYNAMO),
    ]  # fmt: skip
    assert picks.considered == 4


@pytest.mark.parametrize(
    ("glob", "looked_at", "speed"),
    [
        (DYNAMO, (DYNAMO,), 2000.0),
        ("*-pt2?0-*", (NEWEST, NHWC, OLDER, DYNAMO), 2000.0),
        ("*-nhwc-*", (NHWC,), 1100.0),
        ("train-*", (TRAIN,), 300.0),
        ("*", (NEWEST, NHWC, OLDER, DYNAMO), 2000.0),
    ],
)
def test_profiles_can_be_narrowed(outputs: Path, glob: str, looked_at: tuple[str, ...], speed: float) -> None:
    question, picks = ask_for(outputs, profile=glob)
    assert question.profiles == looked_at
    assert set(question.other_profiles) == {NEWEST, NHWC, OLDER, DYNAMO, TRAIN} - set(looked_at)
    assert max(p.samples_per_sec for p in picks.models) == speed


def test_of_profiles_that_are_equally_fast_the_first_is_named(tmp_path: Path) -> None:
    write(tmp_path, merged(row(NHWC, "a.x", 224, 80.0, 1000.0, layout="nhwc"), *JOINED[:4]))
    _, picks = ask_for(tmp_path)
    assert {p.profile for p in picks.models} == {NEWEST}


def test_the_newest_spelling_is_the_same_device_and_what_compiling_changes_is_said(tmp_path: Path) -> None:
    eager, compiled = (f"infer-amp-nchw-pt291-cu130-4090{end}" for end in ("", "-dynamo"))
    new = {"torch": "2.9.1", "cuda": "13.0", "device": "4090"}
    rows = (
        row(eager, "tiny_vit_21m_384.x", 384, 86.09, 1500.0, **new),
        row(eager, "caformer_s36.x", 384, 86.86, 700.0, **new),
        row(compiled, "caformer_s36.x", 384, 86.86, 1123.0, **new, compiler="dynamo"),
        row(compiled, "tiny_vit_21m_384.x", 384, 86.09, 1400.0, **new, compiler="dynamo"),
    )
    write(tmp_path, merged(*rows, *JOINED))
    answer = ask(asked(tmp_path, limits=Limits(max_ms=1)))
    best = answer.picks.models[0]
    assert (best.model, best.top1, best.profile) == ("caformer_s36.x", 86.86, compiled)
    assert {eager, compiled, NEWEST} < set(answer.question.profiles)
    assert (
        "eager: 1 of 3 frontier rows; alone, 2 fit, and the most accurate is tiny_vit_21m_384.x at 384 px with "
        "86.09 %, 0.770 points less"
    ) in " ".join(as_text(answer).split())


def test_a_kind_means_the_first_of_its_devices_and_names_the_rest(outputs: Path) -> None:
    question, picks = ask_for(outputs, device="gpu")
    assert (question.device, question.other_devices) == ("h100", ("RTX 4090",))
    assert [p.samples_per_sec for p in picks.models] == [9000.0]


def test_the_call_has_the_size_and_crop_of_the_evaluation_that_was_asked_for(outputs: Path) -> None:
    _, picks = ask_for(outputs, test_set="sketch")
    assert (
        "'input_size': (3, 384, 384), 'crop_pct': 0.5, 'interpolation': 'bilinear'" in picks.models[0].create
    )
    _, picks = ask_for(outputs)
    assert (
        "'input_size': (3, 384, 384), 'crop_pct': 0.95, 'interpolation': 'bicubic'" in picks.models[1].create
    )


def test_accuracy_is_that_of_the_model_at_its_size_and_rows_without_one_are_counted(outputs: Path) -> None:
    assert left_out(outputs, test_set="sketch") == {"without an evaluation on this test set": 1}  # c.x
    _, picks = ask_for(outputs, test_set="sketch")
    assert (picks.considered, picks.fitting) == (3, 3)
    got = [(p.model, p.img_size, p.top1) for p in picks.models]
    assert got == [("b.x", 384, 55.0), ("b.x", 224, 50.0), ("a.x", 224, 30.0)]


def test_a_limit_on_accuracy_is_one_on_that_test_set(outputs: Path) -> None:
    _, picks = ask_for(outputs, test_set="sketch", limits=Limits(min_top1=52))
    assert [(p.model, p.img_size) for p in picks.models] == [("b.x", 384)]


def test_parameters_are_those_of_the_evaluated_model(outputs: Path) -> None:
    _, picks = ask_for(outputs, limits=Limits(max_params=50))
    assert "c.x" not in {p.model for p in picks.models}


def test_what_the_numbers_are_from_is_said(tmp_path: Path) -> None:
    write(tmp_path, merged(*JOINED), sample=True, preset="fastai-2022")
    question, _ = ask_for(tmp_path)
    assert (question.sample, question.preset) == (True, "fastai-2022")
    assert question.snapshot == SNAPSHOT
    assert question.commit == "ee5b1e82" + "0" * 32
    assert question.upstream == "https://example.invalid/timm.git"
    assert question.test_set_in_words == "ImageNet validation"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"device": "rtx3090"},
            "no benchmark of device 'rtx3090'; there is: h100 (H100), rtx4090 (RTX 4090)",
        ),
        ({"profile": OTHER}, f"no profile '{OTHER}' of device rtx4090; there is: {NEWEST}, {NHWC}, {OLDER}"),
        (
            {"test_set": "sketches"},
            "no test set 'sketches' in snapshot 2024-09-05 ee5b1e82; there is: imagenet, sketch",
        ),
        ({"limits": Limits(max_ms=-1)}, "--max-ms is -1"),
        ({"top": 0}, "--top is 0"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(outputs: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        ask(asked(outputs, **more))
    assert str(refused.value).startswith(said)


def test_a_snapshot_without_benchmarks_has_no_device(tmp_path: Path) -> None:
    write(tmp_path, merged())
    with pytest.raises(UsageError, match="there is: none"):
        ask(asked(tmp_path))


@pytest.mark.parametrize("content", [None, "{}", "no json", '{"manifest_version": 0, "upstream": "x"}'])
def test_no_manifest_of_this_version_says_what_to_do(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(UsageError, match="run timm-charts refresh first"):
        ask(asked(tmp_path))


@pytest.mark.parametrize("table", [MERGED, EVALUATIONS])
@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_a_missing_or_damaged_table_says_what_to_do(outputs: Path, table: Any, content: bytes | None) -> None:  # noqa: ANN401
    path = outputs / table_file(table, SNAPSHOT)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"part-0\.parquet can't be read .* run timm-charts refresh"):
        ask(asked(outputs, test_set="sketch"))


def test_toy_models_are_left_aside_and_counted(tmp_path: Path) -> None:
    toy = row(NEWEST, "test_vit.r160_in1k", 160, 99.0, 1e6)
    write(tmp_path, merged(*JOINED, toy))
    assert left_out(tmp_path) == {"toy models of timm's tests": 1}
    _, picks = ask_for(tmp_path)
    assert "test_vit.r160_in1k" not in {p.model for p in picks.models}
    assert picks.considered == 4
