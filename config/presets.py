"""Rules a run applies to names and rows: the default ones and the shipped presets, typed."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from config.errors import UsageError
from config.vocabulary import data_file, preset_names


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FamilySuffix(_Strict):
    """A suffix for families of names in which a pattern is found."""

    found: str
    suffix: str
    reason: str


class FamilyOverride(_Strict):
    """A family for architectures that start with a pattern; ``{match}`` is the matched text."""

    start: str
    family: str
    reason: str


class Provenance(_Strict):
    """Prefixes that name where weights come from."""

    prefixes: tuple[str, ...]


class FamilyRules(_Strict):
    """How a family is read from an architecture (or, in a preset, from a model name)."""

    pattern: str
    suffix: tuple[FamilySuffix, ...] = ()
    provenance: Provenance = Provenance(prefixes=())
    override: tuple[FamilyOverride, ...] = ()


class Rules(_Strict):
    """Everything about names and rows that a preset may change. Frozen: safe as a cache key."""

    description: str = "Every benchmark profile, merged on architecture and image size"
    profiles: tuple[str, ...] = ()
    merge_on: Literal["architecture", "model"] = "architecture"
    drop_models: str | None = None
    keep_families: str | None = None
    family: FamilyRules


def load_rules(preset: str | None) -> Rules:
    """Return the rules of a preset, or the default rules for None.

    Raises:
        UsageError: No preset has that name.
    """
    if preset is None:
        return Rules.model_validate({"family": data_file("names.toml")["family"]})
    if preset not in preset_names():
        msg = f"unknown preset {preset!r}; there is: {', '.join(preset_names())}"
        raise UsageError(msg)
    content: dict[str, Any] = data_file(f"presets/{preset}.toml")
    return Rules.model_validate(content)
