"""README and docs say what is true: tables, names, options and snippets come from the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.dictionary import BEGIN, END, PAGES, with_generated
from config.settings import PREFIX, Settings
from config.vocabulary import preset_names
from tasks.charts.chart import Chart
from tasks.charts.registry import BY_STEM

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
TEXTS = (README, *sorted(DOCS.glob("*.md")), ROOT / "CONTRIBUTING.md")
MOST_LINES = 150


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def everything() -> str:
    return "\n".join(map(read, TEXTS))


def links(text: str) -> list[str]:
    """Return the targets of links and pictures that are files of the project."""
    found = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    return [target for target in found if target and not re.match(r"[a-z]+:", target)]


def test_the_readme_is_short() -> None:
    assert len(read(README).splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_parts_are_up_to_date(name: str) -> None:
    text = read(DOCS / name)
    assert with_generated(text, PAGES[name]()) == text, "run `make docs`"


def test_only_what_is_between_the_marks_is_replaced() -> None:
    assert with_generated(f"a\n{BEGIN}\nold\n{END}\nb\n", "new") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb\n"
    with pytest.raises(ValueError, match="substring not found"):
        with_generated(f"a\n{BEGIN}\nold\n", "new")


@pytest.mark.parametrize(("name", "cells"), [("settings.md", 5), ("tables.md", 4)])
def test_every_row_of_a_generated_table_has_as_many_cells(name: str, cells: int) -> None:
    rows = [line for line in PAGES[name]().splitlines() if line.startswith("|")]
    assert rows
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {cells + 1}


@pytest.mark.parametrize("chart", BY_STEM.values(), ids=lambda chart: chart.stem)
def test_every_chart_is_named_with_its_question(chart: Chart) -> None:
    assert f"| `{chart.stem}` | {chart.question} |" in read(DOCS / "outputs.md")


def test_every_preset_is_named() -> None:
    text = everything()
    assert [name for name in preset_names() if f"`{name}`" not in text] == []


def test_every_variable_named_is_a_setting_and_every_setting_is_named() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    named = set(re.findall(rf"{PREFIX}(\w+)", everything()))
    assert named <= settings | {"SETTINGS", "TEST_BUNDLE", "TEST_TIMM"}
    assert settings <= set(re.findall(rf"{PREFIX}(\w+)", read(DOCS / "settings.md")))


def test_the_code_map_names_every_folder_and_no_other() -> None:
    tasks = {f"tasks/{marker.parent.name}/" for marker in ROOT.glob("tasks/*/__init__.py")}
    named = set(re.findall(r"^\| `([\w/]+/)` \|", read(DOCS / "how-it-works.md"), re.MULTILINE))
    assert named == tasks | {"flows/", "tasks/", "config/", "tests/"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    assert [target for target in links(read(path)) if not (path.parent / target).is_file()] == []


def test_the_readme_links_to_every_page() -> None:
    assert {f"docs/{path.name}" for path in DOCS.glob("*.md")} <= set(links(read(README)))


def test_python_snippets_compile() -> None:
    assert "```python\n" in read(README)
    for path in TEXTS:
        for snippet in re.findall(r"```python\n(.*?)```", read(path), re.DOTALL):
            compile(snippet, path.name, "exec")


def test_its_picture_is_there_and_says_that_it_is_a_sample() -> None:
    [picture] = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", read(README))
    assert "SAMPLE: made-up numbers" in read(ROOT / picture)
