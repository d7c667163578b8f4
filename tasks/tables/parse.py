"""Bytes of one CSV file to one typed frame. No joins, no derived numbers.

A row that breaks a rule is set aside as a reject with its line, column, value and rule; a file that can't
be read at all is a `BadFileError` that lists everything wrong with it.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pandas as pd

from config.contracts import COLUMNS, REJECTS
from config.errors import TimmChartsError
from tasks.tables.contract import ERROR_TOLERANCE, STEP_TIME_TOLERANCE, empty_table, expectation, failures
from tasks.tables.filenames import BenchmarkProfile, CsvFile, MetadataFile, TestSetFile

# Upstream column -> ours. cropt_pct was renamed to crop_pct on 2022-07-16 (326ade29).
_EVALUATION: Final = {
    "model": "model",
    "img_size": "img_size",
    "top1": "top1",
    "top1_err": "top1_err",
    "top5": "top5",
    "top5_err": "top5_err",
    "param_count": "param_count",
    "crop_pct": "crop_pct",
    "cropt_pct": "crop_pct",
    "interpolation": "interpolation",
    "top1_diff": "top1_diff",
    "top5_diff": "top5_diff",
    "rank_diff": "rank_diff",
}
_BENCHMARK: Final = {
    "samples_per_sec": "samples_per_sec",
    "step_time": "step_time_ms",
    "batch_size": "batch_size",
    "img_size": "img_size",
    "gmacs": "gmacs",
    "macts": "macts",
}
_METADATA: Final = {"model": "model", "pretrain": "pretrain"}
_THOUSANDS: Final = frozenset({"param_count", "benchmark_param_count"})
_SAME_RANK: Final = "="  # rank_diff of July 2020 (856f6181) for "no change"

# [0-9], for \d also takes the digits of other scripts
_FLOAT: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# Batch sizes read 1024.0 where a column has blanks (pt210 files).
_INT: Final = r"[+-]?[0-9]+(?:\.0+)?"
_GROUPED: Final = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"
_LARGEST_INT: Final = 2.0**53  # the last one up to which every whole number is a float64
_LARGEST_FLOAT: Final = sys.float_info.max  # beyond it is infinity


class BadFileError(TimmChartsError):
    """A file that can't be used at all. Only what depends on it fails."""


@dataclass(frozen=True)
class ParsedFile:
    """One CSV, typed. ``frame`` holds the contract's columns that the file has, indexed by line."""

    kind: CsvFile
    header: tuple[str, ...]
    frame: pd.DataFrame
    rejects: pd.DataFrame  # columns of the rejects table
    rows_in: int
    rows_rejected: int
    ignored_columns: tuple[str, ...]


@dataclass
class _Rejects:
    """Collects violations of one file."""

    source_file: str
    rows: list[tuple[str, int, str, str, str, str]] = field(default_factory=list)

    def add(self, line: int, column: str, value: str, rule: str, expected: str) -> None:
        self.rows.append((self.source_file, line, column, value, rule, expected))

    def lines(self) -> set[int]:
        return {row[1] for row in self.rows}

    def frame(self) -> pd.DataFrame:
        if not self.rows:  # as nearly always
            return _no_rejects().copy()
        frame = pd.DataFrame(sorted(set(self.rows)), columns=list(REJECTS.columns))
        text = dict.fromkeys(("source_file", "column", "value", "rule", "expected"), "str")
        return frame.astype({"line": "Int64", **text})


@cache
def _no_rejects() -> pd.DataFrame:
    return empty_table(REJECTS)


def parse(kind: TestSetFile | BenchmarkProfile | MetadataFile, data: bytes, where: str) -> ParsedFile:
    """Parse one CSV of ``results/``.

    Args:
        kind: What the file name stands for; decides the columns.
        data: Content of the file.
        where: File and commit for messages.

    Raises:
        BadFileError: Not text, no header, columns missing or twice, or not one usable row.
    """
    header, rows = _read(data, where)
    known = _known_columns(kind)
    _check_header(header, known, kind, where)
    rejects = _Rejects(kind.name)
    text = _text_frame(header, rows, known, rejects)
    names = {ours: theirs for theirs, ours in known.items() if theirs in header}
    frame = _typed(text, names, rejects)
    if not isinstance(kind, MetadataFile):
        _check_cells(frame, text, names, rejects)
        _check_consistency(_sound(frame, rejects), text, names, rejects)
    _check_unique(_sound(frame, rejects), names, rejects)
    good = _sound(frame, rejects)
    if good.empty:
        examples = "; ".join(f"line {r[1]}, {r[2]}: {r[3]!r} ({r[4]})" for r in rejects.rows[:5])
        msg = f"{where}: not one usable row in {len(rows)}. {examples or 'The file has a header only.'}"
        raise BadFileError(msg)
    ignored = tuple(name for name in header if name not in known)
    return ParsedFile(kind, header, good, rejects.frame(), len(rows), len(rejects.lines()), ignored)


def _read(data: bytes, where: str) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    """Split into header and (line, cells). Blank lines are no rows."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{where}: not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}"
        raise BadFileError(msg) from None
    if "\0" in text:
        line = text.partition("\0")[0].count("\n") + 1
        msg = f"{where}:{line}: no text: found a NUL byte"
        raise BadFileError(msg)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    line = 1  # where the next row starts: a quoted cell can span lines
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        msg = f"{where}:{line}: no valid CSV: {error}"
        raise BadFileError(msg) from None
    if not rows:
        msg = f"{where}: empty file, expected a header and rows"
        raise BadFileError(msg)
    return tuple(rows[0][1]), rows[1:]


def _known_columns(kind: CsvFile) -> dict[str, str]:
    """Return upstream column -> ours for a kind of file."""
    if isinstance(kind, BenchmarkProfile):
        measured = {f"{kind.mode}_{theirs}": ours for theirs, ours in _BENCHMARK.items()}
        return {"model": "model", **measured, "param_count": "benchmark_param_count"}
    return dict(_METADATA if isinstance(kind, MetadataFile) else _EVALUATION)


def _check_header(header: Sequence[str], known: Mapping[str, str], kind: CsvFile, where: str) -> None:
    """Refuse headers with missing or repeated columns, naming all of them."""
    ours = [known[name] for name in header if name in known]
    optional = {name for name in known.values() if name in COLUMNS and not COLUMNS[name].required}
    missing = sorted({theirs for theirs, our in known.items() if our not in ours and our not in optional})
    twice = sorted({name for name in ours if ours.count(name) > 1})
    problems = []
    if missing:
        problems.append(f"columns missing: {', '.join(missing)}")
    if twice:
        problems.append(f"columns given twice: {', '.join(twice)}")
    if problems:
        found = ",".join(header)[:300]
        msg = f"{where}:1: {'; '.join(problems)}. Found: {found} (read as {type(kind).__name__})"
        raise BadFileError(msg)


def _text_frame(
    header: Sequence[str],
    rows: Iterable[tuple[int, list[str]]],
    known: Mapping[str, str],
    rejects: _Rejects,
) -> pd.DataFrame:
    """Build a frame of text cells indexed by line; rows of another length are rejects."""
    good: list[list[str]] = []
    lines: list[int] = []
    for line, cells in rows:
        if len(cells) == len(header):
            good.append(cells)
            lines.append(line)
        else:
            rejects.add(line, "", ",".join(cells)[:200], "cell-count", f"{len(header)} cells")
    frame = pd.DataFrame(good, columns=list(header), index=pd.Index(lines, dtype="int64"), dtype="str")
    keep = [name for name in header if name in known]
    return frame[keep].rename(columns=dict(known))


def _typed(text: pd.DataFrame, names: Mapping[str, str], rejects: _Rejects) -> pd.DataFrame:
    """Convert text to the contract's types; cells that can't be converted are rejects."""
    typed = {}
    for ours in text.columns:
        column = COLUMNS.get(ours)
        cells = text[ours]
        if column is None or column.type == "string":
            typed[ours] = cells.mask(cells == "")
            bad = pd.Series(data=False, index=cells.index)
        else:
            typed[ours], bad = _numbers(cells, ours, whole=column.type == "int64")
        required = column is None or column.required
        for line in cells.index[bad]:
            rejects.add(line, names[ours], cells[line], "type", expectation(COLUMNS[ours]))
        if required:
            for line in cells.index[cells == ""]:
                rejects.add(line, names[ours], "", "required", "a value, found an empty cell")
    return pd.DataFrame(typed, index=text.index)


def _numbers(cells: pd.Series, ours: str, *, whole: bool) -> tuple[pd.Series, pd.Series]:
    """Return the numbers and a mask of the cells that are none; empty cells become null."""
    if ours == "rank_diff":
        cells = cells.mask(cells == _SAME_RANK, "0")
    if ours in _THOUSANDS:
        grouped = cells.str.fullmatch(_GROUPED)
        cells = cells.mask(grouped, cells.str.replace(",", "", regex=False))
    valid = cells.str.fullmatch(_INT if whole else _FLOAT)
    numbers = pd.to_numeric(cells.where(valid), errors="coerce").astype("float64")
    valid &= numbers.abs() <= (_LARGEST_INT if whole else _LARGEST_FLOAT)
    numbers = numbers.where(valid)
    bad = ~valid & (cells != "")
    return (numbers.astype("Int64") if whole else numbers), bad


def _sound(frame: pd.DataFrame, rejects: _Rejects) -> pd.DataFrame:
    """Return the rows that nothing has been found against so far."""
    return frame[~frame.index.isin(list(rejects.lines()))]


def _check_cells(
    frame: pd.DataFrame, text: pd.DataFrame, names: Mapping[str, str], rejects: _Rejects
) -> None:
    """Apply types, ranges and required cells of the contract."""
    done = {(row[1], row[2]) for row in rejects.rows}
    for line, ours, rule in failures(frame, tuple(frame.columns)):
        if not isinstance(line, int) or (line, names[ours]) in done:
            continue  # null because its text was no number or empty: rejected above
        rejects.add(line, names[ours], str(text.loc[line, ours]), rule, expectation(COLUMNS[ours]))


def _check_consistency(
    frame: pd.DataFrame, text: pd.DataFrame, names: Mapping[str, str], rejects: _Rejects
) -> None:
    """Compare numbers of one row that must agree with each other."""
    if "step_time_ms" in frame:
        expected = frame["batch_size"].astype("float64") / frame["step_time_ms"] * 1000
        gap = (frame["samples_per_sec"] / expected - 1).abs()
        for line in frame.index[gap > STEP_TIME_TOLERANCE]:
            rejects.add(
                line, names["samples_per_sec"], text.loc[line, "samples_per_sec"], "step-time-consistency",
                f"within {STEP_TIME_TOLERANCE:.0%} of batch size / step time = {expected[line]:.2f}",
            )  # fmt: skip
        return
    for share, err in (("top1", "top1_err"), ("top5", "top5_err")):
        gap = (100 - frame[share] - frame[err]).abs()
        for line in frame.index[gap > ERROR_TOLERANCE]:
            rejects.add(line, names[err], text.loc[line, err], "error-consistency", f"100 - {share}")
    for line in frame.index[frame["top5"] < frame["top1"]]:
        rejects.add(line, names["top5"], text.loc[line, "top5"], "top5-at-least-top1", "top5 >= top1")


def _check_unique(frame: pd.DataFrame, names: Mapping[str, str], rejects: _Rejects) -> None:
    """Reject every sound row after the first with the same key."""
    key = [name for name in ("model", "img_size") if name in frame]
    if not frame.duplicated(key).any():
        return
    # The first line of each key at the place of every row: a row whose first is another line repeats it.
    # `duplicated` would tell that a row repeats one, but not which, and the reject has to name it.
    first = frame.reset_index(names="line").groupby(key, dropna=False)["line"].transform("first")
    first.index = frame.index
    for line in frame.index[first != frame.index]:
        found = " @ ".join(str(frame.loc[line, name]) for name in key)
        rejects.add(line, names["model"], found, "unique", f"once per file; first on line {first[line]}")
