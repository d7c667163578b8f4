"""Checks of what is installed: settings file, Python, packages, the font of the charts, a browser."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, metadata, version
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from config.settings import PREFIX, settings_file
from tasks.doctor.check import Finding, ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_US = "timm-charts"
_FONT_FILE = "FONTCONFIG_FILE"


def settings_in_use() -> Finding:
    """Say where the settings come from; wrong ones were refused before."""
    file = settings_file()
    where = f"file {file}" if file.is_file() else "no settings file"
    names = sorted(name for name in os.environ if name.startswith(PREFIX))
    return ok(f"{where}; variables: {', '.join(names) or 'none'}")


def python() -> Finding:
    """Compare the version of Python with the one that the package asks for."""
    found = f"{sys.version.split()[0]} ({sys.executable})"
    try:
        wanted = str(metadata(_US).json.get("requires_python", ""))
    except PackageNotFoundError:
        wanted = ""  # the check of the packages says so
    if not SpecifierSet(wanted).contains(sys.version.split()[0], prereleases=True):
        return problem(f"{found}; {_US} needs {wanted}", "install that Python and make the environment anew")
    return ok(found)


def packages() -> Finding:
    """Compare the installed packages with what the installed timm-charts asks for."""
    try:
        ours, wanted = version(_US), metadata(_US).get_all("Requires-Dist") or []
    except PackageNotFoundError:
        return problem(f"{_US} is not installed as a package", f"in its folder: {_pip()} --editable .")
    asked = [Requirement(text) for text in wanted]
    asked = [need for need in asked if need.marker is None or need.marker.evaluate({"extra": ""})]
    broken = {f"{need.name}{need.specifier}": how for need in asked if (how := _broken(need))}
    if broken:
        found = "; ".join(f"{how}, needed is {need}" for need, how in broken.items())
        return problem(found, f"{_pip()} {shlex.join(broken)}")
    return ok(f"{_US} {ours}; {len(asked)} packages it needs are there in versions that fit")


def font(family: str) -> Finding:
    """Draw a word the way charts are drawn, and see whether anything shows."""
    import vl_convert

    from tasks.pages.render import TEMPLATES, use_bundled_font

    def picture(word: str) -> bytes:
        text = f'<text x="2" y="20" font-family="{family}">{word}</text>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30">{text}</svg>'
        png: bytes = vl_convert.svg_to_png(svg)
        return png

    remedy = f"install the packages anew: {_pip()} --force-reinstall vl-convert-python {_US}"
    if not TEMPLATES.joinpath("fonts.conf").is_file():
        return problem("fonts.conf, which ships with timm-charts, is missing", remedy)
    with _kept_variable(_FONT_FILE):
        use_bundled_font()
        drawn = picture("timm") != picture("")
    name = family.split(",")[0]
    return (
        ok(f"{name}, drawn without fonts of this system")
        if drawn
        else problem(f"no text shows in {name}", remedy)
    )


def browser() -> Finding:
    """Look for the browser that the tests of the pages open."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        return warning(
            f"none of {', '.join(BROWSERS)} on the PATH; needed by the tests only",
            "to run the tests of the pages, install Chromium; everything else works without it",
        )
    return ok(f"{found}; needed by the tests only")


def _broken(need: Requirement) -> str | None:
    try:
        found = version(need.name)
    except PackageNotFoundError:
        return f"{need.name} is missing"
    fits = need.specifier.contains(found, prereleases=True)
    return None if fits else f"{need.name} is {found}"


def _pip() -> str:
    return shlex.join([sys.executable, "-m", "pip", "install"])


@contextmanager
def _kept_variable(name: str) -> Iterator[None]:
    """Put a variable back: programs started later would see the font setting too."""
    before = os.environ.get(name)
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before
