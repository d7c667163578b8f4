"""The command line: ``timm-charts``. Exit 0: done or unchanged; 1: the run failed; 2: wrong usage.

Prefect is imported only once the request is known to be sound: a typo should cost no seconds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter, Token

from config.errors import TimmChartsError, UsageError
from config.settings import RunOptions, load_settings
from config.vocabulary import MAIN_TEST_SET
from flows.launch import DONE, FAILED, WRONG_USAGE, complain, launch, say, use_server
from flows.launch import sample_if_unreachable as sample_instead

app = App(
    name="timm-charts",
    help="Turn timm's published results into Parquet snapshots and charts.",
    version=lambda: version("timm-charts"),
    version_flags=["--version"],
    help_format="plaintext",
    default_parameter=Parameter(negative=(), show_default=False),
)

automations = App(
    name="automations",
    help="Automations on the Prefect server: new results, failures, late runs, runs whose process died.",
    help_format="plaintext",
)
app.command(automations)


def _whole_number(_: object, tokens: Sequence[Token]) -> int:
    """Read a whole number; without this 1.5 would be taken as 2."""
    text = tokens[0].value
    try:
        return int(text)
    except ValueError:
        msg = f"{text!r} is no whole number"
        raise ValueError(msg) from None


@app.command
def refresh(
    *,
    options: Annotated[RunOptions | None, Parameter(name="*", negative=())] = None,
    sample_if_unreachable: bool = False,
) -> int:
    """Build tables and charts from the newest results, or from those of any revision.

    Args:
        options: The settings of a run.
        sample_if_unreachable: if the upstream can't be reached and was never cloned, show the job on
            the sample, in `outputs/sample/`.
    """
    settings = load_settings(**options.model_dump(exclude_unset=True) if options else {})
    return launch(sample_instead(settings) if sample_if_unreachable else settings)


@app.command
def pick(
    *,
    device: str,
    max_ms: float | None = None,
    max_params: float | None = None,
    min_top1: float | None = None,
    test_set: str = MAIN_TEST_SET,
    profile: str | None = None,
    top: Annotated[int, Parameter(converter=_whole_number)] = 10,
    json: bool = False,
    outputs: Path | None = None,
) -> int:
    """Show the models that no other model within the limits beats on both time and accuracy.

    Each counts with the fastest of its rows, which names its profile.

    Args:
        device: id or label of a device (`rtx4090`, `RTX 4090`), any spelling of a file name (`4090`), or
            `cpu` or `gpu` for the first of its kind.
        max_ms: most milliseconds per image: 1000 / throughput at the batch size used, not a latency.
        max_params: most parameters, in millions.
        min_top1: least top-1 accuracy, in %.
        test_set: what the accuracy is measured on, such as `imagenet` or `sketch`.
        profile: only benchmark profiles of the device that this glob matches, such as `*-nhwc-*`; by default
            all its inference profiles: eager and torch.compile, every layout and PyTorch release.
        top: most models to show.
        json: one JSON object instead of text.
        outputs: folder that `refresh` wrote.
    """
    from tasks.outputs.local import LocalStore
    from tasks.pick.ask import Request, ask
    from tasks.pick.pick import Limits
    from tasks.pick.words import as_json, as_text
    from tasks.runs.plan import outputs_of

    limits = Limits(max_ms, max_params, min_top1)
    store = LocalStore(outputs_of(load_settings(outputs=outputs)))
    answer = ask(Request(store, device, profile, test_set, limits, top))
    print(as_json(answer) if json else as_text(answer))
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
    address = use_server(settings)
    say(f"UI: {address.ui_url or address.api_url}")
    hold(schedule, say)
    return DONE


@automations.command
def install(*, notify: str | None = None) -> int:
    """Install them on the Prefect server in place of those installed before.

    Args:
        notify: Prefect block that tells people of new results and failures, as `<type>/<name>`, such as
            `slack-webhook/my-team`. Without it these are only to be seen in the event feed.
    """
    use_server(load_settings())
    from tasks.server.automations import install as install_all

    for name in install_all(notify):
        print(f"installed: {name}")
    return DONE


@automations.command
def remove() -> int:
    """Remove them from the Prefect server."""
    use_server(load_settings())
    from tasks.server.automations import remove as remove_all

    for name in remove_all():
        print(f"removed: {name}")
    return DONE


@app.command
def doctor(
    *,
    upstream: str | None = None,
    outputs: Path | None = None,
    offline: Annotated[bool | None, Parameter(negative="--no-offline")] = None,
) -> int:
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
    """Run the command line and exit.

    A reader that stops reading, such as ``head``, has what it wanted: nothing is wrong then.
    """
    try:
        code = _exit_code(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter flushes once more
        code = DONE
    sys.exit(code)


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return complain(f"{error}; see timm-charts --help", WRONG_USAGE)
    except UsageError as error:
        return complain(str(error), WRONG_USAGE)
    except TimmChartsError as error:
        return complain(str(error), FAILED)
    except KeyboardInterrupt:
        return complain("stopped; the outputs are as they were", FAILED)
    return code if isinstance(code, int) else DONE
