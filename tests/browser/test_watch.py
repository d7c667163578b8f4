from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.watch import watch

pytestmark = pytest.mark.slow  # opens a browser


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Nothing</p>", []),
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", []),
        ("<script>throw new Error('broken')</script>", ["error broken"]),
        ("<script>console.error('sad')</script>", ["console error: sad"]),
    ],
)
def test_what_a_page_does_is_seen(browser: Browser, tmp_path: Path, html: str, found: list[str]) -> None:
    assert trouble_of(browser, tmp_path, html) == found


@pytest.mark.parametrize(
    "html",
    ["<img src='http://localhost:1/x.png'>", "<script>fetch('http://localhost:1/x').catch(() => 0)</script>"],
)
def test_a_request_to_a_server_is_seen(browser: Browser, tmp_path: Path, html: str) -> None:
    assert trouble_of(browser, tmp_path, html)[0].startswith("request http://localhost:1/x")


def test_what_the_policy_of_a_page_stops_is_seen(browser: Browser, tmp_path: Path) -> None:
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
    (trouble,) = trouble_of(browser, tmp_path, f"{policy}<script>document.title = 'ran'</script>")
    assert "Content Security Policy" in trouble


def trouble_of(browser: Browser, folder: Path, html: str) -> list[str]:
    path = folder / "page.html"
    path.write_text(f"<!doctype html><title>A page</title>{html}", "utf-8")
    trouble: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    watch(page, trouble)
    page.goto(path.as_uri())
    page.wait_for_timeout(100)
    context.close()
    return trouble
