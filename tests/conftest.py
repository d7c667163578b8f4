"""Isolation for every test, and one private Prefect server for the slow ones."""

from __future__ import annotations

import atexit
import gc
import itertools
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.prefect_server import private_server

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = {"TIMM_CHARTS_TEST_BUNDLE", "TIMM_CHARTS_TEST_TIMM"}
_ONLY_SLOW = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)
_HOMES = itertools.count()
_session_settings: Any = None


def _isolate(home: Path, environment: pytest.MonkeyPatch) -> None:
    home.mkdir()
    for key in list(os.environ):
        if key.startswith(("PREFECT_", "TIMM_CHARTS_")) and key not in KEPT:
            environment.delenv(key)
    variables = {
        "HOME": home,
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "PREFECT_HOME": home / ".prefect",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # A flow without an API fails at once, rather than start a server of its own.
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    }
    for key, value in variables.items():
        environment.setenv(key, str(value))


# Prefect reads its settings when it is imported, and test modules import it at collection, before
# any fixture runs. So the whole process is isolated here, and each test once more below.
_ROOT = Path(tempfile.mkdtemp(prefix="timm-charts-tests-"))
_isolate(_ROOT / "session", pytest.MonkeyPatch())
_SESSION = dict(os.environ)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("tx", None) and not hasattr(config, "workerinput"):
        return  # this process only hands out tests: it need not import what the others do

    from hypothesis import settings

    settings.register_profile("tests", deadline=None)  # a busy machine may take its time
    settings.load_profile("tests")
    config.addinivalue_line("filterwarnings", "error::pandas.errors.PerformanceWarning")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave modules with slow tests only aside where none is wanted: what they import takes seconds."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return True if _ONLY_SLOW.search(collection_path.read_text(encoding="utf-8")) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Take every property for a slow test: it is a hundred tests."""
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        item.add_marker("slow")


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules and the collected tests, which stay until the end anyway."""
    gc.freeze()
    atexit.register(gc.unfreeze)  # or objects of compiled libraries are said to leak
    gc.set_threshold(20_000)


def pytest_unconfigure() -> None:
    shutil.rmtree(_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def isolated() -> Iterator[None]:
    """Give each test a home of its own, and let nothing it sets reach the next one."""
    with pytest.MonkeyPatch.context() as environment:
        _isolate(_ROOT / f"home-{next(_HOMES)}", environment)
        yield
    for key in os.environ.keys() - _SESSION.keys():
        if key.startswith(("PREFECT_", "TIMM_CHARTS_")):
            del os.environ[key]
    _forget_prefect_settings()


def _forget_prefect_settings() -> None:
    """Bring back the settings that Prefect keeps in this process, as at the session's start."""
    global _session_settings
    context: Any = sys.modules.get("prefect.context")
    if context is None:
        return
    if _session_settings is None:
        context.refresh_global_settings_context()
        _session_settings = context.GLOBAL_SETTINGS_CONTEXT
    context.GLOBAL_SETTINGS_CONTEXT = _session_settings


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API address of one real server, shared by the slow tests of this worker."""
    with private_server(tmp_path_factory.mktemp("prefect-server")) as api_url:
        yield api_url
