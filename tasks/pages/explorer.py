"""The interactive page: ``explorer.html``, one file with its data, script and style inside."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd
from markupsafe import Markup

from tasks.charts.parts.families import colour_number
from tasks.charts.theme import COLOURS, OTHER_COLOUR
from tasks.outputs import layout
from tasks.pages.explorer_data import explorer_data
from tasks.pages.gallery import Heading
from tasks.pages.render import TEMPLATES, safe_json, template
from tasks.tables.call import TRANSFORM

_SCRIPTS: Final = ("explorer_core.js", "explorer_state.js", "explorer_chart.js", "explorer_page.js")
_LIMITS: Final = {
    "max-ms": "Maximum time per image, ms",
    "max-params": "Maximum parameters, millions",
    "min-top1": "Minimum top-1 accuracy, %",
}


def write_explorer(
    tables: Mapping[str, pd.DataFrame],
    heading: Heading,
    folder: Path,
) -> None:
    """Write the page into a build.

    Args:
        tables: Those of the snapshot; ``merged`` and ``evaluations`` are read. Without a merged row the
            page says so.
        heading: What the top of the page says.
        folder: Of the build.
    """
    style, script = _text("explorer.css"), "".join(_text(name) for name in _SCRIPTS)
    page = template("explorer.html").render(
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        data=_data(tables),
        limits=_LIMITS,
        transform=TRANSFORM,
        **vars(heading),
    )
    (folder / layout.EXPLORER).write_bytes(page.encode())


def _data(tables: Mapping[str, pd.DataFrame]) -> Markup | None:
    if tables["merged"].empty:
        return None
    data = explorer_data(tables["merged"], tables["evaluations"]) | {
        "colours": {"families": _colours(tables["merged"]["family"]), "other": OTHER_COLOUR}
    }
    return safe_json(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def _colours(families: pd.Series) -> dict[str, str]:
    return {family: COLOURS[colour_number(family)] for family in sorted(set(families))}


def _policy(style: str, script: str) -> str:
    """Allow exactly this style and this script, and nothing from anywhere else."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return TEMPLATES.joinpath(name).read_text(encoding="utf-8")
