"""The main job: results commit -> tables -> charts -> outputs folder -> Prefect artifacts and event.

Annotations are not postponed here: Prefect sends a served flow to its process without the names that
annotations given as text would need.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from config.errors import TimmChartsError, UsageError
from config.settings import filled_in, load_settings
from config.vocabulary import PresetName
from tasks.ingest import sync_clone
from tasks.outputs.reuse import Standing
from tasks.runs.logs import quiet_user_errors
from tasks.runs.name import name_run
from tasks.runs.plan import RunPlan, make_plan

REFUSED: Final = "Refused"
"""State of a run that was asked for something that can't be: wrong usage, exit code 2."""
UNCHANGED: Final = "Unchanged"
"""State of a run that found nothing to do."""

DRAWING_THREADS: Final[TaskRunner[PrefectFuture[Any]]] = ThreadPoolTaskRunner(max_workers=8)  # type: ignore[assignment]
"""They only wait for render processes; a few more than cores keep those busy."""


def _run_name() -> str:
    """Name the run by what it was asked for; the snapshot is only known after the sync."""
    asked = flow_run.parameters
    return f"refresh {asked.get('ref') or 'newest'}" + (f" {asked['preset']}" if asked.get("preset") else "")


@flow(name="refresh", task_runner=DRAWING_THREADS, flow_run_name=_run_name)
def refresh(
    upstream: str | None = None,
    ref: str | None = None,
    outputs: Path | None = None,
    preset: PresetName | None = None,
    profile: list[str] | None = None,
    force: bool = False,
    offline: bool = False,
) -> State[None]:
    """Build tables and charts from timm's newest results, or from those of any revision.

    Args:
        upstream: URL of the timm repository (https, ssh, file), or `sample`. Empty: as configured.
        ref: Branch, tag or commit. Empty: the default branch.
        outputs: Folder for tables, charts and manifest. Empty: as configured.
        preset: Named rules, such as `fastai-2022`, which rebuilds the analysis of 2022.
        profile: Benchmark profiles to use, as globs such as `infer-*-rtx4090`. Empty: all.
        force: Build again although nothing has changed, or less is asked for than the outputs show.
        offline: Use the clone as it is, without the network.
    """
    asked = filled_in(locals())
    quiet_user_errors()
    try:
        return run(make_plan(load_settings(**asked)))
    except UsageError as error:
        return Failed(name=REFUSED, message=str(error))
    except TimmChartsError as error:
        return Failed(message=str(error))


def run(plan: RunPlan) -> State[None]:
    """Carry out a plan: nothing where nothing has changed, else a build."""
    with ThreadPoolExecutor(1) as beside:  # files are hashed while git waits for the upstream
        standing = beside.submit(plan.store.standing)
        report = sync_clone(plan.source, plan.settings.ref)
    name_run(report.results.in_words, preset=plan.asked.preset, sample=plan.asked.sample)
    before = standing.result()
    if before and not plan.settings.force and before.is_current(plan.build_of(report.results)):
        with plan.store.locked(plan.asked.upstream):
            plan.store.clear_leftovers()
        return unchanged(before)
    from flows.build import make_build  # pandas, Altair and Vega take a second that most runs don't need

    return make_build(plan, report)


def unchanged(before: Standing) -> State[None]:
    """Return the state of a run that found nothing to do."""
    problems = "".join(f"; as before: {line}" for line in before.manifest.failures)
    return Completed(name=UNCHANGED, message=f"{before.manifest.in_words} is up to date{problems}")
