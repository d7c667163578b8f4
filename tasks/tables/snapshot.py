"""From parsed files of one results commit to its tables: which profiles, what is missing, what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pandas as pd

from config.contracts import COVERAGE, MERGED
from config.errors import TimmChartsError, UsageError
from config.presets import Rules
from config.vocabulary import MAIN_TEST_SET
from tasks.tables.changes import SnapshotTables, compare
from tasks.tables.filenames import BenchmarkProfile, CsvFile, Unknown, classify
from tasks.tables.merge import (
    ProfileMerge,
    build_benchmarks,
    build_evaluations,
    empty_table,
    merge_profile,
    stack,
)
from tasks.tables.parse import BadFileError, ParsedFile, parse
from tasks.tables.source import ResultsCommit, ResultsTree, SourceFile


@dataclass(frozen=True)
class WantedFile:
    """A file of the results commit that this run reads."""

    source: SourceFile
    kind: CsvFile
    where: str


def wanted_files(tree: ResultsTree, globs: Sequence[str]) -> tuple[list[WantedFile], list[WantedFile]]:
    """Split the files of a results commit into those to read and those nobody knows.

    Benchmark profiles that no glob asks for are in neither list.

    Raises:
        UsageError: A glob matches no profile; the message lists what there is.
    """
    files = [WantedFile(f, classify(f.name), f.where(tree.commit)) for f in tree.files]
    profiles = sorted(f.kind.id for f in files if isinstance(f.kind, BenchmarkProfile))
    for glob in globs:
        if not any(fnmatchcase(profile, glob) for profile in profiles):
            there = ", ".join(profiles) or "none"
            msg = f"no benchmark profile matches {glob!r} at {tree.commit.snapshot_id}; there is: {there}"
            raise UsageError(msg)
    wanted = [f for f in files if not isinstance(f.kind, Unknown) and _is_asked_for(f.kind, globs)]
    return wanted, [f for f in files if isinstance(f.kind, Unknown)]


def parse_file(file: WantedFile) -> ParsedFile:
    """Parse one wanted file.

    Raises:
        BadFileError: It can't be used.
    """
    if isinstance(file.kind, Unknown):
        msg = f"{file.where}: nobody knows what this file is; expected a name of the forms in the README"
        raise BadFileError(msg)
    return parse(file.kind, file.source.data, file.where)


def require_main_test_set(evaluations: pd.DataFrame, where: ResultsCommit, errors: Iterable[str]) -> None:
    """Make sure that there are evaluations to merge.

    Raises:
        TimmChartsError: There are none on the main test set.
    """
    if not (evaluations["test_set"] == MAIN_TEST_SET).any():
        reason = "; ".join(errors) or "no results-imagenet.csv (or results-all.csv) in results/"
        msg = f"nothing to merge at {where.snapshot_id}: no evaluation on {MAIN_TEST_SET}. {reason}"
        raise TimmChartsError(msg)


def require_rows(merge: ProfileMerge, profile: str) -> ProfileMerge:
    """Return the merge if it has rows.

    Raises:
        TimmChartsError: It is empty: an empty chart would look like an answer.
    """
    if merge.merged.empty:
        counts = merge.coverage.iloc[0]
        msg = (
            f"empty merge for {profile}: {counts.benchmarks} benchmark rows and {counts.evaluations} "
            f"evaluations have no (architecture, image size) in common, "
            f"{counts.left_out} left out by the preset"
        )
        raise TimmChartsError(msg)
    return merge


def compare_with(
    previous: ResultsTree, globs: Sequence[str], rules: Rules, now: SnapshotTables
) -> pd.DataFrame:
    """Return the table ``changes`` against the files of the previous results commit.

    Files there that can't be used are left out of the comparison; they were reported in their own run.
    """
    known = [g for g in globs if any(_has_profile(f, g) for f in previous.files)]
    wanted, _ = wanted_files(previous, known)
    if globs:
        wanted = [f for f in wanted if _is_asked_for(f.kind, globs)]
    parsed = [p for p in map(_parse_or_none, wanted) if p is not None]
    return compare(tables_of(parsed, rules), now)


def tables_of(parsed: Sequence[ParsedFile], rules: Rules) -> SnapshotTables:
    """Build what is compared between snapshots; a profile that can't be merged has no merged rows."""
    evaluations, benchmarks = build_evaluations(parsed, rules), build_benchmarks(parsed)
    merges = [_merge_or_none(evaluations, rows, rules) for _, rows in benchmarks.groupby("profile")]
    merged = stack([m.merged for m in merges if m is not None and not m.merged.empty], MERGED)
    return SnapshotTables(evaluations, benchmarks, merged, headers_of(parsed))


def headers_of(parsed: Sequence[ParsedFile]) -> Mapping[str, tuple[str, ...]]:
    """Return the header of each file by its name."""
    return {p.kind.name: p.header for p in parsed}


def stack_merges(merges: Sequence[ProfileMerge]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables merged and coverage of all profiles."""
    if not merges:
        return empty_table(MERGED), empty_table(COVERAGE)
    full = [m.merged for m in merges if not m.merged.empty]
    return stack(full, MERGED), stack([m.coverage for m in merges], COVERAGE)


def _is_asked_for(kind: CsvFile, globs: Sequence[str]) -> bool:
    if not isinstance(kind, BenchmarkProfile) or not globs:
        return True
    return any(fnmatchcase(kind.id, glob) for glob in globs)


def _has_profile(file: SourceFile, glob: str) -> bool:
    kind = classify(file.name)
    return isinstance(kind, BenchmarkProfile) and fnmatchcase(kind.id, glob)


def _merge_or_none(evaluations: pd.DataFrame, benchmark: pd.DataFrame, rules: Rules) -> ProfileMerge | None:
    try:
        return merge_profile(evaluations, benchmark, rules)
    except TimmChartsError:
        return None


def _parse_or_none(file: WantedFile) -> ParsedFile | None:
    try:
        return parse_file(file)
    except BadFileError:
        return None
