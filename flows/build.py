"""The part of the main job that most runs don't get to: a new build of the outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed

from config.errors import UsageError
from flows.charts import draw_charts
from flows.news import start_comparisons
from flows.older import keep_older_snapshots
from flows.snapshot import steps_as_tasks
from tasks.artifacts.changes import headline
from tasks.ingest import read_files
from tasks.outputs import layout
from tasks.outputs.manifest import Manifest
from tasks.outputs.narrower import taken_away
from tasks.outputs.record import BuildFacts, Drawn, commits_of, make_manifest, snapshot_entries
from tasks.pages.draw import warm_up
from tasks.pages.explorer import write_explorer
from tasks.pages.gallery import gallery_of, write_gallery
from tasks.pages.render import write_assets
from tasks.publish import announce, publish_artifacts, publish_outputs
from tasks.runs.plan import RunPlan
from tasks.runs.processes import render_processes
from tasks.tables.finding import Finding
from tasks.tables.news import News
from tasks.tables.sentences import say
from tasks.tables.snapshot import (
    make_snapshot,
    profiles_in,
    require_profiles,
    require_usable,
    wanted_files,
)
from tasks.tables.source import ResultsTree, SyncReport
from tasks.transform import write_snapshot


def make_build(plan: RunPlan, report: SyncReport) -> State[None]:
    """Make a build and switch to it. What the current one has and nothing has changed stays."""
    commit, settings, store = report.results, plan.settings, plan.store
    tree = read_files(plan.source, commit)
    check_wishes(plan, tree)
    wanted, unknown = wanted_files(tree, plan.asked.profiles)
    with store.locked(plan.asked.upstream):
        before = store.standing()
        with render_processes(warm_up):
            steps = steps_as_tasks(plan.work_dir, force=settings.force)
            snapshot = require_usable(make_snapshot(commit, wanted, plan.rules, steps))
            comparisons = start_comparisons(plan, report, before, snapshot)
            build = store.start_build(plan.build_of(commit))
            drawn = draw_charts(plan, tree, snapshot, before, build)
            write_assets(build / layout.ASSETS, plan.bundle_dir)
            tables, news = snapshot.tables(comparisons.of_commit()), comparisons.news()
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
        publish_artifacts(store, manifest, tables, news, drawn, settings.gallery_url)
        announce(manifest, news, drawn, settings.gallery_url)
    return final_state(manifest, news, drawn.stayed)


def check_wishes(plan: RunPlan, tree: ResultsTree) -> None:
    """Make sure that what is asked for is there, and that the outputs lose nothing by it unless forced to.

    Raises:
        UsageError: One of the two is not so.
    """
    require_profiles(tree, plan.asked.profiles)
    shown = plan.store.manifest()
    lost = taken_away(shown, plan.asked, profiles_in(tree)) if shown else None
    if lost and not plan.settings.force:
        msg = f"outputs {plan.store} {lost}; choose another folder with --outputs, or --force to have it so"
        raise UsageError(msg)
    if lost:
        get_run_logger().warning("with --force: outputs %s %s", plan.store, lost)


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


def final_state(manifest: Manifest, news: News, kept: int) -> State[None]:
    """Return how the run ended: complete, or without what could not be used."""
    rows, only = manifest.rows, f", {manifest.asked_in_words}" if manifest.profiles else ""
    values = {
        "charts": len(manifest.charts),
        "kept": kept,
        "read": rows.rows_in,
        "used": rows.rows_out,
        "rejected": rows.rows_rejected,
    }
    counts = f"{headline(news)}{only}: {say(Finding('published', manifest.tables['merged'], values=values))}"
    if manifest.failures:
        return Completed(name="CompletedWithErrors", message=f"{counts}. {'; '.join(manifest.failures)}")
    return Completed(message=counts)
