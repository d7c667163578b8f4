"""Accessibility rules, checked in the page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE = {"serious", "critical"}


def assert_accessible(page: Page) -> None:
    """Fail on anything that axe calls serious or critical."""
    found = (
        Axe().run(page, options={"preload": False}).response
    )  # preload asks for style sheets over the network
    assert found["passes"], "axe checked nothing"
    grave = [
        (rule["id"], rule["impact"], [node["html"] for node in rule["nodes"]][:3])
        for rule in found["violations"]
        if rule["impact"] in _GRAVE
    ]
    assert grave == []
