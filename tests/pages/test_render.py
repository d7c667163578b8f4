from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import textwrap
import tomllib
import xml.etree.ElementTree as ET
import zlib
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import vl_convert

from tasks.charts.registry import PROFILE_CHARTS
from tasks.charts.theme import COLOURS, DARK, MANY_COLOURS, OTHER_COLOUR
from tasks.pages import render
from tasks.pages.draw import draw_chart
from tasks.pages.render import (
    Page,
    render_svg,
    safe_json,
    small_png,
    template,
    use_bundled_font,
    write_assets,
)
from tests.frames import PROFILE, a_profile, context, draw_job, merged, merged_row

pytestmark = pytest.mark.slow  # renders pictures

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
NASTY = "vit</script><script>alert(1)</script><!--&\"'\\1\u2028.a"
FORMATS = ("csv", "html", "png", "svg", "vl.json")


class Elements(HTMLParser):
    """The elements of a page and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def page(**more: Any) -> Page:  # noqa: ANN401 - any field
    facts: dict[str, Any] = {
        "name": "inference-benchmark", "title": "Accuracy against time", "question": "Which model?",
        "profile": "inference, rtx4090", "description": "Two dots.", "caption": ("ImageNet", "2 rows shown"),
        "sample": False, "root": "../../", "dark": {"white": "#000000"},
    }  # fmt: skip
    return Page(**facts | more)


def draw(folder: Path, stem: str = "benchmark", **where: Any) -> Path:  # noqa: ANN401 - any field
    drawn = draw_chart(draw_job(stem, a_profile(24), context(**where)), folder)
    assert not drawn.reason
    return folder / "charts" / drawn.label


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Return width, height and the unpacked scan lines."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    return width, height, zlib.decompress(data)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One chart with a model whose name tries to break out of everything."""
    folder = tmp_path_factory.mktemp("outputs") / "charts" / "p"
    frame = merged(merged_row(NASTY, top1=90.0, speed=50.0), merged_row("levit_128.fb", speed=1000.0))
    draw_chart(draw_job("benchmark", frame, context()), folder)
    return folder / "charts" / PROFILE / "inference-benchmark"


def read(drawn: Path, suffix: str) -> str:
    return drawn.with_name(f"{drawn.name}.{suffix}").read_text(encoding="utf-8")


def test_a_chart_is_written_in_all_formats(drawn: Path) -> None:
    assert sorted(p.name for p in drawn.parent.iterdir()) == [f"{drawn.name}.{s}" for s in FORMATS]


def test_the_svg_has_a_role_a_title_and_a_description_in_plain_words(drawn: Path) -> None:
    root = ET.fromstring(read(drawn, "svg"))  # noqa: S314 - our own file
    assert root.get("role") == "img"
    assert [child.tag for child in list(root)[:3]] == [f"{SVG}title", f"{SVG}desc", f"{SVG}style"]
    assert root[0].text == "Accuracy against time per image"
    assert NASTY in (root[1].text or "")
    assert not any("script" in child.tag for child in root.iter())


def test_dots_have_no_label_each(drawn: Path) -> None:
    labels = re.findall(r'aria-label="(\w+ \w+)', read(drawn, "svg"))
    assert sorted(labels) == ["Subtitle text", "Title text"]


def test_the_svg_swaps_the_colours_of_the_theme_in_the_dark(drawn: Path) -> None:
    root = ET.fromstring(read(drawn, "svg"))  # noqa: S314 - our own file
    rules = root[2].text or ""
    assert rules.startswith("@media (prefers-color-scheme: dark) {")
    for light, dark in DARK.items():
        assert f'[fill="{light}"]{{fill:{dark}}}' in rules
    used = {element.get(name) for element in root.iter() for name in ("fill", "stroke")} - {
        None,
        "none",
        "transparent",
    }
    marks = {*COLOURS, *MANY_COLOURS, OTHER_COLOUR}
    assert used <= set(DARK) | marks, "a colour that is neither swapped nor made for both backgrounds"


def test_the_csv_holds_the_rows_of_the_chart(drawn: Path) -> None:
    rows = pd.read_csv(drawn.with_name(f"{drawn.name}.csv"))
    values = json.loads(read(drawn, "vl.json"))["data"]["values"]
    assert rows.to_dict("records") == values


def test_the_spec_is_on_disk_and_in_the_page_with_its_data(drawn: Path) -> None:
    on_disk = json.loads(read(drawn, "vl.json"))
    assert json.loads(Elements(read(drawn, "html")).scripts[0]) == on_disk
    assert NASTY in {row["model"] for row in on_disk["data"]["values"]}


def test_a_model_name_cannot_break_out_of_the_page(drawn: Path) -> None:
    text = read(drawn, "html")
    elements = Elements(text)
    assert [s.get("src") for s in elements.all("script")] == [
        None, None, f"../../assets/{render.BUNDLE}", "../../assets/page.js",
    ]  # fmt: skip
    assert [script.get("type") for script in elements.all("script")[:2]] == ["application/json"] * 2
    assert elements.scripts[2:] == ["", ""]
    assert "<!--" not in text
    assert "alert(1)</script>" not in text


def test_the_page_loads_nothing_from_elsewhere(drawn: Path) -> None:
    text = read(drawn, "html")
    schema = json.loads(read(drawn, "vl.json"))["$schema"]  # names the format, nobody fetches it
    assert re.findall(r"https?://[^\"'\s]+", text.replace(schema, "")) == []
    links = [a.get(key) or "" for _, a in Elements(text).found for key in ("src", "href") if key in a]
    assert links
    assert all(re.fullmatch(r"#main|(\.\./\.\./)?[\w./-]+", link) for link in links)


def test_the_page_forbids_foreign_code(drawn: Path) -> None:
    policy = next(m for m in Elements(read(drawn, "html")).all("meta") if "http-equiv" in m)
    assert policy["http-equiv"] == "Content-Security-Policy"
    rules = dict(rule.strip().split(" ", 1) for rule in (policy["content"] or "").split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    assert "http" not in (policy["content"] or "")


def test_the_page_is_readable_without_scripts(drawn: Path) -> None:
    elements = Elements(read(drawn, "html"))
    (image,) = elements.all("img")
    assert image["src"] == f"{drawn.name}.svg"
    assert NASTY in (image["alt"] or "")
    assert elements.all("html") == [{"lang": "en"}]
    assert len(elements.all("h1")) == 1
    assert [a["href"] for a in elements.all("a")] == [
        "#main", "../../index.html", "../../explorer.html", f"{drawn.name}.svg", f"{drawn.name}.png",
        f"{drawn.name}.vl.json", f"{drawn.name}.csv",
    ]  # fmt: skip


@pytest.mark.parametrize("sample", [True, False])
def test_a_sample_page_is_marked(sample: bool) -> None:
    facts = {**vars(page(sample=sample)), "dark": "{}"}
    text = template("chart.html").render(policy="", bundle="b", spec="{}", **facts)
    assert ("made-up numbers" in text) == sample


@pytest.mark.parametrize("text", ["</script>", "<!--", "<script>", "&amp;", "\u2028\u2029", "]]>", "\\u003c"])
def test_json_in_a_page_is_safe_and_means_the_same(text: str) -> None:
    safe = safe_json(json.dumps({"a": text}, ensure_ascii=False))
    assert not set("<>&") & set(safe)
    assert json.loads(safe) == {"a": text}


def test_the_png_is_a_picture_of_twice_the_size_and_not_blank(drawn: Path) -> None:
    width, height, data = pixels(drawn.with_name(f"{drawn.name}.png").read_bytes())
    svg = ET.fromstring(read(drawn, "svg"))  # noqa: S314 - our own file
    assert (width, height) == (2 * int(svg.get("width", 0)), 2 * int(svg.get("height", 0)))
    assert width > 1800
    assert len(set(data)) > 50


@pytest.mark.parametrize("chart", PROFILE_CHARTS, ids=lambda chart: chart.stem)
def test_one_row_draws_a_picture_without_broken_numbers(tmp_path: Path, chart: Any) -> None:  # noqa: ANN401
    frame = merged(merged_row("levit_128s.fb_dist_in1k", top1=76.5, speed=2e4))
    drawn = draw_chart(draw_job(chart.stem, frame, context()), tmp_path)
    assert drawn.rows == 1
    svg = (tmp_path / "charts" / f"{drawn.label}.svg").read_text(encoding="utf-8")
    assert "NaN" not in svg
    assert "Infinity" not in svg
    assert svg.count("<path") > 5


@pytest.mark.parametrize("chart", PROFILE_CHARTS, ids=lambda chart: chart.stem)
def test_without_rows_nothing_is_drawn_and_the_reason_is_told(tmp_path: Path, chart: Any) -> None:  # noqa: ANN401
    drawn = draw_chart(draw_job(chart.stem, merged(), context()), tmp_path / "p")
    assert drawn.reason == "no rows"
    assert drawn.rows == 0
    assert not (tmp_path / "p").exists()


def test_the_reason_counts_what_was_left_out(tmp_path: Path) -> None:
    toys = merged(merged_row("test_vit.r160_in1k"))
    drawn = draw_chart(draw_job("benchmark", toys, context()), tmp_path)
    assert drawn.reason == "no rows; left out: 1 toy models of timm's tests"


@pytest.mark.parametrize("url", ["https://example.invalid/rows.csv", "rows.csv"])
def test_data_from_elsewhere_is_an_error_not_an_empty_picture(url: str) -> None:
    spec = {"data": {"url": url}, "mark": "point", "encoding": {"x": {"field": "a", "type": "quantitative"}}}
    with pytest.raises(ValueError, match=r"(?i)url|access|load|error"):
        render_svg(json.dumps(spec), page())


def test_numbers_that_json_does_not_know_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        render.write_chart({"width": float("nan")}, page(), merged(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_small_picture_keeps_its_limit(drawn: Path) -> None:
    svg = read(drawn, "svg")
    largest = small_png(svg, 10**9)
    assert pixels(largest)[0] == pixels(vl_convert.svg_to_png(svg, scale=1.0))[0]
    for limit in (len(largest) - 1, len(largest) // 2):
        png = small_png(svg, limit)
        assert len(png) <= limit
        assert 200 < pixels(png)[0] < pixels(largest)[0]


def test_assets_are_made_once_and_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda code: made.append(code) or "bundle µ")
    for folder in ("a", "b"):
        write_assets(tmp_path / folder / "assets", tmp_path / "cache")
        assert (tmp_path / folder / "assets" / render.BUNDLE).read_text("utf-8") == "bundle µ"
        for name in ("page.js", "gallery.js", "site.css"):
            assert (tmp_path / folder / "assets" / name).read_text("utf-8")
    assert len(made) == 1
    assert [p.name for p in (tmp_path / "cache").iterdir()] == [render.BUNDLE]


def test_every_template_ships_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["tasks.pages"]
    names = [f"templates/{p.name}" for p in (ROOT / "tasks/pages/templates").iterdir()]
    assert [name for name in names if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def python(code: str, *arguments: str, **environment: str) -> bytes:
    """Run code in a process of its own, with the fonts of the system."""
    inherited = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True, check=False, cwd=ROOT, env={**inherited, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


IN_FONTS = """
    import sys, vl_convert
    from tasks.pages.render import use_bundled_font
    if sys.argv[1] == "hidden":
        use_bundled_font()
    for font in sys.argv[2:]:
        text = f'<text x="5" y="30" font-size="25" font-family="{font}">Wide words, WWW 漢</text>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="40">{text}</svg>'
        print(vl_convert.svg_to_png(svg).hex())
"""


def test_fonts_of_the_system_are_out_of_sight(tmp_path: Path) -> None:
    """A font in the user's folder or the system's draws what a font that does not exist draws."""
    installed = next(Path("/usr/share/fonts").rglob("DejaVuSansMono.ttf"), None)
    if installed is None:
        pytest.skip("no DejaVu Sans Mono on this machine to hide")
    fonts = tmp_path / ".fonts"
    fonts.mkdir()
    shutil.copy(installed, fonts)
    names = ("DejaVu Sans Mono", "No Such Font")
    seen = python(IN_FONTS, "seen", *names, HOME=str(tmp_path)).split()
    hidden = python(IN_FONTS, "hidden", *names, HOME=str(tmp_path)).split()
    assert seen[0] != seen[1], "the font is not found even where it may be: this test proves nothing"
    assert hidden[0] == hidden[1]


def test_the_font_file_is_there_for_the_whole_process() -> None:
    use_bundled_font()
    content = Path(os.environ["FONTCONFIG_FILE"]).read_text("utf-8")
    (folder,) = [node.text for node in ET.fromstring(content).iter("dir")]  # noqa: S314 - our own file
    assert folder is not None
    assert not Path(folder).exists()


DRAW = """
    import sys
    from pathlib import Path
    from tasks.pages.draw import draw_chart
    from tests.frames import a_profile, context, draw_job
    for name in sys.argv[2:]:
        stem, mode = name.split(":")
        draw_chart(draw_job(stem, a_profile(), context(mode=mode)), Path(sys.argv[1]))
"""


def test_the_same_chart_has_the_same_bytes_in_any_process_and_order(tmp_path: Path) -> None:
    jobs = [f"{chart.stem}:{mode}" for chart in PROFILE_CHARTS for mode in ("infer", "train")]
    orders = {"a": jobs, "b": jobs[::-1], "c": [*jobs[::2], *jobs[::-1]]}
    for folder, order in orders.items():
        python(DRAW, str(tmp_path / folder), *order, PYTHONHASHSEED=str(ord(folder)))
    contents = [{p.name: p.read_bytes() for p in (tmp_path / f).glob("charts/*/*")} for f in orders]
    assert len(contents[0]) == len(jobs) * len(FORMATS)
    for name in contents[0]:
        assert contents[0][name] == contents[1][name] == contents[2][name], name
