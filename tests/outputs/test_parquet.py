from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from config.contracts import BENCHMARKS, CHANGES, COLUMNS, COVERAGE, EVALUATIONS, MERGED, TABLES, Table
from config.presets import load_rules
from tasks.outputs.parquet import arrow_schema, write_table
from tasks.outputs.layout import table_file
from tasks.tables.changes import compare
from tasks.tables.commits import SnapshotFacts, commits_table
from tasks.tables.contract import empty_table
from tasks.tables.merge import merge_profile
from tests.frames import COMMIT, SNAPSHOT, a_profile, benchmark, benchmarks, evaluation, evaluations, merged, tables

EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
TYPES = {"string": "string", "int64": "int64", "float64": "double", "bool": "bool"}
EVALUATED = (evaluation("vit.a", 224, 81.25), evaluation("vit.b", 384, 84.5), evaluation("swin", 224, 80.0))
MEASURED = (benchmark("vit", 224, 1000.5), benchmark("vit", 384, 300.0), benchmark("beit", 224, 5.0))


@cache
def frames() -> dict[str, pd.DataFrame]:
    """Return every table with a row or more, rejects excepted."""
    joined = merge_profile(evaluations(*EVALUATED), benchmarks(*MEASURED), load_rules(None))
    return {
        "evaluations": evaluations(*EVALUATED),
        "benchmarks": benchmarks(*MEASURED),
        "merged": joined.merged,
        "coverage": joined.coverage,
        "changes": compare(tables(), tables(evaluated=EVALUATED, measured=MEASURED)),
        "rejects": empty_table(next(t for t in TABLES if t.name == "rejects")),
        "commits": commits_table(
            [
                SnapshotFacts(SNAPSHOT, COMMIT.sha, COMMIT.time, "2024-08-27T235959Z-12345678", 2),
                SnapshotFacts("2019-04-04-12345678", "12345678", None, None, None),
            ],
            SNAPSHOT,
        ),
    }


def written(table: Table, frame: pd.DataFrame, outputs: Path, snapshot: str = SNAPSHOT) -> Path:
    path = outputs / table_file(table, snapshot)
    write_table(frame, table, path)
    return path


def test_the_layout_is_that_of_the_contract() -> None:
    path = "snapshots/merged/snapshot=2024-09-05T170000Z-ee5b1e82/part-0.parquet"
    assert table_file(MERGED, SNAPSHOT) == path


@EVERY_TABLE
def test_what_is_read_is_what_was_written(table: Table, tmp_path: Path) -> None:
    frame = frames()[table.name]
    back = pq.read_table(written(table, frame, tmp_path), partitioning=None)
    expected = pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False)
    assert back.to_pylist() == expected.to_pylist()
    assert back.num_rows == len(frame)


@EVERY_TABLE
def test_columns_have_declared_types_nullability_and_words(table: Table, tmp_path: Path) -> None:
    schema = pq.read_schema(written(table, frames()[table.name], tmp_path))
    assert schema.names == list(table.columns)
    for field in schema:
        column = COLUMNS[field.name]
        assert str(field.type) == TYPES.get(column.type, str(field.type))
        assert field.nullable == (not column.required)
        assert field.metadata[b"description"].decode() == column.description
        assert field.metadata.get(b"unit", b"").decode() == column.unit


@EVERY_TABLE
def test_an_empty_table_keeps_its_columns_and_types(table: Table, tmp_path: Path) -> None:
    path = written(table, empty_table(table), tmp_path)
    assert pq.read_table(path, partitioning=None).num_rows == 0
    assert pq.read_schema(path).equals(
        pq.read_schema(written(table, frames()[table.name], tmp_path / "full"))
    )


def test_a_column_without_any_value_keeps_its_type(tmp_path: Path) -> None:
    blank = benchmarks(benchmark("vit", gmacs=None, macts=None, torch=None, cuda=None))
    schema = pq.read_schema(written(BENCHMARKS, blank, tmp_path))
    assert [str(schema.field(name).type) for name in ("gmacs", "macts", "torch")] == [
        "double",
        "double",
        "string",
    ]
    rank = pq.read_table(written(EVALUATIONS, evaluations(*EVALUATED), tmp_path), partitioning=None)[
        "rank_diff"
    ]
    assert (str(rank.type), rank.null_count) == ("int64", len(EVALUATED))


def test_no_reader_sees_a_block_of_pandas(tmp_path: Path) -> None:
    metadata = pq.read_metadata(written(MERGED, a_profile(5), tmp_path)).metadata or {}
    assert b"pandas" not in metadata


def test_a_hole_in_a_required_column_is_refused(tmp_path: Path) -> None:
    frame = a_profile(5)
    frame.loc[2, "top1"] = None
    with pytest.raises((ValueError, pa.ArrowInvalid), match=r"top1|non-nullable"):
        written(MERGED, frame, tmp_path)


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="secs"):
        written(MERGED, a_profile(5).drop(columns="secs"), tmp_path)


@EVERY_TABLE
def test_the_same_rows_give_the_same_bytes(table: Table, tmp_path: Path) -> None:
    first, again = (written(table, frames()[table.name], tmp_path / name) for name in "ab")
    assert first.read_bytes() == again.read_bytes()


@EVERY_TABLE
def test_rows_are_in_the_declared_order(table: Table, tmp_path: Path) -> None:
    order = list(table.order)
    back = pq.read_table(written(table, frames()[table.name], tmp_path), columns=order, partitioning=None)
    rows = [tuple(row.values()) for row in back.to_pylist()]
    assert rows == sorted(rows)


def test_missing_values_are_null_not_nan(tmp_path: Path) -> None:
    path = written(CHANGES, frames()["changes"], tmp_path)
    before = pq.read_table(path, partitioning=None)["before"]
    assert before.null_count == len(before) > 0


# An id of digits only must not be taken for a number, nor its first half for a date.
SNAPSHOTS = ("2024-08-27T235959Z-12345678", SNAPSHOT)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    written(MERGED, a_profile(10), tmp_path, SNAPSHOTS[0])
    written(MERGED, a_profile(20), tmp_path, SNAPSHOTS[1])
    return tmp_path / "snapshots/merged"


SIZES = {SNAPSHOTS[0]: len(a_profile(10)), SNAPSHOTS[1]: len(a_profile(20))}


def test_duckdb_reads_all_snapshots_as_one_table(history: Path) -> None:
    files = f"read_parquet('{history}/*/*.parquet', hive_partitioning=true)"
    query = f"select snapshot, count(*) from {files} group by 1"
    assert dict(duckdb.sql(query).fetchall()) == SIZES


def test_duckdb_reads_the_names_of_the_coverage(tmp_path: Path) -> None:
    path = written(COVERAGE, frames()["coverage"], tmp_path)
    query = f"select unnest(evaluation_only_names, recursive := true) from '{path}'"
    assert duckdb.sql(query).fetchall() == [("swin", 224)]


def test_pyarrow_reads_all_snapshots_as_one_table(history: Path) -> None:
    table = ds.dataset(history, partitioning="hive").to_table(columns=["snapshot", "model"])
    counts = table.group_by("snapshot").aggregate([([], "count_all")]).to_pylist()
    assert {row["snapshot"]: row["count_all"] for row in counts} == SIZES


def test_pandas_reads_all_snapshots_as_one_table(history: Path) -> None:
    frame = pd.read_parquet(history)
    assert frame["snapshot"].astype(str).value_counts().to_dict() == SIZES
    newest = frame[frame["snapshot"] == SNAPSHOTS[1]].drop(columns="snapshot").reset_index(drop=True)
    pd.testing.assert_frame_equal(newest, a_profile(20), check_dtype=False)
    assert newest["img_size"].dtype == "int64"
    assert newest["is_pareto"].dtype == "bool"


def test_a_snapshot_of_no_rows_reads_with_the_others(history: Path, tmp_path: Path) -> None:
    written(MERGED, merged(), tmp_path, "2020-01-01T000000Z-aaaaaaaa")
    assert len(pd.read_parquet(history)) == sum(SIZES.values())
