"""CONTRIBUTING, `make help` and the commit hooks name what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")


def test_every_path_and_name_of_a_module_is_there() -> None:
    named = set(re.findall(r"`((?:config|docs|flows|tasks|tests)/[\w./*-]*)`", TEXT))
    assert len(named) > 25
    assert [path for path in sorted(named) if not list(ROOT.glob(path.rstrip("/")))] == []


def test_every_function_and_class_that_is_named_is_in_the_code() -> None:
    code = "\n".join(
        path.read_text() for top in ("config", "flows", "tasks") for path in (ROOT / top).rglob("*.py")
    )
    named = re.findall(r"`([A-Z]\w+|[a-z]+_[a-z_]+)(?:\.(\w+))?`", TEXT)
    examples = {"make_x", "require_x", "check_x"}
    missing = [
        part for name in named for part in name
        if part and part not in examples and not re.search(rf"\b{part}\b", code)
    ]  # fmt: skip
    assert missing == ["CI"] * missing.count("CI")


def test_the_map_names_every_room() -> None:
    rooms = {f"tasks/{marker.parent.name}/" for marker in ROOT.glob("tasks/*/__init__.py")}
    assert rooms <= set(re.findall(r"^\| `([\w/]+/)` \|", TEXT, re.MULTILINE))


def test_make_help_lists_every_target_and_the_text_names_no_other() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    described = re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE)
    assert sorted(described) == sorted(phony.split())
    assert set(re.findall(r"`make ([a-z-]+)`", TEXT)) <= set(described)


def test_the_hooks_are_the_checks_of_make_from_the_environment() -> None:
    (check,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in check.splitlines()]
    assert re.findall(r"entry: (.*)", HOOKS) == commands
    assert re.findall(r"- repo: (.*)", HOOKS) == ["local"]
    assert set(re.findall(r"language: (.*)", HOOKS)) == {"system"}


def test_every_room_ships_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = [
        marker.parent for top in ("config", "flows", "tasks") for marker in (ROOT / top).rglob("__init__.py")
    ]
    names = {".".join(room.relative_to(ROOT).parts) for room in rooms}
    assert set(project["tool"]["setuptools"]["packages"]) == names


def test_every_room_says_what_belongs_there_in_a_few_lines() -> None:
    for top in ("flows", "tasks"):
        for marker in (ROOT / top).rglob("__init__.py"):
            lines = [line for line in marker.read_text().splitlines() if line.strip('"')]
            assert 3 <= len(lines) <= 6, marker
