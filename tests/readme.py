"""What README.md prints for people to type: its fenced blocks, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


@dataclass(frozen=True)
class Block:
    """A fenced block. A word after the language gives it a name, which readers are not shown."""

    language: str
    name: str
    text: str

    @property
    def commands(self) -> list[str]:
        return self.text.splitlines()


def readme_blocks() -> list[Block]:
    """Return every fenced block of the README."""
    text = README.read_text(encoding="utf-8")
    return [
        Block(*found) for found in re.findall(r"^```(\w*) ?(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    ]


def readme_commands(name: str) -> list[str]:
    """Return the commands of a named block, without the address of the reader's server."""
    [block] = [block for block in readme_blocks() if block.name == name]
    return [command for command in block.commands if not command.startswith("export PREFECT_API_URL=")]
