"""All versions of all files that upstream ever published up to the bundle's last commit."""

from __future__ import annotations

from functools import cache

import pytest

from config.presets import load_rules
from tasks.tables.filenames import BenchmarkProfile, MetadataFile, TestSetFile, classify
from tasks.tables.merge import benchmarks_table, evaluations_table, merge_profile
from tasks.tables.parse import ParsedFile
from tests.real.bundle import File, commits, files_at, git, parse_files

pytestmark = pytest.mark.slow

REAL = "results-imagenet-real.csv"
PT210 = "benchmark-infer-amp-nchw-pt210-cu121-rtx3090.csv"
EMPTY_CELLS = ("infer_batch_size", "infer_samples_per_sec", "infer_step_time")

# Upstream commits with a rejected row: the rest of the 53 has none.
# A letter slipped into a rank on 2022-07-27 and was gone when the file was next written.
WITH_LETTER = ("e987e290", "c865028c")
# Two models of the run with PyTorch 2.1 have no speed since 2023-11-25: the benchmark did not finish.
WITH_UNFINISHED = (
    "79548b54",
    "111fad1a",
    "4515a435",
    "bef0c124",
    "b3f3a005",
    "5c33776a",
    "ef570e26",
    "ee5b1e82",
)


@cache
def versions() -> tuple[File, ...]:
    return tuple(sorted({file for commit in commits() for file in files_at(commit)}))


@cache
def history() -> dict[File, ParsedFile]:
    return parse_files(versions())


def parsed_of(commit: str) -> list[ParsedFile]:
    return [history()[file] for file in files_at(commit)]


def upstream_commit(commit: str) -> str:
    """Return what the bundle says about the upstream commit that a commit stands for."""
    return git("log", "-1", "--format=%s", commit).decode().split()[-1]


def test_every_version_parses() -> None:
    assert (len(commits()), len(versions()), len({blob for _, blob in versions()})) == (53, 254, 249)
    assert len(history()) == 254
    for (name, blob), parsed in history().items():
        assert parsed.rows_in == len(parsed.frame) + parsed.rows_rejected, (name, blob)
    assert sum(parsed.rows_in for parsed in history().values()) == 150_932


def test_no_column_is_unknown_but_those_of_metadata() -> None:
    ignored = {
        (type(parsed.kind).__name__, column)
        for parsed in history().values()
        for column in parsed.ignored_columns
        if not isinstance(parsed.kind, MetadataFile)
    }
    assert ignored == set()


def test_the_only_rejected_values_of_seven_years() -> None:
    found = [
        (name, row.line, row.column, row.value, row.rule)
        for (name, _), parsed in history().items()
        for row in parsed.rejects.itertuples()
    ]
    assert found == [
        *((PT210, line, column, "", "required") for line in (1293, 1294) for column in EMPTY_CELLS),
        (REAL, 34, "rank_diff", "-1g", "type"),
    ]
    assert sum(parsed.rows_rejected for parsed in history().values()) == 3


def test_the_rows_behind_the_rejected_values() -> None:
    rows = {}
    for (name, blob), parsed in history().items():
        text = git("cat-file", "blob", blob).decode().splitlines() if parsed.rows_rejected else []
        rows.update({text[line - 1].split(",")[0]: name for line in parsed.rejects["line"]})
    assert rows == {
        "eva02_enormous_patch14_clip_224": PT210,
        "vit_huge_patch16_gap_448": PT210,
        "swinv2_base_window12to16_192to256_22kft1k": REAL,
    }


def test_rejected_rows_of_each_commit() -> None:
    rejected = {
        upstream_commit(commit): count
        for commit in commits()
        if (count := sum(parsed.rows_rejected for parsed in parsed_of(commit)))
    }
    assert rejected == dict.fromkeys(WITH_LETTER, 1) | dict.fromkeys(WITH_UNFINISHED, 2)


def test_every_file_of_every_commit_is_its_own_test_set_or_profile() -> None:
    for commit in commits():
        kinds = [classify(name) for name, _ in files_at(commit)]
        test_sets = [kind.test_set for kind in kinds if isinstance(kind, TestSetFile)]
        assert len(test_sets) == len(set(test_sets)), commit
        assert "imagenet" in test_sets, commit


def test_every_profile_of_every_commit_merges_with_rows() -> None:
    rules = load_rules(None)
    profiles: dict[str, int] = {}
    done: set[tuple[File, File]] = set()  # most files stay the same from commit to commit
    for commit in commits():
        (main,) = (f for f in files_at(commit) if f[0] in ("results-imagenet.csv", "results-all.csv"))
        speeds = [f for f in files_at(commit) if isinstance(classify(f[0]), BenchmarkProfile)]
        new = [f for f in speeds if (main, f) not in done]
        evaluations = evaluations_table([history()[main]], rules) if new else None
        for file in new:
            merged = merge_profile(evaluations, benchmarks_table([history()[file]]), rules).merged
            assert len(merged) >= 500, (commit, file)
            assert merged["is_pareto"].any()
            done.add((main, file))
        profiles[upstream_commit(commit)] = len(speeds)
    # The first 25 results commits are older than the first benchmark file.
    without = [commit for commit, count in profiles.items() if not count]
    assert without == list(profiles)[:25]
    assert sum(profiles.values()) == 233
