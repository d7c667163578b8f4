"""The form of the Prefect UI: every parameter is described, a preset is chosen from a list."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.settings import RunOptions, load_settings
from config.vocabulary import preset_names
from flows.launch import flow_parameters

if TYPE_CHECKING:
    from prefect import Flow


@pytest.fixture
def refresh() -> Flow[Any, Any]:
    """The flow, imported for the tests of it only: Prefect takes seconds."""
    from flows.refresh import refresh

    return refresh


@pytest.mark.slow  # Prefect takes seconds to import
def test_every_option_of_a_run_is_a_parameter_and_is_described(refresh: Flow[Any, Any]) -> None:
    properties = refresh.parameters.properties
    assert list(inspect.signature(refresh.fn).parameters) == list(RunOptions.model_fields)
    assert set(properties) == set(RunOptions.model_fields)
    for name, parameter in properties.items():
        assert len(parameter.get("description", "")) > 10, name
    assert refresh.parameters.required == []


@pytest.mark.slow  # Prefect takes seconds to import
def test_presets_are_a_choice(refresh: Flow[Any, Any]) -> None:
    parameters = json.loads(refresh.parameters.model_dump_json())
    (choices,) = [
        option.get("enum", [option.get("const")])
        for option in parameters["properties"]["preset"]["anyOf"]
        if option.get("type") != "null"
    ]
    assert choices == list(preset_names())


def test_the_command_line_hands_every_option_on(tmp_path: Path) -> None:
    given = {
        "upstream": "file:///up.git", "ref": "v1", "outputs": tmp_path, "preset": "fastai-2022",
        "profile": ["a", "b"], "force": True, "offline": True,
    }  # fmt: skip
    handed = flow_parameters(load_settings(**given))
    assert {name: handed[name] for name in given} == given
    assert list(handed) == list(RunOptions.model_fields)
