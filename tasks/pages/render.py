"""A Vega-Lite specification to SVG, PNG, JSON and an HTML page. Runs in render processes; no Prefect."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import jinja2
import pandas as pd
import vl_convert
from markupsafe import Markup

BUNDLE: Final = f"vega-{version('vl-convert-python')}.js"
PNG_SCALE: Final = 2.0
_SMALL_SCALES: Final = (1.0, 0.8, 0.65, 0.5, 0.4, 0.3)
TEMPLATES: Final = files("tasks.pages").joinpath("templates")
POLICY: Final = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file: 'unsafe-inline'; "
    "img-src 'self' file: data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Page:
    """Words of a chart's HTML page."""

    name: str
    title: str
    question: str
    profile: str  # in words; empty for a chart that compares
    description: str
    caption: Sequence[str]
    sample: bool
    root: str  # relative path from the page to the outputs folder, such as ../../
    dark: Mapping[str, str]  # colour of text, lines and background -> the colour it becomes in the dark


def use_bundled_font() -> None:
    """Hide the system's fonts from vl-convert in this process.

    It maps every font file again at each call (40 % of the time of a chart), and pictures would differ
    between machines. Must run before the first conversion.
    """
    with as_file(TEMPLATES.joinpath("fonts.conf")) as path:
        os.environ["FONTCONFIG_FILE"] = str(path)


def write_chart(spec: dict[str, Any], page: Page, rows: pd.DataFrame, folder: Path) -> None:
    """Write ``<name>.svg``, ``.png``, ``.vl.json``, ``.html`` and ``.csv``. The picture is laid out once."""
    text = json.dumps(spec, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    svg = render_svg(text, page)
    (folder / f"{page.name}.vl.json").write_text(text + "\n", encoding="utf-8")
    (folder / f"{page.name}.svg").write_text(svg, encoding="utf-8")
    (folder / f"{page.name}.png").write_bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))
    (folder / f"{page.name}.html").write_text(_html(text, page), encoding="utf-8")
    rows.to_csv(folder / f"{page.name}.csv", index=False, lineterminator="\n")


def render_svg(spec: str, page: Page) -> str:
    """Return the SVG with a title and a description for screen readers, and colours for the dark."""
    svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    words = f"<title>{html.escape(page.title)}</title><desc>{html.escape(page.description)}</desc>"
    words += f"<style>@media (prefers-color-scheme: dark) {{{_dark_rules(page.dark)}}}</style>"
    return re.sub(r"(<svg\b[^>]*)>", rf'\1 role="img">{_literal(words)}', svg, count=1)


def small_png(svg: str, most_bytes: int) -> bytes:
    """Return the picture as large as it can be within a number of bytes."""
    for scale in _SMALL_SCALES:
        png: bytes = vl_convert.svg_to_png(svg, scale=scale)
        if len(png) <= most_bytes:
            return png
    return png


def write_assets(folder: Path, cache_dir: Path) -> None:
    """Write the one copy of Vega that all pages share. Making it takes 1.3 s, so it is kept in the cache."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = cache_dir / BUNDLE
    if not kept.is_file():
        cache_dir.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"), encoding="utf-8")
        partial.replace(kept)
    (folder / BUNDLE).write_bytes(kept.read_bytes())
    for name in ("page.js", "gallery.js", "site.css"):
        (folder / name).write_bytes(TEMPLATES.joinpath(name).read_bytes())


def safe_json(text: str) -> Markup:
    """Make JSON safe inside a script element: no ``</script>`` or ``<!--`` in a model name can end it."""
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - escaped


@cache
def template(name: str) -> jinja2.Template:
    """Return a page template; autoescape is on, and a missing value is an error."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(TEMPLATES.joinpath(name).read_text(encoding="utf-8"))


def _html(spec: str, page: Page) -> str:
    facts = {**vars(page), "dark": safe_json(json.dumps(dict(page.dark)))}
    return template("chart.html").render(policy=POLICY, bundle=BUNDLE, spec=safe_json(spec), **facts)


def _dark_rules(dark: Mapping[str, str]) -> str:
    """Return CSS that swaps colours: the attributes of an SVG give way to it."""
    return "".join(
        f'[{attribute}="{light}"]{{{attribute}:{colour}}}'
        for light, colour in dark.items()
        for attribute in ("fill", "stroke")
    )


def _literal(text: str) -> str:
    """Keep backslashes of a replacement as they are."""
    return text.replace("\\", r"\\")
