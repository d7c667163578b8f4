"""How every chart looks: one font, one palette, one size. Plain Vega-Lite configuration."""

from __future__ import annotations

from typing import Any, Final

WIDTH: Final = 900
HEIGHT: Final = 600
FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Liberation Sans comes with vl-convert; Arial and Helvetica have the same metrics in a browser."""

COLOURS: Final = (
    "#136bc5", "#d87c07", "#00915c", "#ab4fa1", "#a85c0b", "#833ee6", "#389ad6", "#ba403b",
)  # fmt: skip
"""Eight colours at least 3:1 against white and against `DARK_BACKGROUND`, and apart from each other and from
`OTHER_COLOUR` by 15 in CIELAB for people with normal, protanope, deuteranope and tritanope sight."""
MANY_COLOURS: Final = (
    *COLOURS, "#d0487e", "#4f8a34", "#95705f", "#8e5bd6", "#3a86d0", "#bf560c", "#827717", "#2f8f7f",
    "#c2578b", "#6f8a97", "#b05ad0", "#4e9a52", "#d85a35", "#6b7bd6", "#9e6b00", "#2a9a8a",
)  # fmt: skip
"""For a preset that colours every family, as its analysis did; too many to tell all apart."""
OTHER_COLOUR: Final = "#8f8f8f"
RAMP: Final = ("#1ca08c", "#2487a6", "#2f69ad", "#4049a3", "#4b2a86", "#3b0f52")
"""Six steps from little to much on white: each darker than the one before, and of another hue."""
_DARK_RAMP: Final = ("#3c78b4", "#2f97b5", "#36b39b", "#7ccb66", "#c3dc4a", "#fdf3b0")
"""The same on a dark page: each lighter than the one before."""
FRONTIER_COLOUR: Final = "#222222"
ZERO_COLOUR: Final = "#888888"
"""Of a line where nothing is gained or lost."""
LABEL_COLOUR: Final = "#333333"
SAMPLE_COLOUR: Final = "#b00020"
DIMMED: Final = 0.1
FILL_OPACITY: Final = 0.45
"""Dots let others shine through; their outline keeps the full colour."""
BACKGROUND: Final = "white"
DARK_BACKGROUND: Final = "#15181c"
DARK: Final = {
    BACKGROUND: DARK_BACKGROUND, "#111111": "#f2f2f2", "#222222": "#e6e6e6", "#333333": "#d4d4d4",
    "#555555": "#b8b8b8", "#888": "#8a8a8a", "#777777": "#8f8f8f", "#888888": "#8a8a8a", "#d0d0d0": "#44484e",
    "#ececec": "#2a2e34", "#b00020": "#ff8a8a",
    **dict(zip(RAMP, _DARK_RAMP, strict=True)),
}  # fmt: skip
"""What each colour of text, lines and background becomes in the dark; the colours of families stay."""

CONFIG: Final[dict[str, Any]] = {
    "font": FONT,
    "view": {"stroke": "#d0d0d0"},
    "axis": {
        "labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal", "labelColor": "#333333",
        "titleColor": "#222222", "gridColor": "#ececec", "domainColor": "#888888", "tickColor": "#888888",
        "titlePadding": 10,
    },
    "legend": {
        "labelFontSize": 12, "titleFontSize": 12, "labelColor": "#333333", "titleColor": "#222222",
        "symbolLimit": 0, "symbolOpacity": 1, "labelLimit": 200,
    },
    "title": {
        "anchor": "start", "fontSize": 18, "fontWeight": "bold", "color": "#111111", "subtitleFontSize": 12,
        "subtitleColor": "#555555", "subtitleLineHeight": 16, "subtitlePadding": 6, "offset": 12,
    },
    "padding": 16,
    # One label for each of 1,500 dots is a wall for a screen reader; the description says what is to see.
    "aria": False,
}  # fmt: skip
