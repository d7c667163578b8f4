"""Profiles that came, went or were replaced, and speeds that moved by more than a re-run explains."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tasks.tables.benchmark_changes import SPEED_MOVED, benchmark_changes
from tasks.tables.change import Change
from tasks.tables.filenames import BenchmarkProfile, classify
from tasks.tables.merge import benchmarks_table
from tests.frames import PROFILE, benchmark, benchmarks
from tests.real.bundle import files_at, parse_files

Row = dict[str, Any]


def measured(profile: str, speed: float = 100.0, model: str = "vit", **more: Any) -> Row:  # noqa: ANN401
    """Return a row of a profile as upstream spells it."""
    kind = classify(f"benchmark-{profile}.csv")
    assert isinstance(kind, BenchmarkProfile)
    about = {name: value for name, value in vars(kind).items() if name not in {"name", "id"}}
    return benchmark(model, speed=speed, profile=profile) | about | more


def changes(old: list[Row], new: list[Row]) -> list[Change]:
    return list(benchmark_changes(benchmarks(*old), benchmarks(*new)))


def told(old: list[str], new: list[str]) -> list[tuple[str, str | None, str]]:
    found = changes([measured(name) for name in old], [measured(name) for name in new])
    return sorted((change.kind, change.previous_name, change.subject) for change in found)


# --- profiles ---

OLD, NEW = "infer-amp-nchw-pt240-cu124-rtx4090", "infer-amp-nchw-pt291-cu130-4090"


def test_a_newer_release_under_another_spelling_replaces_the_old_one() -> None:
    [change] = changes([measured(OLD)], [measured(NEW)])
    assert (change.kind, change.previous_name, change.subject) == ("profile-replaced", OLD, NEW)
    assert change.detail == "was PyTorch 2.4.0, CUDA 12.4; is PyTorch 2.9.1, CUDA 13.0"


@pytest.mark.parametrize(
    "other",
    ["infer-amp-nhwc-pt291-cu130-4090", "train-amp-nchw-pt291-cu130-4090", "infer-fp32-nchw-pt291-cu130-4090",
     "infer-amp-nchw-pt291-cu130-4090-dynamo", "infer-amp-nchw-pt291-cu130-5090"],
)  # fmt: skip
def test_another_device_or_setting_is_another_profile(other: str) -> None:
    assert told([OLD], [other]) == [("profile-added", None, other), ("profile-removed", None, OLD)]


def test_one_that_stays_is_not_replaced() -> None:
    assert told([OLD], [OLD, NEW]) == [("profile-added", None, NEW)]
    assert told([OLD, NEW], [NEW]) == [("profile-removed", None, OLD)]


def test_of_two_that_go_the_newest_is_replaced() -> None:
    """Version 1.12 is newer than 1.9: by number, not by letter."""
    older, old = "infer-amp-nchw-pt19-cu111-rtx4090", "infer-amp-nchw-pt112-cu113-rtx4090"
    assert told([older, old], [NEW]) == [("profile-removed", None, older), ("profile-replaced", old, NEW)]
    two = sorted([("profile-replaced", older, OLD), ("profile-replaced", old, NEW)])
    assert told([older, old], [NEW, OLD]) == two


def test_what_is_replaced_from_one_side_is_replaced_from_the_other() -> None:
    there, back = told([OLD], [NEW]), told([NEW], [OLD])
    assert [(kind, new, old) for kind, old, new in there] == back


# --- speeds ---


def moved(before: float, after: float, **more: Any) -> list[Change]:  # noqa: ANN401 - any cell
    return changes([measured(PROFILE, before)], [measured(PROFILE, after, **more)])


@pytest.mark.parametrize(("after", "is_news"), [(104.9, False), (105.1, True), (95.3, False), (95.2, True)])
def test_a_re_run_is_no_news_and_is_measured_as_a_ratio(after: float, is_news: bool) -> None:
    assert bool(moved(100.0, after)) == is_news == bool(moved(after, 100.0))


def test_a_speed_that_moved_says_both_and_another_batch_size() -> None:
    [change] = moved(100.0, 120.0)
    assert (change.kind, change.subject, change.changed_model, change.changed_img_size) == (
        "speed-moved", PROFILE, "vit", 224,
    )  # fmt: skip
    assert (change.speed_before, change.speed_after, change.detail) == (100.0, 120.0, None)
    assert moved(100.0, 120.0, batch_size=128)[0].detail == "batch size was 256; is 128"
    assert moved(100.0, 101.0, batch_size=128) == []


def test_only_what_was_measured_before_can_move() -> None:
    assert changes([measured(PROFILE)], [measured(PROFILE), measured(PROFILE, 900.0, "swin")]) == []


def test_a_file_that_was_only_named_anew_is_compared_and_one_of_another_release_is_not() -> None:
    same = "infer-amp-nchw-pt240-cu124-4090"
    found = changes([measured(OLD)], [measured(same, 200.0)])
    assert [(change.kind, change.subject) for change in found] == [
        ("profile-replaced", same),
        ("speed-moved", same),
    ]
    assert [change.kind for change in changes([measured(OLD)], [measured(NEW, 200.0)])] == [
        "profile-replaced"
    ]


# --- the real history ---


@pytest.mark.slow
def test_two_commits_after_which_profiles_of_the_rtx3090_were_replaced() -> None:
    """On 2024-09-04 first the new files came (5c33776a), then the old ones went (ef570e26)."""
    found = list(benchmark_changes(at("upstream-b3f3a005"), at("upstream-ef570e26")))
    replaced = {c.subject: c.previous_name for c in found if c.kind == "profile-replaced"}
    assert replaced == {
        f"infer-amp-{layout}-pt240-cu124-rtx3090": f"infer-amp-{layout}-pt112-cu113-rtx3090"
        for layout in ("nchw", "nhwc")
    }
    gone = {c.subject for c in found if c.kind == "profile-removed"}
    assert gone == {
        f"{mode}-amp-{layout}-pt111-cu113-rtx3090"
        for mode in ("infer", "train")
        for layout in ("nchw", "nhwc")
    }
    speeds = [c for c in found if c.kind == "speed-moved"]
    assert {c.subject for c in speeds} == {OLD}


AGAIN = {
    "upstream-499c4749": ("model_benchmark_amp_nchw_rtx3090",),
    "upstream-eac2df3d": tuple(
        f"{mode}-amp-{layout}-pt110-cu113-rtx3090"
        for mode in ("infer", "train")
        for layout in ("nchw", "nhwc")
    ),
    "upstream-79548b54": ("infer-amp-nchw-pt210-cu121-rtx3090",),
    "upstream-5c33776a": (OLD,),
}
"""Results commits that brought files measured again under their name, and the profiles of these."""


@pytest.mark.slow
def test_the_noise_of_a_re_run_is_what_files_measured_twice_say() -> None:
    both = pd.concat(
        _twice(revision, profile) for revision, profiles in AGAIN.items() for profile in profiles
    )
    ratio = both["samples_per_sec_now"] / both["samples_per_sec_before"]
    again = ratio[(both["batch_size_now"] == both["batch_size_before"]) & (ratio != 1)]
    apart = again.where(again > 1, 1 / again) - 1
    assert len(apart) == 4474
    assert (apart > SPEED_MOVED).sum() == 33
    assert apart.quantile(0.9) == pytest.approx(0.0254, abs=5e-5)
    assert apart.quantile(0.99) == pytest.approx(0.0379, abs=5e-5)


def at(revision: str, *profiles: str) -> pd.DataFrame:
    """Return the table ``benchmarks`` of a revision, of some profiles or of all."""
    files = [
        (name, blob) for name, blob in files_at(revision) if isinstance(classify(name), BenchmarkProfile)
    ]
    wanted = [file for file in files if not profiles or _id(file[0]) in profiles]
    return benchmarks_table(list(parse_files(wanted).values()))


def _id(name: str) -> str:
    return name.removeprefix("benchmark-").removesuffix(".csv")


def _twice(revision: str, profile: str) -> pd.DataFrame:
    columns = ["model", "img_size", "samples_per_sec", "batch_size"]
    old, now = at(f"{revision}~1", profile)[columns], at(revision, profile)[columns]
    return old.merge(now, on=["model", "img_size"], suffixes=("_before", "_now"))
