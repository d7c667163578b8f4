"""The gallery page: everything is on it, counted, escaped, and without scripts too."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from config.contracts import CHANGES, COVERAGE, REJECTS, TABLES
from tasks.outputs.manifest import ChartEntry
from tasks.pages.gallery import MOST_ROWS, Gallery, Heading, write_gallery
from tasks.tables.contract import as_table, empty_table
from tasks.tables.filenames import BenchmarkProfile, classify
from tests.frames import PROFILE, SNAPSHOT, SNAPSHOT_IN_WORDS

NASTY = "</script><img src=x onerror=alert(1)>"
HEADING = Heading(
    SNAPSHOT, SNAPSHOT_IN_WORDS, "ee5b1e82", "2024-09-05", None, None, "ImageNet validation", False
)


def chart(profile: str = PROFILE, name: str = "inference-benchmark", **more: Any) -> ChartEntry:  # noqa: ANN401
    facts: dict[str, Any] = {
        "title": "Accuracy against time", "question": "Which model?", "category": "speed",
        "description": "Two dots.", "rows": 2, "left_out": {}, "files": (), "changed_by": "0" * 40,
    }  # fmt: skip
    return ChartEntry(profile=profile, name=name, **facts | more)


def profile() -> BenchmarkProfile:
    kind = classify(f"benchmark-{PROFILE}.csv")
    assert isinstance(kind, BenchmarkProfile)
    return kind


GALLERY = Gallery(
    heading=HEADING,
    charts=(chart("overview", "robustness", category="robustness"), chart()),
    profiles={PROFILE: profile()},
    changes=empty_table(CHANGES),
    coverage=empty_table(COVERAGE),
    rejects=empty_table(REJECTS),
    problems=(),
    not_drawn=(),
)


def written(folder: Path, **more: Any) -> str:  # noqa: ANN401 - any field
    write_gallery(replace(GALLERY, **more), folder)
    return (folder / "index.html").read_text(encoding="utf-8")


def changes(count: int, kind: str = "accuracy-moved") -> pd.DataFrame:
    rows = [
        {"kind": kind, "subject": "imagenet", "changed_model": f"m{i:03}", "changed_img_size": 224, "before": 80.0, "after": 80.125}
        for i in range(count)
    ]  # fmt: skip
    return as_table(pd.DataFrame(rows), CHANGES)


def test_every_chart_has_a_picture_a_link_and_four_downloads(tmp_path: Path) -> None:
    text = written(tmp_path)
    for entry in GALLERY.charts:
        base = f"charts/{entry.profile}/{entry.name}"
        assert f'<li id="{entry.profile}/{entry.name}"' in text
        assert f'<img src="{base}.svg" alt="Two dots."' in text
        for suffix in ("html", "svg", "png", "vl.json", "csv"):
            assert f'href="{base}.{suffix}"' in text


def test_profiles_are_in_words_and_can_be_filtered(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert "inference, RTX 4090, amp, nchw, PyTorch 2.4.0, CUDA 12.4" in text
    assert "Comparisons of profiles and test sets" in text
    assert "<option>RTX 4090</option>" in text
    assert re.search(r'data-category="robustness" data-question="Which model\?"', text)


def test_names_from_upstream_cannot_break_out(tmp_path: Path) -> None:
    rejects = as_table(
        pd.DataFrame([{"source_file": NASTY, "line": 2, "column": NASTY, "value": NASTY, "rule": "r", "expected": "e"}]),
        REJECTS,
    )  # fmt: skip
    text = written(
        tmp_path,
        charts=(chart(NASTY, NASTY, title=NASTY, question=NASTY, description=NASTY, category=NASTY),),
        rejects=rejects,
        problems=(NASTY,),
        not_drawn=(NASTY,),
    )
    assert "<img src=x" not in text
    assert text.count("<script") == 1


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (MOST_ROWS + 5, MOST_ROWS)])
def test_changes_are_counted_and_capped(tmp_path: Path, count: int, shown: int) -> None:
    text = written(tmp_path, changes=changes(count))
    assert f"<summary>accuracy-moved: {count}</summary>" in text
    assert len(re.findall(r"<td>m\d+</td>", text)) == shown
    assert (f"The first {MOST_ROWS}" in text) == (count > MOST_ROWS)
    assert '<td class="number">80</td><td class="number">80.125</td>' in text
    assert "nan" not in text.lower().replace("resnan", "")


def test_no_change_and_no_previous_commit_are_told_apart(tmp_path: Path) -> None:
    assert "<p>Nothing.</p>" in written(tmp_path)
    assert "This is the first results commit." in written(tmp_path, changes=None)


def test_what_was_asked_for_and_what_changes_are_against_are_said(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert "only benchmark profiles" not in text
    assert "previous results commit</h2>" in text
    text = written(
        tmp_path,
        heading=replace(HEADING, only="only benchmark profiles that match `*4090`"),
        previous=SNAPSHOT_IN_WORDS,
    )
    assert "of 2024-09-05, only benchmark profiles that match *4090." in text
    assert f"previous results commit, {SNAPSHOT_IN_WORDS}</h2>" in text


def test_a_speed_is_no_accuracy(tmp_path: Path) -> None:
    moved = {"kind": "speed-moved", "subject": PROFILE, "changed_model": "vit", "changed_img_size": 224}
    table = as_table(pd.DataFrame([moved | {"speed_before": 100.5, "speed_after": 120.0}]), CHANGES)
    text = written(tmp_path, changes=table)
    assert "images/s before<" in text
    assert "top-1 before" not in text
    assert '<td class="number">100.5</td><td class="number">120</td>' in text


def test_problems_rejects_and_missing_charts_are_on_the_page(tmp_path: Path) -> None:
    rejects = as_table(
        pd.DataFrame(
            [{"source_file": "results-sketch.csv", "line": 7, "column": "top1", "value": "", "rule": "number", "expected": "0 to 100"}]
        ),
        REJECTS,
    )  # fmt: skip
    text = written(tmp_path, rejects=rejects, problems=("file x is bad",), not_drawn=("p/c: no rows",))
    for words in ("file x is bad", "p/c: no rows", "results-sketch.csv", "(blank)", "0 to 100"):
        assert words in text
    assert "<h2>Problems</h2>" not in written(tmp_path)


def test_every_table_and_column_is_explained(tmp_path: Path) -> None:
    text = written(tmp_path)
    for table in TABLES:
        for column in table.columns:
            assert f"<code>{column}</code>" in text


def test_without_charts_the_page_says_why(tmp_path: Path) -> None:
    assert "no benchmark file at this results commit" in written(tmp_path, charts=())


def test_a_sample_is_marked(tmp_path: Path) -> None:
    assert "made-up numbers" in written(tmp_path, heading=replace(HEADING, sample=True))
    assert "made-up numbers" not in written(tmp_path)


def test_the_page_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert re.findall(r"https?://", text) == []
    assert "default-src 'none'" in html.unescape(text)
