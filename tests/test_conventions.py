"""Rules about the code itself: imports run one way and in no circle, and what is pure stays pure."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# From the top; a module may import from lower layers and from its own room.
LAYERS = {
    "flows": 6,
    "tasks": 5, "tasks.doctor": 5,
    "tasks.pages": 4, "tasks.pick": 4, "tasks.runs": 4, "tasks.artifacts": 4,
    "tasks.charts": 3, "tasks.outputs": 3, "tasks.sources": 3,
    "tasks.tables": 2, "tasks.server": 2,
    "config": 1,
}  # fmt: skip
PURE = (
    "tasks.tables", "tasks.charts", "tasks.artifacts.summary", "tasks.artifacts.changes",
    "tasks.outputs.manifest", "tasks.outputs.accounting", "tasks.outputs.reuse", "tasks.outputs.layout",
    "tasks.outputs.older",
    "tasks.pages.explorer_data", "tasks.pick.pick", "tasks.pick.words", "tasks.sources.sample.results",
)  # fmt: skip
WITH_PREFECT = (
    "flows", "tasks.server", "tasks.runs", "tasks.artifacts.progress", "tasks.doctor",
)  # fmt: skip
"""Rooms and modules that may import Prefect, besides the modules directly in ``tasks``."""
MOST_LINES = 45
MEDIAN_LINES = 9
OUR_MODULE = re.compile(r"(?:config|flows|tasks)(?:\.[a-z_0-9]+)+")
IMPURE_MODULES = {
    "prefect", "git", "subprocess", "shutil", "tempfile", "socket", "time", "glob", "threading",
    "multiprocessing", "urllib.request", "requests", "httpx",
}  # fmt: skip
CLOCK = {"now", "utcnow", "today"}
FILES = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "mkdir",
    "unlink",
    "to_csv",
    "to_parquet",
}


def is_in(module: str, *rooms: str) -> bool:
    return any(f"{module}.".startswith(f"{room}.") for room in rooms)


def room_of(module: str) -> str:
    """Return the room of the table above that a module is in: the longest name that fits."""
    return max((name for name in LAYERS if is_in(module, name)), key=len, default="")


def is_direct_task_module(module: str) -> bool:
    return module.startswith("tasks.") and room_of(module) == "tasks" and module.count(".") == 1


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    return list(ast.walk(tree))


@cache
def imports(tree: ast.AST) -> list[tuple[int, str]]:
    """Return line and name of everything imported; a module named in a string counts too."""
    found: list[tuple[int, str]] = []
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found += ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from tasks import tables` imports tasks.tables
            found += ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and OUR_MODULE.fullmatch(str(node.value)):
            found.append((node.lineno, str(node.value)))
    return found


def direction(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    own = room_of(module)
    for line, imported in imports(tree):
        other = room_of(imported)
        if imported.startswith("tests."):
            yield line, f"{own} must not import tests"
        elif other and other != own and LAYERS[other] >= LAYERS[own]:
            yield line, f"{own} must not import {other} ({imported})"


def purity(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    if not is_in(module, *PURE):
        return
    for line, imported in imports(tree):
        if is_in(imported, *IMPURE_MODULES):
            yield line, f"{module} is pure and must not import {imported}"
    for node in nodes(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in CLOCK:
            yield node.lineno, f"{module} is pure and must not ask the clock ({called})"
        if called in FILES:
            yield node.lineno, f"{module} is pure and must not touch files ({called})"


def prefect_stays_above(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    if not is_in(module, *WITH_PREFECT) and not is_direct_task_module(module):
        for line, imported in imports(tree):
            if is_in(imported, "prefect") or (is_in(module, "config") and is_in(imported, "git")):
                yield line, f"{module} must not import {imported}"


def the_plan_stays_in_flows(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    if not is_in(module, "flows", "tasks.runs.plan"):
        for line, imported in imports(tree):
            if imported == "tasks.runs.plan.RunPlan":
                yield line, f"{module} must take values, not the plan of the run"


def functions_are_short(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in functions(tree):
        if length(node) > MOST_LINES:
            yield (
                node.end_lineno or 0,
                f"{module}.{node.name} has {length(node)} lines, at most {MOST_LINES} are good",
            )


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in nodes(tree) if isinstance(node, ast.FunctionDef)]


def length(function: ast.FunctionDef) -> int:
    """Return the lines of a function, its signature and docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def task_modules_declare_tasks(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    if is_direct_task_module(module) and not any(map(is_task, nodes(tree))):
        yield 1, f"{module} declares no task; it belongs into one of the rooms"


def is_task(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(name, ast.Name) and name.id == "task"
        for decorator in node.decorator_list
        for name in ast.walk(decorator)
    )


RULES = (
    direction, purity, prefect_stays_above, the_plan_stays_in_flows, functions_are_short,
    task_modules_declare_tasks,
)  # fmt: skip


def offences(module: str, source: str, path: str) -> list[str]:
    tree = parsed(source)
    return [f"{path}:{line}: {why}" for rule in RULES for line, why in rule(module, tree)]


@cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


def sources() -> list[Path]:
    return sorted(path for top in ("config", "tasks", "flows") for path in (ROOT / top).rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_imports_run_one_way_and_pure_layers_are_pure() -> None:
    found = [
        o
        for path in sources()
        for o in offences(module_of(path), path.read_text(), str(path.relative_to(ROOT)))
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_layer_has_modules_to_check() -> None:
    assert {room_of(module_of(path)) for path in sources()} == set(LAYERS)


def test_the_usual_function_is_short() -> None:
    lengths = [length(node) for path in sources() for node in functions(parsed(path.read_text()))]
    assert statistics.median(lengths) <= MEDIAN_LINES


def test_no_module_imports_itself_by_way_of_others() -> None:
    modules = {module_of(path): parsed(path.read_text()) for path in sources()}
    # `from a.b import c` imports the module a.b.c where there is one, else a.b
    graph = {
        module: {
            next(name for name in (imported, imported.rpartition(".")[0]) if name in modules)
            for _, imported in imports(tree)
            if imported in modules or imported.rpartition(".")[0] in modules
        }
        for module, tree in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize(
    ("module", "source", "why"),
    [
        (
            "config.x",
            "from tasks.tables.names import a",
            "config must not import tasks.tables (tasks.tables.names.a)",
        ),
        ("tasks.tables.x", "import tasks.charts.theme", "tasks.tables must not import tasks.charts"),
        ("tasks.tables.x", "from tasks import outputs", "tasks.tables must not import tasks.outputs"),
        ("tasks.charts.x", "from tasks.pages.render import a", "tasks.charts must not import tasks.pages"),
        ("tasks.charts.x", "from tasks.outputs.reuse import a", "tasks.charts must not import tasks.outputs"),
        ("tasks.outputs.x", "from tasks.charts.theme import a", "tasks.outputs must not import tasks.charts"),
        (
            "tasks.sources.x",
            "from tasks.ingest import a",
            "tasks.sources must not import tasks (tasks.ingest.a)",
        ),
        (
            "tasks.runs.x",
            "preload('tasks.pages.draw')",
            "tasks.runs must not import tasks.pages (tasks.pages.draw)",
        ),
        (
            "tasks.doctor.x",
            "def f():\n    import flows.cli",
            "tasks.doctor must not import flows (flows.cli)",
        ),
        ("flows.cli", "from tests.gitrepo import a", "flows must not import tests"),
        ("tasks.tables.x", "import time", "tasks.tables.x is pure and must not import time"),
        ("tasks.charts.x", "from git import Repo", "tasks.charts.x is pure and must not import git.Repo"),
        ("tasks.tables.x", "open('a')", "tasks.tables.x is pure and must not touch files (open)"),
        (
            "tasks.outputs.layout",
            "path.read_text()",
            "tasks.outputs.layout is pure and must not touch files (read_text)",
        ),
        ("tasks.charts.x", "datetime.now(UTC)", "tasks.charts.x is pure and must not ask the clock (now)"),
        ("config.x", "import prefect.logging", "config.x must not import prefect.logging"),
        ("tasks.pages.x", "from prefect import task", "tasks.pages.x must not import prefect.task"),
        ("tasks.artifacts.x", "import prefect", "tasks.artifacts.x must not import prefect"),
        ("tasks.ingest", "def f(): ...", "tasks.ingest declares no task"),
        ("tasks.outputs.x", "def f():" + "\n    a" * 45, "tasks.outputs.x.f has 46 lines"),
        (
            "tasks.doctor.x",
            "from tasks.runs.plan import RunPlan",
            "tasks.doctor.x must take values, not the plan",
        ),
    ],
)
def test_the_rules_find_what_they_are_for(module: str, source: str, why: str) -> None:
    (found,) = offences(module, source, "x.py")
    assert found.startswith(f"x.py:{source.count(chr(10)) + 1}: {why}")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "flows.cli",
            "from tasks.ingest import a\nfrom config.settings import b\nfrom flows.refresh import c",
        ),
        (
            "tasks.ingest",
            "from tasks.sources.upstream import b\nimport prefect\n@task(name='a')\ndef f(): ...",
        ),
        ("tasks.runs.x", "from prefect import get_client\nfrom tasks.outputs.local import a"),
        ("tasks.charts.profile.x", "from tasks.tables.names import a\nfrom tasks.charts.theme import b"),
        (
            "tasks.tables.x",
            "from config.contracts import a\nfrom tasks.tables.names import b\nimport io, csv",
        ),
        ("tasks.outputs.local", "open('a')"),
    ],
)
def test_the_rules_let_the_rest_pass(module: str, source: str) -> None:
    assert offences(module, source, "x.py") == []


@pytest.mark.slow
@pytest.mark.parametrize("room", ["config", "tasks.tables"])
def test_importing_a_low_layer_loads_neither_prefect_nor_git(room: str) -> None:
    modules = [module_of(path) for path in sources() if room_of(module_of(path)) == room]
    check = "sys.exit(' '.join({'prefect', 'git', 'altair'} & set(sys.modules)) or 0)"
    code = f"import sys, {', '.join(modules)}; {check}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
