"""Where things lie in outputs: the names of the contract, and nobody else writes them down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.contracts import COMMITS, MERGED, TABLES
from tasks.outputs.layout import (
    TOP,
    chart_file,
    chart_folder,
    in_snapshot,
    is_of_all,
    snapshot_of,
    table_file,
)

ROOT = Path(__file__).parents[2]
NAMES = re.compile(r"^(?:charts|snapshots|assets)/|snapshot=|^manifest\.json$|^\.(?:builds|current)$")


def test_the_names_are_those_of_the_contract() -> None:
    assert set(TOP) == {
        "index.html", "explorer.html", "charts", "snapshots", "manifest.json", "assets",
    }  # fmt: skip
    assert chart_file("infer-a/inference-benchmark", "svg") == "charts/infer-a/inference-benchmark.svg"
    assert chart_folder("overview") == "charts/overview"
    assert table_file(MERGED, "s1") == "snapshots/merged/snapshot=s1/part-0.parquet"


@given(st.sampled_from(TABLES), st.from_regex(r"[0-9TZ-]{1,20}-[0-9a-f]{8}", fullmatch=True))
def test_a_path_of_a_table_tells_its_snapshot(table: object, snapshot: str) -> None:
    path = table_file(table, snapshot)  # type: ignore[arg-type]
    assert snapshot_of(path) == snapshot
    folder = path.rpartition("/")[0]
    assert snapshot_of(folder) == snapshot
    assert in_snapshot(folder, "s2") == table_file(table, "s2").rpartition("/")[0]  # type: ignore[arg-type]
    assert is_of_all(path) == (table == COMMITS)


@pytest.mark.parametrize("path", ["index.html", "charts/snapshot=1/x.svg", "snapshots/merged", "snapshots/a/b"])
def test_other_paths_are_of_no_snapshot(path: str) -> None:
    assert snapshot_of(path) is None


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the text of every string that is no docstring, of an f-string its first part too."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


@pytest.mark.slow
def test_no_other_module_knows_the_paths() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for top in ("tasks", "flows")
        for path in sorted((ROOT / top).rglob("*.py"))
        if path.name != "layout.py"
        for line, text in strings(ast.parse(path.read_text()))
        if NAMES.search(text)
    ]
    assert found == []
