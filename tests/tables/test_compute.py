"""GMACs that a file lacks come from files that agree, and only from these."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tasks.tables.compute import with_known_compute
from tests.frames import benchmark, benchmarks, merged, merged_row

TRAIN = "train-amp-nchw-pt112-cu113-rtx3090"


def train(**more: Any) -> pd.DataFrame:  # noqa: ANN401 - any cell
    return merged(merged_row("vit.a", profile=TRAIN, **{"gmacs": None, "macts": None, **more}))


def elsewhere(*gmacs: float | None) -> pd.DataFrame:
    rows = [benchmark("vit", gmacs=g, macts=g, profile=f"infer-{i}") for i, g in enumerate(gmacs)]
    return benchmarks(*rows, benchmark("vit", 384, gmacs=99.0), benchmark("resnet", gmacs=99.0))


@pytest.mark.parametrize(
    ("others", "value"),
    [
        ((4.0,), 4.0),
        ((4.0, 4.02, None), 4.01),
        ((4.0, 4.1), None),
        ((None,), None),
        ((), None),
        ((0.0, 0.0), 0.0),
    ],
)
def test_a_gap_is_filled_where_other_files_agree(
    others: tuple[float | None, ...], value: float | None
) -> None:
    row = with_known_compute(train(), elsewhere(*others)).iloc[0]
    assert row["borrowed"] == (value is not None)
    for column in ("gmacs", "macts"):
        assert pd.isna(row[column]) if value is None else row[column] == pytest.approx(value)


def test_what_a_file_says_stays() -> None:
    row = with_known_compute(train(gmacs=7.0), elsewhere(4.0)).iloc[0]
    assert (row["gmacs"], row["macts"], row["borrowed"]) == (7.0, 4.0, True)


def test_nothing_is_borrowed_where_nothing_lacks_and_no_row_is_lost() -> None:
    frame = merged(merged_row("vit.a"), merged_row("vit.b"), merged_row("resnet.a", 384))
    made = with_known_compute(frame, elsewhere(4.0))
    pd.testing.assert_frame_equal(made.drop(columns="borrowed"), frame)
    assert not made["borrowed"].any()


def test_an_empty_profile_stays_empty() -> None:
    assert with_known_compute(merged(), elsewhere(4.0)).empty
