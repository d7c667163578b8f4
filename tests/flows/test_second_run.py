"""What the next run does: nothing if nothing changed, else only what is missing or depends on a change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tasks.tables.source import snapshot_in_words
from tests.flows.job import (
    INFER,
    MODELS,
    TRAIN,
    Job,
    benchmark_csv,
    builds_of,
    evaluations_csv,
    files_of,
    listing,
    manifest_of,
    results,
    table,
)
from tests.gitrepo import Upstream, make_upstream
from tests.prefect_server import call, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second")]


@pytest.fixture
def built(job: Job, small_upstream: Upstream, tmp_path: Path) -> Path:
    """Outputs of the first results commit."""
    job.refresh(small_upstream.url, tmp_path / "o", "--ref", "first")
    return tmp_path / "o"


def remove(path: Path) -> None:
    path.unlink()


def alter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def task_names(job: Job, run: str) -> set[str]:
    """Return the task runs of a run once they are recorded, with their states."""

    def recorded() -> list[dict[str, str]] | None:
        asked = {"flow_runs": {"id": {"any_": [run]}}, "limit": 200}
        found: list[dict[str, str]] = call(f"{job.api}/task_runs/filter", asked)
        announced = any(task["name"].startswith("announce") for task in found)
        return found if announced and all(task["state_type"] == "COMPLETED" for task in found) else None

    return {
        f"{task['name']}: {task['state_name']}" for task in wait_for(recorded, within=60, what="task runs")
    }


def versions_of_artifacts(job: Job) -> int:
    count: int = call(f"{job.api}/artifacts/count", {})
    return count


def test_unchanged_does_nothing(job: Job, small_upstream: Upstream, built: Path) -> None:
    before, artifacts = listing(built), versions_of_artifacts(job)
    again = job.refresh(small_upstream.url, built, "--ref", "first")
    assert again.state == "Unchanged"
    assert {path: facts for path, facts in listing(built).items() if before.get(path) != facts} == {}
    assert versions_of_artifacts(job) == artifacts
    asked = {"flow_runs": {"id": {"any_": [again.run_id]}}}
    tasks = wait_for(lambda: call(f"{job.api}/task_runs/filter", asked) or None, within=30, what="task runs")
    assert [task["name"].split()[0] for task in tasks] == ["sync"]
    run = call(f"{job.api}/flow_runs/{again.run_id}")
    assert run["name"] == f"refresh {snapshot_in_words(manifest_of(built)['snapshot'])}"
    assert run["state"]["name"] == "Unchanged"


@pytest.mark.parametrize(
    ("damage", "kind"),
    [(remove, "chart"), (alter, "chart"), (alter, "table"), (remove, "page"), (alter, "page")],
)
def test_only_what_is_missing_or_altered_is_made_again(
    job: Job, small_upstream: Upstream, built: Path, damage: Callable[[Path], None], kind: str
) -> None:
    name = {
        "chart": f"charts/{INFER}/inference-benchmark.svg",
        "table": table(built, "merged").relative_to(built).as_posix(),
        "page": "index.html",
    }[kind]
    files, before = files_of(built), listing(built)
    damage((built / name).resolve())
    again = job.refresh(small_upstream.url, built, "--ref", "first")
    assert again.state == "Completed"
    assert files_of(built) == files == manifest_of(built)["files"]
    assert len(builds_of(built)) == 1
    names = task_names(job, again.run_id)
    drawn = {task.partition(":")[0] for task in names if task.startswith("draw")}
    assert drawn == ({f"draw {INFER}/inference-benchmark"} if kind == "chart" else set())
    assert {task.rpartition(" ")[2] for task in names if task.startswith(("parse", "merge"))} == {"Cached"}
    if kind == "chart":
        assert f"missing or altered: {name}" in again.err
    moments = {path.rpartition("/.builds/")[2].partition("/")[2]: facts[:2] for path, facts in before.items()}
    for path, facts in listing(built).items():
        short = path.rpartition("/.builds/")[2].partition("/")[2]
        chart = short.startswith(f"charts/{INFER}/inference-benchmark.")
        if short in manifest_of(built)["files"] and short != name and not (kind == "chart" and chart):
            assert moments[short] == facts[:2], f"{short} was written again"


def test_forced_makes_everything_again(job: Job, small_upstream: Upstream, built: Path) -> None:
    before, files = listing(built), files_of(built)
    again = job.refresh(small_upstream.url, built, "--ref", "first", "--force")
    assert again.state == "Completed"
    assert files_of(built) == files
    path = str(table(built, "merged").resolve())
    assert path not in before or before[path] != listing(built)[path]
    assert len(builds_of(built)) == 1
    states = {task.rpartition(" ")[2] for task in task_names(job, again.run_id)}
    assert "Cached" not in states


def test_one_changed_file_redoes_what_depends_on_it(job: Job, tmp_path: Path) -> None:
    """A file of another profile: the charts of the first one and charts of test sets stay."""
    upstream, built = make_upstream(tmp_path / "up.git"), tmp_path / "o"
    start = {**results(train=benchmark_csv(mode="train")), "results/results-sketch.csv": evaluations_csv()}
    upstream.commit(start, "first", "2024-01-01")
    job.refresh(upstream.url, built)
    first = manifest_of(built)
    slower = [(model, size, top1, speed * 0.9) for model, size, top1, speed in MODELS]
    upstream.commit(
        {f"results/benchmark-{TRAIN}.csv": benchmark_csv(slower, mode="train")}, "b", "2024-02-01"
    )
    again = job.refresh(upstream.url, built)
    names = task_names(job, again.run_id)
    work = {task for task in names if task.startswith(("parse", "merge")) and not task.endswith("Cached")}
    assert work == {f"parse benchmark-{TRAIN}.csv: Completed", f"merge {TRAIN}: Completed"}
    drawn = {task.split()[1].rstrip(":") for task in names if task.startswith("draw")}
    of_others = {label for label in drawn if label.startswith(INFER)}
    assert of_others == {f"{INFER}/inference-compute-vs-time"}, "its GMACs may come from other files"
    assert len([label for label in drawn if label.startswith(TRAIN)]) == 6
    assert drawn.isdisjoint({"overview/robustness", "overview/robustness-ranks"})
    assert f"benchmark-{TRAIN}.csv changed" in again.err
    fresh = tmp_path / "fresh"
    job.refresh(upstream.url, fresh, "--force")
    old = {path for path in files_of(built) if f"snapshot={first['snapshot']}" in path}
    whole = {path: digest for path, digest in files_of(built).items() if path not in old}
    assert whole == files_of(fresh), "the same input gives the same bytes, whatever was there before"


def test_a_file_that_fails_is_named_again_by_an_unchanged_run(job: Job, tmp_path: Path) -> None:
    upstream, built = make_upstream(tmp_path / "up.git"), tmp_path / "o"
    upstream.commit({**results(), "results/results-sketch.csv": "model,top1\n"}, "first", "2024-01-01")
    assert job.refresh(upstream.url, built).state == "CompletedWithErrors"
    again = job.refresh(upstream.url, built)
    assert again.state == "Unchanged"
    assert "as before: results/results-sketch.csv" in again.out


def test_the_next_results_commit_keeps_the_snapshot_before_it(
    job: Job, small_upstream: Upstream, built: Path
) -> None:
    first, old = manifest_of(built), table(built, "merged")
    content = old.read_bytes()
    job.refresh(small_upstream.url, built, "--ref", "second")
    manifest = manifest_of(built)
    assert list(manifest["snapshots"]) == [first["snapshot"], manifest["snapshot"]]
    assert old.read_bytes() == content
    assert files_of(built) == manifest["files"]
    assert {path.name for path in (built / "charts").iterdir()} - {"overview"} == {INFER, TRAIN}
    (change,) = [
        c for c in pq.read_table(table(built, "changes")).to_pylist() if c["kind"] == "profile-added"
    ]
    assert change["subject"] == TRAIN


def test_a_damaged_old_snapshot_is_not_carried_on_as_sound(
    job: Job, small_upstream: Upstream, built: Path
) -> None:
    old = table(built, "merged")
    digest = manifest_of(built)["files"][old.relative_to(built).as_posix()]
    alter(old)
    job.refresh(small_upstream.url, built, "--ref", "second")
    files = manifest_of(built)["files"]
    assert files_of(built) == files
    assert files.get(old.relative_to(built).as_posix()) in {None, digest}


def test_only_the_profiles_asked_for(job: Job, small_upstream: Upstream, outputs: Path) -> None:
    job.refresh(small_upstream.url, outputs, "--profile", "train-*")
    manifest = manifest_of(outputs)
    assert manifest["profiles"] == ["train-*"]
    assert {chart["profile"] for chart in manifest["charts"]} == {TRAIN}
    assert [path.name for path in (outputs / "charts").iterdir()] == [TRAIN]
    assert pq.read_table(table(outputs, "benchmarks"))["profile"].unique().to_pylist() == [TRAIN]
    assert f"benchmark-{INFER}.csv" not in {f["name"] for f in manifest["source"]["files"]}


def test_a_run_that_is_asked_for_less_is_refused_and_one_for_more_is_not(
    job: Job, small_upstream: Upstream, outputs: Path
) -> None:
    job.refresh(small_upstream.url, outputs, "--profile", "train-*")
    some = files_of(outputs)
    assert "only benchmark profiles that match train-*." in (outputs / "index.html").read_text()

    whole = job.refresh(small_upstream.url, outputs)
    assert whole.state == "Completed"
    everything, before = files_of(outputs), listing(outputs)
    assert "only benchmark profiles" not in (outputs / "index.html").read_text()
    charts = manifest_of(outputs)["charts"]
    left = [chart for chart in charts if chart["profile"] == TRAIN]

    narrower = job.run(
        "refresh", "--upstream", small_upstream.url, "--outputs", outputs, "--profile", "train-*"
    )
    assert narrower.code == 2
    assert narrower.errors == [
        f"error: outputs {outputs} shows 2 benchmark profiles and {len(charts)} charts, and this run would leave "
        f"1 of these profiles and {len(left)} of these charts: it is of only benchmark profiles that match "
        "`train-*`; choose another folder with --outputs, or --force to have it so"
    ]
    assert listing(outputs) == before
    preset = job.run(
        "refresh", "--upstream", small_upstream.url, "--outputs", outputs, "--preset", "fastai-2022"
    )
    assert preset.code == 2
    assert listing(outputs) == before

    forced = job.refresh(small_upstream.url, outputs, "--profile", "train-*", "--force")
    assert "would leave 1 of these profiles" in forced.err
    assert "only benchmark profiles that match `train-*`" in forced.out
    assert files_of(outputs) == some
    assert job.refresh(small_upstream.url, outputs, "--profile", "train-*").state == "Unchanged"
    job.refresh(small_upstream.url, outputs)
    assert files_of(outputs) == everything


def test_two_globs_and_an_abbreviated_commit(job: Job, small_upstream: Upstream, outputs: Path) -> None:
    commit = small_upstream.run("rev-parse", "second")
    job.refresh(
        small_upstream.url, outputs, "--ref", commit[:9], "--profile", "train-*", "--profile", "*-rtx4090"
    )
    assert {chart["profile"] for chart in manifest_of(outputs)["charts"]} - {"overview"} == {INFER, TRAIN}
