"""Start the main job on a Prefect server and say how it ended. Prefect is imported when it is needed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from config.errors import NetworkError
from config.settings import RunOptions, Settings
from config.vocabulary import RUN_TAG

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from tasks.server.address import ApiAddress

DONE: Final = 0
FAILED: Final = 1
WRONG_USAGE: Final = 2


def launch(settings: Settings) -> int:
    """Run the flow on a real Prefect server; return the exit code."""
    from tasks.runs.plan import make_plan

    plan = make_plan(settings)  # everything that can be wrong before a run is wrong here
    address = use_server(settings)
    from prefect import tags

    from flows.refresh import refresh

    with tags(RUN_TAG):
        state: State[Any] = refresh(**flow_parameters(settings), return_state=True)
    return _report(state, str(plan.store), address)


def _report(state: State[Any], outputs: str, address: ApiAddress) -> int:
    from flows.refresh import REFUSED
    from tasks.server.address import run_url

    if state.name == REFUSED:
        return complain(str(state.message), WRONG_USAGE)
    if not state.is_completed():
        return complain(str(state.message), FAILED)
    print(f"{state.name}: {state.message}")
    print(f"outputs: {outputs}")
    if state.state_details.flow_run_id:
        print(f"run: {run_url(address, state.state_details.flow_run_id)}")
    if address.how_to_stop:
        print(f"the Prefect server goes on; to stop it: {address.how_to_stop}")
    return DONE


def flow_parameters(settings: Settings) -> dict[str, Any]:
    """Return the flow's parameters: what was settled, so that the run in the UI shows it."""
    from tasks.runs.plan import outputs_of

    asked = settings.model_dump(include=set(RunOptions.model_fields))
    return asked | {"outputs": outputs_of(settings), "profile": list(settings.profile) or None}


def sample_if_unreachable(settings: Settings) -> Settings:
    """Return settings for the sample if the upstream does not answer and was never cloned."""
    if _is_reachable(settings):
        return settings
    from tasks.runs.plan import sample_beside

    sample = sample_beside(settings)
    say(f"showing the job on made-up sample results in {sample.outputs}; nothing else is touched")
    return sample


def _is_reachable(settings: Settings) -> bool:
    from tasks.runs.plan import make_plan
    from tasks.sources.git.clone import clone_path
    from tasks.sources.upstream import sync

    source = make_plan(settings).source
    if clone_path(source).exists():
        return True
    try:
        sync(source, settings.ref, lambda _message, _share: None)
    except NetworkError as error:
        say(f"the upstream can't be reached and was never cloned: {error}")
        return False
    return True


def use_server(settings: Settings) -> ApiAddress:
    """Find or start the Prefect server and make this process report to it."""
    from tasks.server.address import no_ephemeral_server, use_api
    from tasks.server.connect import ensure_api
    from tasks.server.place import ServerOptions

    no_ephemeral_server()
    address = ensure_api(ServerOptions(settings.data_dir, settings.server_port), say)
    use_api(address)
    return address


def complain(message: str, code: int) -> int:
    """Say in one line what is wrong and return the exit code."""
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return code


def say(message: str) -> None:
    """Say something that is not the result."""
    print(message, file=sys.stderr)
