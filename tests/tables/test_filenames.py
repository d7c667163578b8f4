from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from config.vocabulary import COMPILERS, TEST_SETS
from tasks.tables.devices import device_of
from tasks.tables.filenames import (
    BenchmarkProfile,
    MetadataFile,
    TestSetFile,
    Unknown,
    classify,
    in_words,
    runtime_version,
    torch_version,
)

Parts = tuple[str, str, str, str | None, str | None, str, str]


def parts(file: object) -> Parts:
    assert isinstance(file, BenchmarkProfile), file
    return (
        file.mode,
        file.precision,
        file.layout,
        file.torch,
        file.cuda,
        file.device,
        file.compiler,
    )


@pytest.mark.parametrize("name", sorted(TEST_SETS))
def test_every_test_set_of_the_vocabulary_has_a_file(name: str) -> None:
    assert classify(f"results-{name}.csv") == TestSetFile(f"results-{name}.csv", name)


@pytest.mark.parametrize(
    ("name", "test_set"),
    [
        ("results-all.csv", "imagenet"),
        ("results-inv2-matched-frequency.csv", "imagenetv2-matched-frequency"),
        ("results-imagenet-c.csv", "imagenet-c"),
    ],
)
def test_earlier_names_and_unseen_test_sets(name: str, test_set: str) -> None:
    assert classify(name) == TestSetFile(name, test_set)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("infer-amp-nchw-pt113-cu117-rtx3090", ("infer", "amp", "nchw", "1.13", "11.7", "rtx3090", "eager")),
        ("train-amp-nhwc-pt110-cu113-rtx3090", ("train", "amp", "nhwc", "1.10", "11.3", "rtx3090", "eager")),
        ("infer-amp-nhwc-pt210-cu121-rtx3090", ("infer", "amp", "nhwc", "2.1.0", "12.1", "rtx3090", "eager")),
        (
            "infer-amp-nchw-pt240-cu124-rtx4090-dynamo",
            ("infer", "amp", "nchw", "2.4.0", "12.4", "rtx4090", "dynamo"),
        ),
        (
            "infer-fp32-nchw-pt221-cpu-i9_10940x-dynamo",
            ("infer", "fp32", "nchw", "2.2.1", "cpu", "i9_10940x", "dynamo"),
        ),
        ("infer-fp32-nchw-pt240-cpu-xeon", ("infer", "fp32", "nchw", "2.4.0", "cpu", "xeon", "eager")),
        (
            "infer-bf16-nchw-pt260-cu126-rtx5090",
            ("infer", "bf16", "nchw", "2.6.0", "12.6", "rtx5090", "eager"),
        ),
        (
            "train-amp_bfloat16-nhwc-pt2100-cu130-h100-dynamo",
            ("train", "amp_bfloat16", "nhwc", "2.10.0", "13.0", "h100", "dynamo"),
        ),
        (
            "infer-amp-nchw-pt260-rocm62-mi300x",
            ("infer", "amp", "nchw", "2.6.0", "rocm62", "mi300x", "eager"),
        ),
        (
            "infer-amp-nchw-pt2.7.1-cu128-rtx-pro-6000-dynamo",
            ("infer", "amp", "nchw", "2.7.1", "12.8", "pro6000", "dynamo"),
        ),
        (
            "infer-amp-nchw-pt260-mps-dynamo_box",
            ("infer", "amp", "nchw", "2.6.0", "mps", "dynamobox", "eager"),
        ),
    ],
)
def test_profiles_seen_and_unseen(profile: str, expected: Parts) -> None:
    file = classify(f"benchmark-{profile}.csv")
    assert parts(file) == expected
    assert isinstance(file, BenchmarkProfile)
    assert (file.name, file.id) == (f"benchmark-{profile}.csv", profile)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_the_first_benchmark_files_have_no_versions(layout: str) -> None:
    file = classify(f"model_benchmark_amp_{layout}_rtx3090.csv")
    assert parts(file) == ("infer", "amp", layout, None, None, "rtx3090", "eager")
    assert isinstance(file, BenchmarkProfile)
    assert file.id == f"model_benchmark_amp_{layout}_rtx3090"


@pytest.mark.parametrize("name", ["model_metadata-in1k.csv", "model_metadata_in1k.csv"])
def test_metadata(name: str) -> None:
    assert classify(name) == MetadataFile(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "README.md",
        "results.csv",
        "results-.csv",
        "results-imagenet.csv.bak",
        "results-imagenet.csv\n",
        "Results-imagenet.csv",
        "results-imagenet",
        "xresults-imagenet.csv",
        "results-../../x.csv",
        "benchmark.csv",
        "benchmark-infer-amp-nchw-pt240-cu124.csv",  # no device
        "benchmark-infer-fp32-nchw-pt240-cpu-dynamo.csv",  # no device, which is not called dynamo
        "benchmark-infer-amp-nchw-pt240-cu124-.csv",
        "benchmark-infer-amp-nchw-pt240-cu124-rtx4090-.csv",
        "benchmark-infer-amp-nchw-pt-cu124-rtx4090.csv",
        "benchmark-infer-amp-nchw-cu124-rtx4090.csv",
        "benchmark-eval-amp-nchw-pt240-cu124-rtx4090.csv",
        "benchmark-infer--nchw-pt240-cu124-rtx4090.csv",
        "benchmark-infer-amp-nchw-pt240-cu124-rtx 4090.csv",
        "benchmark-infer-amp-nchw-pt240-cu124-<b>.csv",
        "benchmark-infer-amp-nchw-pt240-cu124-a\\b.csv",
        "benchmark-infer-amp-nchw-pt24\u0660-cu124-rtx4090.csv",
        "model_benchmark_amp_nchw.csv",
        "model_metadata-in21k.csv",
    ],
)
def test_a_name_that_does_not_fit_is_unknown(name: str) -> None:
    assert classify(name) == Unknown(name)


WORD = st.text("abyz019_.", min_size=1, max_size=6)
DEVICE = st.lists(WORD, min_size=1, max_size=3).map("-".join)


@settings(max_examples=50)
@given(
    mode=st.sampled_from(["infer", "train"]),
    precision=WORD,
    layout=WORD,
    torch=st.tuples(st.integers(2, 9), st.integers(0, 30), st.integers(0, 9)),
    cuda=st.tuples(st.integers(10, 99), st.integers(0, 9)),
    device=DEVICE,
    compiler=st.sampled_from(COMPILERS),
)
def test_parts_to_name_and_back(
    mode: str,
    precision: str,
    layout: str,
    torch: tuple[int, int, int],
    cuda: tuple[int, int],
    device: str,
    compiler: str,
) -> None:
    assume(device.split("-")[-1] not in COMPILERS)
    suffix = "" if compiler == "eager" else f"-{compiler}"
    version = "".join(map(str, torch))
    name = f"benchmark-{mode}-{precision}-{layout}-pt{version}-cu{cuda[0]}{cuda[1]}-{device}{suffix}.csv"
    expected = (
        mode,
        precision,
        layout,
        ".".join(map(str, torch)),
        f"{cuda[0]}.{cuda[1]}",
        device_of(device, "gpu").id,
        compiler,
    )
    assert parts(classify(name)) == expected


@given(st.text(max_size=60))
def test_any_name_is_classified(name: str) -> None:
    assert classify(name).name == name


@pytest.mark.parametrize(
    ("digits", "version"),
    [
        ("112", "1.12"),
        ("1131", "1.13.1"),
        ("19", "1.9"),
        ("210", "2.1.0"),
        ("240", "2.4.0"),
        ("2100", "2.10.0"),
        ("26", "2.6"),
        ("300", "3.0.0"),
        ("2.6.0", "2.6.0"),
        ("2", "2"),
    ],
)
def test_torch_version(digits: str, version: str) -> None:
    assert torch_version(digits) == version


@pytest.mark.parametrize(
    ("token", "version"),
    [
        ("cu113", "11.3"),
        ("cu130", "13.0"),
        ("cpu", "cpu"),
        ("rocm62", "rocm62"),
        ("cu", "cu"),
        ("xcu124", "xcu124"),
    ],
)
def test_runtime_version(token: str, version: str) -> None:
    assert runtime_version(token) == version


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "benchmark-infer-amp-nchw-pt240-cu124-rtx4090-dynamo.csv",
            "inference, RTX 4090, amp, nchw, PyTorch 2.4.0, CUDA 12.4, torch.compile",
        ),
        (
            "benchmark-train-fp32-nchw-pt240-cpu-i7.csv",
            "training, I7, fp32, nchw, PyTorch 2.4.0, CPU",
        ),
        (
            "benchmark-infer-amp-nchw-pt260-rocm62-mi300x.csv",
            "inference, MI300X, amp, nchw, PyTorch 2.6.0, rocm62",
        ),
        ("model_benchmark_amp_nchw_rtx3090.csv", "inference, RTX 3090, amp, nchw"),
    ],
)
def test_in_words(name: str, words: str) -> None:
    file = classify(name)
    assert isinstance(file, BenchmarkProfile)
    assert in_words(file) == words
