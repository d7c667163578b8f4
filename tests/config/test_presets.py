from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from config.errors import UsageError
from config.presets import Rules, load_rules
from config.vocabulary import data_file, preset_names
from tasks.tables.filenames import BenchmarkProfile, classify

PRESETS = preset_names()


def test_the_default_rules_merge_everything_on_architecture() -> None:
    rules = load_rules(None)
    assert (rules.merge_on, rules.profiles, rules.drop_models, rules.keep_families) == (
        "architecture",
        (),
        None,
        None,
    )
    assert rules.family.override


def test_the_shipped_presets() -> None:
    assert PRESETS == ("fastai-2022",)


def test_fastai_2022_is_the_original_recipe() -> None:
    rules = load_rules("fastai-2022")
    assert rules.merge_on == "model"
    assert rules.profiles == tuple(f"{mode}-amp-nhwc-pt111-cu113-rtx3090" for mode in ("infer", "train"))
    assert rules.drop_models == "gn$"
    assert rules.keep_families == "^re[sg]netd?|beit|convnext|levit|efficient|vit|vgg"
    assert rules.family.pattern == r"^([a-z]+?(?:v2)?)(?:\d|_|$)"
    assert [(s.found, s.suffix) for s in rules.family.suffix] == [("in22", "_in22"), ("resnet.*d", "d")]
    assert not rules.family.override
    assert not rules.family.provenance.prefixes


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_usable(name: str) -> None:
    rules = load_rules(name)
    assert rules.description != Rules.model_fields["description"].default
    for pattern in (rules.drop_models, rules.keep_families, rules.family.pattern):
        assert pattern is None or re.compile(pattern)
    assert re.compile(rules.family.pattern).groups == 1
    for profile in rules.profiles:
        assert isinstance(classify(f"benchmark-{profile}.csv"), BenchmarkProfile)


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_every_repair_has_its_reason(preset: str | None) -> None:
    family = load_rules(preset).family
    assert all(rule.reason for rule in (*family.suffix, *family.override))


@pytest.mark.parametrize("name", ["fastai", "", "../settings", "FASTAI-2022"])
def test_an_unknown_preset(name: str) -> None:
    with pytest.raises(UsageError, match=rf"^unknown preset '{re.escape(name)}'; there is: fastai-2022$"):
        load_rules(name)


def test_a_preset_with_an_unknown_key_is_refused() -> None:
    content = data_file("presets/fastai-2022.toml")
    with pytest.raises(ValidationError, match="drop_model\n"):
        Rules.model_validate({**content, "drop_model": "gn$"})
    with pytest.raises(ValidationError, match="merge_on"):
        Rules.model_validate({**content, "merge_on": "name"})


@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_rules_are_equal_and_hashable_as_a_cache_key_must_be(preset: str | None) -> None:
    assert load_rules(preset) == load_rules(preset)
    assert hash(load_rules(preset)) == hash(load_rules(preset))
