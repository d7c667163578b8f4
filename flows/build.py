"""The part of the main job that most runs don't get to: a new build of the outputs folder."""

from __future__ import annotations

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.charts import Drawing, draw_all
from flows.snapshot import (
    changes_of,
    keep_older_snapshots,
    make_tables,
    parse_all,
    start_comparison,
    write_pages,
)
from tasks.ingest import read_files
from tasks.outputs import local as outputs_folder
from tasks.outputs.manifest import Manifest
from tasks.outputs.record import BuildFacts, describe, gallery
from tasks.pages.draw import warm_up
from tasks.pages.render import write_assets
from tasks.publish import announce, publish_artifacts, publish_outputs
from tasks.runs.plan import RunPlan
from tasks.runs.processes import render_pool
from tasks.tables.snapshot import wanted_files
from tasks.tables.source import SyncReport
from tasks.transform import write_snapshot


def make_build(plan: RunPlan, report: SyncReport) -> State[None]:
    """Make a build and switch to it. What the current one has and nothing has changed stays."""
    tree = read_files(plan, report.results)
    wanted, unknown = wanted_files(tree, plan.globs)
    with outputs_folder.locked(plan.outputs, plan.upstream):
        before = outputs_folder.standing(plan.outputs)
        with render_pool() as pool:
            pool.warm_up(warm_up)
            parsed = parse_all(plan, wanted)
            tables = make_tables(plan, tree, parsed)
            comparison = start_comparison(plan, report, parsed, tables, pool)
            folder = outputs_folder.start_build(plan.outputs, plan.build_of(report.results))
            drawn = draw_all(Drawing(plan, tree, parsed, tables, before, folder), pool)
            write_assets(folder / "assets", plan.bundle_dir)
            frames = tables.frames(changes_of(comparison))
        write_snapshot(frames, report.results.snapshot_id, folder)
        keep_older_snapshots(plan, folder, report.results)
        facts = BuildFacts(plan, report, tree, tuple(wanted), tuple(unknown), parsed.files, parsed.errors)
        failures = (*parsed.errors.values(), *tables.failures, *drawn.failed.values())
        write_pages(gallery(facts, frames, drawn, failures), frames, folder)
        manifest = describe(facts, frames, drawn, failures, folder)
        publish_outputs(plan, folder, manifest, before)
        publish_artifacts(plan, manifest, frames, drawn)
        announce(plan, manifest, frames["changes"], drawn, before)
    return final_state(manifest, drawn.stayed)


def final_state(manifest: Manifest, kept: int) -> State[None]:
    """Return how the run ended: complete, or without what could not be used."""
    counts = (
        f"{manifest.snapshot}: {manifest.tables['merged']:,} merged rows, {len(manifest.charts)} charts, "
        f"{kept} of them as they were; CSV rows {manifest.rows.rows_in:,} read, "
        f"{manifest.rows.rows_out:,} used, {manifest.rows.rows_rejected:,} rejected"
    )
    if manifest.failures:
        return Completed(name="CompletedWithErrors", message=f"{counts}. {'; '.join(manifest.failures)}")
    return Completed(message=counts)
