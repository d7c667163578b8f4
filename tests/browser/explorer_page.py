"""Made-up results, and an explorer page of them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from tasks.pages.explorer import write_explorer
from tasks.pages.gallery import Heading
from tests.frames import (
    SNAPSHOT,
    SNAPSHOT_IN_WORDS,
    a_profile,
    evaluation,
    evaluations,
    merged,
    merged_row,
    on_device,
)

CPU = "infer-fp32-nchw-pt221-cpu-i9_10940x-dynamo"
COMPILED = "infer-amp-nchw-pt240-cu124-rtx4090-dynamo"  # of some models faster, of some slower
TRAIN = "train-amp-nhwc-pt112-cu113-rtx4090"
NASTY = "vit</script><script>alert(1)</script><!--&\"'\\, =é漢\u2028.a"
TIES = ("tie_a.x", "tie_b.x")  # as fast and as accurate as each other, and on the frontier
CROPS, FILTERS = (1.0, 0.875, None), ("bicubic", "bilinear", None)
_PROFILES = {
    CPU: {
        "mode": "infer", "precision": "fp32", "layout": "nchw", "torch": "2.2.1", "cuda": "cpu",
        "device": "i9_10940x", "compiler": "dynamo",
    },
    TRAIN: {
        "mode": "train", "precision": "amp", "layout": "nhwc", "torch": "1.12", "cuda": "11.3",
        "device": "rtx4090", "compiler": "eager", "gmacs": None, "macts": None,
    },
}  # fmt: skip


def tables() -> dict[str, pd.DataFrame]:
    """Four profiles of two devices; on the test set sketch every seventh row has no evaluation."""
    first = a_profile(90)
    rows = [row for _, row in first.iterrows()]
    special = [
        merged_row(NASTY, top1=99.5, speed=20.0, gmacs=None, param_count=5.0),
        *(merged_row(name, top1=96.0, speed=900.0) for name in TIES),
    ]
    main = [*(row.to_dict() for row in rows), *special]
    compiled = [
        row | {"profile": COMPILED, "compiler": "dynamo", "samples_per_sec": row["samples_per_sec"] * (0.8 + 0.6 * (i % 2))}
        for i, row in enumerate(main[:100:3])
    ]  # fmt: skip
    joined = merged(
        *main,
        *compiled,
        *(row | on_device(facts["device"], facts["cuda"]) | {"profile": name, "samples_per_sec": 1e4 / row["samples_per_sec"] + i, "secs": 1.0} | facts
          for name, facts in _PROFILES.items() for i, row in enumerate(main[::2])),
    )  # fmt: skip
    joined["secs"] = 1 / joined["samples_per_sec"]
    evaluated = [
        evaluation(row["model"], int(row["img_size"]), row["top1"] if test_set == "imagenet" else row["top1"] / 3,
                   test_set=test_set, crop_pct=CROPS[i % 3], interpolation=FILTERS[i % 3])
        for test_set in ("imagenet", "sketch")
        for i, row in enumerate(main)
        if test_set == "imagenet" or i % 7
    ]  # fmt: skip
    return {"merged": joined, "evaluations": evaluations(*evaluated)}


def heading(**more: object) -> Heading:
    facts: dict[str, object] = {
        "snapshot": SNAPSHOT, "snapshot_in_words": SNAPSHOT_IN_WORDS, "commit": "ee5b1e82", "date": "2024-09-05", "link": None,
        "preset": None, "test_set": "ImageNet validation", "sample": False,
    }  # fmt: skip
    return Heading(**facts | more)  # type: ignore[arg-type]


def write(folder: Path, made: dict[str, pd.DataFrame] | None = None, **more: object) -> Path:
    write_explorer(made or tables(), heading(**more), folder)
    return folder / "explorer.html"


def embedded_in(page: str) -> str:
    """Return the text of the data inside an explorer page."""
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return str(text)
