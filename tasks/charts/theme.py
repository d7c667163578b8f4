"""How every chart looks: one font, one palette, one size. Plain Vega-Lite configuration."""

from __future__ import annotations

from typing import Any, Final

WIDTH: Final = 900
HEIGHT: Final = 600
FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Liberation Sans comes with vl-convert; Arial and Helvetica have the same metrics in a browser."""

COLOURS: Final = (
    "#0072b2",
    "#d55e00",
    "#00845f",
    "#a8428f",
    "#8c564b",
    "#6a5acd",
    "#a67c00",
    "#17808f",
)
"""Eight colours that colour-blind people can tell apart, each at least 3:1 against white."""
MANY_COLOURS: Final = (
    *COLOURS, "#c2185b", "#33691e", "#5d4037", "#4a148c", "#01579b", "#bf360c", "#827717", "#004d40",
    "#ad1457", "#455a64", "#7b1fa2", "#2e7d32", "#d84315", "#283593", "#9e6b00", "#00695c",
)  # fmt: skip
OTHER_COLOUR: Final = "#8f8f8f"
FRONTIER_COLOUR: Final = "#222222"
SAMPLE_COLOUR: Final = "#b00020"
DIMMED: Final = 0.1
MARK_OPACITY: Final = 0.7

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
