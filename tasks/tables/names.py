"""Model names: architecture and pretrained tag, family, pretraining. The rules are data in ``config/``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from config.presets import FamilyRules
from config.vocabulary import data_file

NO_FAMILY: Final = "other"
_TOY: Final = "test_"  # test_vit, test_byobnet, ...: what timm's own tests use, 40 to 60 % top-1 on purpose


def is_toy(model: str) -> bool:
    """Tell whether a model or architecture is one of timm's toys, which nobody means who asks for a model."""
    return model.lower().startswith(_TOY)


def split_model(model: str) -> tuple[str, str | None]:
    """Split at the first dot into architecture (lower case) and pretrained tag (None without a dot).

    Lower case because upstream wrote SelecSls60b once (results at 049b1332) and selecsls60b elsewhere.
    """
    architecture, dot, tag = model.partition(".")
    return architecture.lower(), tag if dot else None


def join_model(architecture: str, tag: str | None) -> str:
    """Put a model name together again; the inverse of `split_model` for lower-case names."""
    return architecture if tag is None else f"{architecture}.{tag}"


@lru_cache(maxsize=8192)
def family_of(name: str, rules: FamilyRules) -> str:
    """Return the family of an architecture, or of a model name where a preset says so."""
    family = _base_family(name, rules)
    for suffix in rules.suffix:
        if re.search(suffix.found, name):
            family += suffix.suffix
    return family


def _base_family(name: str, rules: FamilyRules) -> str:
    for prefix in rules.provenance.prefixes:
        name = name.removeprefix(prefix)
    for override in rules.override:
        if match := re.match(override.start, name):
            return override.family.replace("{match}", match[0])
    match = re.match(rules.pattern, name)
    return match[1] if match else NO_FAMILY


@lru_cache(maxsize=8192)
def pretraining_of(model: str, listed: str | None = None) -> str:
    """Return the largest data set the weights saw before the last fine-tuning, or ``unknown``.

    Args:
        model: Full model name.
        listed: What ``model_metadata-in1k.csv`` says, used for untagged names only.
    """
    rules = data_file("names.toml")["pretraining"]
    architecture, tag = split_model(model)
    if tag is None and listed in rules["metadata"]:
        return str(rules["metadata"][listed])
    text = model if tag is None else tag
    for rule in rules["rule"]:
        if rule.get("untagged", False) and tag is not None:
            continue
        if re.search(rule["found"], text) and re.search(rule.get("architecture", ""), architecture):
            return str(rule["label"])
    return str(rules["unknown"])


def pretraining_map(models: list[str], metadata: Mapping[str, str]) -> list[str]:
    """Return the pretraining of each model, with ``metadata`` (model to listed label) for untagged ones."""
    return [pretraining_of(model, metadata.get(model)) for model in models]
