"""Typed settings: command line over ``TIMM_CHARTS_*`` variables over a settings file over defaults.

Built by `load_settings` and passed down; nothing is read when this module is imported.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.errors import UsageError
from config.vocabulary import REAL_UPSTREAM, preset_names

PREFIX: Final = "TIMM_CHARTS_"
SETTINGS_FILE_VARIABLE: Final = "TIMM_CHARTS_SETTINGS"
_FOR_TESTS: Final = ("TIMM_CHARTS_TEST_BUNDLE", "TIMM_CHARTS_TEST_TIMM")
_NOT_SETTINGS: Final = frozenset({SETTINGS_FILE_VARIABLE, *_FOR_TESTS})
_PROJECT: Final = Path(__file__).resolve().parent.parent


def default_outputs() -> Path:
    """Return ``outputs/`` of the checkout, or of the user's data folder for an installed package."""
    if (_PROJECT / "pyproject.toml").is_file():
        return _PROJECT / "outputs"
    return user_data_path("timm-charts") / "outputs"


class RunOptions(BaseModel):
    """What one run can be told: the options of ``timm-charts refresh`` and the parameters of its flow.

    To add one: a field here, a parameter and its line in the docstring of ``flows/refresh.py``, and a line in
    ``settings.toml``; tests say which of these is missing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    upstream: str = Field(
        REAL_UPSTREAM, description="URL of the timm repository (https, ssh, file), or `sample`"
    )
    ref: str | None = Field(None, description="branch, tag or commit; the default branch if not given")
    outputs: Path = Field(
        default_factory=default_outputs, description="folder for tables, charts and manifest"
    )
    preset: str | None = Field(None, description="named rules; `fastai-2022` rebuilds the analysis of 2022")
    profile: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="benchmark profiles to use, as globs such as `infer-*-rtx4090`; all if empty"
    )
    force: bool = Field(
        False,
        description="build again although nothing has changed, or less is asked for than the outputs show",
    )
    offline: bool = Field(False, description="use the clone as it is, without the network")


class Settings(RunOptions, BaseSettings):
    """Everything that can be set: what a run is told, and what is so on this machine."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX)

    gallery_url: str | None = Field(
        None, description="address under which the outputs folder is served, for links in the Prefect UI"
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("timm-charts"), description="folder for the clone"
    )
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("timm-charts"),
        description="folder for the local Prefect server and its log",
    )
    network_timeout_seconds: float = Field(600.0, gt=0, description="limit for one fetch, in seconds")
    server_port: int | None = Field(
        None, ge=1, le=65535, description="port of the local Prefect server; 4200 if not given"
    )
    _named: frozenset[str] = PrivateAttr(frozenset())

    def is_named(self, key: str) -> bool:
        """Tell whether a setting was named for this run, by option or parameter, not by variable or file."""
        return key in self._named

    @field_validator("outputs", "cache_dir", "data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("profile", mode="before")
    @classmethod
    def _split(cls, profile: object) -> object:
        if isinstance(profile, str):
            return tuple(part.strip() for part in profile.split(",") if part.strip())
        return profile

    @field_validator("gallery_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("https://", "http://", "file://")):
            msg = f"gallery_url {url!r} is no address; give one such as https://example.org/timm-charts"
            raise ValueError(msg)
        return url.rstrip("/") if url else url

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, preset: str | None) -> str | None:
        if preset is not None and preset not in preset_names():
            msg = f"unknown preset {preset!r}; there is: {', '.join(preset_names())}"
            raise ValueError(msg)
        return preset

    @field_validator("upstream", "ref", "outputs", "gallery_url", "cache_dir", "data_dir", mode="before")
    @classmethod
    def _not_blank(cls, value: object) -> object:
        """Refuse an empty text: as a folder it would be the current one."""
        if not isinstance(value, str):
            return value
        if not value.strip():
            msg = "empty; give a value or leave it out"
            raise ValueError(msg)
        return value.strip()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Drop dotenv and secrets files: one file, one kind of variable."""
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, settings_file()),
        )


def settings_file() -> Path:
    """Return the settings file in use: ``TIMM_CHARTS_SETTINGS``, or ``config/settings.toml``."""
    named = os.environ.get(SETTINGS_FILE_VARIABLE)
    return Path(named) if named else Path(__file__).with_name("settings.toml")


def filled_in(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what somebody filled in; in a form a switch that is off and an empty list are the default."""
    return {key: value for key, value in form.items() if value not in (None, False, [])}


def load_settings(**given: Any) -> Settings:  # noqa: ANN401 - values come from the command line and the UI
    """Build the settings; a value of None in ``given`` means "not given".

    Raises:
        UsageError: An unknown key, a value that is not valid, or an unreadable settings file.
    """
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX)
        and name not in _NOT_SETTINGS
        and name.removeprefix(PREFIX).lower() not in Settings.model_fields
    )
    if unknown:
        msg = f"unknown variable {', '.join(unknown)}; there is: {_known(PREFIX, upper=True)}"
        raise UsageError(msg)
    path = settings_file()
    if SETTINGS_FILE_VARIABLE in os.environ and not path.is_file():
        msg = f"{SETTINGS_FILE_VARIABLE} names {path}, which is no file"
        raise UsageError(msg)
    named = {key: value for key, value in given.items() if value is not None}
    try:
        settings = Settings(**named)
    except ValidationError as error:
        raise UsageError(_explain(error, path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: no valid TOML: {error}"
        raise UsageError(msg) from None
    except OSError as error:
        msg = f"{path}: can't be read: {error.strerror}"
        raise UsageError(msg) from None
    settings._named = frozenset(named)
    return settings


def _known(prefix: str = "", *, upper: bool = False) -> str:
    names = (name.upper() if upper else name for name in Settings.model_fields)
    return ", ".join(prefix + name for name in names)


def _explain(error: ValidationError, path: Path) -> str:
    """Put every violation of the settings into one line."""
    parts = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            parts.append(f"unknown setting {key!r} (settings file {path}); there is: {_known()}")
        else:
            message = problem["msg"].removeprefix("Value error, ")
            parts.append(message if key in message else f"{key}: {message} (found {problem['input']!r})")
    return "; ".join(parts)
