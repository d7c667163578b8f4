from __future__ import annotations

import json

import pandas as pd
import pytest

from tasks.pages.explorer_data import explorer_data
from tests.frames import PROFILE, a_profile, evaluation, evaluations, merged, merged_row, on_device

OTHER = "train-amp-nchw-pt112-cu113-rtx3090"


def other(row: dict[str, object], **more: object) -> dict[str, object]:
    facts = {"profile": OTHER, "mode": "train", "torch": "1.12", "cuda": "11.3", **on_device("rtx3090")}
    return row | facts | more


def small() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        merged_row("vit_b.x", 224, speed=123.456789012345, param_count=1013.01),
        merged_row("vit_b.x", 96, speed=200.0),
        merged_row("beit_a.x", speed=0.1 + 0.2, gmacs=None, macts=None),
        other(merged_row("vit_b.x", 224, speed=7.0, param_count=1013.01), batch_size=8),
    ]
    evaluated = [
        evaluation("beit_a.x", top1=80.125, crop_pct=0.9, interpolation="bilinear"),
        evaluation("vit_b.x", 224, top1=81.0, crop_pct=1.0, interpolation="bicubic"), evaluation("vit_b.x", 96, top1=70.0),
        evaluation("beit_a.x", top1=30.0, test_set="sketch"), evaluation("vit_z.x", top1=1.0, test_set="sketch"),
        evaluation("beit_a.x", top1=33.0, test_set="a-new-one"),
    ]  # fmt: skip
    return merged(*rows), evaluations(*evaluated)


def test_every_fact_is_there_once_and_exact() -> None:
    assert explorer_data(*small()) == {
        "families": ["beit", "vit"],
        "entries": {
            "model": ["beit_a.x", "vit_b.x", "vit_b.x"],
            "img_size": [224, 96, 224],
            "family": [0, 1, 1],
            "param_count": [10.0, 10.0, 1013.01],
        },
        "interpolations": ["bicubic", "bilinear"],
        "test_sets": [
            {"id": "imagenet", "words": "ImageNet validation", "images": 50_000, "top1": [80.125, 70.0, 81.0],
             "crop_pct": [0.9, None, 1.0], "interpolation": [1, None, 0]},
            {"id": "sketch", "words": "ImageNet-Sketch", "images": 50_889, "top1": [30.0, None, None],
             "crop_pct": [None] * 3, "interpolation": [None] * 3},
            {"id": "a-new-one", "words": "a-new-one", "images": None, "top1": [33.0, None, None],
             "crop_pct": [None] * 3, "interpolation": [None] * 3},
        ],
        "devices": [
            {"id": "rtx4090", "label": "RTX 4090", "profiles": [PROFILE], "toys": 0},
            {"id": "rtx3090", "label": "RTX 3090", "profiles": [OTHER], "toys": 0},
        ],
        "profiles": [
            {
                "id": PROFILE, "words": "inference, RTX 4090, amp, nchw, PyTorch 2.4.0, CUDA 12.4",
                "device": "rtx4090", "mode": "infer", "entry": [0, 1, 2],
                "settings": {"compiler": "eager", "layout": "nchw", "precision": "amp", "torch": "PyTorch 2.4.0"},
                "samples_per_sec": [0.1 + 0.2, 200.0, 123.456789012345], "batch_size": [256, 256, 256],
                "gmacs": [None, 1.5, 1.5], "macts": [None, 2.5, 2.5], "toys": 0,
            },
            {
                "id": OTHER, "words": "training, RTX 3090, amp, nchw, PyTorch 1.12, CUDA 11.3", "device": "rtx3090",
                "settings": {"compiler": "eager", "layout": "nchw", "precision": "amp", "torch": "PyTorch 1.12"},
                "mode": "train", "entry": [2], "samples_per_sec": [7.0], "batch_size": [8], "gmacs": [1.5],
                "macts": [2.5], "toys": 0,
            },
        ],
    }  # fmt: skip


def test_profiles_come_as_people_want_them() -> None:
    rows = [
        merged_row("a.x", profile="old", torch="1.13"),
        merged_row("a.x", profile="compiled", compiler="dynamo", torch="2.10.0"),
        merged_row("a.x", profile="new", torch="2.10.0"),
        merged_row("a.x", profile="training", mode="train", torch="2.10.0"),
        merged_row("a.x", profile="less new", torch="2.4.0"),
    ]
    made = explorer_data(merged(*rows), evaluations())
    assert [profile["id"] for profile in made["profiles"]] == [
        "new",
        "less new",
        "old",
        "compiled",
        "training",
    ]
    assert made["devices"] == [
        {
            "id": "rtx4090",
            "label": "RTX 4090",
            "profiles": ["new", "less new", "old", "compiled"],
            "toys": 0,
        },
    ]


def test_toys_count_once_for_all_profiles_looked_at_together() -> None:
    rows = [
        merged_row(model, profile=profile, compiler=compiler)
        for profile, compiler in (("a", "eager"), ("b", "dynamo"))
        for model in ("test_vit.x", "vit_b.x")
    ]
    made = explorer_data(merged(*rows, merged_row("test_b.x", profile="b")), evaluations())
    assert made["devices"][0]["toys"] == 2
    assert [profile["toys"] for profile in made["profiles"]] == [1, 2]
    assert made["entries"]["model"] == ["vit_b.x"]


def test_entries_are_in_code_point_order() -> None:
    """The page breaks ties by the place of an entry, where Python compares names."""
    names = ["é.x", "Z.x", "a_.x", "aB.x", "\U0001f600.x", "\uffee.x", "a.x"]
    made = explorer_data(merged(*(merged_row(name) for name in names)), evaluations())
    assert made["entries"]["model"] == sorted(names)


def test_a_profile_that_says_little_of_itself_has_words() -> None:
    row = merged_row("a.x") | {"torch": None, "cuda": None}
    (profile,) = explorer_data(merged(row), evaluations())["profiles"]
    assert profile["words"] == "inference, RTX 4090, amp, nchw"


def test_the_order_of_the_rows_does_not_matter_and_json_keeps_every_number() -> None:
    frame = a_profile(40)
    evaluated = evaluations(*(evaluation(row.model, row.img_size, row.top1) for row in frame.itertuples()))
    made = explorer_data(frame, evaluated)
    mixed = explorer_data(frame.sample(frac=1, random_state=1), evaluated.sample(frac=1, random_state=2))
    assert mixed == made
    assert json.loads(json.dumps(made, allow_nan=False)) == made


@pytest.mark.parametrize("rows", [0, 1])
def test_there_can_be_few_rows(rows: int) -> None:
    made = explorer_data(a_profile(4).head(rows), evaluations())
    assert len(made["profiles"]) == rows
    assert made["test_sets"] == []
