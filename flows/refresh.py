"""The main job: results commit -> tables -> charts -> outputs folder -> Prefect artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from config.errors import TimmChartsError, UsageError
from config.settings import load_settings
from config.vocabulary import PresetName
from flows.steps import (
    changes_of,
    draw_all,
    keep_older_snapshots,
    make_tables,
    parse_all,
    start_comparison,
    write_pages,
)
from tasks.adapters import outputs as outputs_folder
from tasks.adapters.render import write_assets
from tasks.core.manifest import Manifest
from tasks.core.snapshot import wanted_files
from tasks.describe import BuildFacts, build_of, describe, gallery
from tasks.draw import warm_up
from tasks.ingest import read_files, sync_clone
from tasks.logs import quiet_user_errors
from tasks.plan import RunPlan, make_plan
from tasks.publish import publish_artifacts, publish_outputs
from tasks.render_pool import render_pool
from tasks.transform import write_snapshot

REFUSED = "Refused"
"""State of a run that was asked for something that can't be: wrong usage, exit code 2."""


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
        force: Build again although nothing has changed.
        offline: Use the clone as it is, without the network.
    """
    quiet_user_errors()
    try:
        given = {
            "upstream": upstream, "ref": ref, "outputs": outputs, "preset": preset,
            "profile": tuple(profile) if profile else None, "force": force or None,
            "offline": offline or None,
        }  # fmt: skip
        return run(make_plan(load_settings(**given)))
    except UsageError as error:
        return Failed(name=REFUSED, message=str(error))
    except TimmChartsError as error:
        return Failed(message=str(error))


def run(plan: RunPlan) -> State[None]:
    """Carry out a plan. The outputs folder is untouched until it is known that there is something to make."""
    report = sync_clone(plan)
    build = build_of(plan, report.results)
    if not plan.settings.force and outputs_folder.is_current(plan.outputs, build):
        with outputs_folder.locked(plan.outputs, plan.upstream):
            outputs_folder.clear_leftovers(plan.outputs)
        return Completed(name="Unchanged", message=f"{report.results.snapshot_id} is up to date")
    tree = read_files(plan, report.results)
    wanted, unknown = wanted_files(tree, plan.globs)
    with outputs_folder.locked(plan.outputs, plan.upstream):
        with render_pool() as pool:
            pool.warm_up(warm_up)
            parsed = parse_all(wanted)
            tables = make_tables(plan, report, parsed)
            comparison = start_comparison(plan, report, parsed, tables, pool)
            folder = outputs_folder.start_build(plan.outputs, build)
            drawn = draw_all(plan, report, parsed, tables, folder, pool)
            write_assets(folder / "assets", plan.bundle_dir)
            frames = tables.frames(changes_of(comparison))
        write_snapshot(frames, report.results.snapshot_id, folder)
        keep_older_snapshots(plan, folder, report.results)
        facts = BuildFacts(
            plan, report, build, tree, tuple(wanted), tuple(unknown), parsed.files, parsed.errors
        )
        failures = (*parsed.errors.values(), *tables.failures, *drawn.failures)
        write_pages(gallery(facts, frames, drawn, failures), frames, folder)
        manifest = describe(facts, frames, drawn, failures, folder)
        publish_outputs(plan, folder, manifest)
        publish_artifacts(plan, manifest, frames)
    return final_state(manifest)


def final_state(manifest: Manifest) -> State[None]:
    """Return how the run ended: complete, or without what could not be used."""
    counts = (
        f"{manifest.snapshot}: {manifest.tables['merged']:,} merged rows, {len(manifest.charts)} charts; "
        f"CSV rows {manifest.rows.rows_in:,} read, {manifest.rows.rows_out:,} used, "
        f"{manifest.rows.rows_rejected:,} rejected"
    )
    if manifest.failures:
        return Completed(name="CompletedWithErrors", message=f"{counts}. {'; '.join(manifest.failures)}")
    return Completed(message=counts)
