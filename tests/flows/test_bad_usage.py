"""Wrong usage: exit code 2, one line that says what was found and what is valid, and nothing written.

An upstream that does not answer reads the same, and is a failure: exit code 1.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.flows.job import INFER, TRAIN, Ended, Job, listing
from tests.gitrepo import Upstream, make_upstream
from tests.prefect_server import free_port

pytestmark = pytest.mark.slow  # each starts the command line

NOWHERE = "file:///nowhere/up.git"


with_server = pytest.mark.xdist_group("usage")


def assert_refused(ended: Ended, *words: str, code: int = 2) -> None:
    assert ended.code == code, ended.err[-3000:]
    assert len(ended.errors) == 1, ended.err[-3000:]
    assert "Traceback" not in ended.out + ended.err
    assert ended.out == ""
    for word in words:
        assert word in ended.errors[0]


@pytest.fixture
def offline_job(tmp_path: Path) -> Job:
    """The command line without a server: to ask for one would be another error than the one expected."""
    return Job(tmp_path / "home", f"http://127.0.0.1:{free_port()}/api")


# --- known before anything is asked: no server, no network, at once ---

SETTINGS = "upstream = 'sample'\nprofiles = ['x']\n"
AT_ONCE: dict[str, tuple[tuple[str, ...], Mapping[str, str], tuple[str, ...]]] = {
    "unknown-preset": (("--preset", "fastai-2023"), {}, ("fastai-2023", "there is: fastai-2022")),
    "unknown-option": (("--outptus", "x"), {}, ("--outptus",)),
    "empty-ref": (("--ref", ""), {}, ("ref", "empty")),
    "http": (("--upstream", "http://example.invalid/x.git"), {}, ("http://", "https://", "file://")),
    "git": (("--upstream", "git://example.invalid/x.git"), {}, ("git://", "https://")),
    "ext": (("--upstream", "ext::sh -c true"), {}, ("ext::", "https://")),
    "plain-path": (("--upstream", "/tmp"), {}, ("plain path", "file:///tmp")),
    "password-is-not-shown": (("--upstream", "http://me:hunter2@example.invalid/x"), {}, ("http",)),
    "unknown-variable": ((), {"TIMM_CHARTS_OUTPUT": "x"}, ("TIMM_CHARTS_OUTPUT", "TIMM_CHARTS_OUTPUTS")),
    "bad-value": ((), {"TIMM_CHARTS_SERVER_PORT": "99999"}, ("server_port", "65535")),
    "no-settings-file": ((), {"TIMM_CHARTS_SETTINGS": "/nowhere.toml"}, ("/nowhere.toml",)),
}  # fmt: skip


@pytest.mark.parametrize("case", AT_ONCE)
def test_refused_at_once(case: str, offline_job: Job, tmp_path: Path) -> None:
    arguments, variables, words = AT_ONCE[case]
    outputs = tmp_path / "outputs"
    ended = offline_job.having(**variables).run("refresh", "--outputs", outputs, *arguments)
    assert_refused(ended, *words)
    assert "hunter2" not in ended.err
    assert not outputs.exists()
    assert not offline_job.cache.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SETTINGS, ("profiles", "settings.toml", "there is: upstream, ref, outputs")),
        ("upstream = ", ("settings.toml", "TOML")),
        ("network_timeout_seconds = 'soon'", ("network_timeout_seconds", "soon")),
    ],
    ids=["unknown-key", "no-toml", "wrong-type"],
)
def test_wrong_settings_file(text: str, words: tuple[str, ...], offline_job: Job, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    ended = offline_job.having(TIMM_CHARTS_SETTINGS=str(file)).run("refresh", "--outputs", tmp_path / "o")
    assert_refused(ended, *words)
    assert not (tmp_path / "o").exists()


def test_outputs_is_a_file(offline_job: Job, tmp_path: Path) -> None:
    file = tmp_path / "outputs"
    file.write_text("mine")
    for outputs in (file, file / "below"):
        assert_refused(
            offline_job.run("refresh", "--upstream", NOWHERE, "--outputs", outputs),
            f"{file} is no folder",
            "--outputs",
        )
    assert file.read_text() == "mine"


@pytest.mark.parametrize("name", ["charts/mine.txt", "index.html", "manifest.json"])
def test_outputs_holds_something_else(name: str, offline_job: Job, tmp_path: Path) -> None:
    file = tmp_path / "outputs" / name
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    before = listing(tmp_path / "outputs")
    ended = offline_job.run("refresh", "--upstream", NOWHERE, "--outputs", tmp_path / "outputs")
    assert_refused(ended, name.partition("/")[0], "timm-charts", "--outputs")
    assert listing(tmp_path / "outputs") == before


def test_configured_api_does_not_answer(offline_job: Job, tmp_path: Path) -> None:
    ended = offline_job.run("refresh", "--upstream", NOWHERE, "--outputs", tmp_path / "o")
    assert_refused(ended, str(offline_job.api), "PREFECT_API_URL")
    assert not (tmp_path / "o").exists()


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_port_of_the_local_server_is_busy(tmp_path: Path, busy_port: int) -> None:
    job = Job(tmp_path / "home").having(TIMM_CHARTS_SERVER_PORT=str(busy_port))
    ended = job.run("refresh", "--upstream", NOWHERE, "--outputs", tmp_path / "o")
    assert_refused(ended, f"port {busy_port} is busy", "TIMM_CHARTS_SERVER_PORT")
    assert not (tmp_path / "o").exists()


# --- known once the upstream was asked ---


def refused_by_run(job: Job, upstream: str, outputs: Path, *more: str) -> Ended:
    before = listing(outputs)
    ended = job.run("refresh", "--upstream", upstream, "--outputs", outputs, *more)
    assert listing(outputs) == before
    return ended


@with_server
@pytest.mark.parametrize("existing", [False, True], ids=["fresh", "existing"])
def test_unknown_revision(job: Job, small_upstream: Upstream, outputs: Path, existing: bool) -> None:
    if existing:
        outputs.mkdir()
    ended = refused_by_run(job, small_upstream.url, outputs, "--ref", "secnod")
    assert_refused(ended, "'secnod'", "main", "second")


@with_server
def test_glob_that_matches_nothing(job: Job, small_upstream: Upstream, outputs: Path) -> None:
    ended = refused_by_run(job, small_upstream.url, outputs, "--profile", "train-*", "--profile", "*rtx5090")
    assert_refused(ended, "'*rtx5090'", INFER, TRAIN)


@with_server
def test_no_timm_repository(job: Job, outputs: Path, tmp_path: Path) -> None:
    other = make_upstream(tmp_path / "other.git")
    other.commit({"README.md": "hello", "data/results-imagenet.csv": "model\n"})
    assert_refused(refused_by_run(job, other.url, outputs), "no timm repository", "results/")


@with_server
def test_upstream_does_not_answer(job: Job, outputs: Path) -> None:
    """It is tried again for a while, with a rising delay, but no longer than a person would wait.

    Nobody used anything wrongly, so the run has failed and was not refused.
    """
    url, start = f"https://127.0.0.1:{free_port()}/x.git", time.monotonic()
    ended = refused_by_run(job, url, outputs)
    assert_refused(ended, url, "could not be reached", "check the URL", code=1)
    assert "Finished in state Failed(" in ended.err
    assert "Refused(" not in ended.err
    assert ended.err.count("Retry ") == 3
    assert time.monotonic() - start < 90


@with_server
def test_offline_without_a_clone(job: Job, outputs: Path, tmp_path: Path) -> None:
    url = make_upstream(tmp_path / "never-cloned.git").url
    assert_refused(refused_by_run(job, url, outputs, "--offline"), "no clone", "--offline")


@with_server
def test_outputs_can_not_be_written(job: Job, small_upstream: Upstream) -> None:
    """``/proc`` takes no new folder, not even from root."""
    ended = job.run("refresh", "--upstream", small_upstream.url, "--outputs", "/proc/timm-charts")
    assert_refused(ended, "/proc/timm-charts", "can't be written", "--outputs")


@with_server
def test_outputs_of_another_upstream(
    job: Job, small_upstream: Upstream, outputs: Path, tmp_path: Path
) -> None:
    other = make_upstream(tmp_path / "other.git")
    other.commit({"results/results-imagenet.csv": "model\n"})
    job.refresh(small_upstream.url, outputs, "--profile", "infer-*", "--ref", "first")
    ended = refused_by_run(job, other.url, outputs)
    assert_refused(ended, f"belongs to upstream {small_upstream.url}", other.url, "--outputs")
