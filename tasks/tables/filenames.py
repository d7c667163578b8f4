"""File-name grammar of ``results/``: a name tells a test set, a benchmark profile, or model metadata.

``-`` parts fields, ``_`` joins words inside a field. Tokens nobody has seen yet (a new device, precision
or runtime) are taken as they are; a name that does not fit is `Unknown` and gets reported, never guessed.
Forms found in seven years of upstream history, up to ee5b1e82::

    results-<test set>.csv
    benchmark-<infer|train>-<precision>-<layout>-pt<version>-<cuVERSION|cpu>-<device>[-dynamo].csv
    model_benchmark_<precision>_<layout>_<device>.csv           2021-05 to 2022-01, inference
    model_metadata-in1k.csv, model_metadata_in1k.csv
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast

from config.vocabulary import COMPILERS, TEST_SET_ALIASES, Mode
from tasks.tables.devices import Kind, device_of, kind_of


@dataclass(frozen=True)
class TestSetFile:
    """A file with the evaluations of one test set."""

    __test__ = False  # the name is the vocabulary's; pytest must not collect it
    name: str
    test_set: str


@dataclass(frozen=True)
class BenchmarkProfile:
    """One benchmark file: what was measured, on what. ``id`` is the file name without the frame."""

    name: str
    id: str
    mode: Mode
    precision: str
    layout: str
    torch: str | None  # such as 2.4.0
    cuda: str | None  # such as 12.4, or cpu, or another runtime as written
    device: str  # id of the device, however the name spells it
    device_label: str
    device_kind: Kind
    compiler: str

    @property
    def settings(self) -> tuple[str, ...]:
        """Return all that was chosen, but for the releases of PyTorch and CUDA it ran with."""
        return self.device, self.mode, self.precision, self.layout, self.compiler


@dataclass(frozen=True)
class MetadataFile:
    """A file with the pretraining of untagged models."""

    name: str


@dataclass(frozen=True)
class Unknown:
    """A name that fits no form."""

    name: str


CsvFile = TestSetFile | BenchmarkProfile | MetadataFile | Unknown

_TEST_SET: Final = re.compile(r"results-(?P<test_set>[a-z0-9][a-z0-9_.-]*)\.csv")
_WORD: Final = r"[A-Za-z0-9.+]+"
_FIELD: Final = r"[A-Za-z0-9_.+]+"
_COMPILER: Final = "|".join(COMPILERS)
_BENCHMARK: Final = re.compile(
    rf"benchmark-(?P<id>(?P<mode>infer|train)-(?P<precision>{_FIELD})-(?P<layout>{_FIELD})"
    rf"-pt(?P<torch>[0-9][0-9.]*)-(?P<runtime>{_FIELD})"
    rf"-(?!(?:{_COMPILER})\.csv)(?P<device>{_FIELD}(?:-{_FIELD})*?)(?:-(?P<compiler>{_COMPILER}))?)\.csv"
)
_OLD_BENCHMARK: Final = re.compile(
    rf"(?P<id>model_benchmark_(?P<precision>{_WORD})_(?P<layout>{_WORD})_(?P<device>{_FIELD}))\.csv"
)
_METADATA: Final = re.compile(r"model_metadata[-_]in1k\.csv")


def classify(name: str) -> CsvFile:
    """Return what a CSV file name of ``results/`` stands for."""
    if match := _TEST_SET.fullmatch(name):
        test_set = match["test_set"]
        return TestSetFile(name, TEST_SET_ALIASES.get(test_set, test_set))
    if match := _BENCHMARK.fullmatch(name):
        return _profile(name, match)
    if match := _OLD_BENCHMARK.fullmatch(name):
        return _old_profile(name, match)
    if _METADATA.fullmatch(name):
        return MetadataFile(name)
    return Unknown(name)


def _profile(name: str, match: re.Match[str]) -> BenchmarkProfile:
    device = device_of(match["device"], kind_of(match["runtime"]))
    return BenchmarkProfile(
        name=name,
        id=match["id"],
        mode=cast("Mode", match["mode"]),
        precision=match["precision"],
        layout=match["layout"],
        torch=torch_version(match["torch"]),
        cuda=runtime_version(match["runtime"]),
        device=device.id,
        device_label=device.label,
        device_kind=device.kind,
        compiler=match["compiler"] or "eager",
    )


def _old_profile(name: str, match: re.Match[str]) -> BenchmarkProfile:
    device = device_of(match["device"], kind_of(None))
    return BenchmarkProfile(
        name=name,
        id=match["id"],
        mode="infer",
        precision=match["precision"],
        layout=match["layout"],
        torch=None,
        cuda=None,
        device=device.id,
        device_label=device.label,
        device_kind=device.kind,
        compiler="eager",
    )


def torch_version(digits: str) -> str:
    """Read the digits after ``pt``: 112 is 1.12, 240 is 2.4.0, 2100 is 2.10.0, 26 is 2.6."""
    if "." in digits or len(digits) == 1:
        return digits
    if digits[0] == "1" and len(digits) > 2:
        major, minor, patch = digits[0], digits[1:3], digits[3:]
    elif len(digits) > 2:
        major, minor, patch = digits[0], digits[1:-1], digits[-1]
    else:
        major, minor, patch = digits[0], digits[1], ""
    return ".".join(part for part in (major, minor, patch) if part)


def runtime_version(token: str) -> str:
    """Read the runtime token: cu113 is CUDA 11.3; cpu and anything else stay as they are."""
    if match := re.fullmatch(r"cu(\d{2,})(\d)", token):
        return f"{match[1]}.{match[2]}"
    return token


def in_words(profile: BenchmarkProfile) -> str:
    """Describe a profile for people, such as ``inference, RTX 4090, amp, nchw, PyTorch 2.4.0, CUDA 12.4``."""
    runtime = profile.cuda
    if runtime and runtime[0].isdigit():
        runtime = f"CUDA {runtime}"
    parts = (
        {"infer": "inference", "train": "training"}[profile.mode],
        profile.device_label,
        profile.precision,
        profile.layout,
        f"PyTorch {profile.torch}" if profile.torch else None,
        None if runtime == "cpu" else runtime,
        "CPU" if runtime == "cpu" else None,
        "torch.compile" if profile.compiler == "dynamo" else None,
    )
    return ", ".join(part for part in parts if part)
