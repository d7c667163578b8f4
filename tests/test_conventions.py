"""Rules about the code itself: imports run one way, and the pure layers stay pure."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# From the top; a module may import from lower layers and from its own package.
LAYERS = {"flows": 4, "tasks": 3, "tasks.adapters": 2, "tasks.charts": 2, "tasks.core": 1, "config": 0}
PURE = ("tasks.core", "tasks.charts", "config")
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


def package_of(module: str) -> str:
    """Return the layer's package: the longest one that the module is in."""
    return max((name for name in LAYERS if f"{module}.".startswith(f"{name}.")), key=len, default="")


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from tasks import core` imports tasks.core
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def direction(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    own = package_of(module)
    for line, imported in imports(tree):
        other = package_of(imported)
        if imported.startswith("tests."):
            yield line, f"{own} must not import tests"
        elif other and other != own and LAYERS[other] >= LAYERS[own]:
            yield line, f"{own} must not import {other} ({imported})"


def purity(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    own = package_of(module)
    if own not in PURE or own == "config":  # config reads the TOML files it ships
        return
    for line, imported in imports(tree):
        if any(f"{imported}.".startswith(f"{name}.") for name in IMPURE_MODULES):
            yield line, f"{own} is pure and must not import {imported}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in CLOCK:
            yield node.lineno, f"{own} is pure and must not ask the clock ({called})"
        if called in FILES:
            yield node.lineno, f"{own} is pure and must not touch files ({called})"


def no_prefect_in_config(module: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    if package_of(module) == "config":
        for line, imported in imports(tree):
            if imported.split(".")[0] in ("prefect", "git"):
                yield line, f"config must not import {imported}"


RULES = (direction, purity, no_prefect_in_config)


def offences(module: str, source: str, path: str) -> list[str]:
    tree = ast.parse(source)
    return [f"{path}:{line}: {why}" for rule in RULES for line, why in rule(module, tree)]


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
    assert {package_of(module_of(path)) for path in sources()} == set(LAYERS)


@pytest.mark.parametrize(
    ("module", "source", "why"),
    [
        (
            "config.x",
            "from tasks.core.names import a",
            "config must not import tasks.core (tasks.core.names.a)",
        ),
        ("tasks.core.x", "import tasks.charts.theme", "tasks.core must not import tasks.charts"),
        ("tasks.core.x", "from tasks import adapters", "tasks.core must not import tasks.adapters"),
        (
            "tasks.charts.x",
            "from tasks.adapters.render import a",
            "tasks.charts must not import tasks.adapters",
        ),
        (
            "tasks.adapters.x",
            "from tasks.charts.theme import a",
            "tasks.adapters must not import tasks.charts",
        ),
        (
            "tasks.adapters.x",
            "from tasks.ingest import a",
            "tasks.adapters must not import tasks (tasks.ingest.a)",
        ),
        ("tasks.ingest", "def f():\n    import flows.cli", "tasks must not import flows (flows.cli)"),
        ("flows.cli", "from tests.gitrepo import a", "flows must not import tests"),
        ("tasks.core.x", "import prefect", "tasks.core is pure and must not import prefect"),
        ("tasks.charts.x", "from git import Repo", "tasks.charts is pure and must not import git.Repo"),
        ("tasks.core.x", "open('a')", "tasks.core is pure and must not touch files (open)"),
        ("tasks.core.x", "path.read_text()", "tasks.core is pure and must not touch files (read_text)"),
        ("tasks.charts.x", "datetime.now(UTC)", "tasks.charts is pure and must not ask the clock (now)"),
        ("config.x", "import prefect.logging", "config must not import prefect.logging"),
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
        ("tasks.ingest", "from tasks.plan import a\nfrom tasks.adapters.clone import b\nimport prefect"),
        ("tasks.charts.x", "from tasks.core.names import a\nfrom tasks.charts.theme import b"),
        ("tasks.core.x", "from config.contracts import a\nfrom tasks.core.names import b\nimport io, csv"),
    ],
)
def test_the_rules_let_the_rest_pass(module: str, source: str) -> None:
    assert offences(module, source, "x.py") == []


@pytest.mark.parametrize("package", ["config", "tasks.core"])
def test_importing_a_low_layer_loads_neither_prefect_nor_git(package: str) -> None:
    modules = [module_of(path) for path in sources() if package_of(module_of(path)) == package]
    check = "sys.exit(' '.join({'prefect', 'git', 'altair'} & set(sys.modules)) or 0)"
    code = f"import sys, {', '.join(modules)}; {check}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
