"""The synthetic upstream of ``--upstream sample``: timm's file formats over the years, invented numbers.

Architecture names are timm's, so that families and rules have something to work on. Every number comes
from a formula and a hash of the name, never from a measurement: nobody should pick a model by them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final


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
    tags: str  # "tag" or "tag=name before 2023", {} is the architecture; the first tag has "{}"
    wide: bool = False  # also run at 64 pixels more, since 2023


@dataclass(frozen=True)
class _Architecture:
    name: str
    since: int
    sizes: tuple[int, ...]  # its own, then the wider one
    params: float
    gmacs: float  # at its own size
    skill: float
    tags: tuple[tuple[str, str | None], ...]  # tag, name before 2023


@dataclass(frozen=True)
class _Profile:
    name: str  # file name without .csv
    speed: float  # GMACs a microsecond
    overhead: float  # microseconds an image
    batch: int  # the size tried first
    columns: str
    wide: bool = False
    crlf: bool = False


_FAMILIES: Final = (
    # fmt: off
    _Family("resnet18 resnet34 resnet50 resnet101 resnet152", 2019, (224, 224), (12, 58),
            0.17, 0.0, "a1_in1k gluon_in1k=gluon_{}_v1b", wide=True),
    _Family("vgg11 vgg13 vgg16 vgg19", 2019, (224, 224), (120, 150), 0.11, -0.45, "tv_in1k"),
    _Family("efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4",
            2019, (224, 320), (5, 20), 0.06, 0.22, "ra_in1k", wide=True),
    _Family("tf_efficientnet_b0 tf_efficientnet_b2 tf_efficientnet_b4 tf_efficientnet_b6",
            2019, (224, 512), (5, 42), 0.04, 0.20, "aa_in1k ns_jft_in1k={}_ns"),
    _Family("mobilenetv3_small_100 mobilenetv3_large_100", 2019, (224, 224), (3, 6),
            0.035, -0.02, "lamb_in1k"),
    _Family("resnext50_32x4d resnext101_32x8d", 2019, (224, 224), (24, 90),
            0.17, 0.05, "a1h_in1k fb_swsl_ig1b_ft_in1k=swsl_{}"),
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
            "augreg_in21k_ft_in1k augreg_in1k=none"),
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
            "ms_in1k ms_in22k_ft_in1k=none"),
    _Family("levit_128s levit_128 levit_192 levit_256 levit_384", 2022, (224, 224), (8, 40),
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
            2023, (224, 224), (4, 200), 0.16, 0.16, "fcmae_ft_in1k fcmae_ft_in22k_in1k=none",
            wide=True),
    _Family("fastvit_t8 fastvit_sa24 fastvit_ma36", 2024, (256, 256), (4, 44), 0.14, 0.25,
            "apple_dist_in1k"),
    _Family("mobilenetv4_conv_small mobilenetv4_conv_medium mobilenetv4_conv_large",
            2025, (224, 256), (4, 33), 0.06, 0.24, "e2400_in1k"),
    _Family("mambaout_femto mambaout_tiny mambaout_base", 2025, (224, 224), (7, 85), 0.16, 0.2,
            "in1k"),
    # fmt: on
)

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
_COMPARED_WITH: Final = {"imagenet-a": "imagenet-a-clean", "imagenet-r": "imagenet-r-clean"}

_SCORES: Final = "top1 top1_err top5 top5_err param_count"
_PLAIN_2019: Final = f"model {_SCORES} img_size cropt_pct interpolation"
_DIFFS_2021: Final = (
    "model rank_diff top1 top1_diff top1_err top5 top5_diff top5_err param_count img_size cropt_pct "
    "interpolation"
)
_PLAIN_2023: Final = f"model {_SCORES} img_size crop_pct interpolation"
_PLAIN_2024: Final = f"model img_size {_SCORES} crop_pct interpolation"
_DIFFS: Final = " top1_diff top5_diff rank_diff"

_OLD: Final = "model samples_per_sec step_time batch_size img_size param_count"
_OLD_MACS: Final = "model samples_per_sec step_time batch_size img_size gmacs macts param_count"
_PT210: Final = "model img_size batch_size samples_per_sec step_time gmacs macts param_count"
_NEW: Final = "model img_size samples_per_sec step_time batch_size param_count gmacs macts"
_BATCHES: Final = (1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 4, 2, 1)
_MEMORY: Final = {"infer": 24_000.0, "train": 4_000.0}  # million activations that fit at once


def _draw(*key: object) -> float:
    """Return a number in [-1, 1) that depends on the key alone, the same on every machine."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**63 - 1


def _architectures(year: int) -> list[_Architecture]:
    return [a for family in _FAMILIES if family.since <= year for a in _members(family)]


def _members(family: _Family) -> list[_Architecture]:
    steps, found = family.steps.split(), []
    for place, step in enumerate(steps):
        share = place / max(1, len(steps) - 1)
        low, high = family.params
        params = round(low * (high / low) ** share * (1 + 0.03 * _draw(step, "params")), 2)
        between = family.size[0] + share * (family.size[1] - family.size[0])
        for name in _expand(step):
            at_end = re.search(r"_(\d{3})$", name) if "patch" in name else None
            size = int(at_end[1]) if at_end else round(between / 32) * 32
            gmacs = params * family.density * (size / 224) ** 2 * (1 + 0.1 * _draw(step, "gmacs"))
            sizes = (size, size + 64) if family.wide else (size,)
            found.append(
                _Architecture(
                    name, family.since, sizes, params, gmacs, family.skill, _tags(family.tags, name)
                )
            )
    return found


def _expand(step: str) -> list[str]:
    if "{" not in step:
        return [step]
    head, _, choices = step.rstrip("}").partition("{")
    return [head + choice for choice in choices.split(",")]
