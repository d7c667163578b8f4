"""The profiles of a table, and their order."""

from __future__ import annotations

import pytest

from config.contracts import MERGED
from tasks.tables.contract import as_table
from tasks.tables.filenames import BenchmarkProfile, classify
from tasks.tables.profiles import (
    newest_first,
    newest_of_each_device,
    profiles_of,
    ranked_profiles,
    release,
    rows_by_profile,
)
from tests.frames import PROFILE, benchmark, benchmarks, merged, merged_row


def of(profile: str) -> BenchmarkProfile:
    kind = classify(f"benchmark-{profile}.csv")
    assert isinstance(kind, BenchmarkProfile)
    return kind


EAGER, OLD = of(PROFILE), of("infer-amp-nchw-pt210-cu121-rtx4090")
TEN, SHORT = of("infer-amp-nchw-pt2100-cu130-rtx4090"), of("infer-amp-nchw-pt26-cu124-rtx4090")
DYNAMO, TRAIN = of("infer-amp-nchw-pt291-cu130-rtx4090-dynamo"), of("train-amp-nchw-pt291-cu130-rtx4090")
CPU = of("infer-fp32-nchw-pt221-cpu-i9_10940x")
ALL = [TRAIN, OLD, SHORT, DYNAMO, CPU, TEN, EAGER]
ROWS = {profile.id: 10 for profile in ALL} | {CPU.id: 30}


def test_a_profile_comes_back_from_either_table_as_its_file_name_tells() -> None:
    assert profiles_of(benchmarks(benchmark("a"))) == [EAGER]
    (from_merged,) = profiles_of(merged(merged_row("a.x")))
    assert from_merged.name == ""
    assert {**vars(from_merged), "name": EAGER.name} == vars(EAGER)


def test_versions_that_a_file_name_does_not_tell_are_none() -> None:
    old = {"profile": "model_benchmark_amp_nhwc_rtx3090", "torch": None, "cuda": None}
    for table in (benchmarks(benchmark("a", **old)), merged(merged_row("a.x", **old))):
        (profile,) = profiles_of(table)
        assert (profile.torch, profile.cuda, release(profile)) == (None, None, ())


def test_releases_are_ordered_as_numbers() -> None:
    assert [p.torch for p in newest_first([OLD, TEN, EAGER, SHORT], ROWS)] == [
        "2.10.0", "2.6", "2.4.0", "2.1.0",
    ]  # fmt: skip


def test_of_one_release_the_profile_with_most_rows_comes_first_then_by_name() -> None:
    nhwc = of("infer-amp-nhwc-pt240-cu124-rtx4090")
    rows = {EAGER.id: 5, nhwc.id: 6}
    assert newest_first([EAGER, nhwc], rows) == [nhwc, EAGER]
    assert newest_first([nhwc, EAGER], dict.fromkeys(rows, 5)) == [EAGER, nhwc]


def test_what_most_people_want_is_inference_without_a_compiler_and_the_newest() -> None:
    assert ranked_profiles(ALL, ROWS) == [TEN, SHORT, EAGER, CPU, OLD, DYNAMO, TRAIN]
    assert ranked_profiles(ALL[::-1], ROWS) == ranked_profiles(ALL, ROWS)


def test_a_profile_without_merged_rows_is_not_ranked() -> None:
    assert ranked_profiles([EAGER, OLD], {OLD.id: 1}) == [OLD]
    assert ranked_profiles([EAGER], {}) == []


def test_both_choices_agree_on_which_of_two_profiles_is_newer() -> None:
    for one, other in ((EAGER, SHORT), (SHORT, TEN), (OLD, EAGER)):
        assert ranked_profiles([one, other], ROWS)[0] == other
        assert newest_of_each_device([one, other], ROWS) == [other]


def test_of_each_device_the_newest_and_the_device_with_most_rows_first() -> None:
    assert newest_of_each_device([OLD, TEN, CPU], ROWS) == [CPU, TEN]


@pytest.mark.parametrize("rows", [0, 3])
def test_rows_are_counted(rows: int) -> None:
    frame = merged(*(merged_row(f"a{number}.x") for number in range(rows)))
    assert rows_by_profile(as_table(frame, MERGED)) == ({PROFILE: rows} if rows else {})
