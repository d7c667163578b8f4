"""`timm-charts doctor`: is everything there that a run needs, and if not, what to do. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from config.settings import Settings
from tasks.charts.theme import FONT
from tasks.doctor import database, machine, outputs, server, upstream
from tasks.doctor.check import Check, Finding, guarded, ok
from tasks.runs.plan import is_sample, outputs_of, shown_upstream, source_of
from tasks.server.place import ServerOptions

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
        ("settings", machine.settings_in_use),
        ("Python", machine.python),
        ("packages", machine.packages),
        ("font", lambda: machine.font(FONT)),
        ("browser", machine.browser),
        ("git", upstream.git),
    )


def _source(settings: Settings) -> _Table:
    shown_upstream(settings)  # refuses a URL that is not allowed
    source = source_of(settings)
    if is_sample(settings):
        made_up = ok("sample: made-up results, made on this machine; no network needed")
        return (("clone", lambda: upstream.clone(source)), ("upstream", lambda: made_up))
    return (
        ("clone", lambda: upstream.clone(source)),
        ("upstream", lambda: upstream.upstream(source, NETWORK_SECONDS)),
    )


def _rest(settings: Settings) -> _Table:
    """Return the checks of Prefect and of the folders."""
    shown, folder = shown_upstream(settings), outputs_of(settings)
    cache, data = settings.cache_dir, settings.data_dir
    options = ServerOptions(data, settings.server_port)
    folders = {"outputs": folder, "cache": cache, "data": data}
    return (
        ("Prefect", server.client),
        ("Prefect server", lambda: server.server(options)),
        ("Prefect database", lambda: database.database(options)),
        ("disk space", lambda: outputs.disk_space(folders)),
        ("outputs folder", lambda: outputs.outputs_folder(folder, shown)),
        ("cache folder", lambda: outputs.writable(cache, "TIMM_CHARTS_CACHE_DIR")),
        ("data folder", lambda: outputs.writable(data, "TIMM_CHARTS_DATA_DIR")),
        ("results", lambda: outputs.results(folder)),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
