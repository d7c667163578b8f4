"""The doctor on real clones, servers and outputs: all is well, and each thing that breaks is named."""

from __future__ import annotations

import os
import re
import shutil
import socket
from pathlib import Path

import pytest

from tasks.doctor import database, server
from tasks.doctor import upstream as upstream_checks
from tasks.server.place import ServerOptions
from tasks.server.process import start_server
from tasks.sources.git.clone import CloneOptions, clone_path
from tasks.sources.upstream import sync
from tests.flows.job import Ended, Job, listing, results
from tests.gitrepo import Upstream, make_upstream
from tests.prefect_server import START_SECONDS, call, free_port, stop

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sample")]

NAMES = [
    "settings", "Python", "packages", "font", "browser", "git", "clone", "upstream", "Prefect",
    "Prefect server", "Prefect database", "disk space", "outputs folder", "cache folder",
    "data folder", "results",
]  # fmt: skip
LINE = re.compile(r"(?P<status>ok|warning|problem) +(?P<name>\S+(?: \S+)*) {2,}(?P<found>\S.*)")


def examine(job: Job, **settings: object) -> Ended:
    given = [word for name, value in settings.items() for word in _option(name, value)]
    return job.run("doctor", *given)


def _option(name: str, value: object) -> tuple[str, ...]:
    return (f"--{name}",) if str(value).lower() == "true" else (f"--{name}", str(value))


def status_of(ended: Ended) -> dict[str, tuple[str, str]]:
    """Return status and finding by the name of the check; nothing else may be printed."""
    assert ended.err == ""
    *lines, empty, _sum = ended.out.splitlines()
    assert empty == ""
    found = {}
    for number, line in enumerate(lines):
        if line.lstrip().startswith("remedy: "):
            continue
        match = LINE.fullmatch(line)
        assert match, line
        found[match["name"]] = (match["status"], match["found"])
        has_remedy = number + 1 < len(lines) and lines[number + 1].lstrip().startswith("remedy: ")
        assert has_remedy == (match["status"] != "ok"), line
    return found


def quiet(_message: str, _share: float | None) -> None:
    pass


@pytest.fixture(scope="module")
def healthy(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Path:
    outputs = tmp_path_factory.mktemp("doctor") / "o"
    job.refresh("sample", outputs)
    return outputs


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    upstream = make_upstream(tmp_path / "up.git")
    upstream.commit(results())
    return upstream


@pytest.fixture
def clone(upstream: Upstream, tmp_path: Path) -> CloneOptions:
    options = CloneOptions(upstream.url, tmp_path / "cache")
    sync(options, None, quiet)
    return options


def test_all_is_well_after_a_run(job: Job, healthy: Path) -> None:
    before = listing(healthy), listing(job.home)
    ended = examine(job, upstream="sample", outputs=healthy)
    found = status_of(ended)
    assert list(found) == NAMES
    assert {name for name, (status, _) in found.items() if status != "ok"} <= {"browser"}, ended.out
    assert ended.code == 0
    assert re.search(r"snapshot \d{4}-\d\d-\d\d [0-9a-f]{8}, \d+ files, none missing or altered", ended.out)
    assert found["clone"][1].startswith("whole, ")
    assert f"healthy: {job.api} (configured)" in found["Prefect server"][1]
    assert found["Prefect database"][1] == "not named by its server; the server reaches it"
    assert ended.out.splitlines()[-1].startswith("no problems, ")
    assert (listing(healthy), listing(job.home)) == before


def test_an_empty_home_is_fine_and_stays_empty(tmp_path: Path) -> None:
    home = Job(tmp_path / "home").having(TIMM_CHARTS_SERVER_PORT=str(free_port()))
    ended = examine(home, upstream="sample", outputs=tmp_path / "o")
    assert ended.code == 0, ended.out
    assert "clone             none yet; made by the first run" in ended.out
    assert "none runs; the first run starts one" in ended.out
    assert list(home.home.iterdir()) == []
    assert not (tmp_path / "o").exists()


def test_missing_and_altered_results_are_counted(job: Job, healthy: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "o"
    shutil.copytree(healthy, outputs, symlinks=True)
    pictures = sorted(outputs.glob("charts/overview/*.png"))
    pictures[0].unlink()
    pictures[1].write_bytes(b"altered")
    (outputs / "index.html").write_text("altered")
    ended = examine(job, upstream="sample", outputs=outputs)
    status, found = status_of(ended)["results"]
    assert (ended.code, status) == (1, "problem")
    assert "1 missing and 2 altered" in found
    assert f"charts/overview/{pictures[0].name}" in found
    assert "remedy: make them anew: timm-charts refresh" in ended.out


def test_everything_at_once(tmp_path: Path, upstream: Upstream) -> None:
    """No git, no server, no upstream, a file where the outputs should be: each is named, and none stops the rest."""
    (tmp_path / "o").write_text("")
    sick = Job(tmp_path / "home", f"http://127.0.0.1:{free_port()}/api").having(PATH="")
    ended = examine(sick, upstream=upstream.url, outputs=tmp_path / "o")
    found = status_of(ended)
    assert list(found) == NAMES
    assert ended.code == 1
    bad = {name for name, (status, _) in found.items() if status == "problem"}
    assert bad == {"git", "Prefect server", "outputs folder"}
    assert found["git"][1] == "git was not found"
    assert found["upstream"] == ("warning", "not checked, because git can't be used")
    assert found["Prefect database"][0] == "warning"
    assert ended.out.splitlines()[-1] == "3 problems, 3 warnings"


def test_a_wrong_settings_file_is_refused_as_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('profiel = "x"\n')
    ended = examine(Job(tmp_path / "home").having(TIMM_CHARTS_SETTINGS=str(file)))
    assert ended.code != 0
    assert "unknown setting 'profiel'" in ended.err


# --- clone and upstream ---


def test_a_clone_that_is_whole(clone: CloneOptions) -> None:
    finding = upstream_checks.clone(clone)
    assert finding.status == "ok"
    assert re.fullmatch(
        rf"whole, \d+ kB, last fetched [-0-9]{{10}} [:0-9]{{5}} UTC: {clone_path(clone)}", finding.found
    )
    head = clone_path(clone) / "refs/remotes/origin/HEAD"
    os.utime(head, (0, 0))
    assert "last fetched 1970-01-01 00:00 UTC" in upstream_checks.clone(clone).found
    sync(clone, None, quiet)
    assert "1970" not in upstream_checks.clone(clone).found, "a fetch that brings nothing new is one too"


def test_a_damaged_clone_is_mended_by_a_run_unless_it_is_offline(clone: CloneOptions) -> None:
    for pack in clone_path(clone).glob("objects/pack/*"):
        pack.unlink()
    before = listing(clone_path(clone))
    finding = upstream_checks.clone(clone)
    assert (finding.status, finding.found.partition(" ")[0]) == ("warning", "damaged")
    offline = upstream_checks.clone(CloneOptions(clone.url, clone.cache_dir, offline=True))
    assert offline.status == "problem"
    assert "without offline" in (offline.remedy or "")
    assert listing(clone_path(clone)) == before

    sync(clone, None, quiet)
    assert upstream_checks.clone(clone).status == "ok"


def test_an_upstream_that_answers(clone: CloneOptions, upstream: Upstream) -> None:
    sha = upstream.run("rev-parse", "main")
    finding = upstream_checks.upstream(clone, 60)
    assert (finding.status, finding.found) == (
        "ok",
        f"{upstream.url} answers; its newest commit is {sha[:8]}",
    )


def test_an_upstream_that_is_not_there(tmp_path: Path, clone: CloneOptions, upstream: Upstream) -> None:
    never = upstream_checks.upstream(CloneOptions("file:///nowhere", tmp_path / "empty"), 60)
    assert never.status == "problem"
    assert never.found.startswith("file:///nowhere could not be reached: ")
    assert "--upstream sample" in (never.remedy or "")
    assert "--offline" not in (never.remedy or ""), "there is no clone to use"
    assert not (tmp_path / "empty").exists()

    upstream.path.rename(tmp_path / "gone.git")
    gone = upstream_checks.upstream(clone, 60)
    assert gone.status == "problem"
    assert "--offline" in (gone.remedy or "")


def test_an_upstream_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        options = CloneOptions(f"https://me:hunter2@127.0.0.1:{port}/x.git", tmp_path)
        finding = upstream_checks.upstream(options, 1)
    assert finding.status == "problem"
    assert finding.found == f"https://127.0.0.1:{port}/x.git could not be reached: no answer within 1 s"


# --- our own server ---


def test_our_local_server_and_its_database(tmp_path: Path) -> None:
    port = free_port()
    options = ServerOptions(tmp_path, port)
    del os.environ["PREFECT_HOME"]  # so that the server lives in the data folder, as for a user
    state, _ = start_server(tmp_path, port, START_SECONDS, lambda _line: None)
    try:
        here = server.server(options)
        assert here.status == "ok"
        assert here.found.endswith(
            f"healthy: http://127.0.0.1:{port}/api (our local server, pid {state.pid})"
        )
        file = tmp_path / "prefect" / "prefect.db"
        answer = database.database(options)
        assert answer.status == "ok"
        assert re.fullmatch(
            rf"SQLite, {re.escape(str(file))}, [\d.]+ [kM]B; the server reaches it", answer.found
        )

        # It counts as ours also where its address is configured, and on another port than asked for.
        assert server.server(ServerOptions(tmp_path)).found == here.found
        assert call(f"{state.api_url}/health") is True
    finally:
        stop(state.pid)
    assert "none runs" in server.server(options).found


def test_a_server_of_somebody_else_on_the_wanted_port(prefect_api: str, tmp_path: Path) -> None:
    port = int(prefect_api.removesuffix("/api").rpartition(":")[2])
    finding = server.server(ServerOptions(tmp_path, port))
    assert finding.status == "problem"
    assert finding.found.startswith(f"port {port} is taken by a Prefect server of version ")
    assert f"PREFECT_API_URL={prefect_api}" in (finding.remedy or "")
