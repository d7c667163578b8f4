"""The browser of the machine, started for tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """While it runs, nothing else in the process can use asyncio."""
    from playwright.sync_api import sync_playwright  # here: the fixtures are loaded with the fast tests, too

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
