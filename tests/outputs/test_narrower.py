"""What a run takes away because it is asked for less than the outputs show, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.outputs.manifest import Asked, ChartEntry, Manifest, Source, SourceEntry
from tasks.outputs.narrower import left_over, taken_away
from tests.frames import manifest

A, B, TRAIN = "infer-amp-nchw-pt240-cu124-rtx4090", "infer-amp-nchw-pt240-cu124-rtx3090", "train-a"
THERE = (A, B, TRAIN)


def asked(*globs: str, preset: str | None = None) -> Asked:
    return Asked(upstream="u", sample=False, preset=preset, profiles=globs)


def shown(*globs: str, profiles: tuple[str, ...] = THERE, preset: str | None = None) -> Manifest:
    """Return a build of these profiles with two charts of each and one that compares; one file can't be used."""
    files = [SourceEntry(name=f"{p}.csv", blob="", kind="benchmarks", subject=p) for p in profiles]
    bad = SourceEntry(name="bad.csv", blob="", kind="benchmarks", subject="bad", error="empty file")
    tests = SourceEntry(name="results-imagenet.csv", blob="", kind="evaluations", subject="imagenet")
    labels = [(p, chart) for p in profiles for chart in ("one", "two")] + [("overview", "three")]
    facts: dict[str, Any] = dict.fromkeys(("title", "question", "category", "description"), "")
    charts = [
        ChartEntry(profile=p, name=c, rows=1, left_out={}, files=(), changed_by="", **facts)
        for p, c in labels
    ]
    source = Source(**{**manifest().source.model_dump(), "files": (*files, bad, tests)})
    return manifest(source=source, charts=tuple(charts), profiles=globs, preset=preset)


def test_fewer_profiles_are_counted_with_their_charts() -> None:
    lost = taken_away(shown(), asked("infer-*-rtx4090"), THERE)
    assert lost == (
        "shows 3 benchmark profiles and 7 charts, and this run would leave 1 of these profiles and 2 of these "
        "charts: it is of only benchmark profiles that match `infer-*-rtx4090`"
    )


@pytest.mark.parametrize(
    ("before", "now"),
    [((), ()), (("infer-*",), ()), (("infer-*-rtx4090",), ("infer-*",)), (("infer-*",), ("infer-*",)), ((), ("*",)),
     (("train-*", "infer-*-rtx4090"), ("infer-*-rtx4090", "train-*"))],
)  # fmt: skip
def test_as_much_or_more_just_works(before: tuple[str, ...], now: tuple[str, ...]) -> None:
    assert taken_away(shown(*before), asked(*now), THERE) is None


@pytest.mark.parametrize("now", [("infer-*-rtx4090",), ("train-*",), ("train-*", "infer-*-rtx3090")])
def test_less_or_other_profiles_take_away(now: tuple[str, ...]) -> None:
    assert taken_away(shown("infer-*", profiles=(A, B)), asked(*now), THERE) is not None


def test_what_upstream_took_away_is_news_and_no_loss() -> None:
    assert taken_away(shown(), asked(), (A,)) is None
    assert taken_away(shown(), asked("infer-*"), (A, B)) is None, "there is no training profile any more"


def test_a_preset_leaves_nothing_as_it_was_and_none_takes_nothing_away() -> None:
    lost = taken_away(shown(), asked("infer-*", preset="fastai-2022"), THERE)
    assert lost is not None
    assert "would leave 0 of these profiles and 0 of these charts" in lost
    assert lost.endswith("that match `infer-*`, by the rules of preset fastai-2022")
    assert taken_away(shown(preset="fastai-2022"), asked(), THERE) is None
    assert taken_away(shown(preset="fastai-2022"), asked(preset="fastai-2022"), THERE) is None


def test_profiles_that_could_not_be_used_are_not_shown() -> None:
    finding = left_over(shown(), asked("infer-*"))
    assert (finding.n, finding.values) == (3, {"charts": 7, "left": 2, "left_charts": 4})
