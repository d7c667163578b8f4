from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.browser.explorer_page import NASTY, embedded_in, tables, write


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("site")).read_text("utf-8")


def policy_of(page: str) -> dict[str, str]:
    (content,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    parts = content.replace("&#39;", "'").split("; ")
    return dict(part.split(" ", 1) for part in parts)


def sha256(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_exactly_the_script_and_the_style_of_the_page(page: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy_of(page) == {
        "default-src": "'none'", "script-src": sha256(script), "style-src": sha256(style), "img-src": "data:",
        "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip


def test_the_policy_comes_before_anything_it_is_for(page: str) -> None:
    assert page.index("Content-Security-Policy") < page.index("<style") < page.index("<script")


def test_nothing_is_loaded_evaluated_or_styled_in_place(page: str) -> None:
    code = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert (
        re.findall(r"\ssrc=|@import|url\(|\sstyle=|\son\w+=|eval\(|new Function|import\(|fetch\(", code) == []
    )
    assert re.findall(r'href="(?!#|index\.html|data:,")', code) == []


def test_the_data_can_not_end_its_element_and_are_what_they_were(page: str) -> None:
    text = embedded_in(page)
    assert "<" not in text
    assert NASTY in json.loads(text)["entries"]["model"]


def test_the_commit_is_linked_where_there_is_a_link_and_a_preset_is_named(tmp_path: Path) -> None:
    text = write(
        tmp_path, link="https://example.invalid/commit/ee5b1e82?a=1&b=2", preset="fastai-2022"
    ).read_text("utf-8")
    assert '<a href="https://example.invalid/commit/ee5b1e82?a=1&amp;b=2">ee5b1e82</a>' in text
    assert "rules of preset fastai-2022" in text


def test_the_same_tables_make_the_same_bytes(page: str, tmp_path: Path) -> None:
    assert write(tmp_path).read_text("utf-8") == page


def test_without_rows_there_is_no_script(tmp_path: Path) -> None:
    text = write(tmp_path, {name: frame.iloc[:0] for name, frame in tables().items()}).read_text("utf-8")
    assert "<script" not in text
    assert "nothing to explore" in text
