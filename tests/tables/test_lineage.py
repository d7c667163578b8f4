"""What depends on what, and the keys of work that is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasks.tables.filenames import classify
from tasks.tables.lineage import benchmark_files, evaluation_files, merge_files, work_key

KINDS = [
    classify(name)
    for name in (
        "results-imagenet.csv", "results-sketch.csv", "model_metadata-in1k.csv", "odd.csv",
        "benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv", "benchmark-train-amp-nchw-pt112-cu113-rtx3090.csv",
    )
]  # fmt: skip
INFER, TRAIN = "infer-amp-nchw-pt240-cu124-rtx4090", "train-amp-nchw-pt112-cu113-rtx3090"


def test_a_merge_reads_the_main_test_set_the_metadata_and_its_profile() -> None:
    common = {"results-imagenet.csv", "model_metadata-in1k.csv"}
    assert set(merge_files(KINDS, [TRAIN])) == {*common, f"benchmark-{TRAIN}.csv"}
    assert set(merge_files(KINDS, [TRAIN, INFER])) == {
        *common,
        f"benchmark-{TRAIN}.csv",
        f"benchmark-{INFER}.csv",
    }


def test_tables_read_their_kind_of_file() -> None:
    assert benchmark_files(KINDS) == (f"benchmark-{INFER}.csv", f"benchmark-{TRAIN}.csv")
    assert set(evaluation_files(KINDS)) == {
        "results-imagenet.csv",
        "results-sketch.csv",
        "model_metadata-in1k.csv",
    }


@given(
    st.lists(st.text(max_size=3), min_size=1, max_size=3),
    st.lists(st.text(max_size=3), min_size=1, max_size=3),
)
def test_other_work_has_another_key(first: list[str], second: list[str]) -> None:
    if "\0" not in "".join(first + second):
        assert (work_key("parse", *first) == work_key("parse", *second)) == (first == second)
    assert work_key("parse", *first) != work_key("merge", *first)
