"""`timm-charts doctor`: is everything there that a run needs, and if not, what to do. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from config.settings import Settings
from config.vocabulary import SAMPLE
from tasks.adapters import (
    doctor_database,
    doctor_folders,
    doctor_git,
    doctor_machine,
    doctor_prefect,
)
from tasks.adapters.clone import CloneOptions
from tasks.adapters.doctor_check import Check, Finding, guarded, ok
from tasks.adapters.server import ServerOptions
from tasks.adapters.upstream_url import check_url, without_credentials
from tasks.charts.theme import FONT

NETWORK_SECONDS: Final = 10.0
_Table = Sequence[tuple[str, Callable[[], Finding]]]


def run_checks(settings: Settings) -> tuple[Check, ...]:
    """Check everything that a run with these settings needs; one check that breaks stops no other.

    Raises:
        UsageError: The upstream's URL is not allowed, as for any other command.
    """
    return tuple(guarded(name, check) for name, check in (*_machine(), *_source(settings), *_rest(settings)))


def as_text(checks: Sequence[Check]) -> str:
    """Return one line a check, a second line with the remedy where there is one, and a last line."""
    width = max((len(check.name) for check in checks), default=0)
    lines = []
    for check in checks:
        lines.append(f"{check.status:<7}  {check.name:<{width}}  {_one_line(check.found)}")
        if check.remedy:
            lines.append(f"{'':<7}  {'':<{width}}  remedy: {_one_line(check.remedy)}")
    problems, warnings = (sum(c.status == status for c in checks) for status in ("problem", "warning"))
    lines.append("")
    lines.append(f"{_count(problems, 'problem')}, {_count(warnings, 'warning')}")
    return "\n".join(lines)


def has_problem(checks: Sequence[Check]) -> bool:
    """Tell whether a run would fail or its results could be wrong; a warning is none."""
    return any(check.status == "problem" for check in checks)


def _machine() -> _Table:
    return (
        ("settings", doctor_machine.settings_in_use),
        ("Python", doctor_machine.python),
        ("packages", doctor_machine.packages),
        ("font", lambda: doctor_machine.font(FONT)),
        ("browser", doctor_machine.browser),
        ("git", doctor_git.git),
    )


def _source(settings: Settings) -> _Table:
    if settings.upstream == SAMPLE:
        made_up = ok("sample: made-up results, made on this machine; no network needed")
        return (("clone", lambda: doctor_git.clone(_clone(settings))), ("upstream", lambda: made_up))
    check_url(settings.upstream)
    options = _clone(settings)
    return (
        ("clone", lambda: doctor_git.clone(options)),
        ("upstream", lambda: doctor_git.upstream(options, NETWORK_SECONDS)),
    )


def _rest(settings: Settings) -> _Table:
    """Return the checks of Prefect and of the folders."""
    sample = settings.upstream == SAMPLE
    shown = SAMPLE if sample else without_credentials(settings.upstream)
    own = sample and "outputs" not in settings.model_fields_set  # as a run does
    outputs = settings.outputs / SAMPLE if own else settings.outputs
    cache, data = settings.cache_dir, settings.data_dir
    server = ServerOptions(data, settings.server_port)
    folders = {"outputs": outputs, "cache": cache, "data": data}
    return (
        ("Prefect", doctor_prefect.client),
        ("Prefect server", lambda: doctor_prefect.server(server)),
        ("Prefect database", lambda: doctor_database.database(server)),
        ("disk space", lambda: doctor_folders.disk_space(folders)),
        ("outputs folder", lambda: doctor_folders.outputs_folder(outputs, shown)),
        ("cache folder", lambda: doctor_folders.writable(cache, "TIMM_CHARTS_CACHE_DIR")),
        ("data folder", lambda: doctor_folders.writable(data, "TIMM_CHARTS_DATA_DIR")),
        ("results", lambda: doctor_folders.results(outputs)),
    )


def _clone(settings: Settings) -> CloneOptions:
    sample = settings.upstream == SAMPLE
    url = (settings.cache_dir / "sample.git").as_uri() if sample else settings.upstream
    return CloneOptions(
        url, settings.cache_dir, settings.offline and not sample, settings.network_timeout_seconds
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
