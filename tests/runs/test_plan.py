"""The plan of a run, and the rule of the sample, in the one place where it is written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import UsageError
from config.settings import Settings, default_outputs, filled_in, load_settings
from flows.launch import flow_parameters
from tasks.runs.plan import make_plan, outputs_of, sample_beside, shown_upstream, source_of
from tasks.tables.source import ResultsCommit
from tests.gitrepo import make_upstream

URL = "https://me:hunter2@example.invalid/timm.git"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(upstream="sample", cache_dir=tmp_path / "cache", offline=True)


def test_the_sample_has_outputs_of_its_own(settings: Settings) -> None:
    assert outputs_of(settings) == default_outputs() / "sample"
    assert outputs_of(settings.model_copy(update={"upstream": URL})) == default_outputs()


@pytest.mark.parametrize("by", ["variable", "file"])
def test_a_configured_folder_is_that_of_the_real_upstream_and_the_sample_goes_below(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "variable":
        monkeypatch.setenv("TIMM_CHARTS_OUTPUTS", str(tmp_path))
    else:
        file = tmp_path / "settings.toml"
        file.write_text(f"outputs = '{tmp_path}'\n")
        monkeypatch.setenv("TIMM_CHARTS_SETTINGS", str(file))
    assert outputs_of(load_settings(upstream="sample")) == tmp_path / "sample"
    assert outputs_of(load_settings(upstream=URL)) == tmp_path
    assert outputs_of(load_settings(upstream="sample", outputs=tmp_path / "o")) == tmp_path / "o"
    monkeypatch.setenv("TIMM_CHARTS_UPSTREAM", "sample")
    assert outputs_of(load_settings()) == tmp_path / "sample"


def test_a_folder_that_is_named_for_the_run_is_used_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outputs_of(load_settings(upstream="sample", outputs=tmp_path)) == tmp_path
    monkeypatch.setenv("TIMM_CHARTS_OUTPUTS", str(tmp_path))  # the same folder, and now meant for the sample
    assert outputs_of(load_settings(upstream="sample", outputs=tmp_path)) == tmp_path
    # What the command line settled is what the run in Prefect is given, and it is not settled once more.
    handed = flow_parameters(load_settings(upstream="sample"))
    assert outputs_of(load_settings(**filled_in(handed))) == tmp_path / "sample"


def test_the_sample_is_always_at_hand(settings: Settings, tmp_path: Path) -> None:
    source = source_of(settings)
    assert source.url == (tmp_path / "cache" / "sample.git").as_uri()
    assert (source.offline, source.shown, shown_upstream(settings)) == (False, "sample", "sample")


def test_a_password_is_in_the_url_alone(tmp_path: Path) -> None:
    plan = make_plan(load_settings(upstream=URL, outputs=tmp_path, cache_dir=tmp_path / "cache"))
    assert plan.source.url == URL
    assert "hunter2" not in f"{plan.asked} {plan.source.shown} {plan.store}"


def test_looking_at_the_settings_of_the_sample_makes_nothing_and_a_plan_makes_the_upstream(
    settings: Settings, tmp_path: Path
) -> None:
    source_of(settings)
    assert not (tmp_path / "cache").exists()
    plan = make_plan(settings.model_copy(update={"outputs": tmp_path / "o"}))
    assert (tmp_path / "cache" / "sample.git" / "HEAD").is_file()
    assert not (tmp_path / "o").exists()
    assert plan.link_to(ResultsCommit("a" * 40, None)) is None  # type: ignore[arg-type]


def test_what_a_build_is_asked_for(tmp_path: Path) -> None:
    url = make_upstream(tmp_path / "up.git").url
    given = {"upstream": url, "outputs": tmp_path / "o", "cache_dir": tmp_path / "c"}
    plain = make_plan(load_settings(**given))
    assert (plain.asked.sample, plain.asked.preset, plain.asked.profiles) == (False, None, ())
    post = make_plan(load_settings(**given, preset="fastai-2022"))
    assert post.asked.profiles == post.rules.profiles
    chosen = make_plan(load_settings(**given, preset="fastai-2022", profile=("infer-*",)))
    assert chosen.asked.profiles == ("infer-*",)


def test_a_url_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(UsageError, match="ftp://"):
        shown_upstream(load_settings(upstream="ftp://example.invalid/x"))


def test_the_sample_beside_results_keeps_clear_of_them(tmp_path: Path) -> None:
    real = load_settings(upstream=URL, outputs=tmp_path, ref="v1.0", profile=("infer-*-h100",))
    beside = sample_beside(real)
    assert outputs_of(beside) == tmp_path / "sample"
    assert (beside.upstream, beside.ref, beside.profile) == ("sample", "main", ("*",))
