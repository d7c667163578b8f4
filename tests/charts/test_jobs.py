"""Which charts a snapshot has, and what each is made from."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from config.presets import load_rules
from tasks.charts.jobs import DrawJob, draw_jobs, overview_source, profile_source
from tasks.charts.registry import BY_STEM, OVERVIEW_CHARTS, PROFILE_CHARTS
from tasks.tables.snapshot import Snapshot, make_snapshot, wanted_files
from tasks.tables.source import ResultsCommit, ResultsTree, SourceFile
from tests.flows.job import INFER, TRAIN, benchmark_csv, results

IMAGENET, SPEED, COST = "results-imagenet.csv", f"benchmark-{INFER}.csv", f"benchmark-{TRAIN}.csv"
OLD = ResultsCommit("a" * 40, datetime(2024, 1, 1, tzinfo=UTC))
NEW = ResultsCommit("b" * 40, datetime(2024, 9, 5, tzinfo=UTC))


def with_compute(text: str) -> str:
    """Add GMACs and activations to a benchmark file."""
    header, *rows = text.splitlines()
    return "\n".join([f"{header},infer_gmacs,infer_macts", *(f"{row},1.5,2.5" for row in rows), ""])


@pytest.fixture(scope="module")
def tree() -> ResultsTree:
    texts = results(infer=with_compute(benchmark_csv()), train=benchmark_csv(mode="train"))
    texts["results/results-sketch.csv"] = texts["results/results-imagenet.csv"]
    files = {path.removeprefix("results/"): str(text) for path, text in texts.items()}
    sources = tuple(SourceFile(name, "0" * 40, text.encode()) for name, text in sorted(files.items()))
    return ResultsTree(NEW, sources, (), dict.fromkeys(files, OLD) | {COST: NEW})


@pytest.fixture(scope="module")
def snapshot(tree: ResultsTree) -> Snapshot:
    return make_snapshot(NEW, wanted_files(tree, ())[0], load_rules(None))


@pytest.fixture(scope="module")
def jobs(snapshot: Snapshot, tree: ResultsTree) -> list[DrawJob]:
    return draw_jobs(snapshot, tree, preset=None, sample=False)


def test_every_chart_of_every_profile_and_the_comparisons_first(jobs: list[DrawJob]) -> None:
    assert [job.label for job in jobs] == [
        *(f"overview/{chart.stem}" for chart in OVERVIEW_CHARTS),
        *(f"{INFER}/inference-{chart.stem}" for chart in PROFILE_CHARTS),
        *(f"{TRAIN}/training-{chart.stem}" for chart in PROFILE_CHARTS),
    ]


def test_a_preset_is_one_analysis_and_compares_nothing(snapshot: Snapshot, tree: ResultsTree) -> None:
    jobs = draw_jobs(snapshot, tree, preset="fastai-2022", sample=True)
    assert {job.context.profile for job in jobs} == {INFER, TRAIN}
    assert {(job.context.preset, job.context.sample) for job in jobs} == {("fastai-2022", True)}


def test_a_profile_that_could_not_be_merged_has_no_chart(snapshot: Snapshot, tree: ResultsTree) -> None:
    without = replace(snapshot, coverage=snapshot.coverage[snapshot.coverage["profile"] != TRAIN])
    jobs = draw_jobs(without, tree, preset=None, sample=False)
    assert {job.context.profile for job in jobs} == {"overview", INFER}


@pytest.mark.parametrize("chart", OVERVIEW_CHARTS, ids=lambda chart: chart.stem)
def test_a_comparison_is_made_from_a_whole_table(chart: object, snapshot: Snapshot) -> None:
    source = overview_source(snapshot, chart)  # type: ignore[arg-type]
    assert source.rows is getattr(snapshot, chart.table)  # type: ignore[attr-defined]
    assert set(source.files) == set(source.rows["source_file"])


def test_a_chart_of_a_profile_is_made_from_its_merged_rows(snapshot: Snapshot) -> None:
    infer, _ = snapshot.profiles
    merged = snapshot.merged_with(infer.id)
    for chart in PROFILE_CHARTS:
        source = profile_source(snapshot, chart, infer, merged)
        assert source.files == (SPEED, IMAGENET)
        pd.testing.assert_frame_equal(source.rows, merged)


def test_gmacs_that_a_profile_lacks_come_from_the_other_files_which_then_count(snapshot: Snapshot) -> None:
    _, train = snapshot.profiles
    merged = snapshot.merged_with(train.id)
    source = profile_source(snapshot, BY_STEM["compute-vs-time"], train, merged)
    assert source.files == (SPEED, COST, IMAGENET)
    assert source.rows["borrowed"].all()
    assert set(source.rows["gmacs"]) == {1.5}
    assert profile_source(snapshot, BY_STEM["benchmark"], train, merged).files == (COST, IMAGENET)


def test_a_chart_names_the_commit_that_last_changed_one_of_its_files(jobs: list[DrawJob]) -> None:
    by_label = {job.label: job for job in jobs}
    old, new = by_label[f"{INFER}/inference-benchmark"], by_label[f"{TRAIN}/training-benchmark"]
    assert (old.changed_by, old.context.commit, old.context.date) == ("a" * 40, "a" * 8, "2024-01-01")
    assert (new.changed_by, new.context.commit, new.context.date) == ("b" * 40, "b" * 8, "2024-09-05")
    assert by_label["overview/robustness"].changed_by == "a" * 40
    assert by_label["overview/training-cost"].changed_by == "b" * 40


def test_a_job_can_be_sent_elsewhere(jobs: list[DrawJob]) -> None:
    for job in jobs:
        sent: DrawJob = pickle.loads(pickle.dumps(job))  # noqa: S301 - our own
        pd.testing.assert_frame_equal(sent.rows, job.rows)
        assert replace(sent, rows=job.rows) == job
