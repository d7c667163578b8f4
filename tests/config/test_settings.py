from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from config.errors import UsageError
from config.settings import PREFIX, SETTINGS_FILE_VARIABLE, Settings, filled_in, load_settings
from config.vocabulary import REAL_UPSTREAM


def use_file(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str | bytes) -> Path:
    path = folder / "ours.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setenv(SETTINGS_FILE_VARIABLE, str(path))
    return path


def complaint(**given: object) -> str:
    with pytest.raises(UsageError) as caught:
        load_settings(**given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults() -> None:
    settings = load_settings()
    assert settings.upstream == REAL_UPSTREAM
    assert (settings.ref, settings.preset, settings.profile, settings.server_port) == (None, None, (), None)
    assert (settings.force, settings.offline) == (False, False)
    assert settings.outputs.name == "outputs"
    assert all(path.is_absolute() for path in (settings.outputs, settings.cache_dir, settings.data_dir))


SHIPPED = (Path(__file__).parents[2] / "config" / "settings.toml").read_text()


def test_the_shipped_file_sets_nothing() -> None:
    assert not re.search(r"^[^#\n]", SHIPPED, re.MULTILINE)


def test_the_shipped_file_shows_every_setting_with_a_value_that_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_file(monkeypatch, tmp_path, re.sub(r"^# (?=\w+ = )", "", SHIPPED, flags=re.MULTILINE))
    assert set(load_settings().model_fields_set) == set(Settings.model_fields)


def test_what_was_filled_in_is_neither_a_switch_that_is_off_nor_an_empty_list() -> None:
    form = {"ref": "", "preset": None, "profile": [], "force": False, "offline": True, "outputs": Path()}
    assert filled_in(form) == {"ref": "", "offline": True, "outputs": Path()}


def test_option_over_variable_over_file_over_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().ref is None
    use_file(monkeypatch, tmp_path, 'ref = "file"\npreset = "fastai-2022"\nnetwork_timeout_seconds = 5')
    assert load_settings().ref == "file"
    monkeypatch.setenv(f"{PREFIX}REF", "variable")
    assert load_settings().ref == "variable"
    settings = load_settings(ref="option")
    assert settings.ref == "option"
    assert (settings.preset, settings.network_timeout_seconds) == ("fastai-2022", 5)


def test_an_option_of_none_is_not_given_but_false_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}REF", "variable")
    monkeypatch.setenv(f"{PREFIX}FORCE", "true")
    assert load_settings(ref=None).ref == "variable"
    assert load_settings().force is True
    assert load_settings(force=False).force is False


@pytest.mark.parametrize(
    ("text", "globs"),
    [("infer-*", ("infer-*",)), (" a , b,,c ", ("a", "b", "c")), ("", ()), (" , ", ())],
)
def test_profiles_with_commas(text: str, globs: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(profile=text).profile == globs
    monkeypatch.setenv(f"{PREFIX}PROFILE", text)
    assert load_settings().profile == globs


def test_profiles_as_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(profile=["a", "b"]).profile == ("a", "b")
    use_file(monkeypatch, tmp_path, 'profile = ["infer-*", "train-*"]')
    assert load_settings().profile == ("infer-*", "train-*")
    use_file(monkeypatch, tmp_path, 'profile = "infer-*, train-*"')
    assert load_settings().profile == ("infer-*", "train-*")


def test_paths_are_made_absolute_and_know_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(outputs="here", cache_dir="~/there")
    assert settings.outputs == tmp_path / "here"
    assert settings.cache_dir == Path(os.environ["HOME"]) / "there"


def test_an_unknown_key_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = use_file(monkeypatch, tmp_path, 'profiles = ["a"]\n[upstreams]\nx = 1')
    message = complaint()
    assert f"unknown setting 'profiles' (settings file {path})" in message
    assert "unknown setting 'upstreams'" in message
    assert all(name in message for name in Settings.model_fields)


def test_an_unknown_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}REFF", "main")
    monkeypatch.setenv(f"{PREFIX}ALSO", "main")
    message = complaint()
    assert message.startswith("unknown variable TIMM_CHARTS_ALSO, TIMM_CHARTS_REFF; there is: ")
    assert f"{PREFIX}NETWORK_TIMEOUT_SECONDS" in message


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("preset", "fastai", "unknown preset 'fastai'; there is: fastai-2022"),
        ("force", "maybe", "force: Input should be a valid boolean"),
        ("server_port", "0", "server_port: Input should be greater than or equal to 1 (found '0')"),
        ("server_port", "65536", "server_port: Input should be less than or equal to 65535"),
        ("server_port", "http", "(found 'http')"),
        ("network_timeout_seconds", "0", "network_timeout_seconds: Input should be greater than 0"),
        ("network_timeout_seconds", "nan", "network_timeout_seconds: "),
        ("upstream", "", "upstream: empty"),
        ("upstream", "  ", "upstream: empty"),
        ("ref", "", "ref: empty"),
        ("outputs", "", "outputs: empty"),  # would be the current folder
        ("cache_dir", " ", "cache_dir: empty"),
        ("data_dir", "", "data_dir: empty"),
    ],
)
def test_values_that_are_not_valid(key: str, value: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found in complaint(**{key: value})
    monkeypatch.setenv(PREFIX + key.upper(), value)
    assert found in complaint()


def test_all_violations_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_file(monkeypatch, tmp_path, 'ref = 5\nforce = "x"\nprofile = [1]\nwrong = 1')
    message = complaint(server_port=0)
    for key in ("ref: ", "force: ", "profile.0: ", "server_port: ", "unknown setting 'wrong'"):
        assert key in message


@pytest.mark.parametrize("text", ["ref = ", "ref", "ref = 'a'\nref = 'b'", b"ref = '\xff'"])
def test_a_file_that_is_no_toml(text: str | bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = use_file(monkeypatch, tmp_path, text)
    assert complaint().startswith(f"{path}: no valid TOML: ")


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_named_file_that_is_none(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_FILE_VARIABLE, str(tmp_path / name))
    assert complaint() == f"{SETTINGS_FILE_VARIABLE} names {tmp_path / name}, which is no file"


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = use_file(monkeypatch, tmp_path, "")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pydantic_settings.TomlConfigSettingsSource._read_file", refuse)
    assert complaint() == f"{path}: can't be read: Permission denied"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_described_and_can_be_a_variable(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert "\n" not in description
    assert name == name.lower()


def test_settings_are_frozen_and_hashable() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.ref = "main"  # type: ignore[misc]
    assert hash(settings) == hash(load_settings())
