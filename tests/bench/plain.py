"""The job as one would write it in an afternoon: one process, no Prefect, one ``chart.save()`` a file.

Makes the same tables and the same pictures as ``timm-charts refresh`` (HTML with its own copy of Vega each,
as Altair writes it offline) from a clone that is there already. Only `tests.bench.compare` runs it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import altair as alt
import pandas as pd
from git import Repo

from config.contracts import TABLES
from config.presets import load_rules
from tasks.adapters.parquet import snapshot_path, write_table
from tasks.charts.base import ChartContext, spec
from tasks.charts.registry import PROFILE_CHARTS
from tasks.core.filenames import BenchmarkProfile, in_words
from tasks.core.merge import build_rejects, merge_profile
from tasks.core.snapshot import compare_with, parse_file, stack_merges, tables_of, wanted_files
from tasks.core.source import ResultsCommit, ResultsTree, SourceFile


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
    for file in parsed:
        if isinstance(file.kind, BenchmarkProfile):
            draw(file.kind, merges[file.kind.id].merged, tree.commit, asked.outputs)


def draw(profile: BenchmarkProfile, merged: pd.DataFrame, commit: ResultsCommit, outputs: Path) -> None:
    folder = outputs / "charts" / profile.id
    folder.mkdir(parents=True, exist_ok=True)
    context = ChartContext(
        mode=profile.mode,
        profile=profile.id,
        profile_in_words=in_words(profile),
        snapshot_id=commit.snapshot_id,
        commit=commit.sha[:8],
        date=commit.snapshot_id[:10],
        sample=False,
        preset=None,
    )
    for chart in PROFILE_CHARTS:
        drawn = spec(chart, chart.prepare(merged, context), context)
        made = (alt.LayerChart if "layer" in drawn else alt.Chart).from_dict(drawn, validate=False)
        name = chart.name(profile.mode)
        made.save(folder / f"{name}.vl.json", format="json")
        made.save(folder / f"{name}.svg")
        made.save(folder / f"{name}.png", scale_factor=2)
        made.save(folder / f"{name}.html", inline=True)


if __name__ == "__main__":
    main()
