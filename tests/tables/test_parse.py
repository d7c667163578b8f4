from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.tables.filenames import BenchmarkProfile, MetadataFile, TestSetFile, classify
from tasks.tables.parse import BadFileError, ParsedFile, parse

EVALUATIONS = "results-imagenet.csv"
BENCHMARK = "benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv"
TRAINING = "benchmark-train-amp-nchw-pt240-cu124-rtx4090.csv"
METADATA = "model_metadata-in1k.csv"

Row = dict[str, str]
EVALUATION: Row = {
    "model": "net_a.tag", "top1": "80.125", "top1_err": "19.875", "top5": "95.5", "top5_err": "4.5",
    "param_count": "25.5", "img_size": "224", "crop_pct": "0.9", "interpolation": "bicubic",
}  # fmt: skip
SPEED: Row = {
    "model": "net_a", "infer_samples_per_sec": "1000.0", "infer_step_time": "256.0",
    "infer_batch_size": "256", "infer_img_size": "224", "infer_gmacs": "4.5", "infer_macts": "11.25",
    "param_count": "25.5",
}  # fmt: skip
ROWS: Mapping[str, Row] = {EVALUATIONS: EVALUATION, BENCHMARK: SPEED}


def cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if set(value) & set('",\r\n') else value


def csv(*rows: Row, end: str = "\n") -> str:
    """Return CSV text; the first row decides the columns."""
    lines = [list(rows[0]), *([row[name] for name in rows[0]] for row in rows)]
    return "".join(",".join(map(cell, line)) + end for line in lines)


def read(text: str | bytes, name: str = EVALUATIONS) -> ParsedFile:
    kind = classify(name)
    assert isinstance(kind, TestSetFile | BenchmarkProfile | MetadataFile)
    parsed = parse(kind, text if isinstance(text, bytes) else text.encode(), f"results/{name}@12345678")
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_rejected
    return parsed


def second(name: str, **cells: str) -> ParsedFile:
    """Parse a file of one good row and one with these cells, on line 3."""
    good = ROWS[name]
    return read(csv(good, good | {"model": "net_b"} | cells), name)


def each(name: str, cells: Sequence[tuple[str, str]]) -> ParsedFile:
    """Parse a file with a good row on line 2, then one row for each (column, text)."""
    good = ROWS[name]
    return read(csv(good, *(good | {"model": f"net_{i}", c: t} for i, (c, t) in enumerate(cells))), name)


def rejects(parsed: ParsedFile) -> list[tuple[int, str, str, str]]:
    return list(parsed.rejects[["line", "column", "value", "rule"]].itertuples(index=False, name=None))


# Types and columns


def test_an_evaluation_file() -> None:
    parsed = read(csv(EVALUATION))
    assert parsed.header == tuple(EVALUATION)
    assert parsed.frame.to_dict("records") == [
        {"model": "net_a.tag", "top1": 80.125, "top1_err": 19.875, "top5": 95.5, "top5_err": 4.5,
         "param_count": 25.5, "img_size": 224, "crop_pct": 0.9, "interpolation": "bicubic"}
    ]  # fmt: skip
    assert list(parsed.frame.index) == [2]
    assert parsed.frame["img_size"].dtype == "Int64"
    assert parsed.rejects.empty


def test_a_benchmark_file_of_each_mode_gives_the_same_columns() -> None:
    infer = read(csv(SPEED), BENCHMARK).frame
    train = read(csv({k.replace("infer_", "train_"): v for k, v in SPEED.items()}), TRAINING).frame
    pd.testing.assert_frame_equal(infer, train)
    assert infer.to_dict("records") == [
        {"model": "net_a", "samples_per_sec": 1000.0, "step_time_ms": 256.0, "batch_size": 256,
         "img_size": 224, "gmacs": 4.5, "macts": 11.25, "benchmark_param_count": 25.5}
    ]  # fmt: skip


def test_a_benchmark_of_the_other_mode_is_refused() -> None:
    with pytest.raises(BadFileError, match=r"columns missing: .*train_samples_per_sec"):
        read(csv(SPEED), TRAINING)


def test_metadata() -> None:
    parsed = read("model,pretrain\nnet_a,in1k\nnet_b,\nnet_a,in21k\n", METADATA)
    assert parsed.frame.to_dict("records") == [{"model": "net_a", "pretrain": "in1k"}]
    assert rejects(parsed) == [(3, "pretrain", "", "required"), (4, "model", "net_a", "unique")]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_the_order_of_columns_does_not_matter(name: str) -> None:
    row = ROWS[name]
    frame = read(csv(row), name).frame
    columns = list(row)
    for order in (columns[::-1], columns[3:] + columns[:3], sorted(columns)):
        shuffled = read(csv({key: row[key] for key in order}), name).frame
        pd.testing.assert_frame_equal(shuffled[list(frame)], frame)


@pytest.mark.parametrize(
    "gone",
    [("crop_pct", "interpolation"), ("interpolation",), ("infer_gmacs", "infer_macts"), ("infer_macts",)],
)
def test_columns_that_some_years_lack(gone: tuple[str, ...]) -> None:
    name = BENCHMARK if gone[0].startswith("infer") else EVALUATIONS
    parsed = read(csv({key: value for key, value in ROWS[name].items() if key not in gone}), name)
    assert len(parsed.frame) == 1
    assert not set(gone) & set(parsed.header)


def test_the_earlier_spelling_of_crop_pct() -> None:
    text = csv(EVALUATION).replace("crop_pct", "cropt_pct")
    assert read(text).frame["crop_pct"].tolist() == [0.9]
    assert rejects(read(text + csv(EVALUATION | {"model": "b", "crop_pct": "x"}).split("\n")[1])) == [
        (3, "cropt_pct", "x", "type")  # named as the file names it
    ]


def test_unknown_columns_are_reported_not_read() -> None:
    parsed = read(csv({"new": "1", **EVALUATION, "other": "NA"}))
    assert parsed.ignored_columns == ("new", "other")
    assert parsed.header[0] == "new"
    assert not {"new", "other"} & set(parsed.frame)


def test_difference_columns() -> None:
    values = {
        "net_a": ("+1.088", "+2"),
        "net_b": ("-10.203", "-12"),
        "net_c": ("0.0", "="),
        "net_d": ("", ""),
    }
    diffs = ("top1_diff", "rank_diff")
    rows = [EVALUATION | {"model": m} | dict(zip(diffs, v, strict=True)) for m, v in values.items()]
    frame = read(csv(*rows)).frame
    assert frame["top1_diff"].fillna(99).tolist() == [1.088, -10.203, 0, 99]
    assert frame["rank_diff"].fillna(99).tolist() == [2, -12, 0, 99]


# Cells


@pytest.mark.parametrize(
    ("name", "column", "text", "value"),
    [
        (EVALUATIONS, "param_count", "1,013.01", 1013.01),
        (EVALUATIONS, "param_count", "12,345,678", 12345678),
        (EVALUATIONS, "param_count", "7.1234", 7.1234),
        (EVALUATIONS, "param_count", "2.5e1", 25),
        (EVALUATIONS, "img_size", "224.0", 224),
        (EVALUATIONS, "img_size", " 224 ", 224),
        (EVALUATIONS, "crop_pct", "1", 1),
        (EVALUATIONS, "crop_pct", ".9", 0.9),
        (BENCHMARK, "infer_gmacs", "0", 0),
    ],
)
def test_numbers_as_upstream_writes_them(name: str, column: str, text: str, value: float) -> None:
    ours = column.removeprefix("infer_")
    assert second(name, **{column: text}).frame[ours].tolist()[1] == value


def test_a_whole_number_may_have_a_point_where_a_column_has_blanks() -> None:
    parsed = second(BENCHMARK, infer_batch_size="256.0")
    assert parsed.frame["batch_size"].tolist() == [256, 256]


def test_a_model_may_have_any_name() -> None:
    names = ["NA", "None", "nan", "null", "1", "True", "vit, large", 'say "x"', "</script>"]
    parsed = each(EVALUATIONS, [("model", name) for name in names])
    assert parsed.frame["model"].tolist() == ["net_a.tag", *names]


@pytest.mark.parametrize("column", ["crop_pct", "interpolation"])
def test_an_optional_cell_may_be_blank(column: str) -> None:
    parsed = second(EVALUATIONS, **{column: ""})
    assert parsed.frame[column].isna().tolist() == [False, True]


REQUIRED = ["model", "top1", "top5_err", "param_count", "img_size"]


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_required_cell_may_not(blank: str) -> None:
    parsed = each(EVALUATIONS, [(column, blank) for column in REQUIRED])
    assert rejects(parsed) == [(line, column, "", "required") for line, column in enumerate(REQUIRED, 3)]


ARABIC, WIDE = "\u0662\u0662\u0664", "\uff11\uff12"  # digits, but of other scripts
NO_NUMBERS = [
    "nan", "NA", "None", "inf", "-inf", "1e999", "1_000", "0x10", "1,0", "10,00", ARABIC, WIDE,
    "--1", "1 2", "=",
]  # fmt: skip
NO_WHOLE_NUMBERS = [*NO_NUMBERS, "224.5", "1,024", "2e2", "9" * 20, "9" * 400, "-" + "9" * 20]


@pytest.mark.parametrize("column", ["param_count", "top1", "img_size", "crop_pct"])
def test_text_is_no_number_nor_infinity_nor_beyond_what_fits(column: str) -> None:
    texts = NO_WHOLE_NUMBERS if column == "img_size" else NO_NUMBERS
    parsed = each(EVALUATIONS, [(column, text) for text in texts])
    assert rejects(parsed) == [(line, column, text, "type") for line, text in enumerate(texts, 3)]


def test_the_rank_with_a_letter() -> None:
    rows = [EVALUATION | {"rank_diff": "+1"}, EVALUATION | {"model": "net_b", "rank_diff": "-1g"}]
    assert rejects(read(csv(*rows))) == [(3, "rank_diff", "-1g", "type")]


OUT_OF_RANGE = {
    EVALUATIONS: [
        ("top1", "100.5"), ("top1", "-0.1"), ("top5", "101"), ("param_count", "0"), ("img_size", "0"),
        ("img_size", "-224"), ("crop_pct", "0"), ("crop_pct", "90"),
    ],
    BENCHMARK: [
        ("infer_samples_per_sec", "0"), ("infer_samples_per_sec", "-5"), ("infer_step_time", "0"),
        ("infer_batch_size", "0"), ("infer_gmacs", "-1"), ("param_count", "0"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(OUT_OF_RANGE))
def test_a_number_out_of_range_is_one_reject(name: str) -> None:
    cells = OUT_OF_RANGE[name]
    expected = [(line, column, text, "range") for line, (column, text) in enumerate(cells, 3)]
    assert rejects(each(name, cells)) == expected


def test_a_reject_says_what_would_have_been_valid() -> None:
    parsed = second(EVALUATIONS, top1="100.5")
    assert parsed.rejects.iloc[0].to_dict() == {
        "source_file": EVALUATIONS, "line": 3, "column": "top1", "value": "100.5", "rule": "range",
        "expected": "a number from 0 to 100",
    }  # fmt: skip


# Rows


@pytest.mark.parametrize(
    ("name", "cells", "column", "rule"),
    [
        (EVALUATIONS, {"top1_err": "19.5"}, "top1_err", "error-consistency"),
        (EVALUATIONS, {"top5_err": "5"}, "top5_err", "error-consistency"),
        (EVALUATIONS, {"top5": "80", "top5_err": "20"}, "top5", "top5-at-least-top1"),
        (BENCHMARK, {"infer_samples_per_sec": "880"}, "infer_samples_per_sec", "step-time-consistency"),
        (BENCHMARK, {"infer_batch_size": "1"}, "infer_samples_per_sec", "step-time-consistency"),
    ],
)
def test_numbers_of_a_row_must_agree(name: str, cells: Row, column: str, rule: str) -> None:
    value = (ROWS[name] | cells)[column]
    assert rejects(second(name, **cells)) == [(3, column, value, rule)]


def test_tolerances_let_rounding_and_overhead_pass() -> None:
    assert second(EVALUATIONS, top1_err="19.876").rejects.empty
    assert second(EVALUATIONS, top5="80.125", top5_err="19.875").rejects.empty
    assert second(BENCHMARK, infer_samples_per_sec="930").rejects.empty


@pytest.mark.parametrize(
    "text", ["net_b,1", csv(EVALUATION).splitlines()[1].replace("net_a.tag", "b") + ",more"]
)
def test_a_row_with_too_few_or_too_many_cells(text: str) -> None:
    parsed = read(csv(EVALUATION) + text + "\n")
    assert rejects(parsed) == [(3, "", text, "cell-count")]
    assert parsed.rejects["expected"].tolist() == ["9 cells"]


def test_only_the_first_of_equal_keys_stays() -> None:
    parsed = read(
        csv(EVALUATION, EVALUATION | {"img_size": "288"}, EVALUATION | {"top1": "1", "top1_err": "99"})
    )
    assert rejects(parsed) == [(4, "model", "net_a.tag @ 224", "unique")]
    assert "first on line 2" in parsed.rejects["expected"].iloc[0]
    assert parsed.frame["img_size"].tolist() == [224, 288]


def test_a_rejected_row_does_not_take_a_good_one_of_the_same_key_along() -> None:
    parsed = read(csv(EVALUATION | {"top1": "-1"}, EVALUATION))
    assert rejects(parsed) == [(2, "top1", "-1", "range")]
    assert list(parsed.frame.index) == [3]


def test_all_violations_of_a_file_at_once() -> None:
    rows = [
        EVALUATION,
        EVALUATION | {"model": "", "top1": "x", "img_size": "0"},
        EVALUATION | {"model": "net_c", "param_count": "-1"},
    ]
    parsed = read(csv(*rows) + "short\n")
    assert rejects(parsed) == [
        (3, "img_size", "0", "range"),
        (3, "model", "", "required"),
        (3, "top1", "x", "type"),
        (4, "param_count", "-1", "range"),
        (5, "", "short", "cell-count"),
    ]
    assert (parsed.rows_in, parsed.rows_rejected) == (4, 3)


# Text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark(end: str, mark: str) -> None:
    parsed = read(mark + csv(EVALUATION, EVALUATION | {"model": "b", "top1": "x"}, end=end))
    pd.testing.assert_frame_equal(parsed.frame, read(csv(EVALUATION)).frame)
    assert rejects(parsed) == [(3, "top1", "x", "type")]


def test_lines_count_from_the_first_line_of_a_row() -> None:
    bad = EVALUATION | {"top1": "x"}
    rows = [EVALUATION | {"model": "two\nlines"}, bad | {"model": "three\r\n\nlines"}, bad | {"model": "one"}]
    parsed = read(csv(*rows).replace("one,", "\n\none,"))  # and two blank lines, which are no rows
    assert rejects(parsed) == [(4, "top1", "x", "type"), (9, "top1", "x", "type")]
    assert parsed.frame["model"].tolist() == ["two\nlines"]


HEADER = ",".join(EVALUATION)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty file"),
        (b"\xef\xbb\xbf\r\n\n", "empty file"),
        (HEADER, "not one usable row in 0. The file has a header only"),
        (HEADER + "\nshort\n", "not one usable row in 1. line 2, : 'short' (cell-count)"),
        (csv(EVALUATION | {"top1": "x"}), "line 2, top1: 'x' (type)"),
        (HEADER.encode() + b"\ncaf\xe9", "not UTF-8 text: byte 81 is 0xe9"),
        (csv(EVALUATION).encode("utf-16"), "not UTF-8 text: byte 0"),
        (csv(EVALUATION | {"model": "a\0"}), ":2: no text: found a NUL byte"),
        (csv(EVALUATION) + '"never closed\n\n', ":3: no valid CSV"),
        (csv(EVALUATION) + '"a"b\n', ":3: no valid CSV"),
        ("<!DOCTYPE html>\n<html></html>\n", "Found: <!DOCTYPE html>"),
        ("version https://git-lfs.github.com/spec/v1\n", "Found: version https://git-lfs"),
        ("model,top1\na,80\n", "columns missing: img_size, param_count, top1_err, top5, top5_err"),
        (csv(EVALUATION).replace("interpolation", "top1"), "columns given twice: top1"),
        (csv(EVALUATION).replace("interpolation", "cropt_pct"), "columns given twice: crop_pct"),
        (
            "model,model,top1\n",
            "columns missing: img_size, param_count, top1_err, top5, top5_err; columns given twice",
        ),
    ],
)
def test_a_file_that_cannot_be_used(data: str | bytes, found: str) -> None:
    with pytest.raises(BadFileError) as caught:
        read(data)
    assert str(caught.value).startswith(f"results/{EVALUATIONS}@12345678:")
    assert found in str(caught.value)


WEIRD = st.one_of(
    st.sampled_from(
        ["", "nan", "-1", "0", "1e999", "1" * 30, ARABIC, "net_a.tag", "x\ny", 'q"', "a,b", "=", "1,024.0"]
    ),
    st.text(max_size=6),
    st.floats().map(str),
    st.integers().map(str),
)


@pytest.mark.parametrize("name", sorted(ROWS))
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_corrupt_cells_are_rejects_or_a_bad_file_and_rows_add_up(name: str, data: st.DataObject) -> None:
    rows = [ROWS[name] | {"model": f"net_{i}"} for i in range(4)]
    columns = st.sampled_from(list(ROWS[name]))
    changes = data.draw(st.lists(st.tuples(st.integers(0, 3), columns, WEIRD), max_size=5))
    for row, column, value in changes:
        rows[row][column] = value
    touched = {row for row, _, _ in changes}
    try:
        parsed = read(csv(*rows), name)  # checks rows_in == rows + rejected
    except BadFileError:
        assert len(touched) == 4 or any("\0" in value for _, _, value in changes)
    else:
        assert parsed.rows_in == 4
        assert parsed.rows_rejected == parsed.rejects["line"].nunique()
        required = parsed.frame.drop(columns=["crop_pct", "interpolation", "gmacs", "macts"], errors="ignore")
        assert not required.isna().to_numpy().any()


@given(data=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_a_bad_file(data: bytes) -> None:
    with pytest.raises(BadFileError):
        read(data)


def test_cutting_a_file_anywhere_loses_no_row_without_a_word() -> None:
    data = csv(*(EVALUATION | {"model": f"net_{i}"} for i in range(3))).encode()
    for end in range(len(HEADER) + 2, len(data), 29):
        try:
            parsed = read(data[:end])
        except BadFileError:
            continue
        assert parsed.rows_in == data[:end].rstrip(b"\n").count(b"\n")
