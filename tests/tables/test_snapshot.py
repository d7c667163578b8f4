from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.errors import TimmChartsError, UsageError
from config.presets import load_rules
from tasks.tables.merge import merge_profile
from tasks.tables.parse import BadFileError
from tasks.tables.snapshot import (
    WantedFile,
    compare_with,
    parse_file,
    require_main_test_set,
    require_rows,
    stack_merges,
    tables_of,
    wanted_files,
)
from tasks.tables.source import ResultsCommit, ResultsTree, SourceFile
from tests.frames import benchmark, benchmarks, evaluation, evaluations

RULES = load_rules(None)
COMMIT = ResultsCommit("ee5b1e82" + "0" * 32, datetime(2024, 9, 5, tzinfo=UTC))
IMAGENET = (
    "model,img_size,top1,top1_err,top5,top5_err,param_count\n"
    "vit.a,224,80.0,20.0,95.0,5.0,22.0\nswin.a,224,81.0,19.0,95.5,4.5,28.0\n"
)
GPU, CPU = "infer-amp-nchw-pt240-cu124-rtx4090", "infer-fp32-nchw-pt240-cpu-i7-dynamo"
SPEED = (
    "model,infer_samples_per_sec,infer_step_time,infer_batch_size,infer_img_size,param_count\n"
    "vit,1000.0,256.0,256,224,22.0\n"
)
FILES = {"results-imagenet.csv": IMAGENET, f"benchmark-{GPU}.csv": SPEED, f"benchmark-{CPU}.csv": SPEED}


def tree(**files: str) -> ResultsTree:
    return tree_of(FILES | files)


def tree_of(files: dict[str, str]) -> ResultsTree:
    sources = tuple(SourceFile(name, "0" * 40, text.encode()) for name, text in sorted(files.items()))
    return ResultsTree(COMMIT, sources, ())


def names(files: list[WantedFile]) -> list[str]:
    return [file.source.name for file in files]


def test_without_globs_every_known_file_is_read() -> None:
    wanted, unknown = wanted_files(
        tree(**{"notes.csv": "a", "model_metadata-in1k.csv": "model,pretrain\n"}), []
    )
    assert names(wanted) == sorted([*FILES, "model_metadata-in1k.csv"])
    assert names(unknown) == ["notes.csv"]
    assert wanted[0].where == f"results/benchmark-{GPU}.csv@ee5b1e82"


@pytest.mark.parametrize(
    ("globs", "profiles"),
    [([GPU], [GPU]), (["*-cpu-*"], [CPU]), (["infer-*"], [GPU, CPU]), (["*dynamo", "*4090"], [GPU, CPU])],
)
def test_globs_choose_profiles_and_leave_other_files(globs: list[str], profiles: list[str]) -> None:
    wanted, unknown = wanted_files(tree(**{"notes.csv": "a"}), globs)
    assert names(wanted) == sorted([*(f"benchmark-{p}.csv" for p in profiles), "results-imagenet.csv"])
    assert names(unknown) == ["notes.csv"]


def test_a_glob_without_a_match_is_wrong_usage_and_lists_what_there_is() -> None:
    with pytest.raises(
        UsageError, match=rf"matches 'INFER-\*' at 2024-09-05-ee5b1e82; there is: {GPU}, {CPU}"
    ):
        wanted_files(tree(), ["infer-*", "INFER-*"])
    with pytest.raises(UsageError, match="there is: none"):
        wanted_files(tree_of({"results-imagenet.csv": IMAGENET}), ["*"])


def test_an_unknown_file_is_not_parsed() -> None:
    _, unknown = wanted_files(tree(**{"notes.csv": "a"}), [])
    with pytest.raises(BadFileError, match=r"results/notes\.csv@ee5b1e82: nobody knows"):
        parse_file(unknown[0])


def test_without_evaluations_on_the_main_test_set_the_reasons_are_told() -> None:
    other = evaluations(evaluation("vit.a", test_set="sketch"))
    with pytest.raises(TimmChartsError, match=r"no evaluation on imagenet\. no results-imagenet\.csv"):
        require_main_test_set(other, COMMIT, [])
    with pytest.raises(TimmChartsError, match="one; two"):
        require_main_test_set(other, COMMIT, ["one", "two"])
    require_main_test_set(evaluations(evaluation("vit.a")), COMMIT, [])


def test_an_empty_merge_is_an_error_with_numbers() -> None:
    merge = merge_profile(evaluations(evaluation("vit.a", 384)), benchmarks(benchmark("vit")), RULES)
    with pytest.raises(TimmChartsError, match="empty merge for p: 1 benchmark rows and 1 evaluations"):
        require_rows(merge, "p")
    full = merge_profile(evaluations(evaluation("vit.a")), benchmarks(benchmark("vit")), RULES)
    assert require_rows(full, "p") is full


def test_the_tables_of_a_commit() -> None:
    made = tables_of([parse_file(f) for f in wanted_files(tree(), [])[0]], RULES)
    assert list(made.evaluations["model"]) == ["swin.a", "vit.a"]
    assert list(zip(made.merged["model"], made.merged["profile"], strict=True)) == [
        ("vit.a", GPU),
        ("vit.a", CPU),
    ]
    assert made.headers["results-imagenet.csv"][0] == "model"


def test_merges_of_no_profile_are_empty_tables() -> None:
    merged, coverage = stack_merges([])
    assert merged.empty
    assert coverage.empty
    assert "secs" in merged
    assert "matched" in coverage


def test_a_profile_whose_merge_is_empty_still_counts_in_the_coverage() -> None:
    empty = merge_profile(evaluations(evaluation("vit.a", 384)), benchmarks(benchmark("vit")), RULES)
    merged, coverage = stack_merges([empty])
    assert merged.empty
    assert coverage["matched"].tolist() == [0]


def kinds(previous: ResultsTree, now: ResultsTree, globs: list[str]) -> set[tuple[str, str]]:
    made = tables_of([parse_file(f) for f in wanted_files(now, globs)[0]], RULES)
    changes = compare_with(previous, globs, RULES, made)
    return set(zip(changes["kind"], changes["subject"], strict=True))


def test_the_same_files_have_no_changes() -> None:
    assert kinds(tree(), tree(), []) == set()


@pytest.mark.slow
def test_a_comparison_looks_at_the_profiles_asked_for_only() -> None:
    without_cpu = {name: text for name, text in FILES.items() if CPU not in name}
    assert kinds(tree_of(without_cpu), tree(), []) == {("profile-added", CPU)}
    assert kinds(tree_of(without_cpu), tree(), ["*rtx4090"]) == set()


def test_a_profile_that_was_not_there_before_is_new_not_an_error() -> None:
    before = tree_of({"results-imagenet.csv": IMAGENET})
    assert kinds(before, tree(), ["*rtx4090"]) == {("profile-added", GPU)}


@pytest.mark.slow
def test_a_bad_file_of_the_past_does_not_stop_the_comparison() -> None:
    before = tree(**{f"benchmark-{CPU}.csv": "nonsense\n1\n"})
    assert kinds(before, tree(), []) == {("profile-added", CPU)}
