from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from config.errors import TimmChartsError, UsageError
from config.presets import load_rules
from tasks.tables.changes import changes_since
from tasks.tables.merge import ProfileMerge, merge_profile
from tasks.tables.parse import BadFileError, ParsedFile
from tasks.tables.snapshot import (
    AT_ONCE,
    MergeJob,
    Snapshot,
    WantedFile,
    make_snapshot,
    parse_file,
    require_profiles,
    require_usable,
    stack_merges,
    wanted_files,
)
from tasks.tables.source import ResultsTree, SourceFile
from tests.frames import COMMIT, SNAPSHOT_IN_WORDS

pytestmark = pytest.mark.slow  # makes whole snapshots

RULES = load_rules(None)
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
    require_profiles(tree(), ["infer-*", CPU])
    with pytest.raises(
        UsageError, match=rf"matches 'INFER-\*' at {SNAPSHOT_IN_WORDS}; there is: {GPU}, {CPU}"
    ):
        require_profiles(tree(), ["infer-*", "INFER-*"])
    with pytest.raises(UsageError, match="there is: none"):
        require_profiles(tree_of({"results-imagenet.csv": IMAGENET}), ["*"])


def test_an_unknown_file_is_not_parsed() -> None:
    _, unknown = wanted_files(tree(**{"notes.csv": "a"}), [])
    with pytest.raises(BadFileError, match=r"results/notes\.csv@ee5b1e82: nobody knows"):
        parse_file(unknown[0])


def made(of: ResultsTree, globs: Sequence[str] = ()) -> Snapshot:
    return _made(of.files, tuple(globs))


@cache
def _made(files: tuple[SourceFile, ...], globs: tuple[str, ...]) -> Snapshot:
    return make_snapshot(COMMIT, wanted_files(ResultsTree(COMMIT, files, ()), globs)[0], RULES)


def test_the_tables_of_a_commit() -> None:
    snapshot = made(tree())
    assert list(snapshot.evaluations["model"]) == ["swin.a", "vit.a"]
    assert list(zip(snapshot.merged["model"], snapshot.merged["profile"], strict=True)) == [
        ("vit.a", GPU),
        ("vit.a", CPU),
    ]
    assert snapshot.headers["results-imagenet.csv"][0] == "model"
    assert [(file.kind.name, file.rows_in, file.rows_out) for file in snapshot.used] == [
        (f"benchmark-{GPU}.csv", 1, 1), (f"benchmark-{CPU}.csv", 1, 1), ("results-imagenet.csv", 2, 2),
    ]  # fmt: skip
    assert [profile.id for profile in snapshot.profiles] == [GPU, CPU]
    assert snapshot.failures == ()
    assert require_usable(snapshot) is snapshot


def test_the_rows_of_a_profile_are_those_that_its_merge_made() -> None:
    snapshot = made(tree())
    for profile, rows in snapshot.benchmarks.groupby("profile"):
        merge = merge_profile(snapshot.evaluations, rows, RULES)
        pd.testing.assert_frame_equal(snapshot.merged_with(str(profile)), merge.merged)


def test_a_bad_file_and_a_bad_profile_fail_alone_and_are_named() -> None:
    odd = SPEED.replace("vit,1000.0", "odd,1000.0")
    snapshot = made(tree(**{f"benchmark-{CPU}.csv": odd, "results-sketch.csv": "nonsense"}))
    assert list(snapshot.unusable) == ["results-sketch.csv"]
    assert "columns missing" in snapshot.unusable["results-sketch.csv"]
    (why,) = snapshot.unmerged
    assert why.startswith(f"empty merge for {CPU}: 1 benchmark rows and 2 evaluations")
    assert snapshot.failures == (snapshot.unusable["results-sketch.csv"], why)
    assert [profile.id for profile in snapshot.profiles] == [GPU]
    assert list(snapshot.coverage["profile"]) == [GPU]


def test_the_steps_are_given_all_their_work_at_once_and_answer_in_its_order() -> None:
    seen: list[list[str]] = []

    def parse(files: Sequence[WantedFile]) -> Sequence[ParsedFile | str]:
        seen.append(names(list(files)))
        return ["no power" if CPU in file.source.name else parse_file(file) for file in files]

    def merge(jobs: Sequence[MergeJob]) -> Sequence[ProfileMerge | str]:
        seen.append([job.profile for job in jobs])
        assert all(set(job.blobs) == {f"benchmark-{job.profile}.csv", "results-imagenet.csv"} for job in jobs)
        return AT_ONCE.merge(jobs)

    wanted, _ = wanted_files(tree(), [])
    snapshot = make_snapshot(COMMIT, wanted, RULES, replace(AT_ONCE, parse=parse, merge=merge))
    assert seen == [names(wanted), [GPU]]
    assert snapshot.unusable == {f"benchmark-{CPU}.csv": "no power"}


def test_without_evaluations_on_the_main_test_set_nothing_is_merged_and_the_reasons_are_told() -> None:
    without = {name: text for name, text in FILES.items() if "imagenet" not in name}
    snapshot = made(tree_of(without))
    assert snapshot.merged.empty
    with pytest.raises(TimmChartsError, match=r"no evaluation on imagenet\. no results-imagenet\.csv"):
        require_usable(snapshot)
    bad = made(tree_of(without | {"results-imagenet.csv": "one", "results-sketch.csv": "two"}))
    with pytest.raises(TimmChartsError, match=r"results-imagenet\.csv@.*; results/results-sketch\.csv@"):
        require_usable(bad)


def test_where_every_profile_fails_there_is_nothing_to_show() -> None:
    odd = SPEED.replace("vit,1000.0", "odd,1000.0")
    snapshot = made(tree_of({"results-imagenet.csv": IMAGENET, f"benchmark-{CPU}.csv": odd}))
    with pytest.raises(TimmChartsError, match=rf"could be merged at {SNAPSHOT_IN_WORDS}: empty merge for"):
        require_usable(snapshot)


def test_evaluations_alone_are_enough() -> None:
    snapshot = require_usable(made(tree_of({"results-imagenet.csv": IMAGENET})))
    assert (len(snapshot.evaluations), len(snapshot.merged), snapshot.profiles) == (2, 0, [])


def test_merges_of_no_profile_are_empty_tables() -> None:
    merged, coverage = stack_merges([])
    assert merged.empty
    assert coverage.empty
    assert "secs" in merged
    assert "matched" in coverage


def kinds(previous: ResultsTree, now: ResultsTree, globs: list[str]) -> set[tuple[str, str]]:
    changes = changes_since(previous, globs, RULES, made(now, globs))
    return set(zip(changes["kind"], changes["subject"], strict=True))


def test_the_same_files_have_no_changes() -> None:
    assert kinds(tree(), tree(), []) == set()


def test_a_comparison_looks_at_the_profiles_asked_for_only() -> None:
    without_cpu = {name: text for name, text in FILES.items() if CPU not in name}
    assert kinds(tree_of(without_cpu), tree(), []) == {("profile-added", CPU)}
    assert kinds(tree_of(without_cpu), tree(), ["*rtx4090"]) == set()


def test_a_profile_that_was_not_there_before_is_new_not_an_error() -> None:
    before = tree_of({"results-imagenet.csv": IMAGENET})
    assert kinds(before, tree(), ["*rtx4090"]) == {("profile-added", GPU)}


def test_a_bad_file_of_the_past_does_not_stop_the_comparison() -> None:
    before = tree(**{f"benchmark-{CPU}.csv": "nonsense\n1\n"})
    assert kinds(before, tree(), []) == {("profile-added", CPU)}
