"""The gallery in a real browser, from disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tasks.charts.registry import PROFILE_CHARTS
from tests.browser.axe import assert_accessible
from tests.browser.site import ALL_CHARTS as ALL
from tests.browser.site import make_site
from tests.browser.test_chart_page import overflow
from tests.browser.watch import NewPage, until
from tests.frames import PROFILE

pytestmark = pytest.mark.slow
CARDS = ".charts li:visible"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def gallery(site: Path, watched_page: Page) -> Page:
    watched_page.goto((site / "index.html").as_uri())
    return watched_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_the_page_is_accessible_and_fits(site: Path, new_page: NewPage, scheme: str, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto((site / "index.html").as_uri())
    assert overflow(page) <= 0
    assert_accessible(page)


def test_every_picture_loads(gallery: Page) -> None:
    pictures = gallery.locator(".charts img")
    assert pictures.count() == ALL
    for i in range(ALL):
        pictures.nth(i).scroll_into_view_if_needed()
    until(gallery, "[...document.images].every((image) => image.complete && image.naturalWidth > 0)")


@pytest.mark.parametrize(
    ("control", "value", "shown"),
    [
        ("Device", "RTX 3090", len(PROFILE_CHARTS)),
        ("Category", "size", 2 * sum(chart.category == "size" for chart in PROFILE_CHARTS)),
        ("Question", PROFILE_CHARTS[0].question, 2),
    ],
)
def test_a_filter_keeps_what_fits(gallery: Page, control: str, value: str, shown: int) -> None:
    gallery.locator(f"select#{control.lower()}").select_option(value)
    assert gallery.locator(CARDS).count() == shown
    assert gallery.get_by_role("status").inner_text() == f"{shown} of {ALL} charts"
    gallery.locator(f"select#{control.lower()}").select_option("")
    assert gallery.locator(CARDS).count() == ALL


def test_search_takes_words_in_any_order_and_case(gallery: Page) -> None:
    gallery.get_by_label("Search charts").fill("RTX4090 compute")
    assert gallery.locator(CARDS).count() == 1
    gallery.get_by_label("Search charts").fill("nothing like this")
    assert gallery.locator(CARDS).count() == 0
    assert gallery.get_by_role("status").inner_text() == f"0 of {ALL} charts"
    assert gallery.locator("section.group:visible").count() == 0


def test_a_deep_link_leads_to_its_chart(gallery: Page, site: Path) -> None:
    gallery.goto((site / "index.html").as_uri() + f"#{PROFILE}/inference-family-counts")
    card = gallery.locator(".charts li:target")
    assert card.get_attribute("id") == f"{PROFILE}/inference-family-counts"
    until(gallery, "document.querySelector(':target').getBoundingClientRect().top < innerHeight")


def test_a_picture_leads_to_its_page(gallery: Page) -> None:
    gallery.locator(".charts a:has(img)").first.click()
    gallery.wait_for_url("**/charts/**/*.html")
    gallery.evaluate("window.timmCharts.ready")
    assert gallery.locator("#chart svg").count() == 1


def test_without_scripts_all_pictures_are_there(site: Path, new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto((site / "index.html").as_uri())
    assert page.locator(CARDS).count() == ALL
    assert not page.get_by_label("Search charts").is_visible()


def test_what_changed_opens_by_keyboard(gallery: Page) -> None:
    gallery.get_by_text("accuracy-moved: 1").focus()
    gallery.keyboard.press("Enter")
    assert gallery.get_by_role("cell", name="vit.a").is_visible()
