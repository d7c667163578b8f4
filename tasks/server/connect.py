"""Find or start the Prefect server that a run reports to.

A run always has a real server: Prefect's temporary in-process server loses task runs. Which one is
decided in `tasks.server.place`. Prefect is imported inside the functions: it costs more than a second,
and the command line has to answer wrong usage at once.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from config.errors import TimmChartsError, UsageError
from tasks.server.address import ApiAddress
from tasks.server.place import ServerOptions, first_place, places, without_password
from tasks.server.probe import client_version, probe
from tasks.server.process import (
    ServerState,
    api_url_of,
    is_alive,
    read_state,
    start_server,
    wait_until_healthy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.server.probe import Probe

_LOCK_MARGIN_SECONDS = 60.0


def ensure_api(options: ServerOptions, on_progress: Callable[[str], None]) -> ApiAddress:
    """Return a Prefect API that answers; start a local server if there is none.

    Raises:
        UsageError: The configured API can't be used, or the port is busy.
        TimmChartsError: The local server did not start.
    """
    first = first_place(options)
    if first is not None and first.configured:
        return _configured(first.url, on_progress)
    options = replace(options, data_dir=options.data_dir.absolute())  # the server runs elsewhere
    lock = _lock(options, on_progress)
    try:
        return _local(options, on_progress)
    finally:
        lock.release()


def _configured(api_url: str, on_progress: Callable[[str], None]) -> ApiAddress:
    from prefect.settings import get_current_settings

    shown = without_password(api_url)
    answer = probe(api_url, timeout=5, tries=2)
    if not answer.healthy:
        message = (
            f"the Prefect API {shown} ({_where_set(api_url)}) can't be used: {answer.problem}; "
            f"{_advice(answer)}, or unset PREFECT_API_URL to let timm-charts start a local server"
        )
        raise UsageError(message)
    _warn_about_version(shown, answer, on_progress)
    settings = get_current_settings()
    chosen = "ui_url" in settings.model_fields_set
    ui_url = without_password(settings.ui_url).rstrip("/") if settings.ui_url else None
    return ApiAddress(api_url, ui_url if chosen or not ui_url else _ui(ui_url, answer))


def _local(options: ServerOptions, on_progress: Callable[[str], None]) -> ApiAddress:
    for place in places(options):  # once more: another process may have started one since
        found = _reuse(place.ours, options, on_progress) if place.ours else _adopt(options, on_progress)
        if found is not None:
            return found
    port = options.wanted_port
    on_progress(f"starting a local Prefect server on port {port}")
    timeout = options.start_timeout_seconds
    state, answer = start_server(options.data_dir, port, timeout, on_progress)
    on_progress(f"the Prefect server is ready; to stop it: kill {state.pid}")
    return _ours(state, answer, started=True)


def _reuse(
    state: ServerState, options: ServerOptions, on_progress: Callable[[str], None]
) -> ApiAddress | None:
    """Return the server we started before if it is, or soon becomes, healthy."""
    patience = min(30.0, options.start_timeout_seconds)
    answer = wait_until_healthy(state.port, partial(is_alive, state), patience, on_progress)
    if answer is None:
        return None
    _warn_about_version(state.api_url, answer, on_progress)
    if options.port not in (None, state.port):
        on_progress(
            f"the local Prefect server runs on port {state.port}; "
            f"port {options.port} counts after: kill {state.pid}"
        )
    return _ours(state, answer, started=False)


def _adopt(options: ServerOptions, on_progress: Callable[[str], None]) -> ApiAddress:
    """Use the Prefect server that holds the default port, or refuse."""
    port, known = options.wanted_port, read_state(options.data_dir)
    api_url = api_url_of(port)
    answer = probe(api_url, timeout=5)
    if options.port is None and answer.our_release:
        on_progress(f"using the Prefect server that already runs on port {port}")
        return ApiAddress(api_url, _ui(api_url.removesuffix("/api"), answer))
    if answer.healthy:
        holder = f"a Prefect API of version {answer.version}"
    elif known is not None and known.port == port:
        holder = f"our own earlier server (pid {known.pid}), which does not answer"
    else:
        holder = f"something that does not answer as Prefect ({answer.problem})"
    use_it = f", or set PREFECT_API_URL={api_url} to use it" if answer.healthy else ""
    message = (
        f"port {port} is busy: found {holder}; stop it, "
        f"or set another port with TIMM_CHARTS_SERVER_PORT{use_it}"
    )
    raise UsageError(message)


def _ours(state: ServerState, answer: Probe, *, started: bool) -> ApiAddress:
    ui_url = _ui(state.api_url.removesuffix("/api"), answer)
    stop = f"kill {state.pid}"
    return ApiAddress(state.api_url, ui_url, started, state.pid, Path(state.log), stop)


def _lock(options: ServerOptions, on_progress: Callable[[str], None]) -> FileLock:
    """Take the lock that makes two processes end up with one server."""
    lock = FileLock(options.data_dir / "server.lock")
    try:
        options.data_dir.mkdir(parents=True, exist_ok=True)
        with suppress(Timeout):
            lock.acquire(timeout=0.5)
            return lock
        on_progress("another timm-charts is starting the Prefect server; waiting for it")
        lock.acquire(timeout=options.start_timeout_seconds + _LOCK_MARGIN_SECONDS)
    except Timeout as error:
        message = f"{options.data_dir}: another process holds server.lock; end it and try again"
        raise TimmChartsError(message) from error
    except OSError as error:
        message = (
            f"{options.data_dir}: the folder for the local Prefect server can't be written "
            f"({error.strerror}); set another one with TIMM_CHARTS_DATA_DIR"
        )
        raise UsageError(message) from error
    return lock


def _ui(base: str, answer: Probe) -> str:
    """Return the address of the UI a browser gets by default.

    The version we are pinned to has it under `/v2`; the old paths exist on every version.
    """
    return f"{base}/v2" if answer.our_release else base


def _warn_about_version(shown: str, answer: Probe, on_progress: Callable[[str], None]) -> None:
    if answer.version is not None and not answer.our_release:
        on_progress(
            f"warning: the Prefect server {shown} has version {answer.version}, timm-charts uses "
            f"{client_version()}; use the same version on both sides if anything looks wrong"
        )


def _where_set(api_url: str) -> str:
    """Say which source of Prefect's settings holds the address, as far as it can be told."""
    from prefect.settings import load_current_profile

    if os.environ.get("PREFECT_API_URL"):
        return "set by the environment variable PREFECT_API_URL"
    profile = load_current_profile()
    values = {setting.name: value for setting, value in profile.settings.items()}
    if str(values.get("PREFECT_API_URL", "")).rstrip("/") == api_url:
        return f"set in the Prefect profile {profile.name!r}"
    return f"set in prefect.toml, pyproject.toml or .env in {Path.cwd()}"


def _advice(answer: Probe) -> str:
    if answer.denied:
        return "check PREFECT_API_AUTH_STRING or PREFECT_API_KEY"
    return "start that server"
