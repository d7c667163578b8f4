"""Every number of the gallery and the explorer of a whole run on real results, recomputed from its tables."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.browser.explorer_page import embedded_in
from tests.findings.pages import (
    EXPLORER,
    GALLERY,
    IMAGES,
    found,
    only,
    table_on,
    tables_of,
    text_of,
)
from tests.findings.tables import Sql
from tests.flows.job import Newest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newest")]


@pytest.fixture(scope="module")
def sql(newest: Newest) -> Sql:
    return tables_of(newest.outputs / "snapshots")


@pytest.fixture(scope="module")
def gallery(newest: Newest) -> str:
    return (newest.outputs / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def explorer(newest: Newest) -> str:
    return (newest.outputs / "explorer.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data(explorer: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(embedded_in(explorer))
    return held


# --- the gallery ---


def test_both_pages_say_which_snapshot_they_show(sql: Sql, gallery: str, explorer: str) -> None:
    [(words, commit, date)] = found(sql, GALLERY["heading"])
    for page in (gallery, explorer):
        top = " ".join(text_of(page.split("<header>")[1].split("</header>")[0]).split())
        assert f"snapshot {words}: results commit {commit} of {date}" in top
        assert not re.search(
            r"\d", top.replace(words, "").replace(commit, "").replace(date, "").replace("top-1", "")
        )


def test_the_coverage_table_is_what_benchmarks_and_evaluations_say(sql: Sql, gallery: str) -> None:
    expected = [[row[0], *(f"{n:,}" for n in row[1:])] for row in found(sql, GALLERY["coverage"])]
    assert table_on(gallery, "Coverage") == expected
    assert len(expected) > 1


def test_every_reject_is_shown_and_counted(sql: Sql, gallery: str) -> None:
    expected = [[str(value) for value in row] for row in found(sql, GALLERY["rejects"])]
    assert table_on(gallery, "Rejects") == expected
    assert f"<caption>{len(expected):,} values; " in gallery


def test_every_change_is_shown_and_counted(sql: Sql, gallery: str) -> None:
    kinds = found(sql, GALLERY["change-kinds"])
    section = gallery.split('<h2 id="changes">')[1].split("</section>")[0]
    assert re.findall(r"<summary>(.*?): ([\d,]+)</summary>", section) == [(k, f"{n:,}") for k, n in kinds]
    for kind, _ in kinds:
        rows = found(sql, GALLERY["changes"], kind=kind)
        expected = [["" if value is None else str(value) for value in row] for row in rows]
        assert table_on(gallery, kind) == expected


def test_the_chart_that_is_not_drawn_counts_what_it_left_out(sql: Sql, gallery: str) -> None:
    [(rows,)] = found(sql, GALLERY["not-drawn"])
    [line] = re.findall(r"<li>(overview/precision-speedup: .*?)</li>", gallery)
    assert re.findall(r"\d[\d,]*", line) == [f"{rows:,}"]


def test_devices_can_be_chosen(sql: Sql, gallery: str) -> None:
    shown = re.findall(r"<option>(.*?)</option>", gallery.split('id="device"')[1].split("</select>")[0])
    assert shown == only(found(sql, GALLERY["devices"]))


# --- the explorer ---


def test_models_families_and_parameters(sql: Sql, data: dict[str, Any]) -> None:
    entries = data["entries"]
    assert data["families"] == only(found(sql, EXPLORER["families"]))
    assert data["interpolations"] == only(found(sql, EXPLORER["interpolations"]))
    family = [data["families"][i] for i in entries["family"]]
    shown = list(zip(entries["model"], entries["img_size"], family, entries["param_count"], strict=True))
    assert shown == found(sql, EXPLORER["entries"])


def test_every_row_of_every_profile(sql: Sql, data: dict[str, Any]) -> None:
    entries = data["entries"]
    for profile in data["profiles"]:
        keys = [(entries["model"][i], entries["img_size"][i]) for i in profile["entry"]]
        columns = (profile[name] for name in ("samples_per_sec", "batch_size", "gmacs", "macts"))
        shown = [(*key, *rest) for key, *rest in zip(keys, *columns, strict=True)]
        assert shown == found(sql, EXPLORER["rows"], profile=profile["id"]), profile["id"]


def test_every_profile_with_its_settings_and_toys(sql: Sql, data: dict[str, Any]) -> None:
    shown = [
        (p["id"], p["device"], p["mode"], *(p["settings"][n] for n in ("compiler", "layout", "precision", "torch")),
         p["toys"]) for p in data["profiles"]
    ]  # fmt: skip
    assert sorted(shown) == found(sql, EXPLORER["profiles"])


def test_every_device_with_its_profiles_and_toys(sql: Sql, data: dict[str, Any]) -> None:
    shown = [(d["id"], d["label"], sorted(d["profiles"]), d["toys"]) for d in data["devices"]]
    assert sorted(shown) == found(sql, EXPLORER["devices"])


def test_every_accuracy_on_every_test_set(sql: Sql, data: dict[str, Any]) -> None:
    assert {s["id"] for s in data["test_sets"]} == set(only(found(sql, EXPLORER["test-sets"])))
    for test_set in data["test_sets"]:
        name = test_set["id"]
        places = test_set["interpolation"]
        interpolation = [None if place is None else data["interpolations"][place] for place in places]
        shown = list(zip(test_set["top1"], test_set["crop_pct"], interpolation, strict=True))
        assert shown == found(sql, EXPLORER["evaluated"], test_set=name), name
        assert test_set["images"] == IMAGES[name]


def test_nothing_else_with_a_number_is_in_the_data(data: dict[str, Any]) -> None:
    assert set(data) == {
        "families",
        "entries",
        "interpolations",
        "test_sets",
        "devices",
        "profiles",
        "colours",
    }
    assert set(data["entries"]) == {"model", "img_size", "family", "param_count"}
    assert {name for s in data["test_sets"] for name in s} == {
        "id", "words", "images", "top1", "crop_pct", "interpolation",
    }  # fmt: skip
    assert {name for p in data["profiles"] for name in p} == {
        "id", "words", "device", "mode", "settings", "entry", "samples_per_sec", "batch_size", "gmacs", "macts", "toys",
    }  # fmt: skip
