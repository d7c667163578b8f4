"""The parts of the pages in ``docs/`` that are made from the code; ``make docs`` writes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from config.contracts import COLUMNS, TABLES, Table
from config.settings import PREFIX, RunOptions, Settings

BEGIN: Final = "<!-- made by `make docs`, do not edit -->"
END: Final = "<!-- end of what `make docs` made -->"
_TYPES: Final = {"models": "list of (model, img_size)"}


def data_dictionary() -> str:
    """Return every table with its grain, row order and columns."""
    return "\n\n".join(_table(table) for table in TABLES)


def settings_table() -> str:
    """Return every setting with its option of ``refresh``, variable, default and meaning."""
    lines = [_row("key", "option", "variable", "default", "meaning"), "|---|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        told = field.default_factory is None and field.default not in (None, ())
        default = f"`{json.dumps(field.default)}`" if told else ""
        option = f"`--{name.replace('_', '-')}`" if name in RunOptions.model_fields else ""
        variable = f"`{PREFIX}{name.upper()}`"
        lines.append(_row(f"`{name}`", option, variable, default, field.description or ""))
    return "\n".join(lines)


PAGES: Final[Mapping[str, Callable[[], str]]] = {"settings.md": settings_table, "tables.md": data_dictionary}
"""File in ``docs/`` to what makes its generated part."""


def with_generated(text: str, generated: str) -> str:
    """Return a page with what is between its two marks replaced.

    Raises:
        ValueError: A mark is missing.
    """
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    return f"{before}{BEGIN}\n\n{generated}\n\n{after}"


def _table(table: Table) -> str:
    lines = [
        f"### `{table.name}`",
        "",
        f"{table.description} One row for each ({', '.join(table.grain)}), "
        f"sorted by {', '.join(table.order)}.",
        "",
        _row("column", "type", "unit", "meaning"),
        "|---|---|---|---|",
    ]
    for column in (COLUMNS[name] for name in table.columns):
        kind = _TYPES.get(column.type, column.type) + ("" if column.required else ", may be null")
        lines.append(_row(f"`{column.name}`", kind, column.unit, column.description))
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    for name, generate in PAGES.items():
        page = Path(sys.argv[1], name)
        page.write_text(with_generated(page.read_text(encoding="utf-8"), generate()), encoding="utf-8")
