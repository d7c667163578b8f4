"""Pairs of profiles are like for like."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.charts.pairs.find import DIMENSIONS, differing, pairs_in
from tasks.tables.profiles import newest_of_each_device, profiles_of, release
from tests.frames import benchmarks
from tests.overview_tables import PROFILES, a_benchmark_table, measured, profile_of

OLD, NEW = "infer-amp-nchw-pt210-cu121-gpua", "infer-amp-nchw-pt240-cu124-gpua"
names = st.builds(
    "{}-{}-{}-pt{}-{}-{}{}".format,
    st.sampled_from(["infer", "train"]),
    st.sampled_from(["amp", "fp32", "bf16"]),
    st.sampled_from(["nchw", "nhwc"]),
    st.sampled_from(["112", "113", "240", "2100"]),
    st.sampled_from(["cu113", "cu124", "cpu"]),
    st.sampled_from(["gpua", "gpub", "i9"]),
    st.sampled_from(["", "-dynamo"]),
)
some_profiles = st.lists(names, max_size=12, unique=True).map(lambda ids: [profile_of(i) for i in ids])


@given(some_profiles, st.sampled_from(DIMENSIONS), st.sets(st.sampled_from(DIMENSIONS)))
def test_pairs_differ_where_they_may_and_each_occurs_once(
    profiles: list[Any], dimension: str, besides: set[str]
) -> None:
    allowed = sorted(besides - {dimension})
    found = pairs_in(profiles, dimension, lambda p: p.id, besides=allowed)
    for made in found:
        different = {name for name in DIMENSIONS if getattr(made.base, name) != getattr(made.other, name)}
        assert dimension in different
        assert different <= {dimension, *allowed}
        assert different == {dimension, *made.also}
        if made.base.cuda != made.other.cuda:
            assert different & {"torch", "device"}
    by_hand = {
        frozenset({a.id, b.id}) for a in profiles for b in profiles
        if getattr(a, dimension) != getattr(b, dimension)
        and all(getattr(a, n) == getattr(b, n) for n in DIMENSIONS if n not in {dimension, *allowed})
        and (a.cuda == b.cuda or a.torch != b.torch or a.device != b.device)
    }  # fmt: skip
    assert {frozenset({p.base.id, p.other.id}) for p in found} == by_hand
    assert len(found) == len(by_hand)
    assert [len(p.also) for p in found] == sorted(len(p.also) for p in found)


@given(some_profiles, st.randoms())
def test_the_order_of_profiles_does_not_matter(profiles: list[Any], random: Any) -> None:  # noqa: ANN401
    shuffled = list(profiles)
    random.shuffle(shuffled)
    arguments: Any = ("device", lambda p: p.device)
    assert pairs_in(shuffled, *arguments, besides=["torch"]) == pairs_in(
        profiles, *arguments, besides=["torch"]
    )


def test_cuda_is_a_dimension_of_its_own_where_neither_torch_nor_device_differs() -> None:
    other = NEW.replace("cu124", "cu118")
    assert differing(profile_of(NEW), profile_of(other)) == {"cuda"}
    assert differing(profile_of(NEW), profile_of(OLD)) == {"torch"}
    nhwc = profile_of(other.replace("nchw", "nhwc"))
    assert pairs_in([profile_of(NEW), nhwc], "layout", lambda p: p.layout) == []


def test_the_newest_of_equally_close_pairs_comes_first() -> None:
    ids = [i.replace("nchw", layout) for i in (OLD, NEW) for layout in ("nchw", "nhwc")]
    found = pairs_in([profile_of(i) for i in ids], "layout", lambda p: p.layout)
    assert [p.base.id for p in found] == [NEW, OLD]


def test_releases_next_to_each_other_come_before_newer_ones_far_apart() -> None:
    train = "train-amp-nchw-pt112-cu113-gpua"
    near, far = "infer-amp-nchw-pt113-cu117-gpua", NEW
    found = pairs_in([profile_of(i) for i in (train, near, far)], "mode", lambda p: p.mode, besides=["torch"])
    assert [p.base.id for p in found] == [near, far]
    assert found[0].also == ("torch",)


@pytest.mark.parametrize(
    ("name", "expected"), [("pt240", (2, 4, 0)), ("pt2100", (2, 10, 0)), ("pt113", (1, 13))]
)
def test_ages_are_numbers(name: str, expected: tuple[int, ...]) -> None:
    assert release(profile_of(NEW.replace("pt240", name))) == expected
    assert (2, 10, 0) > (2, 4, 0)


def test_profiles_come_back_as_their_names_tell() -> None:
    assert profiles_of(a_benchmark_table(2)) == [profile_of(name) for name in sorted(PROFILES)]
    unversioned = benchmarks(measured(NEW, "vit_a", torch=None, cuda=None))
    (profile,) = profiles_of(unversioned)
    assert (profile.torch, profile.cuda, release(profile)) == (None, None, ())


def test_the_newest_profile_of_each_device_most_rows_first() -> None:
    table = a_benchmark_table()
    rows = Counter(table["profile"])
    chosen = newest_of_each_device([p for p in profiles_of(table) if p.mode == "infer"], rows)
    assert {p.device for p in chosen} == {"gpua", "gpub", "cpuc", "cpud"}
    assert [rows[p.id] for p in chosen] == sorted((rows[p.id] for p in chosen), reverse=True)
    for p in chosen:
        rivals = [q for q in profiles_of(table) if q.device == p.device and q.mode == "infer"]
        newest = max(release(q) for q in rivals)
        assert release(p) == newest
        assert rows[p.id] == max(rows[q.id] for q in rivals if release(q) == newest)
