"""The command line: ``timm-charts``. Exit 0: done or unchanged; 1: the run failed; 2: wrong usage.

Prefect is imported only once the request is known to be sound: a typo should cost no seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, CycloptsError, Parameter

from config.errors import NetworkError, TimmChartsError, UsageError
from config.settings import Settings, load_settings
from config.vocabulary import MAIN_TEST_SET, RUN_TAG

if TYPE_CHECKING:
    from tasks.server.address import ApiAddress

DONE: Final = 0
FAILED: Final = 1
WRONG_USAGE: Final = 2

app = App(
    name="timm-charts",
    help="Turn timm's published results into Parquet snapshots and charts.",
    version=lambda: version("timm-charts"),
    version_flags=["--version"],
    help_format="plaintext",
)

automations = App(
    name="automations",
    help="Automations on the Prefect server: new results, failures, late runs, runs whose process died.",
    help_format="plaintext",
)
app.command(automations)


@app.command
def refresh(
    *,
    upstream: str | None = None,
    ref: str | None = None,
    outputs: Path | None = None,
    preset: str | None = None,
    profile: Annotated[list[str] | None, Parameter(negative=())] = None,
    force: Annotated[bool, Parameter(negative=())] = False,
    offline: Annotated[bool, Parameter(negative=())] = False,
    sample_if_unreachable: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Build tables and charts from the newest results, or from those of any revision.

    Args:
        upstream: URL of the timm repository (https, ssh, file), or `sample` for made-up results.
        ref: branch, tag or commit; the default branch if not given.
        outputs: folder for tables, charts and manifest.
        preset: named rules; `fastai-2022` rebuilds the analysis of 2022.
        profile: benchmark profiles to use, as globs such as `infer-*-rtx4090`; may be repeated.
        force: build again although nothing has changed.
        offline: use the clone as it is, without the network.
        sample_if_unreachable: if the upstream can't be reached and was never cloned, show the job on
            the sample, in `outputs/sample/`.
    """
    given: dict[str, Any] = {
        "upstream": upstream,
        "ref": ref,
        "outputs": outputs,
        "preset": preset,
        "profile": tuple(profile) if profile else None,
        "force": force or None,
        "offline": offline or None,
    }
    settings = load_settings(**given)
    if sample_if_unreachable and not _reachable(settings):
        settings = _sample_instead(settings)
    return _run(settings)


@app.command
def pick(
    *,
    device: str,
    max_ms: float | None = None,
    max_params: float | None = None,
    min_top1: float | None = None,
    test_set: str = MAIN_TEST_SET,
    profile: str | None = None,
    top: int = 10,
    json: Annotated[bool, Parameter(negative=())] = False,
    outputs: Path | None = None,
) -> int:
    """Show the models that no other model within the limits beats on both time and accuracy.

    Args:
        device: device as the benchmark files spell it, such as `rtx4090`.
        max_ms: most milliseconds per image: 1000 / throughput at the batch size used, not a latency.
        max_params: most parameters, in millions.
        min_top1: least top-1 accuracy, in %.
        test_set: what the accuracy is measured on, such as `imagenet` or `sketch`.
        profile: benchmark profile of the device; by default inference, eager, newest PyTorch.
        top: most models to show.
        json: one JSON object instead of text.
        outputs: folder that `refresh` wrote.
    """
    from tasks.pick.ask import Asked, ask
    from tasks.pick.pick import Limits
    from tasks.pick.words import as_json, as_text

    limits = Limits(max_ms, max_params, min_top1)
    folder = load_settings(outputs=outputs).outputs
    question, picks = ask(Asked(folder, device, profile, test_set, limits, top))
    print(as_json(question, picks) if json else as_text(question, picks))
    return DONE


@app.command
def serve(*, cron: str = "17 6 * * *", timezone: str = "UTC") -> int:
    """Hold the schedule in this process: a run starts at each time, and ends at once if nothing has changed.

    What a run does is set by `TIMM_CHARTS_*` variables or the settings file.

    Args:
        cron: when, as five cron fields; daily at 6:17 if not given.
        timezone: zone of these times, such as `Europe/Berlin`.
    """
    settings = load_settings()
    from flows.serve import checked_schedule
    from flows.serve import serve as hold

    schedule = checked_schedule(cron, timezone)
    address = _use_server(settings)
    _say(f"UI: {address.ui_url or address.api_url}")
    hold(schedule, _say)
    return DONE


@automations.command
def install(*, notify: str | None = None) -> int:
    """Install them on the Prefect server in place of those installed before.

    Args:
        notify: Prefect block that tells people of new results and failures, as `<type>/<name>`, such as
            `slack-webhook/my-team`. Without it these are only to be seen in the event feed.
    """
    _use_server(load_settings())
    from tasks.server.automations import install as install_all

    for name in install_all(notify):
        print(f"installed: {name}")
    return DONE


@automations.command
def remove() -> int:
    """Remove them from the Prefect server."""
    _use_server(load_settings())
    from tasks.server.automations import remove as remove_all

    for name in remove_all():
        print(f"removed: {name}")
    return DONE


@app.command
def doctor(*, upstream: str | None = None, outputs: Path | None = None, offline: bool | None = None) -> int:
    """Check what a run needs: git, upstream, Prefect, disk, fonts. Each is ok or comes with its remedy.

    Args:
        upstream: as for `refresh`.
        outputs: as for `refresh`.
        offline: leave the network alone.
    """
    from tasks.doctor.checks import as_text, has_problem, run_checks

    checks = run_checks(load_settings(upstream=upstream, outputs=outputs, offline=offline))
    print(as_text(checks))
    return FAILED if has_problem(checks) else DONE


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _complain(f"{error}; see timm-charts --help", WRONG_USAGE)
    except UsageError as error:
        return _complain(str(error), WRONG_USAGE)
    except TimmChartsError as error:
        return _complain(str(error), FAILED)
    except KeyboardInterrupt:
        return _complain("stopped; the outputs are as they were", FAILED)
    return code if isinstance(code, int) else DONE


def _complain(message: str, code: int) -> int:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return code


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _run(settings: Settings) -> int:
    """Run the flow on a real Prefect server and report how it ended."""
    from tasks.runs.plan import make_plan

    plan = make_plan(settings)  # everything that can be wrong before a run is wrong here
    address = _use_server(settings)
    from prefect import tags

    from flows.refresh import REFUSED
    from flows.refresh import refresh as refresh_flow
    from tasks.server.address import run_url

    with tags(RUN_TAG):
        state = refresh_flow(**_parameters(settings, plan.outputs), return_state=True)
    if state.name == REFUSED:
        return _complain(str(state.message), WRONG_USAGE)
    if not state.is_completed():
        return _complain(str(state.message), FAILED)
    print(f"{state.name}: {state.message}")
    print(f"outputs: {plan.outputs}")
    if state.state_details.flow_run_id:
        print(f"run: {run_url(address, state.state_details.flow_run_id)}")
    if address.how_to_stop:
        print(f"the Prefect server goes on; to stop it: {address.how_to_stop}")
    return DONE


def _use_server(settings: Settings) -> ApiAddress:
    """Find or start the Prefect server and make this process report to it."""
    from tasks.server.address import no_ephemeral_server, use_api
    from tasks.server.connect import ServerOptions, ensure_api

    no_ephemeral_server()
    address = ensure_api(ServerOptions(settings.data_dir, settings.server_port), _say)
    use_api(address)
    return address


def _parameters(settings: Settings, outputs: Path) -> dict[str, Any]:
    """Return the flow's parameters: what was settled, so that the run in the UI shows it."""
    return {
        "upstream": settings.upstream,
        "ref": settings.ref,
        "outputs": outputs,
        "preset": settings.preset,
        "profile": list(settings.profile) or None,
        "force": settings.force,
        "offline": settings.offline,
    }


def _reachable(settings: Settings) -> bool:
    """Tell whether the upstream answers or was cloned before."""
    from tasks.runs.plan import make_plan
    from tasks.sources.git.clone import clone_path
    from tasks.sources.upstream import sync

    plan = make_plan(settings)
    if clone_path(plan.clone).exists():
        return True
    try:
        sync(plan.clone, settings.ref, lambda _message, _share: None)
    except NetworkError as error:
        _say(f"the upstream can't be reached and was never cloned: {error}")
        return False
    return True


def _sample_instead(settings: Settings) -> Settings:
    outputs = settings.outputs / "sample"
    _say(f"showing the job on made-up sample results in {outputs}; nothing else is touched")
    # A revision or profiles that are configured for the real upstream mean nothing here.
    ref, profile = "main" if settings.ref else None, ("*",) if settings.profile else None
    return load_settings(upstream="sample", outputs=outputs, ref=ref, profile=profile)
