"""A real browser for the tests of pages, and pages that watch what they ask for and complain about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.launch import launched_browser
from tests.browser.watch import NewPage, watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched_browser() as found:
        yield found


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
