"""One card or processor is one device, however a file name spells it; new ones need no change."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.vocabulary import data_file
from tasks.tables.devices import KINDS, Device, device_of, is_known, kind_of, look_alikes, named
from tasks.tables.filenames import BenchmarkProfile, classify

CARD = Device("rtx4090", "RTX 4090", "gpu")
SPELLED = (
    ("rtx4090", "gpu", "rtx4090", "RTX 4090"),
    ("4090", "gpu", "rtx4090", "RTX 4090"),
    ("RTX_4090", "gpu", "rtx4090", "RTX 4090"),
    ("geforce-rtx-4090", "gpu", "rtx4090", "RTX 4090"),
    ("rtx5080", "gpu", "rtx5080", "RTX 5080"),
    ("4080super", "gpu", "rtx4080super", "RTX 4080 Super"),
    ("rtx4070ti_super", "gpu", "rtx4070tisuper", "RTX 4070 Ti Super"),
    ("3090ti", "gpu", "rtx3090ti", "RTX 3090 Ti"),
    ("4090d", "gpu", "rtx4090d", "RTX 4090 D"),
    ("pro6000maxq", "gpu", "pro6000maxq", "RTX PRO 6000 Max-Q"),
    ("rtx-pro-6000", "gpu", "pro6000", "RTX PRO 6000"),
    ("a6000", "gpu", "a6000", "RTX A6000"),
    ("6000ada", "gpu", "6000ada", "RTX 6000 Ada"),
    ("b200", "gpu", "b200", "B200"),
    ("h100-pcie", "gpu", "h100pcie", "H100 PCIE"),
    ("mi300x", "gpu", "mi300x", "MI300X"),
    ("m3max", "gpu", "m3max", "Apple M3 Max GPU"),
    ("m3max", "cpu", "m3max_cpu", "Apple M3 Max CPU"),
    ("i9_10940x", "cpu", "i9_10940x", "Core i9-10940X"),
    ("i7_12700h", "cpu", "i7_12700h", "Core i7-12700H"),
    ("epyc_9654", "cpu", "epyc_9654", "EPYC 9654"),
    ("xeon_8480", "cpu", "xeon8480", "XEON 8480"),
)


@pytest.mark.parametrize(("spelling", "kind", "id_", "label"), SPELLED)
def test_spellings_seen_and_unseen(spelling: str, kind: str, id_: str, label: str) -> None:
    assert device_of(spelling, kind) == Device(id_, label, kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_of_four_digits_is_a_card_only_among_cards(kind: str) -> None:
    assert device_of("9654", kind).id == ("rtx9654" if kind == "gpu" else "9654")  # type: ignore[arg-type]


def test_cards_before_there_was_rtx_are_not_called_so() -> None:
    assert device_of("1080ti", "gpu") == Device("1080ti", "1080TI", "gpu")


@given(st.text("abmrtx0123456789_.- ", max_size=12), st.sampled_from(KINDS))
def test_any_spelling_is_a_device_whose_id_is_safe_in_files_and_means_itself(
    spelling: str, kind: str
) -> None:
    device = device_of(spelling, kind)  # type: ignore[arg-type]
    assert re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*", device.id)
    assert device.label == " ".join(device.label.split()) != ""
    assert named(device.id, [device]) == named(device.label, [device]) == [device]


def test_both_spellings_of_upstream_are_one_device_and_the_profiles_keep_theirs() -> None:
    names = (
        "benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv", "benchmark-infer-amp-nchw-pt291-cu130-4090.csv",
    )  # fmt: skip
    old, new = map(classify, names)
    assert isinstance(old, BenchmarkProfile)
    assert isinstance(new, BenchmarkProfile)
    assert (old.device, old.device_label) == (new.device, new.device_label) == ("rtx4090", "RTX 4090")
    assert (new.id, new.name) == ("infer-amp-nchw-pt291-cu130-4090", names[1])


@pytest.mark.parametrize(
    ("runtime", "kind"), [("cpu", "cpu"), ("cu124", "gpu"), ("rocm62", "gpu"), ("mps", "gpu"), (None, "gpu")]
)
def test_the_kind_is_what_the_file_says(runtime: str | None, kind: str) -> None:
    assert kind_of(runtime) == kind


THERE = [CARD, device_of("rtx3090", "gpu"), device_of("i9_10940x", "cpu"), device_of("i7_12700h", "cpu")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("rtx4090", ["rtx4090"]), ("RTX 4090", ["rtx4090"]), ("rtx  4090", ["rtx4090"]), ("4090", ["rtx4090"]),
        ("RTX-4090", ["rtx4090"]), ("i9_10940x", ["i9_10940x"]), ("Core i9-10940X", ["i9_10940x"]),
        ("i9-10940x", ["i9_10940x"]), ("cpu", ["i7_12700h", "i9_10940x"]), ("GPU", ["rtx3090", "rtx4090"]),
        ("rtx4080", []), ("", []),
    ],
)  # fmt: skip
def test_a_device_is_found_by_id_label_spelling_or_kind(asked: str, found: list[str]) -> None:
    assert [device.id for device in named(asked, THERE)] == found


def test_a_look_alike_that_no_rule_knows_is_told() -> None:
    (notice,) = look_alikes([CARD, device_of("4090m", "gpu"), device_of("4090d", "gpu")][:2])
    assert notice.startswith("device 4090m counts as another one than rtx4090 (RTX 4090)")
    assert "config/devices.toml" in notice


def test_devices_that_only_share_a_short_number_or_have_a_rule_are_no_look_alikes() -> None:
    spellings = ("a100", "h100", "gb100", "rtx4090", "4090d", "a6000", "pro6000maxq", "6000ada")
    assert look_alikes(device_of(spelling, "gpu") for spelling in spellings) == []


def test_the_rules_have_reasons_and_their_patterns_know_the_key() -> None:
    for rule in data_file("devices.toml")["rule"]:
        assert rule["reason"]
        assert rule["kind"] in KINDS
        assert re.compile(rule["found"]).groups == max(map(int, re.findall(r"\{(\d)", rule["label"])))
    assert is_known(CARD)
    assert not is_known(device_of("4090m", "gpu"))
