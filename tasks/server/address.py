"""Where the Prefect API is, and how this process is pointed at it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.server.probe import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID


@dataclass(frozen=True)
class ApiAddress:
    """The Prefect API to use.

    Attributes:
        api_url: Address of the API.
        ui_url: Address of the UI; None when it is not known.
        started: This call started the server.
        pid: The process, for a server that timm-charts started, now or before.
        log: The log of that server.
        how_to_stop: The command that stops it.
    """

    api_url: str
    ui_url: str | None
    started: bool = False
    pid: int | None = None
    log: Path | None = None
    how_to_stop: str | None = None


def no_ephemeral_server() -> None:
    """Make Prefect fail at once when no API is set, rather than start a temporary server.

    Call it before anything imports Prefect. Flow code in child processes inherits the setting.
    """
    # Prefect reads both names, and the first one wins.
    os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "false"
    os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"
    _reread_settings()


def use_api(address: ApiAddress) -> None:
    """Make this process and its children report to the address."""
    os.environ["PREFECT_API_URL"] = address.api_url
    if address.ui_url is not None:
        os.environ["PREFECT_UI_URL"] = address.ui_url  # so that Prefect's own log shows our link
    if f"//{LOOPBACK}:" in address.api_url:
        _bypass_proxy()
    _reread_settings()


def run_url(address: ApiAddress, flow_run_id: UUID | str) -> str:
    """Return the link to a run in the UI, or to its record in the API where no UI is known."""
    if address.ui_url is None:
        return f"{address.api_url}/flow_runs/{flow_run_id}"
    return f"{address.ui_url}/runs/flow-run/{flow_run_id}"


def _bypass_proxy() -> None:
    """Keep Prefect's client from asking a web proxy for a server on this machine."""
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if exempt != "*" and LOOPBACK not in exempt.split(","):
        exempt = f"{exempt},{LOOPBACK}".lstrip(",")
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = exempt


def _reread_settings() -> None:
    """Make Prefect see the changed environment; it reads its settings once, when imported."""
    context = sys.modules.get("prefect.context")
    if context is not None:
        context.refresh_global_settings_context()
