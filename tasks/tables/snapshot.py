"""From the CSV files of one results commit to its tables: the one way to make them.

`make_snapshot` is all there is to it. A job hands in `Steps` that carry the work out as tasks; everybody else
has it carried out at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, TypeVar

import pandas as pd

from config.contracts import COVERAGE, MERGED
from config.errors import TimmChartsError, UsageError
from config.presets import Rules
from config.vocabulary import MAIN_TEST_SET
from tasks.tables.contract import stack
from tasks.tables.filenames import BenchmarkProfile, CsvFile, Unknown, classify
from tasks.tables.lineage import merge_files
from tasks.tables.merge import (
    ProfileMerge,
    benchmarks_table,
    evaluations_table,
    merge_profile,
    rejects_table,
)
from tasks.tables.parse import BadFileError, ParsedFile, parse
from tasks.tables.source import ResultsCommit, ResultsTree, SourceFile

X = TypeVar("X")
Y = TypeVar("Y")


@dataclass(frozen=True)
class WantedFile:
    """A file of the results commit that this run reads."""

    source: SourceFile
    kind: CsvFile
    where: str


@dataclass(frozen=True)
class UsedFile:
    """A file that could be used: its header, and how many of its rows were."""

    kind: CsvFile
    header: tuple[str, ...]
    rows_in: int
    rows_out: int
    rows_rejected: int
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True)
class Stacked:
    """Parsed files put together by what they are."""

    evaluations: pd.DataFrame
    benchmarks: pd.DataFrame
    rejects: pd.DataFrame


@dataclass(frozen=True)
class MergeJob:
    """One benchmark profile to merge with the evaluations."""

    profile: str
    evaluations: pd.DataFrame
    benchmark: pd.DataFrame  # the rows of the profile
    rules: Rules
    blobs: Mapping[str, str]  # CSV file the rows of both come from -> blob id


@dataclass(frozen=True)
class Snapshot:
    """The tables of one results commit but ``changes``, and what could not be used for them."""

    commit: ResultsCommit
    used: tuple[UsedFile, ...]  # by file name
    unusable: Mapping[str, str]  # file name -> why
    unmerged: tuple[str, ...]  # why a profile has no merged row
    evaluations: pd.DataFrame
    benchmarks: pd.DataFrame
    rejects: pd.DataFrame
    merged: pd.DataFrame
    coverage: pd.DataFrame

    @property
    def kinds(self) -> list[CsvFile]:
        """Return what the files are that could be used."""
        return [file.kind for file in self.used]

    @property
    def headers(self) -> dict[str, tuple[str, ...]]:
        """Return the header of each file by its name."""
        return {file.kind.name: file.header for file in self.used}

    @property
    def profiles(self) -> list[BenchmarkProfile]:
        """Return the profiles that have merged rows, by file name."""
        merged = set(self.coverage["profile"])
        return [k for k in self.kinds if isinstance(k, BenchmarkProfile) and k.id in merged]

    @property
    def failures(self) -> tuple[str, ...]:
        """Return what went wrong with files and profiles, in words."""
        return (*self.unusable.values(), *self.unmerged)

    def merged_with(self, profile: str) -> pd.DataFrame:
        """Return the merged rows of one profile."""
        return self.merged[self.merged["profile"] == profile].reset_index(drop=True)

    def tables(self, changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Return all tables of this results commit by name."""
        return {
            "evaluations": self.evaluations,
            "benchmarks": self.benchmarks,
            "merged": self.merged,
            "coverage": self.coverage,
            "changes": changes,
            "rejects": self.rejects,
        }


# --- the steps, each a pure function ---


def parse_file(file: WantedFile) -> ParsedFile:
    """Parse one wanted file.

    Raises:
        BadFileError: It can't be used.
    """
    if isinstance(file.kind, Unknown):
        msg = f"{file.where}: nobody knows what this file is; expected a name of the forms in docs/tables.md"
        raise BadFileError(msg)
    return parse(file.kind, file.source.data, file.where)


def stack_files(parsed: Sequence[ParsedFile], rules: Rules) -> Stacked:
    """Put parsed files together by what they are."""
    return Stacked(evaluations_table(parsed, rules), benchmarks_table(parsed), rejects_table(parsed))


def merge_job(job: MergeJob) -> ProfileMerge:
    """Merge one benchmark profile with the evaluations.

    Raises:
        TimmChartsError: It can't be merged, or nothing is left: an empty chart would look like an answer.
    """
    merge = merge_profile(job.evaluations, job.benchmark, job.rules)
    if merge.merged.empty:
        counts = merge.coverage.iloc[0]
        msg = (
            f"empty merge for {job.profile}: {counts.benchmarks} benchmark rows and {counts.evaluations} "
            f"evaluations have no (architecture, image size) in common, "
            f"{counts.left_out} left out by the preset"
        )
        raise TimmChartsError(msg)
    return merge


def each_at_once(work: Callable[[X], Y], items: Sequence[X]) -> list[Y | str]:
    """Return what came of each piece of work, or why nothing did: a bad one fails alone."""
    return [_outcome(work, item) for item in items]


def _outcome(work: Callable[[X], Y], item: X) -> Y | str:
    try:
        return work(item)
    except TimmChartsError as error:
        return str(error)


@dataclass(frozen=True)
class Steps:
    """How the steps are carried out.

    What comes of a file or job stands at its place; a text is the reason why nothing did.
    """

    parse: Callable[[Sequence[WantedFile]], Sequence[ParsedFile | str]]
    stack: Callable[[Sequence[ParsedFile], Rules], Stacked]
    merge: Callable[[Sequence[MergeJob]], Sequence[ProfileMerge | str]]


AT_ONCE: Final = Steps(
    parse=lambda files: each_at_once(parse_file, files),
    stack=stack_files,
    merge=lambda jobs: each_at_once(merge_job, jobs),
)


# --- the whole ---


def make_snapshot(
    commit: ResultsCommit, wanted: Sequence[WantedFile], rules: Rules, steps: Steps = AT_ONCE
) -> Snapshot:
    """Parse the files, stack them, and merge every profile; what can't be used fails alone and is named."""
    outcomes = dict(zip((file.source.name for file in wanted), steps.parse(wanted), strict=True))
    parsed = [outcome for outcome in outcomes.values() if not isinstance(outcome, str)]
    stacked = steps.stack(parsed, rules)
    merges = steps.merge(_merge_jobs(stacked, wanted, parsed, rules))
    merged, coverage = stack_merges([merge for merge in merges if not isinstance(merge, str)])
    return Snapshot(
        commit=commit,
        used=tuple(map(used_file, parsed)),
        unusable={name: outcome for name, outcome in outcomes.items() if isinstance(outcome, str)},
        unmerged=tuple(merge for merge in merges if isinstance(merge, str)),
        **vars(stacked),
        merged=merged,
        coverage=coverage,
    )


def stack_merges(merges: Sequence[ProfileMerge]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables merged and coverage of all profiles."""
    return stack([m.merged for m in merges], MERGED), stack([m.coverage for m in merges], COVERAGE)


def require_usable(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot if there is something to show.

    Raises:
        TimmChartsError: There is no evaluation on the main test set, or every profile failed.
    """
    where = snapshot.commit.in_words
    if not _is_evaluated(snapshot.evaluations):
        reason = "; ".join(snapshot.unusable.values())
        reason = reason or "no results-imagenet.csv (or results-all.csv) in results/"
        msg = f"nothing to merge at {where}: no evaluation on {MAIN_TEST_SET}. {reason}"
        raise TimmChartsError(msg)
    if snapshot.unmerged and snapshot.merged.empty:
        msg = f"no benchmark profile could be merged at {where}: {'; '.join(snapshot.unmerged)}"
        raise TimmChartsError(msg)
    return snapshot


# --- which files ---


def profiles_in(tree: ResultsTree) -> list[str]:
    """Return the ids of the benchmark profiles that a results commit has files of."""
    kinds = [classify(file.name) for file in tree.files]
    return sorted(kind.id for kind in kinds if isinstance(kind, BenchmarkProfile))


def is_asked_for(profile: str, globs: Sequence[str]) -> bool:
    """Tell whether a profile matches one of the globs; without any, each does."""
    return not globs or any(fnmatchcase(profile, glob) for glob in globs)


def require_profiles(tree: ResultsTree, globs: Sequence[str]) -> None:
    """Make sure that what was asked for is there.

    Raises:
        UsageError: A glob matches no profile; the message lists what there is.
    """
    profiles = profiles_in(tree)
    for glob in globs:
        if not any(is_asked_for(profile, (glob,)) for profile in profiles):
            there = ", ".join(profiles) or "none"
            msg = f"no benchmark profile matches {glob!r} at {tree.commit.in_words}; there is: {there}"
            raise UsageError(msg)


def wanted_files(tree: ResultsTree, globs: Sequence[str]) -> tuple[list[WantedFile], list[WantedFile]]:
    """Split the files of a results commit into those to read and those nobody knows.

    Benchmark profiles that no glob asks for are in neither list.
    """
    files = [WantedFile(f, classify(f.name), f.where(tree.commit)) for f in tree.files]
    wanted = [f for f in files if not isinstance(f.kind, Unknown) and _is_wanted(f.kind, globs)]
    return wanted, [f for f in files if isinstance(f.kind, Unknown)]


def _is_wanted(kind: CsvFile, globs: Sequence[str]) -> bool:
    return not isinstance(kind, BenchmarkProfile) or is_asked_for(kind.id, globs)


def _is_evaluated(evaluations: pd.DataFrame) -> bool:
    return bool((evaluations["test_set"] == MAIN_TEST_SET).any())


def _merge_jobs(
    stacked: Stacked, wanted: Sequence[WantedFile], parsed: Sequence[ParsedFile], rules: Rules
) -> list[MergeJob]:
    """Return a job for each profile; none where there is nothing to merge it with."""
    if not _is_evaluated(stacked.evaluations):
        return []
    blob = {file.source.name: file.source.blob for file in wanted}
    kinds = [file.kind for file in parsed]
    return [
        MergeJob(
            profile=str(profile),
            evaluations=stacked.evaluations,
            benchmark=rows,
            rules=rules,
            blobs={name: blob[name] for name in merge_files(kinds, [str(profile)])},
        )
        for profile, rows in stacked.benchmarks.groupby("profile")
    ]


def used_file(parsed: ParsedFile) -> UsedFile:
    """Account for the rows of a parsed file."""
    return UsedFile(
        kind=parsed.kind,
        header=parsed.header,
        rows_in=parsed.rows_in,
        rows_out=len(parsed.frame),
        rows_rejected=parsed.rows_rejected,
        ignored_columns=parsed.ignored_columns,
    )
