"""What a run tells of changes: everything since the snapshot that its outputs showed before, and from which."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tasks.tables.source import snapshot_in_words
from tests.flows.job import (
    INFER,
    MODELS,
    Ended,
    Job,
    Model,
    benchmark_csv,
    evaluations_csv,
    files_of,
    manifest_of,
    results,
    table,
)
from tests.gitrepo import Upstream, make_upstream
from tests.prefect_server import call, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second")]

BEST = "convnext_base.fb_in22k_ft_in1k"


def having(top1: float, speed: float) -> list[Model]:
    """Return the models with another accuracy and speed of the best one."""
    return [
        (name, size, top1, speed) if name == BEST else (name, size, *more) for name, size, *more in MODELS
    ]


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    """Three results commits: an accuracy moves with the second, a speed with the third."""
    made = make_upstream(tmp_path / "up.git")
    made.commit(results(imagenet=evaluations_csv(having(86.0, 700.0))), date="2024-01-01")
    made.tag("one")
    made.commit(results(imagenet=evaluations_csv(having(86.9, 700.0))), date="2024-02-01")
    made.tag("two")
    made.commit({f"results/benchmark-{INFER}.csv": benchmark_csv(having(86.9, 910.0))}, date="2024-03-01")
    made.tag("three")
    return made


def artifacts(job: Job, ended: Ended) -> dict[str, dict[str, Any]]:
    asked = {"artifacts": {"flow_run_id": {"any_": [ended.run_id]}}, "limit": 200}
    return {found["key"]: found for found in call(f"{job.api}/artifacts/filter", asked)}


def payload(job: Job, snapshot: str, replaced: str | None) -> dict[str, Any]:
    """Return what the event says of the step from one snapshot to another, once it is there."""

    def there() -> dict[str, Any] | None:
        asked = {"filter": {"event": {"name": ["timm-charts.results-changed"]}, "order": "DESC"}, "limit": 50}
        found = [event["payload"] for event in call(f"{job.api}/events/filter", asked)["events"]]
        return next(
            (p for p in found if (p["snapshot"], p["replaced_snapshot"]) == (snapshot, replaced)), None
        )

    return wait_for(there, within=60, what=f"the event of {snapshot}")


def test_two_commits_between_two_runs_are_both_told(job: Job, upstream: Upstream, outputs: Path) -> None:
    first = job.refresh(upstream.url, outputs, "--ref", "one")
    one = manifest_of(outputs)["snapshot"]
    assert "first results commit" in artifacts(job, first)["summary"]["data"]
    assert payload(job, one, None)["headline"] == f"first results, {snapshot_in_words(one)}"

    second = job.refresh(upstream.url, outputs)
    three = manifest_of(outputs)["snapshot"]
    shown, before = snapshot_in_words(three), snapshot_in_words(one)
    charts = len(list(outputs.glob("charts/*/*.vl.json")))
    [(merged,)] = duckdb.sql(f"select count(*) from '{table(outputs, 'merged')}'").fetchall()
    told = artifacts(job, second)
    assert f"\n\n{charts} charts, " in told["summary"]["data"]
    assert f"new results, {shown}, before {before}: {merged} merged rows, {charts} charts, " in second.out
    summary = told["summary"]["data"]
    assert f"## Changes since {before}, shown before, to {shown}" in summary
    assert f"`{BEST}` at 288 on imagenet 86.000 → 86.900 %" in summary
    assert f"1 in `{INFER}`, now 1.30x of before at the median" in summary
    assert told["changes"]["description"] == f"2 of 2 changes from {before} to {shown}"
    event = payload(job, three, one)
    assert event["counts"] == {"accuracy-moved": 1, "speed-moved": 1}
    assert event["headline"] == f"new results, {shown}, before {before}"
    assert event["compared_in_words"] == before

    # The table is of the results commit, whatever the outputs showed: same results, same bytes.
    fresh = outputs.with_name("fresh")
    third = job.refresh(upstream.url, fresh)
    assert table(outputs, "changes").read_bytes() == table(fresh, "changes").read_bytes()
    summary = artifacts(job, third)["summary"]["data"]
    assert "the results commit before" in summary
    assert "showed nothing before" in summary
    assert "Accuracies moved" not in summary
    old = {path for path in files_of(outputs) if one in path}
    assert {path: sha for path, sha in files_of(outputs).items() if path not in old} == files_of(fresh)

    back = job.refresh(upstream.url, outputs, "--ref", "one")
    summary = artifacts(job, back)["summary"]["data"]
    assert f"## Back from {shown} to {before}" in summary
    assert "so these are no new results" in summary
    assert "86.900 → 86.000 %" in summary
    assert f"back to {before}, before {shown}: no new results" in back.out
    event = payload(job, one, three)
    assert (event["turn"], event["headline"]) == (
        "older",
        f"back to {before}, before {shown}: no new results",
    )


def forget(upstream: Upstream, job: Job) -> None:
    """Remove what no branch of the upstream leads to, and the clone of the job."""
    upstream.run("-c", "repack.writeBitmaps=false", "gc", "-q", "--prune=now")
    shutil.rmtree(job.cache)


def test_where_upstream_lost_the_commit_its_tables_are_compared(
    job: Job, upstream: Upstream, outputs: Path, tmp_path: Path
) -> None:
    """The history is rewritten and the clone made anew, so that only the outputs know what they showed."""
    alone = Job(tmp_path / "home", job.api)
    alone.refresh(upstream.url, outputs, "--ref", "one")
    one = manifest_of(outputs)["snapshot"]
    for tag in ("one", "two", "three"):
        upstream.run("tag", "-d", tag)
    upstream.commit(results(imagenet=evaluations_csv(having(86.5, 700.0))), date="2024-04-01", start="")
    upstream.commit(results(imagenet=evaluations_csv(having(86.9, 700.0))), date="2024-05-01")
    forget(upstream, alone)

    told = artifacts(alone, alone.refresh(upstream.url, outputs))
    assert f"## Changes since {snapshot_in_words(one)}, shown before" in told["summary"]["data"]
    assert "86.000 → 86.900 %" in told["summary"]["data"]
    assert "Upstream no longer gives that commit: compared with its tables" in told["summary"]["data"]

    upstream.commit(results(imagenet=evaluations_csv(having(87.5, 700.0))), date="2024-06-01", start="")
    forget(upstream, alone)
    table(outputs, "merged").resolve().write_bytes(b"nonsense")
    told = artifacts(alone, alone.refresh(upstream.url, outputs))
    assert (
        "shown before, can't be told: upstream no longer gives its results commit" in told["summary"]["data"]
    )
    assert "changes" not in told
