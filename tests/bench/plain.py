"""The job as one would write it in an afternoon: one process, no Prefect, one ``chart.save()`` a file.

Makes the same tables and the same pictures as ``timm-charts refresh`` (HTML with its own copy of Vega each,
as Altair writes it offline) from a clone that is there already. Only `tests.bench.compare` runs it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
from git import Repo

from config.contracts import TABLES
from config.presets import load_rules
from tasks.charts.chart import OVERVIEW, Chart, ChartContext, spec
from tasks.charts.registry import OVERVIEW_CHARTS, PROFILE_CHARTS
from tasks.outputs.parquet import snapshot_path, write_table
from tasks.tables.compute import with_known_compute
from tasks.tables.filenames import BenchmarkProfile, in_words
from tasks.tables.merge import build_rejects, merge_profile
from tasks.tables.snapshot import compare_with, parse_file, stack_merges, tables_of, wanted_files
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
    parsed = [parse_file(file) for file in wanted_files(tree, ())[0]]
    tables = tables_of(parsed, rules)
    merges = {
        str(profile): merge_profile(tables.evaluations, rows, rules)
        for profile, rows in tables.benchmarks.groupby("profile")
    }
    merged, coverage = stack_merges(list(merges.values()))
    frames = {
        "evaluations": tables.evaluations,
        "benchmarks": tables.benchmarks,
        "merged": merged,
        "coverage": coverage,
        "changes": compare_with(before, (), rules, tables),
        "rejects": build_rejects(parsed),
    }
    for table in TABLES:
        write_table(frames[table.name], table, asked.outputs / snapshot_path(table, tree.commit.snapshot_id))
    for chart in OVERVIEW_CHARTS:
        draw(chart, frames[chart.table], context_of(None, tree.commit), asked.outputs)
    for file in parsed:
        if isinstance(file.kind, BenchmarkProfile):
            rows = with_known_compute(merges[file.kind.id].merged, tables.benchmarks)
            for chart in PROFILE_CHARTS:
                draw(chart, rows, context_of(file.kind, tree.commit), asked.outputs)


def context_of(profile: BenchmarkProfile | None, commit: ResultsCommit) -> ChartContext:
    return ChartContext(
        mode=profile.mode if profile else None,
        profile=profile.id if profile else OVERVIEW,
        profile_in_words=in_words(profile) if profile else "",
        commit=commit.sha[:8],
        date=commit.snapshot_id[:10],
        sample=False,
        preset=None,
    )


def draw(chart: Chart, frame: pd.DataFrame, context: ChartContext, outputs: Path) -> None:
    rows = chart.prepare(frame, context)
    if rows.rows.empty:
        return
    folder = outputs / "charts" / context.profile
    folder.mkdir(parents=True, exist_ok=True)
    drawn = spec(chart, rows, context)
    kinds = {"layer": alt.LayerChart, "hconcat": alt.HConcatChart, "concat": alt.ConcatChart}
    made: Any = next((kinds[key] for key in kinds if key in drawn), alt.Chart).from_dict(
        drawn, validate=False
    )
    name = chart.name(context.mode)
    made.save(folder / f"{name}.vl.json", format="json")
    made.save(folder / f"{name}.svg")
    made.save(folder / f"{name}.png", scale_factor=2)
    made.save(folder / f"{name}.html", inline=True)
    rows.rows.to_csv(folder / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
