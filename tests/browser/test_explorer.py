from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from tasks.charts.parts.families import colour_number, coloured
from tasks.charts.theme import COLOURS
from tasks.pick.alone import alone
from tasks.pick.pick import Limits, Pick, pick
from tasks.tables.best import fastest_rows
from tasks.tables.call import create_call
from tasks.tables.frames import plain_values
from tasks.tables.frontier import is_on_frontier
from tasks.tables.noise import standard_error
from tasks.tables.profiles import profiles_of
from tasks.tables.sentences import say
from tests.browser.axe import assert_accessible
from tests.browser.explorer_page import COMPILED, CPU, NASTY, TIES, TRAIN, tables, write
from tests.browser.watch import NewPage, until
from tests.frames import PROFILE

pytestmark = pytest.mark.slow  # opens a browser

TABLES = tables()
MEANT = TABLES["merged"][TABLES["merged"]["family"] != "test"]  # timm's toy models are left aside
TOGETHER = [PROFILE, COMPILED]  # what is looked at first: all inference profiles of the first device
FIRST = fastest_rows(MEANT, TOGETHER)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("site"), TABLES)


@pytest.fixture
def page(path: Path, watched_page: Page) -> Page:
    watched_page.goto(path.as_uri())
    return watched_page


def shown(page: Page) -> list[str]:
    names: list[str] = page.evaluate("timmCharts.picked.shown.map(row => row.model)")
    return names


def frontier(page: Page) -> list[str]:
    names: list[str] = page.evaluate("timmCharts.picked.frontier.map(row => row.model)")
    return names


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("timmCharts.state")
    return found


def first_column(page: Page) -> list[str]:
    return page.locator("#rows th").all_text_contents()


def picture(page: Page) -> str:
    drawn: str = page.evaluate("document.getElementById('plot').toDataURL()")
    return drawn


def slide(page: Page, name: str, place: int) -> None:
    page.locator(f"#{name}-slider").fill(str(place))


def fragment(page: Page) -> dict[str, str]:
    page.wait_for_timeout(250)  # written when the controls have come to rest
    return {key: value for key, (value,) in parse_qs(urlsplit(page.url).fragment).items()}


# What is shown first ------------------------------------------------------------------------------------------


def test_it_opens_from_disk_with_everything_inside(page: Page, path: Path) -> None:
    """No request, no complaint: the fixture sees to it."""
    assert [p.name for p in path.parent.iterdir()] == ["explorer.html"]
    expect(page.locator("#app")).to_be_visible()
    assert sorted(shown(page)) == sorted(FIRST["model"])
    assert len(set(picture(page))) > 20
    expect(page.locator("#counts")).to_contain_text(f"{len(FIRST)} of {len(FIRST)} models shown")


def test_a_name_that_tries_to_break_out_is_a_name(page: Page) -> None:
    assert frontier(page)[0] == NASTY
    assert first_column(page)[0] == NASTY
    assert page.locator("script").count() == 2


def test_the_table_is_the_frontier_most_accurate_first(page: Page) -> None:
    on = FIRST[is_on_frontier(FIRST["secs"], FIRST["top1"])]
    order = on.sort_values(["top1", "secs", "model", "img_size"], ascending=[False, True, True, True])
    assert first_column(page) == frontier(page) == list(order["model"])
    assert set(TIES) <= set(frontier(page))


def test_a_row_of_the_table_has_its_numbers_in_words_of_the_head(page: Page) -> None:
    head = page.locator("#head th").all_text_contents()
    row = page.locator("#rows tr").filter(has_text="tie_a.x")
    cells = [*row.locator("th").all_text_contents(), *row.locator("td").all_text_contents()]
    assert dict(zip(head, cells, strict=True)) == {
        "Model": "tie_a.x", "Image size, pixels": "224", "Top-1, %": "96.000", "Tie with row above": "",
        "ms per image": "1.111", "Images/s": "900.00", "Batch size": "256", "Parameters, millions": "10.00",
        "GMACs": "1.50", "Fastest with": "eager", "Create it": f"Copy{call_of('tie_a.x')}",
    }  # fmt: skip
    expect(page.locator("#rows tr").filter(has_text="tie_b.x").locator("td").nth(2)).to_have_text("tie")
    nasty = page.locator("#rows tr").first.locator("code").text_content()
    assert nasty is not None
    assert eval(nasty.removeprefix("timm.create_model(").split(", pretrained")[0]) == NASTY  # noqa: S307 - a string


def call_of(model: str) -> str:
    [row] = TABLES["evaluations"].query("test_set == 'imagenet' and model == @model").itertuples()
    crop, interpolation = plain_values(pd.Series([row.crop_pct, row.interpolation], dtype=object))
    return create_call(model, int(row.img_size), crop, interpolation)


def test_of_each_model_the_fastest_row_counts_and_names_what_it_is_fastest_with(page: Page) -> None:
    expect(page.locator("#plot-title")).to_have_text(
        "RTX 4090, inference: of each model the fastest of 2 profiles"
    )
    expect(page.locator("#profile option")).to_have_text(
        [
            "All 2 inference profiles: the fastest row of each model",
            "Inference, amp, nchw, PyTorch 2.4.0, CUDA 12.4",
            "Inference, amp, nchw, PyTorch 2.4.0, CUDA 12.4, torch.compile",
            "Training, amp, nhwc, PyTorch 1.12, CUDA 11.3",
        ]
    )
    rows = page.evaluate("timmCharts.rows.map(row => [row.model, row.speed, row.profile, row.setup])")
    words = {PROFILE: "eager", COMPILED: "torch.compile"}
    expected = [
        [r.model, r.samples_per_sec, r.profile, words[str(r.profile)]]
        for r in FIRST.sort_values(["model", "img_size"]).itertuples()
    ]
    assert rows == expected
    assert {profile for _, _, profile, _ in rows} == set(TOGETHER)
    page.select_option("#profile", COMPILED)
    assert sorted(shown(page)) == sorted(shown_of(COMPILED)["model"])
    expect(page.locator("#settings-part")).to_be_hidden()
    page.select_option("#profile", "")
    assert len(shown(page)) == len(FIRST)


def test_ties_are_counted_and_their_rings_are_dashed(page: Page) -> None:
    ties = page.evaluate("timmCharts.points.filter(p => p.tie).map(p => p.row.model)")
    assert "tie_b.x" in ties
    assert page.locator("#rows tr").filter(has=page.get_by_text("tie", exact=True)).count() == len(ties)
    expect(page.locator("#ties")).to_contain_text(
        f"Ties: {len(ties)} of {len(frontier(page))} rows on the frontier"
    )
    page.select_option("#test-set", "sketch")
    expect(page.locator("#ties")).to_contain_text("Over 50,889 images")


def test_a_sample_says_so(watched_page: Page, tmp_path: Path) -> None:
    watched_page.goto(write(tmp_path, sample=True).as_uri())
    expect(watched_page.get_by_text("Sample: made-up numbers")).to_be_visible()


def test_without_a_benchmark_the_page_says_so(watched_page: Page, tmp_path: Path) -> None:
    empty = {name: frame.iloc[:0] for name, frame in TABLES.items()}
    watched_page.goto(write(tmp_path, empty).as_uri())
    expect(watched_page.get_by_text("nothing to explore")).to_be_visible()


def test_one_model_is_enough(watched_page: Page, tmp_path: Path) -> None:
    one = TABLES | {"merged": FIRST[FIRST["model"] == "tie_a.x"]}
    watched_page.goto(write(tmp_path, one).as_uri())
    assert frontier(watched_page) == ["tie_a.x"]


def test_without_scripts_no_dead_control_is_shown_and_the_pictures_are_named(
    new_page: NewPage, path: Path
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(path.as_uri())
    expect(page.locator("#app")).to_be_hidden()
    expect(page.locator("noscript p")).to_be_visible()
    assert page.locator("noscript a").get_attribute("href") == "index.html"
    assert page.locator("main").locator("select:visible, input:visible, button:visible").all() == []


# Choices ------------------------------------------------------------------------------------------------------


def test_a_device_brings_its_profiles_and_a_profile_its_rows(page: Page) -> None:
    before = picture(page)
    page.select_option("#device", "Core i9-10940X")
    assert (state(page)["device"], state(page)["profile"]) == ("i9_10940x", None)
    assert len(shown(page)) == len(shown_of(CPU))
    assert picture(page) != before
    expect(page.locator("#profile option")).to_have_text(
        ["Inference, fp32, nchw, PyTorch 2.2.1, CPU, torch.compile"]
    )
    expect(page.locator("#x-title")).to_contain_text("Inference time per image, ms")
    page.select_option("#device", "RTX 4090")
    page.select_option("#profile", TRAIN)
    expect(page.locator("#x-title")).to_contain_text("Training time per image, ms")


def shown_of(profile: str) -> pd.DataFrame:
    return MEANT[MEANT["profile"] == profile]


def test_a_test_set_brings_its_accuracy_and_counts_what_has_none(page: Page) -> None:
    page.select_option("#test-set", "sketch")
    on_sketch = TABLES["evaluations"].query("test_set == 'sketch'")
    missing = len(FIRST) - FIRST["model"].isin(on_sketch["model"]).sum()
    expect(page.locator("#counts")).to_contain_text(f"{missing} without an evaluation on this test set")
    assert len(shown(page)) == len(FIRST) - missing
    top = page.evaluate("Math.max(...timmCharts.picked.shown.map(row => row.top1))")
    sketch = TABLES["evaluations"].query("test_set == 'sketch'")
    assert top == sketch["top1"].max()


@pytest.mark.parametrize(("axis", "quantity"), [("x", "params"), ("x", "size"), ("y", "ms"), ("y", "macts")])
def test_an_axis_is_what_was_chosen(page: Page, axis: str, quantity: str) -> None:
    page.select_option(f"#{axis}", quantity)
    pairs = page.evaluate(
        f"timmCharts.points.map(p => [p.row.{quantity}, {'p.x' if axis == 'x' else '-p.y'}])"
    )
    by_value = sorted(pairs)
    assert [place for _, place in by_value] == sorted(place for _, place in by_value)
    assert len({round(place, 6) for _, place in by_value}) == len({value for value, _ in by_value})


def test_rows_without_a_value_for_an_axis_are_counted_and_stay_in_the_table(page: Page) -> None:
    page.select_option("#x", "gmacs")
    assert len(page.evaluate("timmCharts.points")) == len(FIRST) - 1
    expect(page.locator("#counts")).to_contain_text("1 of them not drawn, GMACs or top-1 accuracy unknown")
    assert first_column(page)[0] == NASTY
    page.select_option("#profile", TRAIN)
    assert page.evaluate("timmCharts.points") == []


def test_toy_models_are_left_out_and_counted(page: Page) -> None:
    toys = sum(TABLES["merged"]["profile"] == PROFILE) - len(shown_of(PROFILE))
    assert toys > 0
    expect(page.locator("#counts")).to_contain_text(f"{toys} toy models of timm's tests left out")
    assert sorted(page.evaluate("timmCharts.points.map(p => p.row.model)")) == sorted(FIRST["model"])
    assert not [name for name in page.evaluate("timmCharts.rows.map(r => r.model)") if "test_" in name]


# Limits -------------------------------------------------------------------------------------------------------


def test_a_slider_filters_and_writes_its_limit_into_the_field(page: Page) -> None:
    slide(page, "max-ms", 100)
    limit = float(page.input_value("#max-ms"))
    assert set(shown(page)) == set(FIRST[1000 / FIRST["samples_per_sec"] <= limit]["model"])
    assert 0 < len(shown(page)) < len(FIRST)
    expect(page.locator("#counts")).to_contain_text(f"at most {limit:g} ms per image")
    assert page.locator("#max-ms-slider").get_attribute("aria-valuetext") == f"at most {limit:g} ms per image"
    slide(page, "max-ms", 200)
    assert page.input_value("#max-ms") == ""
    assert len(shown(page)) == len(FIRST)


def test_a_typed_limit_filters_and_moves_the_slider(page: Page) -> None:
    page.fill("#min-top1", "85")
    assert set(shown(page)) == set(FIRST[FIRST["top1"] >= 85]["model"])
    assert 0 < int(page.input_value("#min-top1-slider")) < 200
    page.fill("#max-params", "5")
    assert set(shown(page)) == set(FIRST[(FIRST["top1"] >= 85) & (FIRST["param_count"] <= 5)]["model"])
    page.fill("#min-top1", "")
    assert set(shown(page)) == set(FIRST[FIRST["param_count"] <= 5]["model"])
    assert page.input_value("#min-top1-slider") == "0"


def test_the_frontier_is_that_of_what_is_shown(page: Page) -> None:
    before = frontier(page)
    page.fill("#max-params", "20")
    kept = FIRST[FIRST["param_count"] <= 20]
    on = kept[is_on_frontier(kept["secs"], kept["top1"])]
    assert set(frontier(page)) == set(on["model"]) == set(first_column(page))
    assert set(frontier(page)) - set(before)


def test_nothing_fits_is_said_and_can_be_cleared(page: Page) -> None:
    page.fill("#min-top1", "100")
    expect(page.locator("#no-rows")).to_be_visible()
    expect(page.locator("#download")).to_be_hidden()
    page.click("#clear")
    expect(page.locator("#no-rows")).to_be_hidden()
    assert page.input_value("#min-top1") == ""
    assert len(shown(page)) == len(FIRST)


EXACT = [*FIRST["top1"], *FIRST["param_count"], *(1000 / FIRST["samples_per_sec"]), *(FIRST["top1"] / 3)]
LIMIT = st.one_of(st.none(), st.floats(0.01, 120), st.sampled_from(sorted(set(EXACT))))
LIMITS = st.builds(Limits, max_ms=LIMIT, max_params=LIMIT, min_top1=LIMIT)


@pytest.fixture(scope="module")
def computing(browser: Browser, path: Path) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(path.as_uri())
    yield page
    page.close()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(LIMITS, st.sampled_from(["imagenet", "sketch"]))
def test_the_page_and_the_command_line_pick_the_same(computing: Page, limits: Limits, test_set: str) -> None:
    """The same models in the same order, and numbers equal to the last bit."""
    columns = ["model", "img_size", "top1", "crop_pct", "interpolation"]
    evaluated = TABLES["evaluations"].query("test_set == @test_set")[columns]
    rows = MEANT.drop(columns="top1").merge(evaluated, on=["model", "img_size"])
    expected = pick(fastest_rows(rows, TOGETHER), limits, 10**6, test_set)
    profiles = {profile.id: profile for profile in profiles_of(MEANT)}
    settings = [say(finding) for finding in alone(rows, [profiles[name] for name in TOGETHER], limits)]
    asked = {name.replace("_", "-"): value for name, value in vars(limits).items()}
    found = computing.evaluate(
        """([profiles, testSet, limits]) => {
          const picked = pick(rowsOf(timmCharts.data, profiles, testSet), limits);
          const { shown, frontier, ties } = picked;
          const numbers = (row) => [row.model, row.size, createModel(row), row.family, row.top1, row.error,
            ties.has(row), row.ms, row.speed, row.batch, row.params, row.profile];
          const settings = frontier.length ? settingsOf(timmCharts.data, profiles, testSet) : [];
          const words = settings.map((setting) => settingInWords(shareOf(setting, limits, picked)));
          return [shown.length, frontier.map(numbers), words];
        }""",
        [TOGETHER, test_set, asked],
    )
    assert found == [expected.fitting, [numbers(model) for model in expected.models], settings]


def numbers(pick: Pick) -> list[Any]:
    create = pick.create.replace(r"\u2028", "\u2028")  # Python escapes what can't be printed
    return [
        pick.model, pick.img_size, create, pick.family, pick.top1, pick.top1_error, pick.tie, pick.ms_per_image,
        pick.samples_per_sec, pick.batch_size, pick.param_count, pick.profile,
    ]  # fmt: skip


# Search and legend --------------------------------------------------------------------------------------------


def test_a_search_fades_what_does_not_match_and_counts_what_does(page: Page) -> None:
    page.fill("#search", "LEVIT .a")
    matching = [name for name in FIRST["model"] if "levit" in name and ".a" in name]
    clear = page.evaluate("timmCharts.points.filter(p => !p.faded).map(p => p.row.model)")
    assert sorted(clear) == sorted(matching)
    assert len(page.evaluate("timmCharts.points")) == len(FIRST)
    expect(page.locator("#matches")).to_have_text(f"{len(matching)} of {len(FIRST)} shown match")


def test_a_family_of_the_legend_is_kept_and_the_rest_faded(page: Page) -> None:
    before = picture(page)
    button = page.locator("#legend button").first
    family = button.get_attribute("value")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert page.evaluate("[...new Set(timmCharts.points.filter(p => !p.faded).map(p => p.row.family))]") == [
        family
    ]
    assert picture(page) != before
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.evaluate("timmCharts.points.some(p => p.faded)") is False
    assert picture(page) == before


def hex_of(colour: str) -> str:
    """Return a colour as the charts write it; the browser says rgb(19, 107, 197)."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


def test_the_legend_names_the_first_families_in_the_colours_of_the_charts_and_counts_all_rows(
    page: Page,
) -> None:
    buttons = page.locator("#legend button")
    names = [button.get_attribute("value") for button in buttons.all()]
    assert names[-1] == "other families"
    assert names[:-1] == sorted(map(str, names[:-1]))
    on = FIRST[is_on_frontier(FIRST["secs"], FIRST["top1"])]
    facts = pd.DataFrame(
        {"rows": FIRST.groupby("family").size(), "front": on.groupby("family").size()}
    ).fillna(0)
    facts = facts.reset_index().sort_values(["front", "rows", "family"], ascending=[False, False, True])
    assert set(names[:-1]) == set(coloured(facts["family"]))
    drawn = page.evaluate(
        "[...document.querySelectorAll('#legend button i')].map(dot => dot.style.background)"
    )
    expected = [COLOURS[colour_number(str(name))] for name in names[:-1]]
    assert [hex_of(colour) for colour in drawn[:-1]] == expected
    counts = [int(text) for text in page.locator("#legend button span").all_text_contents()]
    assert sum(counts) == len(FIRST)


def test_the_other_families_can_be_kept_as_one(page: Page) -> None:
    page.locator("#legend button").last.click()
    colours = page.evaluate("[...new Set(timmCharts.points.filter(p => !p.faded).map(p => p.colour))]")
    assert len(colours) == 1


# Pointing and keys --------------------------------------------------------------------------------------------


def place_of(page: Page, model: str) -> dict[str, float]:
    page.locator("#plot").scroll_into_view_if_needed()
    where: dict[str, float] = page.evaluate(
        "name => { const p = timmCharts.points.find(p => p.row.model === name); return {x: p.x, y: p.y}; }",
        model,
    )
    return where


def test_pointing_at_a_dot_shows_its_numbers(page: Page) -> None:
    page.locator("#plot").hover(position=place_of(page, NASTY))  # type: ignore[arg-type]
    tip = page.locator("#tooltip")
    expect(tip).to_be_visible()
    expect(tip.locator("b")).to_have_text(NASTY.replace("\u2028", " "))
    for part in ("top-1: 99.500 %", "time per image: 50.00 ms", "GMACs: unknown", "parameters: 5.00 million"):
        expect(tip).to_contain_text(part)
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.locator("#plot").hover(position={"x": 60, "y": 12})
    expect(tip).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1400])
def test_the_tooltip_stays_inside_the_picture(new_page: NewPage, path: Path, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    page.focus("#plot")
    for key in ("Home", "End"):
        page.keyboard.press(key)
        tip, frame = page.locator("#tooltip").bounding_box(), page.locator("#frame").bounding_box()
        assert tip is not None
        assert frame is not None
        assert tip["x"] >= frame["x"]
        assert tip["x"] + tip["width"] <= frame["x"] + frame["width"]


def test_the_arrow_keys_walk_the_frontier_and_say_where_they_are(page: Page) -> None:
    walk = [name for name in frontier(page)[::-1] if name in set(FIRST["model"])]
    fast = page.evaluate(
        "timmCharts.points.filter(p => p.front).map(p => p.row).sort((a, b) => a.ms - b.ms)[0].model"
    )
    page.focus("#plot")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tooltip b")).to_have_text(fast)
    said = page.locator("#said")
    expect(said).to_contain_text(f"{fast}, family ")
    expect(said).to_contain_text(f"1 of {len(walk)}")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text(f"2 of {len(walk)}")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text(f"1 of {len(walk)}")
    page.keyboard.press("End")
    expect(said).to_contain_text(f"{len(walk)} of {len(walk)}")
    page.keyboard.press("Tab")
    expect(page.locator("#tooltip")).to_be_hidden()


def test_every_control_is_reached_by_tab_and_has_a_name(page: Page) -> None:
    page.locator("body").press("Home")
    reached = []
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.value"))
        if reached[-1] == "table":
            break
    names = [str(b.get_attribute("value")) for b in page.locator("#legend button").all()]
    order = [
        "device", "profile", "test-set", "x", "y", "plot", "max-ms", "max-ms-slider", "max-params",
        "max-params-slider", "min-top1", "min-top1-slider", "search", *names, "clear", "download", "table",
    ]  # fmt: skip
    assert [name for name in reached if name in order] == order


def test_the_skip_links_move_the_focus_and_keep_the_view(page: Page) -> None:
    page.fill("#min-top1", "85")
    page.locator(".skip").last.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "table"
    assert state(page)["min-top1"] == 85


# Table to take away -------------------------------------------------------------------------------------------


def test_the_csv_is_the_table_with_exact_numbers(page: Page, tmp_path: Path) -> None:
    page.fill("#max-params", "40")
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.suggested_filename == "frontier-rtx4090-imagenet.csv"
    download.value.save_as(tmp_path / "a.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text("utf-8"), newline="")))
    assert [row["model"] for row in rows] == first_column(page) == frontier(page)
    assert NASTY in first_column(page)
    table = FIRST.set_index("model")
    for row, cells in zip(rows, page.locator("#rows tr").all(), strict=True):
        source = table.loc[row["model"]]
        assert float(row["samples_per_sec"]) == source["samples_per_sec"]
        assert float(row["top1"]) == source["top1"]
        assert float(row["ms_per_image"]) == 1000 / source["samples_per_sec"]
        assert row["gmacs"] == ("" if pd.isna(source["gmacs"]) else str(source["gmacs"]))
        assert (row["profile"], row["test_set"]) == (source["profile"], "imagenet")
        assert float(row["top1_error"]) == standard_error(source["top1"], "imagenet")
        texts = cells.locator("td").all_text_contents()
        assert texts[:2] == [row["img_size"], f"{float(row['top1']):.3f}"]
        assert row["tie"] == str(texts[2] == "tie").lower()
        assert texts[4:7] == [
            f"{float(row['samples_per_sec']):,.2f}",
            row["batch_size"],
            f"{float(row['param_count']):,.2f}",
        ]


def test_the_call_that_creates_a_model_can_be_copied(new_page: NewPage, path: Path) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(path.as_uri())
    row = page.locator("#rows tr").filter(has_text="tie_b.x")
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == call_of("tie_b.x")


# The fragment -------------------------------------------------------------------------------------------------


def test_the_view_is_in_the_fragment_and_comes_back(page: Page, new_page: NewPage) -> None:
    page.select_option("#device", "Core i9-10940X")
    page.select_option("#test-set", "sketch")
    page.select_option("#x", "params")
    page.fill("#min-top1", "20.5")
    slide(page, "max-params", 150)
    page.fill("#search", "vit & co=1 #é")
    page.locator("#legend button").first.click()
    said = fragment(page)
    assert said == {
        "device": "i9_10940x", "test-set": "sketch", "x": "params", "min-top1": "20.5",
        "max-params": page.input_value("#max-params"), "search": "vit & co=1 #é",
        "family": str(page.locator("#legend button").first.get_attribute("value")),
    }  # fmt: skip
    other = new_page()
    other.goto(page.url)
    assert state(other) == state(page)
    assert shown(other) == shown(page)
    assert picture(other) == picture(page)
    for name in (
        "device",
        "profile",
        "test-set",
        "x",
        "min-top1",
        "min-top1-slider",
        "max-params-slider",
        "search",
    ):
        assert other.input_value(f"#{name}") == page.input_value(f"#{name}"), name


@pytest.mark.parametrize(
    "nonsense",
    [
        "profile=gone", "device=gone", "test-set=__proto__", "x=top1", "y=nothing", "max-ms=-1", "max-ms=abc", "max-ms=",
        "max-params=1e999", "min-top1=0x10", "family=constructor", "__proto__=1", "colour=red", "%E0%A4%A=1", "main",
        "=", "&&&",
    ],
)  # fmt: skip
def test_nonsense_in_the_fragment_is_passed_over(page: Page, path: Path, nonsense: str) -> None:
    before = state(page)
    page.goto(f"{path.as_uri()}#{nonsense}&search=vit")
    until(page, "timmCharts.state.search === 'vit'")
    assert state(page) == before | {"search": "vit"}
    page.reload()
    assert state(page) == before | {"search": "vit"}


def test_a_fragment_changed_by_hand_and_back_and_forward_change_the_view(page: Page) -> None:
    assert json.loads(json.dumps(state(page)))["min-top1"] is None
    page.focus("#min-top1")
    page.evaluate("location.hash = 'min-top1=85'")
    until(page, "timmCharts.state['min-top1'] === 85")
    assert page.input_value("#min-top1") == "85"
    page.go_back()
    until(page, "timmCharts.state['min-top1'] === null")
    assert len(shown(page)) == len(FIRST)
    page.go_forward()
    until(page, "timmCharts.state['min-top1'] === 85")


def test_a_link_to_a_profile_brings_its_device(page: Page, path: Path) -> None:
    page.goto(f"{path.as_uri()}#device=rtx4090&profile={CPU}")
    page.reload()
    assert (state(page)["device"], state(page)["profile"]) == ("i9_10940x", CPU)
    page.goto(f"{path.as_uri()}#profile={TRAIN}")
    page.reload()
    assert page.input_value("#device") == "rtx4090"
    assert page.input_value("#profile") == TRAIN
    assert sorted(shown(page)) == sorted(shown_of(TRAIN)["model"])


def test_sliding_leaves_no_trail_in_the_history(page: Page) -> None:
    before = page.evaluate("history.length")
    for place in range(50, 150, 10):
        slide(page, "max-ms", place)
    assert float(fragment(page)["max-ms"]) == float(page.input_value("#max-ms"))
    assert page.evaluate("history.length") == before


# Looks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 390, 1400])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_nothing_is_wider_than_the_page(new_page: NewPage, path: Path, width: int, media: Any) -> None:  # noqa: ANN401
    page = new_page(viewport={"width": width, "height": 844})
    page.goto(path.as_uri())
    page.emulate_media(media=media)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("#plot").bounding_box()
    assert box is not None
    assert box["width"] <= width - 32


def test_the_picture_follows_the_window_and_the_screen(new_page: NewPage, path: Path) -> None:
    page = new_page(device_scale_factor=2)
    page.goto(path.as_uri())
    sizes = "[plot.width, plot.clientWidth, plot.height, plot.clientHeight]"
    script = f"() => {{ const plot = document.getElementById('plot'); return {sizes}; }}"
    width, css_width, height, css_height = page.evaluate(script)
    assert (width, height) == (2 * css_width, 2 * css_height)
    page.set_viewport_size({"width": 700, "height": 900})
    until(page, f"document.getElementById('plot').width < {width}")
    width, css_width, height, css_height = page.evaluate(script)
    assert (width, height) == (2 * css_width, 2 * css_height)


def test_light_and_dark_are_drawn_anew_and_print_is_light(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    light = picture(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(100)
    dark = picture(page)
    assert dark != light
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 28)"
    page.emulate_media(media="print")
    page.wait_for_timeout(100)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert ink(page) < 100


def ink(page: Page) -> int:
    """Return the lightness (0 to 255) of the axis line, which has the colour of the theme."""
    script = """() => { const plot = document.getElementById('plot');
        const at = plot.getContext('2d').getImageData(0, 0, plot.width, plot.height).data;
        let least = 255;
        for (let i = 0; i < at.length; i += 4) {
          if (at[i + 3] === 255) least = Math.min(least, Math.max(at[i], at[i + 1], at[i + 2]));
        }
        return least; }"""
    darkest: int = page.evaluate(script)
    return darkest


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_it_is_accessible(new_page: NewPage, path: Path, scheme: str, width: int) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    page.fill("#search", "vit")
    page.locator("#legend button").first.click()
    page.focus("#plot")
    page.keyboard.press("End")
    assert_accessible(page)
