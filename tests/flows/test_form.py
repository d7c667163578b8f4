"""The form of the Prefect UI: every parameter is described, a preset is chosen from a list."""

from __future__ import annotations

import inspect
import json

from config.settings import Settings
from config.vocabulary import preset_names
from flows.refresh import refresh


def test_every_parameter_is_described() -> None:
    properties = refresh.parameters.properties
    assert set(properties) == set(inspect.signature(refresh.fn).parameters)
    for name, parameter in properties.items():
        assert len(parameter.get("description", "")) > 10, name
    assert refresh.parameters.required == []


def test_presets_are_a_choice() -> None:
    parameters = json.loads(refresh.parameters.model_dump_json())
    (choices,) = [
        option.get("enum", [option.get("const")])
        for option in parameters["properties"]["preset"]["anyOf"]
        if option.get("type") != "null"
    ]
    assert choices == list(preset_names())


def test_every_parameter_is_a_setting() -> None:
    assert set(refresh.parameters.properties) <= set(Settings.model_fields)
