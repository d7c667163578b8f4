"""The synthetic upstream of ``--upstream sample``: timm's formats over the years, invented numbers.

Architecture names are timm's, so that the rules for families work. Every number comes
from a formula and a hash of the name, never from a measurement: nobody should pick a model by them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class SampleCommit:
    """One commit of the sample upstream."""

    message: str
    date: str  # ISO 8601 with a zone; author and committer date
    files: Mapping[str, bytes | None]  # path to content; None deletes


@dataclass(frozen=True)
class _Family:
    steps: str  # architectures, smallest first; {a,b} stands for several with the same parameters
    since: int  # the year of their first results
    size: tuple[int, int]  # image size of the smallest and the largest, unless the name ends in one
    params: tuple[int, int]  # millions, of the smallest and the largest
    density: float  # GMACs for each million parameters at 224 pixels
    skill: float  # how far above the common curve of accuracy over parameters
    tags: str  # "tag" or "tag=name before 2023"; {} is the architecture, nothing means none
    wide: bool = False  # also run at 64 pixels more, since 2023


@dataclass(frozen=True)
class _Architecture:
    name: str
    sizes: tuple[int, ...]  # its own, then the wider one
    params: float
    gmacs: float  # at its own size
    skill: float
    tags: tuple[tuple[str, str], ...]  # tag, template of the name before 2023


@dataclass(frozen=True)
class _Weights:
    model: str  # the name upstream would write
    architecture: _Architecture
    tag: str
    size: int


@dataclass(frozen=True)
class _Profile:
    name: str  # file name without .csv
    speed: float  # GMACs a microsecond
    overhead: float  # microseconds an image
    batch: int  # the batch size tried first
    columns: str
    wide: bool = False  # runs the wider image sizes too
    crlf: bool = False
    without_gmacs: str = ""  # an architecture whose row lacks gmacs
    without_speed: str = ""  # one whose row lacks the measurement; batch sizes then read 1024.0


# Accuracy on another test set: logit(error) = slope * logit(error on imagenet) + shift.
_TEST_SETS: Final = {
    "imagenet": (1.0, 0.0),
    "imagenet-real": (1.0, -0.35),
    "imagenetv2-matched-frequency": (1.0, 0.55),
    "inv2-matched-frequency": (1.0, 0.55),
    "sketch": (1.67, 2.8),
    "imagenet-a-clean": (1.2, -1.7),
    "imagenet-a": (3.4, 6.0),
    "imagenet-r-clean": (1.1, -1.5),
    "imagenet-r": (1.95, 2.3),
}
_WITHOUT_DIFFS: Final = ("imagenet", "imagenet-a-clean", "imagenet-r-clean")
_WITH_DIFFS: Final = (
    "imagenet-real", "imagenetv2-matched-frequency", "sketch", "imagenet-a", "imagenet-r",
)  # fmt: skip
_COMPARED_WITH: Final = {"imagenet-a": "imagenet-a-clean", "imagenet-r": "imagenet-r-clean"}

_README: Final = """\
# Sample results

Every number in this repository is invented by timm-charts, to show its job without a network.
The real results are at https://github.com/huggingface/pytorch-image-models/tree/main/results.
"""

_SCORES: Final = "top1 top1_err top5 top5_err param_count"
_PLAIN_2019: Final = f"model {_SCORES} img_size cropt_pct interpolation"
_DIFFS_2021: Final = (
    "model rank_diff top1 top1_diff top1_err top5 top5_diff top5_err param_count img_size "
    "cropt_pct interpolation"
)
_PLAIN_2023: Final = f"model {_SCORES} img_size crop_pct interpolation"
_PLAIN_2024: Final = f"model img_size {_SCORES} crop_pct interpolation"
_DIFFS: Final = " top1_diff top5_diff rank_diff"

_OLD: Final = "model samples_per_sec step_time batch_size img_size param_count"
_OLD_MACS: Final = "model samples_per_sec step_time batch_size img_size gmacs macts param_count"
_NEW_TRAIN: Final = "model img_size samples_per_sec step_time batch_size param_count"
_PT210: Final = "model img_size batch_size samples_per_sec step_time gmacs macts param_count"
_NEW: Final = "model img_size samples_per_sec step_time batch_size param_count gmacs macts"
_BATCHES: Final = (1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 4, 2, 1)
_MEMORY: Final = {"infer": 24_000.0, "train": 4_000.0}  # million activations that fit at once

# fmt: off
_FAMILIES: Final = (
    _Family("resnet18 resnet34 resnet50 resnet101 resnet152", 2019, (224, 224), (12, 58),
            0.17, 0.0, "a1_in1k gluon_in1k=gluon_{}_v1b", wide=True),
    _Family("vgg11 vgg13 vgg16 vgg19", 2019, (224, 224), (120, 150), 0.11, -0.45, "tv_in1k"),
    _Family("efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4",
            2019, (224, 320), (5, 20), 0.06, 0.22, "ra_in1k", wide=True),
    _Family("tf_efficientnet_b0 tf_efficientnet_b2 tf_efficientnet_b4 tf_efficientnet_b6",
            2019, (224, 512), (5, 42), 0.04, 0.2, "aa_in1k ns_jft_in1k={}_ns"),
    _Family("mobilenetv3_small_100 mobilenetv3_large_100", 2019, (224, 224), (3, 6),
            0.035, -0.02, "lamb_in1k"),
    _Family("resnext50_32x4d resnext101_32x8d", 2019, (224, 224), (24, 90), 0.17, 0.05,
            "a1h_in1k fb_swsl_ig1b_ft_in1k=swsl_{}"),
    _Family("resnet18d resnet26d resnet50d resnet101d resnet152d resnet200d", 2021, (224, 256),
            (12, 66), 0.19, 0.07, "ra2_in1k", wide=True),
    _Family("resnetrs50 resnetrs101 resnetrs152 resnetrs200 resnetrs270", 2021, (160, 256),
            (34, 130), 0.14, 0.12, "tf_in1k"),
    _Family("regnetx_002 regnetx_008 regnetx_016 regnetx_032 regnetx_064 regnetx_120",
            2021, (224, 224), (3, 50), 0.21, -0.03, "pycls_in1k"),
    _Family("regnety_008 regnety_032 regnety_064 regnety_120", 2021, (224, 224), (6, 54),
            0.21, 0.04, "pycls_in1k", wide=True),
    _Family("vit_tiny_patch16_{224,384} vit_small_patch16_{224,384} vit_base_patch16_{224,384} "
            "vit_large_patch16_{224,384}", 2021, (224, 384), (6, 310), 0.2, 0.06,
            "augreg_in21k_ft_in1k augreg_in1k="),
    _Family("eca_nfnet_l0 eca_nfnet_l1 eca_nfnet_l2", 2021, (224, 320), (25, 58), 0.18, 0.18,
            "ra2_in1k"),
    _Family("resnetv2_50x1_bit resnetv2_101x1_bit", 2021, (448, 448), (26, 46), 0.17, -0.02,
            "goog_in21k_ft_in1k={}m"),
    _Family("resnet50_gn resnetv2_50d_gn", 2021, (224, 224), (25, 27), 0.16, 0.06, "a1h_in1k"),
    _Family("efficientnetv2_rw_t efficientnetv2_rw_s efficientnetv2_rw_m", 2021, (224, 320),
            (13, 55), 0.12, 0.25, "agc_in1k", wide=True),
    _Family("tf_efficientnetv2_s tf_efficientnetv2_m tf_efficientnetv2_l", 2021, (320, 480),
            (22, 115), 0.1, 0.16, "in1k in21k_ft_in1k={}_in21ft1k"),
    _Family("swin_tiny_patch4_window7_224 swin_base_patch4_window7_224 "
            "swin_large_patch4_window7_224", 2021, (224, 224), (28, 190), 0.17, 0.15,
            "ms_in1k ms_in22k_ft_in1k="),
    _Family("levit_128s levit_128 levit_192 levit_256 levit_384", 2022, (224, 224), (9, 42),
            0.035, 0.18, "fb_dist_in1k"),
    _Family("beit_base_patch16_{224,384} beit_large_patch16_{224,384,512}", 2022, (224, 512),
            (88, 300), 0.2, 0.12, "in22k_ft_in22k_in1k"),
    _Family("convnext_tiny convnext_small convnext_base convnext_large", 2022, (224, 224),
            (28, 200), 0.16, 0.13, "fb_in1k fb_in22k_ft_in1k={}_in22ft1k", wide=True),
    _Family("vit_huge_patch14_224 vit_gigantic_patch14_224", 2022, (224, 224), (640, 1800),
            0.25, 0.0, ""),
    _Family("eva02_tiny_patch14_336 eva02_base_patch14_448 eva02_large_patch14_448",
            2023, (336, 448), (6, 310), 0.24, 0.2, "mim_in22k_ft_in1k"),
    _Family("eva_giant_patch14_{224,336}", 2023, (224, 336), (1040, 1040), 0.26, 0.06,
            "clip_ft_in1k"),
    _Family("convnextv2_atto convnextv2_nano convnextv2_base convnextv2_large",
            2023, (224, 224), (4, 200), 0.16, 0.16, "fcmae_ft_in1k fcmae_ft_in22k_in1k=",
            wide=True),
    _Family("fastvit_t8 fastvit_sa24 fastvit_ma36", 2024, (256, 256), (4, 44), 0.14, 0.25,
            "apple_dist_in1k"),
    _Family("mobilenetv4_conv_small mobilenetv4_conv_medium mobilenetv4_conv_large",
            2025, (224, 256), (4, 33), 0.06, 0.24, "e2400_in1k"),
    _Family("mambaout_femto mambaout_tiny mambaout_base", 2025, (224, 224), (7, 85), 0.16, 0.2,
            "in1k"),
)

_PROFILES: Final = (
    _Profile("model_benchmark_amp_nchw_rtx3090", 0.009, 14, 256, _OLD_MACS),
    _Profile("benchmark-infer-amp-nhwc-pt111-cu113-rtx3090", 0.011, 13, 1024, _OLD),
    _Profile("benchmark-train-amp-nhwc-pt111-cu113-rtx3090", 0.0032, 60, 512, _OLD),
    _Profile("benchmark-infer-amp-nhwc-pt113-cu117-rtx3090", 0.0118, 12, 1024, _OLD_MACS,
             wide=True),
    _Profile("benchmark-train-amp-nhwc-pt113-cu117-rtx3090", 0.0034, 55, 512, _OLD),
    _Profile("benchmark-infer-amp-nchw-pt240-cu124-samplegpu_a", 0.022, 6, 1024, _NEW, wide=True),
    _Profile("benchmark-infer-amp-nchw-pt240-cu124-samplegpu_a-dynamo", 0.027, 4, 256, _NEW),
    _Profile("benchmark-infer-amp-nhwc-pt240-cu124-samplegpu_a", 0.03, 5, 1024, _PT210, wide=True,
             without_speed="eva_giant_patch14_336"),
    _Profile("benchmark-infer-amp-nchw-pt240-cu124-samplegpu_b", 0.008, 9, 1024, _NEW, wide=True,
             crlf=True, without_gmacs="mobilenetv3_large_100"),
    _Profile("benchmark-infer-fp32-nchw-pt240-cpu-samplecpu-dynamo", 0.00009, 2500, 1, _NEW),
    _Profile("benchmark-train-amp-nhwc-pt240-cu124-samplegpu_a", 0.007, 40, 512, _NEW_TRAIN),
    _Profile("benchmark-infer-amp-nchw-pt260-cu126-samplegpu_c", 0.035, 4, 1024, _NEW, wide=True),
)
# fmt: on


def sample_commits() -> tuple[SampleCommit, ...]:
    """Return the commits of the sample upstream, oldest first; the same on every machine."""
    return (
        SampleCommit("Results of 2019", "2019-07-21T09:30:00-07:00", _year_2019()),
        SampleCommit("Results of 2021, with benchmarks", "2021-05-12T16:05:00-07:00", _year_2021()),
        SampleCommit("Results of 2022, more test sets", "2022-03-30T11:20:00-07:00", _year_2022()),
        SampleCommit(
            "Say that these results are invented",
            "2022-04-02T08:00:00-07:00",
            {"results/README.md": _README.encode()},
        ),
        SampleCommit("Results of 2023, tagged names", "2023-05-25T18:45:00-07:00", _year_2023()),
        SampleCommit("Results of 2024, new benchmarks", "2024-08-27T12:00:00+02:00", _year_2024()),
        SampleCommit("New models and a new device", "2025-06-04T10:10:00+00:00", _year_2025()),
    )


def _year_2019() -> dict[str, bytes | None]:
    return {_path("results-all"): _evaluations("imagenet", 2019, _PLAIN_2019)}


def _year_2021() -> dict[str, bytes | None]:
    return {
        **_gone("results-all"),
        **_results(2021, ("imagenet", "inv2-matched-frequency"), _PLAIN_2019),
        **_results(2021, ("sketch", "imagenet-a"), _DIFFS_2021),
        **_benchmarks(2021, "model_benchmark_"),
        _path("model_metadata_in1k"): _metadata(2021),
    }


def _year_2022() -> dict[str, bytes | None]:
    return {
        **_gone("results-inv2-matched-frequency", "model_metadata_in1k"),
        **_gone("model_benchmark_amp_nchw_rtx3090"),
        **_results(2022, _WITHOUT_DIFFS, _PLAIN_2019),
        **_results(2022, _WITH_DIFFS, _PLAIN_2019 + _DIFFS),
        **_benchmarks(2022, "-pt111-"),
        _path("model_metadata-in1k"): _metadata(2022),
    }


def _year_2023() -> dict[str, bytes | None]:
    return {
        **_gone(*(profile.name for profile in _PROFILES if "-pt111-" in profile.name)),
        **_results(2023, _WITHOUT_DIFFS, _PLAIN_2023),
        **_results(2023, _WITH_DIFFS, _PLAIN_2023 + _DIFFS),
        **_benchmarks(2023, "-pt113-"),
    }


def _year_2024() -> dict[str, bytes | None]:
    return {
        **_results(2024, _WITHOUT_DIFFS, _PLAIN_2024),
        **_results(2024, _WITH_DIFFS, _PLAIN_2024 + _DIFFS),
        **_benchmarks(2024, "-pt240-"),
        _path("notes-unknown"): b"note,value\nno results file: the job reports it by name,1\n",
    }


def _year_2025() -> dict[str, bytes | None]:
    return {
        **_results(2025, _WITHOUT_DIFFS, _PLAIN_2024),
        **_results(2025, _WITH_DIFFS, _PLAIN_2024 + _DIFFS),
        **_benchmarks(2025, "-nchw-pt240-cu124-samplegpu_a.csv", again=True),
        **_benchmarks(2025, "-samplegpu_c"),
    }


def _path(name: str) -> str:
    return f"results/{name}.csv"


def _gone(*names: str) -> dict[str, None]:
    return dict.fromkeys(map(_path, names))


def _results(year: int, test_sets: Iterable[str], columns: str) -> dict[str, bytes]:
    return {_path(f"results-{name}"): _evaluations(name, year, columns) for name in test_sets}


def _benchmarks(year: int, part: str, *, again: bool = False) -> dict[str, bytes]:
    return {
        _path(profile.name): _benchmark(profile, year, again=again)
        for profile in _PROFILES
        if part in f"{profile.name}.csv"
    }


def _chance(*key: object) -> float:
    """Return a number in [-1, 1) that depends on the key alone, the same on every machine."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**63 - 1


@cache
def _architectures(year: int) -> tuple[_Architecture, ...]:
    return tuple(a for family in _FAMILIES if family.since <= year for a in _members(family))


def _members(family: _Family) -> list[_Architecture]:
    steps = family.steps.split()
    return [
        _member(family, step, name, place / max(1, len(steps) - 1))
        for place, step in enumerate(steps)
        for name in _expand(step)
    ]


def _member(family: _Family, step: str, name: str, share: float) -> _Architecture:
    low, high = family.params
    params = round(low * (high / low) ** share * (1 + 0.03 * _chance(step, "params")), 2)
    smallest, largest = family.size
    named = re.search(r"patch.*_(\d{3})$", name)
    size = int(named[1]) if named else round((smallest + share * (largest - smallest)) / 32) * 32
    gmacs = params * family.density * (size / 224) ** 2 * (1 + 0.1 * _chance(step, "gmacs"))
    sizes = (size, size + 64) if family.wide else (size,)
    return _Architecture(name, sizes, params, gmacs, family.skill, _tags(family.tags))


def _expand(step: str) -> list[str]:
    if "{" not in step:
        return [step]
    head, _, choices = step.rstrip("}").partition("{")
    return [head + choice for choice in choices.split(",")]


def _tags(tags: str) -> tuple[tuple[str, str], ...]:
    found = []
    for place, entry in enumerate(tags.split()):
        tag, equals, template = entry.partition("=")
        found.append((tag, template if equals else "{}" if place == 0 else ""))
    return tuple(found)


def _weights(year: int) -> list[_Weights]:
    if year < 2023:
        return [
            _Weights(template.format(a.name), a, tag, a.sizes[0])
            for a in _architectures(year)
            for tag, template in a.tags
            if template
        ]
    return [
        _Weights(f"{a.name}.{tag}", a, tag, size)
        for a in _architectures(year)
        for tag, _ in a.tags
        for size in a.sizes
    ]


@cache
def _scores(test_set: str, year: int) -> tuple[tuple[_Weights, int, int], ...]:
    """Return weights, top1 and top5 in thousandths of a percent, best first."""
    scored = [(weights, *_score(weights, test_set, year)) for weights in _weights(year)]
    return tuple(sorted(scored, key=lambda row: (-row[1], row[0].model, row[0].size)))


def _score(weights: _Weights, test_set: str, year: int) -> tuple[int, int]:
    architecture, key = weights.architecture, (weights.architecture.name, weights.tag, weights.size)
    error = 46 * architecture.params**-0.18 * (224 / weights.size) ** 0.25
    error *= math.exp(-architecture.skill) * (1 + 0.02 * _chance(*key[:2]))
    if re.search("in2[12]k|jft|ig1b|clip", weights.tag):
        error *= 0.9
    slope, shift = _TEST_SETS[test_set]
    odds = math.exp(slope * math.log(error / (100 - error)) + shift + 0.04 * _chance(*key, shift))
    error = 100 * odds / (1 + odds)
    rerun = round(15 * _chance(*key, shift, "again")) if year >= 2024 else 0
    top5_error = error * (0.12 + 0.006 * error)
    return 100_000 - round(1000 * error) + rerun, 100_000 - round(1000 * top5_error)


def _evaluations(test_set: str, year: int, columns: str) -> bytes:
    scores = _scores(test_set, year)
    base_set = _COMPARED_WITH.get(test_set, "imagenet") if year >= 2022 else "imagenet"
    base = {
        (weights.model, weights.size): (rank, top1, top5)
        for rank, (weights, top1, top5) in enumerate(_scores(base_set, year))
    }
    rows = []
    for rank, (weights, top1, top5) in enumerate(scores):
        base_rank, base_top1, base_top5 = base[weights.model, weights.size]
        rows.append(
            _evaluation(weights, year, top1, top5)
            | {
                "top1_diff": f"{(top1 - base_top1) / 1000:+.3f}",
                "top5_diff": f"{(top5 - base_top5) / 1000:+.3f}",
                "rank_diff": _rank_diff(base_rank - rank, year),
            }
        )
    return _csv(columns, rows)


def _rank_diff(places: int, year: int) -> str:
    if places == 0:
        return "=" if year < 2022 else "0"
    return f"{places:+d}"


def _evaluation(weights: _Weights, year: int, top1: int, top5: int) -> dict[str, str]:
    architecture = weights.architecture
    crop = f"{(0.875, 0.9, 0.95, 1.0)[int(2 + 2 * _chance(architecture.name, 'crop'))]:.3f}"
    return {
        "model": weights.model,
        "img_size": str(weights.size),
        "top1": f"{top1 / 1000:.3f}",
        "top1_err": f"{(100_000 - top1) / 1000:.3f}",
        "top5": f"{top5 / 1000:.3f}",
        "top5_err": f"{(100_000 - top5) / 1000:.3f}",
        "param_count": format(architecture.params, ",.2f" if year >= 2023 else ".2f"),
        "crop_pct": crop,
        "cropt_pct": crop,
        "interpolation": "bilinear" if _chance(architecture.name, "pixels") < -0.7 else "bicubic",
    }


def _benchmark(profile: _Profile, year: int, *, again: bool) -> bytes:
    measured = [
        _measure(profile, model, architecture, size, again=again)
        for model, architecture, size in _benchmarked(profile, year)
        if _chance(profile.name, model, size, "failed") > -0.86
    ]
    measured.sort(key=lambda row: (-float(row["samples_per_sec"]), row["model"], row["img_size"]))
    for row in measured:
        if profile.without_speed:
            row["batch_size"] += ".0"
        if row["model"] == profile.without_speed:
            row |= dict.fromkeys(("samples_per_sec", "step_time", "batch_size"), "")
        if row["model"] == profile.without_gmacs:
            row["gmacs"] = ""
    return _csv(profile.columns, measured, _mode(profile), "\r\n" if profile.crlf else "\n")


def _mode(profile: _Profile) -> str:
    return "train" if "-train-" in profile.name else "infer"


def _benchmarked(profile: _Profile, year: int) -> list[tuple[str, _Architecture, int]]:
    """Return model, architecture and size: by full name before 2023, by architecture since."""
    architectures = _architectures(year)
    if year >= 2023:
        kept = slice(None) if profile.wide else slice(1)
        return [(a.name, a, size) for a in architectures for size in a.sizes[kept]]
    bare = [(a.name, a, a.sizes[0]) for a in architectures if not a.tags]
    return bare + [(w.model, w.architecture, w.size) for w in _weights(year)]


def _measure(
    profile: _Profile, model: str, architecture: _Architecture, size: int, *, again: bool
) -> dict[str, str]:
    gmacs = architecture.gmacs * (size / architecture.sizes[0]) ** 2
    macts = 4 * gmacs**0.55 * architecture.params**0.15 * (1 + 0.1 * _chance(architecture.name, size))
    allowed = [b for b in _BATCHES if b <= profile.batch and b * macts <= _MEMORY[_mode(profile)]]
    batch = allowed[0] if allowed else 1
    key = (profile.name, model, size)
    micros = profile.overhead + gmacs / profile.speed + macts / (25 * profile.speed)
    micros *= math.exp(0.12 * _chance(*key)) * (1 + 0.006 * _chance(*key, "again") * again)
    speed = round(1e6 / micros, 2)
    return {
        "model": model,
        "img_size": str(size),
        "samples_per_sec": str(speed),
        "step_time": str(round(1000 * batch / speed * (1 + 0.005 * _chance(*key, "step")), 3)),
        "batch_size": str(batch),
        "param_count": f"{architecture.params:.2f}",
        "gmacs": f"{gmacs:.2f}",
        "macts": f"{macts:.2f}",
    }


def _metadata(year: int) -> bytes:
    known = {"in22k": "in21k-selfsl", "in21k": "in21k", "jft": "jft300m-ns", "ig1b": "ig1b-swsl"}
    rows = [
        {
            "model": weights.model,
            "pretrain": next((label for word, label in known.items() if word in weights.tag), "in1k"),
        }
        for weights in sorted(_weights(year), key=lambda weights: weights.model)
    ]
    return _csv("model pretrain", rows)


def _csv(columns: str, rows: Iterable[Mapping[str, str]], mode: str = "", end: str = "\n") -> bytes:
    text, names = io.StringIO(), columns.split()
    writer = csv.writer(text, lineterminator=end)
    same = {"model", "param_count"}
    writer.writerow(f"{mode}_{name}" if mode and name not in same else name for name in names)
    writer.writerows([row[name] for name in names] for row in rows)
    return text.getvalue().encode("ascii")
