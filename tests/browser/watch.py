"""See what a page asks for and complains about, and wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request

_FROM_DISK = ("file:", "data:", "blob:")

NewPage: TypeAlias = "Callable[..., Page]"


def watch(page: Page, trouble: list[str]) -> None:
    """Write down every request that leaves the disk and every error of the page."""

    def request(sent: Request) -> None:
        if not sent.url.startswith(_FROM_DISK):
            trouble.append(f"request {sent.url}")

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            trouble.append(f"console {message.type}: {message.text}")

    page.on("request", request)
    page.on("console", console)
    page.on("pageerror", lambda error: trouble.append(f"error {error}"))


def until(page: Page, expression: str) -> None:
    """Wait in Python: `Page.wait_for_function` needs eval, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    pytest.fail(f"never came true: {expression}")
