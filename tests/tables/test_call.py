"""The call that makes a model takes the arguments that timm has, by its own source."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any, Final

import pytest

from tasks.tables.call import TRANSFORM, create_call
from tests.real.bundle import snapshot_at

VARIABLE: Final = "TIMM_CHARTS_TEST_TIMM"  # a folder that holds an unpacked `timm`, without its dependencies
FACTS: Final = {
    ("models/_factory.py", "create_model"): ("model_name", "pretrained", "pretrained_cfg_overlay"),
    ("models/_pretrained.py", "PretrainedCfg"): ("input_size", "crop_pct", "interpolation"),
    ("models/_builder.py", "resolve_pretrained_cfg"): ("pretrained_cfg_overlay",),
    ("data/config.py", "resolve_model_data_config"): ("model",),
    ("data/transforms_factory.py", "create_transform"): ("input_size", "crop_pct", "interpolation"),
}
"""Read in timm 1.0.31: of each function the parameters, of the class the fields, that the call relies on.

``resolve_pretrained_cfg`` replaces fields of the configuration by those of the overlay. ``build_model_with_cfg``
takes ``img_size`` of a model with ``fixed_input_size`` from its ``input_size``, and keeps the configuration as
``model.pretrained_cfg``, from which ``resolve_model_data_config`` takes size, crop and filter. Timm's
``validate.py`` publishes exactly these three of what it resolved.
"""


def parts(call: str) -> tuple[str, dict[str, Any]]:
    """Return the first argument and those with a name."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert ast.unparse(node.func) == "timm.create_model"
    return ast.literal_eval(node.args[0]), {str(k.arg): ast.literal_eval(k.value) for k in node.keywords}


@pytest.mark.parametrize("model", ["vit_base_patch16_224.augreg_in21k", "it's", "é\\\"'\u2028"])
def test_the_call_is_python_and_says_size_crop_and_filter(model: str) -> None:
    name, arguments = parts(create_call(model, 288, 0.95, "bicubic"))
    assert name == model
    assert arguments == {
        "pretrained": True,
        "pretrained_cfg_overlay": {
            "input_size": (3, 288, 288),
            "crop_pct": 0.95,
            "interpolation": "bicubic",
        },
    }


def test_what_upstream_does_not_say_is_left_to_timm() -> None:
    _, arguments = parts(create_call("a", 224, None, None))
    assert arguments["pretrained_cfg_overlay"] == {"input_size": (3, 224, 224)}


def test_the_names_are_timm_s() -> None:
    _, arguments = parts(create_call("a", 224, 1.0, "bilinear"))
    assert set(arguments) <= set(FACTS["models/_factory.py", "create_model"])
    assert set(arguments["pretrained_cfg_overlay"]) <= set(FACTS["models/_pretrained.py", "PretrainedCfg"])
    calls = [node for node in ast.walk(ast.parse(TRANSFORM)) if isinstance(node, ast.Call)]
    functions = {name for path, name in FACTS if path.startswith("data/")}
    assert {ast.unparse(call.func) for call in calls} == {f"timm.data.{name}" for name in functions}


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no unpacked timm to compare with")
@pytest.mark.parametrize(("path", "name"), FACTS)
def test_the_facts_are_those_of_timm_s_source(path: str, name: str) -> None:
    source = Path(os.environ[VARIABLE], "timm", path).read_text("utf-8")
    [node] = [n for n in ast.parse(source).body if getattr(n, "name", None) == name]
    assert set(FACTS[path, name]) <= names_of(node)


def names_of(node: ast.stmt) -> set[str]:
    """Return the parameters of a function or the fields of a class."""
    if isinstance(node, ast.FunctionDef):
        return {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
    assert isinstance(node, ast.ClassDef)
    return {
        part.target.id
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }


@pytest.mark.slow
def test_every_row_of_a_real_frontier_has_a_call_of_its_own() -> None:
    """Of 433 rows, 81 are of models evaluated at two sizes."""
    snapshot = snapshot_at("HEAD")
    accuracy = snapshot.evaluations.query("test_set == 'imagenet'")
    front = snapshot.merged.query("is_pareto")[["model", "img_size"]].merge(
        accuracy, on=["model", "img_size"]
    )
    twice = front["model"].isin(accuracy["model"][accuracy["model"].duplicated()])
    assert (len(front), int(twice.sum())) == (433, 81)
    calls = {
        (row.model, row.img_size): create_call(row.model, row.img_size, row.crop_pct, row.interpolation)
        for row in front.itertuples()
    }
    assert len(set(calls.values())) == len(calls)
    assert "(3, 288, 288), 'crop_pct': 1.0" in calls["hgnetv2_b4.ssld_stage2_ft_in1k", 288]
    assert "(3, 224, 224), 'crop_pct': 0.965" in calls["hgnetv2_b4.ssld_stage2_ft_in1k", 224]
