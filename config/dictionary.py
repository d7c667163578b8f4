"""The data dictionary as Markdown, made from the contracts; ``make docs`` writes it into the README."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from config.contracts import COLUMNS, TABLES, Table

BEGIN: Final = "<!-- data dictionary: made by `make docs`, do not edit -->"
END: Final = "<!-- end of the data dictionary -->"
_TYPES: Final = {"models": "list of (model, img_size)"}


def data_dictionary() -> str:
    """Return every table with its grain, row order and columns."""
    return "\n\n".join(_table(table) for table in TABLES)


def with_dictionary(readme: str) -> str:
    """Return the README with its data dictionary replaced by the current one."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{data_dictionary()}\n\n{END}{after}"


def _table(table: Table) -> str:
    lines = [
        f"### `{table.name}`",
        "",
        f"{table.description} One row for each ({', '.join(table.grain)}), "
        f"sorted by {', '.join(table.order)}.",
        "",
        "| column | type | unit | meaning |",
        "|---|---|---|---|",
    ]
    for column in (COLUMNS[name] for name in table.columns):
        kind = _TYPES.get(column.type, column.type) + ("" if column.required else ", may be null")
        lines.append(f"| `{column.name}` | {kind} | {column.unit} | {column.description} |")
    return "\n".join(lines)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_dictionary(path.read_text(encoding="utf-8")), encoding="utf-8")
