"""Chart pages in a real browser, from disk: light and dark, wide and narrow, by mouse and by keyboard."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.axe import assert_accessible
from tests.browser.site import OVERVIEW_PAGES, PROFILE_PAGES, make_site
from tests.browser.watch import NewPage
from tests.frames import PROFILE

pytestmark = pytest.mark.slow
BENCHMARK = f"charts/{PROFILE}/inference-benchmark.html"
SCATTERS = [page for page in PROFILE_PAGES if "family-counts" not in page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


def opened(page: Page, path: Path) -> Page:
    page.goto(path.as_uri())
    page.evaluate("window.timmCharts.ready")
    return page


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def opacities(page: Page) -> dict[float, int]:
    """Count the dots by opacity."""
    counts: dict[float, int] = {}
    values = page.evaluate(
        "[...document.querySelectorAll('#chart .mark-symbol.role-mark path')]"
        ".map((dot) => Number(dot.getAttribute('opacity') ?? 1))"
    )
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


@pytest.mark.parametrize("path", [*PROFILE_PAGES, *OVERVIEW_PAGES])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_a_page_draws_its_chart_accessibly_and_fits(
    site: Path, new_page: NewPage, path: str, scheme: str, width: int
) -> None:
    page = opened(new_page(viewport={"width": width, "height": 900}, color_scheme=scheme), site / path)
    assert page.locator("#chart svg").count() == 1
    assert page.locator("#chart img").count() == 0
    assert overflow(page) <= 0
    assert_accessible(page)


@pytest.mark.parametrize("path", SCATTERS)
def test_there_are_as_many_marks_as_rows(site: Path, watched_page: Page, path: str) -> None:
    opened(watched_page, site / path)
    rows = sum(1 for _ in csv.DictReader(io.StringIO((site / path).with_suffix(".csv").read_text("utf-8"))))
    panels = 2 if "compute" in path else 1
    assert sum(opacities(watched_page).values()) == rows * panels


def test_a_click_in_the_legend_dims_all_other_families(site: Path, watched_page: Page) -> None:
    page = opened(watched_page, site / BENCHMARK)
    assert set(opacities(page)) == {1.0}
    page.locator("#chart .role-legend-symbol path").first.click()
    page.wait_for_timeout(200)
    found = opacities(page)
    assert set(found) == {1.0, 0.1}
    assert found[0.1] > found[1.0]


def test_the_choice_of_a_family_does_the_same_for_a_keyboard(site: Path, watched_page: Page) -> None:
    page = opened(watched_page, site / BENCHMARK)
    choice = page.get_by_label("Keep one family")
    choice.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(200)
    family = choice.input_value()
    rows = [row for row in table_of(site, BENCHMARK) if row["group"] == family]
    assert opacities(page) == {1.0: len(rows), 0.1: len(table_of(site, BENCHMARK)) - len(rows)}
    choice.select_option("")
    page.wait_for_timeout(200)
    assert set(opacities(page)) == {1.0}


def table_of(site: Path, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((site / path).with_suffix(".csv").read_text("utf-8"))))


def test_pointing_at_a_dot_shows_what_it_is(site: Path, watched_page: Page) -> None:
    page = opened(watched_page, site / BENCHMARK)
    page.locator("#chart .mark-symbol.role-mark path").last.hover(force=True)
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    words = tip.inner_text()
    for name in ("family", "model", "image size, pixels", "top-1, %", "time per image, s"):
        assert name in words
    models = {row["model"] for row in table_of(site, BENCHMARK)}
    assert any(model in words for model in models)


def test_the_data_is_a_table_that_can_be_reached_by_keyboard(site: Path, watched_page: Page) -> None:
    page = opened(watched_page, site / BENCHMARK)
    page.locator("#data summary").focus()
    page.keyboard.press("Enter")
    table = page.locator("#data table")
    table.wait_for()
    rows = table_of(site, BENCHMARK)
    assert table.locator("tbody tr").count() == len(rows)
    first = table.locator("tbody tr").first.locator("td").all_inner_texts()
    assert first[0] == rows[0]["model"]
    assert [
        float(a) for a, b in zip(first, rows[0].values(), strict=True) if re.fullmatch(r"[\d.e-]+", b)
    ] == [float(b) for b in rows[0].values() if re.fullmatch(r"[\d.e-]+", b)]
    assert_accessible(page)


def test_the_dark_follows_the_system_while_the_page_is_open(site: Path, watched_page: Page) -> None:
    page = opened(watched_page, site / BENCHMARK)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(800)
    background = "getComputedStyle(document.querySelector('#chart svg')).backgroundColor"
    assert page.evaluate(background) == "rgb(21, 24, 28)"
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(800)
    assert page.evaluate(background) == "rgb(255, 255, 255)"


def test_without_scripts_the_picture_and_its_data_are_there(site: Path, new_page: NewPage) -> None:
    page: Any = new_page(java_script_enabled=False)
    page.goto((site / BENCHMARK).as_uri())
    assert page.locator("#chart img").get_attribute("alt")
    box = page.locator("#chart img").bounding_box()
    assert box["width"] > 600
    assert page.get_by_role("link", name="Data as CSV").count() == 1


def test_printed_it_fits(site: Path, watched_page: Page) -> None:
    page = opened(watched_page, site / BENCHMARK)
    page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
    page.emulate_media(media="print")
    page.wait_for_timeout(300)
    assert overflow(page) <= 0
    assert not page.get_by_label("Keep one family").is_visible()
