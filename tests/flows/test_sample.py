"""Made-up results: marked everywhere, and never in the outputs of a real upstream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.settings import default_outputs, load_settings
from tasks.outputs.local import LocalStore
from tasks.runs.plan import make_plan
from tests.flows.job import Job, builds_of, files_of, listing, manifest_of, results
from tests.gitrepo import Upstream, make_upstream
from tests.prefect_server import call, free_port

slow = pytest.mark.slow
pytestmark = pytest.mark.xdist_group("sample")


@pytest.fixture(scope="module")
def sample(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Path:
    outputs = tmp_path_factory.mktemp("sample") / "o"
    ended = job.refresh("sample", outputs)
    assert ended.state == "Completed"
    asked = {"flow_runs": {"id": {"any_": [ended.run_id]}}}
    keys = {artifact["key"] for artifact in call(f"{job.api}/artifacts/filter", asked)}
    assert keys
    assert {key.partition("-")[0] for key in keys} == {"sample"}
    return outputs


@pytest.mark.slow
def test_the_default_folder_is_one_of_its_own(tmp_path: Path) -> None:
    plan = make_plan(load_settings(upstream="sample", cache_dir=tmp_path / "cache"))
    assert plan.store == LocalStore(default_outputs() / "sample")


@pytest.mark.slow
def test_a_folder_that_is_asked_for_is_used(tmp_path: Path) -> None:
    settings = load_settings(upstream="sample", cache_dir=tmp_path / "cache", outputs=tmp_path / "o")
    assert make_plan(settings).store == LocalStore(tmp_path / "o")


@slow
def test_every_sample_chart_says_so(sample: Path) -> None:
    manifest = manifest_of(sample)
    assert manifest["sample"] is True
    assert len(manifest["charts"]) >= 5
    for chart in manifest["charts"]:
        stem = sample / "charts" / chart["profile"] / chart["name"]
        spec = json.loads(stem.with_name(f"{stem.name}.vl.json").read_text(encoding="utf-8"))
        assert "SAMPLE" in json.dumps(spec["title"]), stem
        assert "SAMPLE" in stem.with_name(f"{stem.name}.svg").read_text(encoding="utf-8"), stem
        assert "Sample: made-up" in stem.with_name(f"{stem.name}.html").read_text(encoding="utf-8"), stem
    assert "Sample: made-up" in (sample / "index.html").read_text(encoding="utf-8")
    assert files_of(sample) == manifest["files"]


@slow
def test_the_oldest_layouts_of_the_sample(job: Job, sample: Path, outputs: Path) -> None:
    """The first results are of the time before benchmarks, the second have file names of their own."""
    del sample  # only that it was made
    upstream = Upstream(job.cache / "sample.git")
    oldest = upstream.run("rev-list", "--reverse", "main").split()[:2]
    charts = []
    for commit in oldest:
        job.refresh("sample", outputs, "--ref", commit)
        charts.append({chart["profile"] for chart in manifest_of(outputs)["charts"]})
    assert charts[0] == set()
    assert any(profile.startswith("model_benchmark_") for profile in charts[1])


@slow
def test_sample_and_real_results_never_share_a_folder(
    job: Job, sample: Path, small_upstream: Upstream, outputs: Path
) -> None:
    before = listing(sample)
    ended = job.run("refresh", "--upstream", small_upstream.url, "--outputs", sample)
    assert ended.code == 2
    assert "belongs to upstream sample" in ended.errors[0]
    assert listing(sample) == before

    configured = job.having(TIMM_CHARTS_OUTPUTS=str(outputs), TIMM_CHARTS_UPSTREAM=small_upstream.url)
    ended = configured.run("refresh", "--ref", "first")
    assert ended.code == 0, ended.err
    before = listing(outputs)
    ended = job.run("refresh", "--upstream", "sample", "--outputs", outputs)
    assert ended.code == 2
    assert f"belongs to upstream {small_upstream.url}" in ended.errors[0]
    assert listing(outputs) == before

    # Where the folder is only configured, it stays that of the real upstream.
    files = files_of(outputs)
    ended = configured.run("refresh", "--upstream", "sample")
    assert ended.code == 0, ended.err
    assert f"outputs: {outputs / 'sample'}" in ended.out
    assert manifest_of(outputs / "sample")["sample"] is True
    assert manifest_of(outputs)["sample"] is False
    assert {path: sha for path, sha in files_of(outputs).items() if not path.startswith("sample/")} == files
    assert configured.run("refresh", "--ref", "first").state == "Unchanged"
    picked = configured.having(TIMM_CHARTS_UPSTREAM="sample").run("pick", "--device", "samplegpu_a")
    assert (picked.code, picked.out.partition(":")[0]) == (0, "SAMPLE"), picked.err


@slow
def test_sample_if_the_upstream_can_not_be_reached(job: Job, outputs: Path, tmp_path: Path) -> None:
    outputs.mkdir()
    (outputs / "notes.txt").write_text("mine")
    before = listing(outputs / "notes.txt")
    fresh = Job(tmp_path / "home", job.api)
    url = f"https://127.0.0.1:{free_port()}/x.git"
    # What was asked of the real upstream means nothing in the sample.
    asked = fresh.having(TIMM_CHARTS_REF="v1.0", TIMM_CHARTS_PROFILE="*-rtx5090")
    ended = asked.refresh(url, outputs, "--sample-if-unreachable")
    assert "never cloned" in ended.err
    assert manifest_of(outputs / "sample")["sample"] is True
    assert {path.name for path in outputs.iterdir()} == {"notes.txt", "sample"}
    assert listing(outputs / "notes.txt") == before


@slow
def test_the_real_thing_if_it_can_be_reached(job: Job, outputs: Path, tmp_path: Path) -> None:
    upstream = make_upstream(tmp_path / "up.git")
    upstream.commit(results())
    job.refresh(upstream.url, outputs, "--sample-if-unreachable", "--profile", "infer-*")
    manifest = manifest_of(outputs)
    assert manifest["sample"] is False
    assert manifest["upstream"] == upstream.url
    assert not (outputs / "sample").exists()
    assert len(builds_of(outputs)) == 1

    # Once cloned, an upstream that is gone is an error: old results would be mistaken for new ones.
    upstream.path.rename(tmp_path / "gone.git")
    before = listing(outputs)
    ended = job.run("refresh", "--upstream", upstream.url, "--outputs", outputs, "--sample-if-unreachable")
    assert ended.code == 1
    assert "--offline" in ended.errors[0]
    assert listing(outputs) == before
