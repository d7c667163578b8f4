"""The whole way a data engineer uses it: server, work pool, worker, prefect deploy, schedule, UI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tasks.tables.source import snapshot_in_words
from tests.browser.launch import launched_browser
from tests.flows.job import (
    INFER,
    MODELS,
    TRAIN,
    benchmark_csv,
    builds_of,
    evaluations_csv,
    files_of,
    manifest_of,
    results,
)
from tests.flows.worker import TERMINAL, Deployed, deployed, run_command
from tests.gitrepo import Upstream, make_upstream
from tests.prefect_server import call, private_server, wait_for
from tests.readme import readme_commands

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("worker")]

EVENT = "timm-charts.results-changed"


@dataclass(frozen=True)
class Story:
    """Three runs that were triggered: the first, one after a push, one with nothing new."""

    deployed: Deployed
    upstream: Upstream
    first: dict[str, Any]
    second: dict[str, Any]
    third: dict[str, Any]
    snapshots: tuple[str, str]
    artifacts: tuple[int, int]  # before and after the third run


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("worker")
    upstream = make_upstream(folder / "up.git")
    start = {**results(train=benchmark_csv(mode="train")), "results/results-sketch.csv": evaluations_csv()}
    upstream.commit(start, "first", "2024-01-01")
    with (
        private_server(folder / "server") as api,
        deployed(api, folder / "home", upstream.url) as there,
    ):
        first = there.finished(there.trigger())
        assert first["state"]["name"] == "Completed", first["state"]
        one = manifest_of(there.outputs)["snapshot"]
        slower = [(model, size, top1, speed * 0.9) for model, size, top1, speed in MODELS]
        slower.append(("beit_base_patch16_224.in22k_ft_in22k_in1k", 224, 85.2, 900.0))
        upstream.commit(
            {f"results/benchmark-{TRAIN}.csv": benchmark_csv(slower, mode="train")}, "second", "2024-02-01"
        )
        second = there.finished(there.trigger())
        two = manifest_of(there.outputs)["snapshot"]
        artifacts = call(f"{api}/artifacts/count", {})
        third = there.finished(there.trigger())
        counts = artifacts, call(f"{api}/artifacts/count", {})
        yield Story(there, upstream, first, second, third, (one, two), counts)


def test_runs_are_named_and_end_as_they_should(story: Story) -> None:
    one, two = map(snapshot_in_words, story.snapshots)
    assert [run["name"] for run in (story.first, story.second, story.third)] == [
        f"refresh {one}",
        f"refresh {two}",
        f"refresh {two}",
    ]
    states = [run["state"]["name"] for run in (story.first, story.second, story.third)]
    assert states == ["Completed", "Completed", "Unchanged"]
    assert story.third["tags"] == ["timm-charts"]
    assert files_of(story.deployed.outputs) == manifest_of(story.deployed.outputs)["files"]


def test_after_a_push_exactly_what_it_touched_is_drawn(story: Story) -> None:
    everything = story.deployed.drawn(story.first["id"])
    assert {label.partition("/")[0] for label in everything} == {"overview", INFER, TRAIN}
    drawn = story.deployed.drawn(story.second["id"])
    assert {label for label in drawn if label.startswith(TRAIN)} == {
        label for label in everything if label.startswith(TRAIN)
    }
    assert {label for label in drawn if label.startswith(INFER)} == {f"{INFER}/inference-compute-vs-time"}, (
        "its GMACs may come from any benchmark file"
    )
    assert drawn.isdisjoint({"overview/robustness", "overview/robustness-ranks"})


def test_the_artifacts_tell_what_changed(story: Story) -> None:
    one, two = map(snapshot_in_words, story.snapshots)
    first = story.deployed.artifacts(story.first["id"])
    assert "first results commit" in first["summary"]["data"]
    assert "changes" not in first
    second = story.deployed.artifacts(story.second["id"])
    assert f"## Changes since {one}" in second["summary"]["data"]
    assert second["summary"]["description"] == f"Snapshot {two}"
    assert f"from {one} to {two}" in second["changes"]["description"]
    pictures = [a for key, a in second.items() if key.startswith("chart-infer")]
    assert pictures
    assert all("](data:image/png;base64," in picture["data"] for picture in pictures)
    history = call(
        f"{story.deployed.api}/artifacts/filter",
        {"artifacts": {"key": {"any_": ["summary"]}}, "limit": 10},
    )
    assert len(history) == 2


def test_the_event_says_what_changed(story: Story) -> None:
    first, second = story.deployed.events(EVENT, 2)
    one, two = story.snapshots
    assert (first["payload"]["snapshot"], first["payload"]["previous_snapshot"]) == (one, None)
    payload = second["payload"]
    assert (payload["snapshot"], payload["previous_snapshot"], payload["replaced_snapshot"]) == (
        two,
        one,
        one,
    )
    assert payload["snapshot_in_words"] == snapshot_in_words(two)
    assert payload["previous_in_words"] == snapshot_in_words(one)
    assert payload["results_commit"] == manifest_of(story.deployed.outputs)["source"]["commit"]
    assert TRAIN in payload["redrawn"]
    assert payload["charts"] == len(manifest_of(story.deployed.outputs)["charts"])


def test_an_unchanged_run_adds_nothing(story: Story) -> None:
    assert story.deployed.artifacts(story.third["id"]) == {}
    assert story.artifacts[0] == story.artifacts[1] > 0
    assert len(story.deployed.events(EVENT, 2)) == 2
    found = call(
        f"{story.deployed.api}/task_runs/filter", {"flow_runs": {"id": {"any_": [story.third["id"]]}}}
    )
    assert [task["name"].split()[0] for task in found] == ["sync"]


def test_the_ui_shows_summary_table_and_picture(story: Story, tmp_path: Path) -> None:
    ui = story.deployed.api.removesuffix("/api") + "/v2"
    artifacts = story.deployed.artifacts(story.second["id"])
    picture = next(key for key in artifacts if key.startswith("chart-infer"))
    table = next(key for key in artifacts if key.startswith("frontier-infer"))
    with launched_browser() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1100})
        page.goto(f"{ui}/runs/flow-run/{story.second['id']}")
        page.get_by_text(story.second["name"]).first.wait_for(timeout=60_000)
        page.screenshot(path=tmp_path / "run.png")
        page.goto(f"{ui}/artifacts/artifact/{artifacts['summary']['id']}")
        before = snapshot_in_words(story.snapshots[0])
        page.get_by_text(f"Changes since {before}").first.wait_for(timeout=60_000)
        page.screenshot(path=tmp_path / "summary.png", full_page=True)
        page.goto(f"{ui}/artifacts/artifact/{artifacts[table]['id']}")
        page.get_by_text("convnext_base.fb_in22k_ft_in1k").first.wait_for(timeout=60_000)
        page.screenshot(path=tmp_path / "table.png")
        page.goto(f"{ui}/artifacts/artifact/{artifacts[picture]['id']}")
        image = page.locator("img[src^='data:image/png']").first
        image.wait_for(timeout=60_000)
        assert image.evaluate("node => node.naturalWidth") > 300
        page.screenshot(path=tmp_path / "picture.png")


def test_the_commands_of_the_readme_work(story: Story) -> None:
    there = story.deployed
    known = {run["id"] for run in there.runs()}

    def active() -> bool:
        schedules = call(f"{there.api}/deployments/{there.id}/schedules")
        return all(schedule["active"] for schedule in schedules)

    run_now, ls, pause, resume = readme_commands("operate")
    run_command(there.environment, run_now)
    [run] = [
        found["id"] for found in there.runs(id={"not_any_": sorted(known)}) if not found["auto_scheduled"]
    ]
    ended = there.finished(run)
    assert (ended["state"]["name"], ended["parameters"]["force"]) == ("Completed", True)
    assert "17 6 * * *" in run_command(there.environment, ls)
    assert active()
    run_command(there.environment, pause)
    assert not active()
    run_command(there.environment, resume)
    assert active()


def test_a_schedule_fires(story: Story) -> None:
    """Runs that nobody triggered start and finish. Prefect makes none with a wrong SQLAlchemy."""

    def finished() -> list[dict[str, Any]] | None:
        runs = story.deployed.runs()
        done = [r for r in runs if r["auto_scheduled"] and r["state"]["name"] == "Unchanged"]
        return done if len(done) >= 2 else None

    with story.deployed.scheduled_every(15):
        runs = wait_for(finished, within=240, what="two scheduled runs that ended")
    assert all(run["created_by"]["type"] == "SCHEDULE" for run in runs)


def test_of_twenty_runs_at_once_one_runs_and_the_others_are_cancelled(story: Story) -> None:
    quiet = {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}}
    wait_for(lambda: not story.deployed.runs(**quiet), within=120, what="no run is under way")
    files = files_of(story.deployed.outputs)
    ids = [story.deployed.trigger(force=True) for _ in range(20)]
    ended = [story.deployed.finished(run) for run in ids]
    states = sorted(run["state"]["type"] for run in ended)
    assert states == ["CANCELLED"] * 19 + ["COMPLETED"]
    assert all(
        "concurrency limit" in run["state"]["message"].lower()
        for run in ended
        if run["state"]["type"] == "CANCELLED"
    )
    assert files_of(story.deployed.outputs) == files == manifest_of(story.deployed.outputs)["files"]
    assert len(builds_of(story.deployed.outputs)) == 1
    later = {"expected_start_time": {"before_": ended[0]["end_time"]}}
    assert {run["state_type"] for run in story.deployed.runs(**later)} <= TERMINAL
