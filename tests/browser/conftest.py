"""A real browser for the tests of pages, and pages that watch what they ask for and complain about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.watch import NewPage, watch

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(
    scope="module"
)  # not longer: while Playwright runs, nothing else in the process can use asyncio
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"CI needs a browser: install one of {', '.join(_NAMES)}")
    if found is None:
        pytest.skip(f"no browser on this machine ({', '.join(_NAMES)}): pages are not opened")
    with sync_playwright() as playwright:
        # A browser without fonts crashes: drawing in this process hides the system's fonts from what it starts.
        environment: dict[str, Any] = {k: v for k, v in os.environ.items() if k != "FONTCONFIG_FILE"}
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"], env=environment)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Make pages (options as of `Browser.new_context`); none may use the network or complain until the end."""
    contexts, trouble = [], list[str]()

    def make(**options: Any) -> Page:  # noqa: ANN401 - options of the browser
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}} | options)
        contexts.append(context)
        page = context.new_page()
        watch(page, trouble)
        return page

    yield make
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def watched_page(new_page: NewPage) -> Page:
    """One page of 1400 x 1000 pixels, watched."""
    return new_page()
