"""The job as one would write it in an afternoon: one process, no Prefect, one ``chart.save()`` a file.

Makes the same tables and the same pictures as ``timm-charts refresh`` (HTML with its own copy of Vega each,
as Altair writes it offline) from a clone that is there already. Only `tests.bench.compare` runs it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import altair as alt
from git import Repo

from config.contracts import TABLES
from config.presets import load_rules
from tasks.charts.chart import spec
from tasks.charts.jobs import DrawJob, draw_jobs
from tasks.charts.registry import BY_STEM
from tasks.outputs.layout import chart_folder, table_file
from tasks.outputs.parquet import write_table
from tasks.tables.changes import changes_since
from tasks.tables.commits import SnapshotFacts, commits_table
from tasks.tables.snapshot import make_snapshot, wanted_files
from tasks.tables.source import ResultsCommit, ResultsTree, SourceFile


def read(repo: Repo, sha: str) -> ResultsTree:
    commit = repo.commit(sha)
    files = tuple(
        SourceFile(blob.name, blob.hexsha, blob.data_stream.read())
        for blob in sorted((commit.tree / "results").blobs, key=lambda blob: blob.name)
        if blob.name.endswith(".csv")
    )
    return ResultsTree(ResultsCommit(commit.hexsha, commit.committed_datetime), files, ())


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("clone", type=Path)
    arguments.add_argument("outputs", type=Path)
    asked = arguments.parse_args()
    rules = load_rules(None)
    with Repo(asked.clone) as repo:
        newest, previous = repo.git.log("-2", "--format=%H", "--", ":(glob)results/*.csv").split()
        tree, before = read(repo, newest), read(repo, previous)
    snapshot = make_snapshot(tree.commit, wanted_files(tree, ())[0], rules)
    tables = snapshot.tables(changes_since(before, (), rules, snapshot))
    facts = SnapshotFacts(
        tree.commit.snapshot_id, newest, tree.commit.time, before.commit.snapshot_id, len(tables["merged"])
    )
    tables["commits"] = commits_table([facts], tree.commit.snapshot_id)
    for table in TABLES:
        write_table(tables[table.name], table, asked.outputs / table_file(table, tree.commit.snapshot_id))
    for job in draw_jobs(snapshot, tree, preset=None, sample=False):
        draw(job, asked.outputs)


def draw(job: DrawJob, outputs: Path) -> None:
    chart = BY_STEM[job.stem]
    rows = chart.prepare(job.rows, job.context)
    if rows.rows.empty:
        return
    folder = outputs / chart_folder(job.context.profile)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = spec(chart, rows, job.context)
    kinds = {"layer": alt.LayerChart, "hconcat": alt.HConcatChart, "concat": alt.ConcatChart}
    made: Any = next((kinds[key] for key in kinds if key in drawn), alt.Chart).from_dict(
        drawn, validate=False
    )
    made.save(folder / f"{job.name}.vl.json", format="json")
    made.save(folder / f"{job.name}.svg")
    made.save(folder / f"{job.name}.png", scale_factor=2)
    made.save(folder / f"{job.name}.html", inline=True)
    rows.rows.to_csv(folder / f"{job.name}.csv", index=False)


if __name__ == "__main__":
    main()
