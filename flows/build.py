"""The part of the main job that most runs don't get to: a new build of the outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.charts import draw_charts
from flows.older import keep_older_snapshots
from flows.snapshot import changes_of, start_comparison, steps_as_tasks
from tasks.ingest import read_files
from tasks.outputs import layout
from tasks.outputs.manifest import Manifest
from tasks.outputs.record import BuildFacts, Drawn, commits_of, make_manifest, snapshot_entries
from tasks.outputs.reuse import Standing
from tasks.pages.draw import warm_up
from tasks.pages.explorer import write_explorer
from tasks.pages.gallery import gallery_of, write_gallery
from tasks.pages.render import write_assets
from tasks.publish import announce, publish_artifacts, publish_outputs
from tasks.runs.plan import RunPlan
from tasks.runs.processes import render_processes
from tasks.tables.snapshot import make_snapshot, require_profiles, require_usable, wanted_files
from tasks.tables.source import SyncReport
from tasks.transform import write_snapshot


def make_build(plan: RunPlan, report: SyncReport) -> State[None]:
    """Make a build and switch to it. What the current one has and nothing has changed stays."""
    commit, settings, store = report.results, plan.settings, plan.store
    tree = read_files(plan.source, commit)
    require_profiles(tree, plan.asked.profiles)
    wanted, unknown = wanted_files(tree, plan.asked.profiles)
    with store.locked(plan.asked.upstream):
        before = store.standing()
        with render_processes(warm_up):
            steps = steps_as_tasks(plan.work_dir, force=settings.force)
            snapshot = require_usable(make_snapshot(commit, wanted, plan.rules, steps))
            comparison = start_comparison(plan, report, snapshot)
            build = store.start_build(plan.build_of(commit))
            drawn = draw_charts(plan, tree, snapshot, before, build)
            write_assets(build / layout.ASSETS, plan.bundle_dir)
            tables = snapshot.tables(changes_of(comparison))
        facts = BuildFacts(
            plan.asked, report, plan.link_to(commit), tree, tuple(wanted), tuple(unknown), snapshot
        )
        older = keep_older_snapshots(plan, before, commit.snapshot_id, build)
        entries = snapshot_entries(facts, older)
        tables["commits"] = commits_of(facts, entries, build)
        write_snapshot(tables, commit, build)
        failures = (*snapshot.failures, *drawn.failed.values())
        write_pages(facts, tables, drawn, failures, build)
        manifest = make_manifest(facts, tables, drawn, failures, build, entries)
        publish_outputs(store, build, manifest, None if settings.force else before)
        publish_artifacts(store, manifest, tables, drawn, settings.gallery_url)
        announce(manifest, tables["changes"], drawn, replaced_by(manifest, before), settings.gallery_url)
    return final_state(manifest, drawn.stayed)


def write_pages(
    facts: BuildFacts,
    tables: Mapping[str, pd.DataFrame],
    drawn: Drawn,
    failures: Sequence[str],
    build: Path,
) -> None:
    """Write the gallery and the explorer."""
    gallery = gallery_of(facts, tables, drawn, failures)
    write_gallery(gallery, build)
    write_explorer(tables, gallery.heading, build)


def replaced_by(manifest: Manifest, before: Standing | None) -> str | None:
    """Return the snapshot that the outputs showed before, by the id that it has now; None for none."""
    if before is None:
        return None
    was = before.manifest
    same = (name for name, entry in manifest.snapshots.items() if entry.commit == was.source.commit)
    return next(same, was.snapshot)


def final_state(manifest: Manifest, kept: int) -> State[None]:
    """Return how the run ended: complete, or without what could not be used."""
    counts = (
        f"{manifest.in_words}: {manifest.tables['merged']:,} merged rows, {len(manifest.charts)} charts, "
        f"{kept} of them as they were; CSV rows {manifest.rows.rows_in:,} read, "
        f"{manifest.rows.rows_out:,} used, {manifest.rows.rows_rejected:,} rejected"
    )
    if manifest.failures:
        return Completed(name="CompletedWithErrors", message=f"{counts}. {'; '.join(manifest.failures)}")
    return Completed(message=counts)
