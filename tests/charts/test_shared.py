"""The rows that two profiles share are like for like, and the pair that shares most of them is chosen."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tasks.charts.pairs.choose import faster_last, most_comparable
from tasks.charts.pairs.find import DIMENSIONS, ProfilePair, pairs_in
from tasks.charts.pairs.shared import BATCH, GMACS, PARAMETERS, PairRows, measurements_of, rows_of_pair
from tasks.tables.frames import keys_of
from tasks.tables.profiles import profiles_of
from tests.frames import benchmarks
from tests.overview_tables import a_benchmark_table, measured, profile_of

OLD, NEW = "infer-amp-nchw-pt210-cu121-gpua", "infer-amp-nchw-pt240-cu124-gpua"


def pair(base: str, other: str, *also: str) -> ProfilePair:
    return ProfilePair(profile_of(base), profile_of(other), also)


def two(one: dict[str, Any], other: dict[str, Any]) -> pd.DataFrame:
    return benchmarks(measured(OLD, "vit_a", **one), measured(NEW, "vit_a", **other))


def shared(table: pd.DataFrame, of: ProfilePair) -> PairRows:
    return rows_of_pair(measurements_of(table), of)


def test_the_ratio_is_other_over_base() -> None:
    rows = shared(two({"speed": 100.0}, {"speed": 180.0}), pair(OLD, NEW)).rows
    assert rows["ratio"].tolist() == pytest.approx([1.8])
    assert rows["secs"].tolist() == pytest.approx([0.01])


def test_a_turned_pair_gives_the_reciprocal_and_the_same_cautions() -> None:
    table = measurements_of(a_benchmark_table())
    there, back = (rows_of_pair(table, p) for p in (pair(OLD, NEW), pair(OLD, NEW).turned))
    assert len(there.rows) > 20
    assert (there.rows["ratio"] * back.rows["ratio"]).tolist() == pytest.approx([1.0] * len(there.rows))
    assert there.rows["caution"].tolist() == back.rows["caution"].tolist()
    assert there.rows["base_batch"].tolist() == back.rows["other_batch"].tolist()
    assert there.total == back.total


def test_rows_and_what_is_left_out_are_all_keys_of_both() -> None:
    table = a_benchmark_table()
    ready = measurements_of(table)
    toy = table["model"].str.startswith("test_")
    speeds = {
        name: dict(zip(keys_of(rows), rows["samples_per_sec"], strict=True))
        for name, rows in table[~toy].groupby("profile")
    }
    toys = {name: set(keys_of(rows)) for name, rows in table[toy].groupby("profile")}
    pairs = pairs_in(profiles_of(table), "device", lambda p: p.device, besides=DIMENSIONS[1:])
    assert len(pairs) > 5
    for made in pairs:
        base, other = speeds[made.base.id], speeds[made.other.id]
        found = rows_of_pair(ready, made)
        assert (found.only_one, found.ambiguous) == (len(base.keys() ^ other.keys()), 0)
        assert found.toys == len(toys.get(made.base.id, set()) | toys.get(made.other.id, set()))
        assert found.total == len(base.keys() | other.keys()) + found.toys
        by_hand = {key: other[key] / base[key] for key in base.keys() & other.keys()}
        assert dict(zip(keys_of(found.rows), found.rows["ratio"], strict=True)) == pytest.approx(by_hand)


def test_an_architecture_that_a_profile_has_twice_at_a_size_is_counted_not_guessed() -> None:
    table = benchmarks(
        measured(OLD, "vit_a.x"), measured(OLD, "vit_a.y", speed=200.0), measured(NEW, "vit_a"),
        measured(OLD, "vit_b"), measured(NEW, "vit_b"), measured(NEW, "vit_c"),
    )  # fmt: skip
    found = shared(table, pair(OLD, NEW))
    assert found.rows["architecture"].tolist() == ["vit_b"]
    assert (found.ambiguous, found.only_one, found.total) == (1, 1, 3)


@pytest.mark.parametrize(
    ("one", "other", "caution"),
    [
        ({}, {}, ""),
        ({"batch_size": 256}, {"batch_size": 128}, BATCH),
        ({"benchmark_param_count": 100.0}, {"benchmark_param_count": 100.9}, ""),
        ({"benchmark_param_count": 100.0}, {"benchmark_param_count": 101.1}, PARAMETERS),
        ({"benchmark_param_count": 101.1}, {"benchmark_param_count": 100.0}, PARAMETERS),
        ({"gmacs": 17.58}, {"gmacs": 16.87}, GMACS),
        ({"gmacs": 17.58}, {"gmacs": None}, ""),
        ({"gmacs": None}, {"gmacs": None}, ""),
        ({"gmacs": 0.0}, {"gmacs": 0.0}, ""),
        ({"gmacs": 1.0, "batch_size": 1}, {"gmacs": 2.0}, f"{BATCH}; {GMACS}"),
    ],
)
def test_what_is_not_comparable_says_why(one: dict[str, Any], other: dict[str, Any], caution: str) -> None:
    found = shared(two(one, other), pair(OLD, NEW))
    assert found.rows["caution"].tolist() == [caution]
    assert found.comparable == (caution == "")


def test_a_further_difference_marks_every_row() -> None:
    found = shared(two({}, {}), pair(OLD, NEW, "torch", "layout"))
    assert found.rows["caution"].tolist() == ["PyTorch release; memory layout"]
    assert found.comparable == 0


def test_nothing_in_common_is_no_rows() -> None:
    found = shared(benchmarks(measured(OLD, "vit_a"), measured(NEW, "vit_a", 384)), pair(OLD, NEW))
    assert found.rows.empty
    assert found.only_one == 2


def test_of_a_group_the_pair_with_most_comparable_rows_is_taken_and_the_first_of_several() -> None:
    table = a_benchmark_table()
    ready = measurements_of(table)
    candidates = pairs_in(profiles_of(table), "device", lambda p: p.device, besides=["precision"])
    chosen = most_comparable(ready, candidates, lambda p: p.other.device)
    assert len(chosen) == len({p.other.device for p in candidates})
    for found in chosen:
        rivals = [rows_of_pair(ready, p) for p in candidates if p.other.device == found.pair.other.device]
        most = max(rival.comparable for rival in rivals)
        assert found.pair == next(rival.pair for rival in rivals if rival.comparable == most)
    assert [found.comparable for found in chosen] == sorted((f.comparable for f in chosen), reverse=True)


def test_more_comparable_rows_count_more_than_a_newer_release() -> None:
    old = [OLD, OLD.replace("nchw", "nhwc")]
    new = [NEW, NEW.replace("nchw", "nhwc")]
    table = benchmarks(
        *(measured(profile, model) for profile in old for model in ("vit_a", "vit_b")),
        *(measured(new[0], model) for model in ("vit_a", "vit_b")),
        *(measured(new[1], model, batch_size=64) for model in ("vit_a", "vit_b")),
    )
    candidates = pairs_in(profiles_of(table), "layout", lambda p: p.layout)
    assert [p.base.id for p in candidates] == [NEW, OLD]
    (found,) = most_comparable(measurements_of(table), candidates, lambda _: 0)
    assert found.pair.base.id == OLD


def test_a_pair_without_a_row_in_common_is_none() -> None:
    table = benchmarks(measured(OLD, "vit_a"), measured(NEW, "vit_b"))
    assert most_comparable(measurements_of(table), [pair(OLD, NEW)], lambda _: 0) == []


@pytest.mark.parametrize(("speed", "base"), [(90.0, NEW), (100.0, OLD), (110.0, OLD)])
def test_the_faster_of_two_goes_over_the_slower(speed: float, base: str) -> None:
    ready = measurements_of(two({"speed": 100.0}, {"speed": speed}))
    turned = faster_last(ready, rows_of_pair(ready, pair(OLD, NEW)))
    assert turned.pair.base.id == base
    assert turned.rows["ratio"].median() >= 1
