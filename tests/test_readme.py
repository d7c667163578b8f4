"""The README says what is true: its dictionary, options and snippet come from the code."""

from __future__ import annotations

import re
from pathlib import Path

from config.dictionary import with_dictionary
from config.settings import Settings
from config.vocabulary import preset_names
from tasks.charts.registry import BY_STEM

README = Path(__file__).parent.parent / "README.md"


def test_the_data_dictionary_is_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_dictionary(text) == text, "run `make docs`"


def test_every_chart_and_preset_is_named() -> None:
    text = README.read_text(encoding="utf-8")
    for name in (*BY_STEM, *preset_names()):
        assert f"`{name}`" in text


def test_every_variable_named_is_a_setting() -> None:
    named = set(re.findall(r"TIMM_CHARTS_(\w+)", README.read_text(encoding="utf-8")))
    known = {name.upper() for name in Settings.model_fields} | {"SETTINGS", "TEST_BUNDLE"}
    assert named <= known


def test_it_has_a_python_snippet_that_compiles() -> None:
    snippets = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert snippets
    for snippet in snippets:
        compile(snippet, "README.md", "exec")


def test_its_picture_is_there_and_says_that_it_is_a_sample() -> None:
    [picture] = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert "SAMPLE: made-up numbers" in (README.parent / picture).read_text(encoding="utf-8")
