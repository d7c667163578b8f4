"""Each check of the doctor where it can be made to fail without a server or a run; the rest is in tests/flows."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.errors import UsageError
from config.settings import default_outputs, load_settings
from tasks.doctor import database, machine, outputs, server, upstream
from tasks.doctor.check import Check, Finding, guarded, in_words, ok
from tasks.doctor.checks import as_text, has_problem, run_checks
from tasks.outputs.local import LocalStore
from tasks.server.place import ServerOptions
from tasks.sources.git.clone import CloneOptions
from tasks.sources.git.process import _gitpython
from tests.flows.job import listing
from tests.prefect_server import free_port

SECRET = "hunter2"  # noqa: S105 - must not be shown


def prefect_reads(**environment: str) -> None:
    """Set variables for this test and make Prefect in this process read them, as at a start."""
    import prefect.context

    os.environ.update(environment)
    prefect.context.refresh_global_settings_context()


def installed(folder: Path, name: str, version: str, *requires: str) -> None:
    """Put the metadata of a package into a folder, as pip does."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Requires-Python: >=3.11"]
    lines += [f"Requires-Dist: {text}" for text in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")


# --- what is said, and that nothing stops the rest ---


def test_the_text_has_one_line_a_check_and_one_a_remedy() -> None:
    checks = (
        Check("ok", "2.39.5", None, "git"),
        Check("problem", "no answer\n within 10 s", "check the network", "upstream"),
        Check("warning", "none", "install one", "browser"),
    )
    assert as_text(checks).splitlines() == [
        "ok       git       2.39.5",
        "problem  upstream  no answer within 10 s",
        "                   remedy: check the network",
        "warning  browser   none",
        "                   remedy: install one",
        "",
        "1 problem, 1 warning",
    ]
    assert has_problem(checks)
    assert not has_problem(checks[::2])
    assert as_text(checks[:1]).endswith("no problems, no warnings")


def test_a_check_that_breaks_is_a_problem_with_a_remedy() -> None:
    def breaks() -> Finding:
        message = "first line\nsecond line"
        raise ZeroDivisionError(message)

    broken = guarded("x", breaks)
    assert (broken.name, broken.status) == ("x", "problem")
    assert broken.found == "could not be checked: ZeroDivisionError: first line"
    assert broken.remedy
    assert guarded("x", lambda: ok("fine")) == Check("ok", "fine", None, "x")


@pytest.mark.parametrize(
    ("message", "found", "remedy"),
    [
        ("port 4200 is busy; stop it", "port 4200 is busy", "stop it"),
        ("a; b; do c", "a; b", "do c"),
        ("no advice", "no advice", "change that, then run doctor again"),
    ],
)
def test_a_usage_error_is_split_into_what_was_found_and_the_remedy(
    message: str, found: str, remedy: str
) -> None:
    def refuses() -> Finding:
        raise UsageError(message)

    assert guarded("x", refuses) == Check("problem", found, remedy, "x")


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (3_440_000, "3.4 MB"),
        (71e9, "71 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_bytes_in_words(size: float, words: str) -> None:
    assert in_words(size) == words


def test_a_url_that_is_not_allowed_is_wrong_usage_and_shows_no_password(tmp_path: Path) -> None:
    settings = load_settings(upstream=f"ftp://me:{SECRET}@host/x", outputs=tmp_path)
    with pytest.raises(UsageError, match="scheme ftp:// is not allowed") as error:
        run_checks(settings)
    assert SECRET not in str(error.value)


@pytest.mark.slow
def test_the_sample_is_looked_for_where_a_run_puts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"upstream": "sample", "cache_dir": tmp_path, "server_port": free_port()}
    real, named = tmp_path / "real", tmp_path / "named"
    for variable, folder, expected in (
        (None, None, default_outputs() / "sample"),
        (None, named, named),
        (real, None, real / "sample"),
        (real, named, named),
    ):
        if variable:
            monkeypatch.setenv("TIMM_CHARTS_OUTPUTS", str(variable))
        checks = {check.name: check for check in run_checks(load_settings(**given, outputs=folder))}
        assert checks["outputs folder"].found.startswith(f"{expected} can be ")
        assert checks["upstream"].found.startswith("sample: ")


# --- what is installed ---


def test_the_settings_file_and_the_variables_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("force = true\n")
    monkeypatch.setenv("TIMM_CHARTS_SETTINGS", str(file))
    monkeypatch.setenv("TIMM_CHARTS_UPSTREAM", f"https://me:{SECRET}@host/x.git")
    found = machine.settings_in_use().found
    assert f"file {file}; variables: TIMM_CHARTS_SETTINGS" in found
    assert "TIMM_CHARTS_UPSTREAM" in found
    assert SECRET not in found


def test_these_packages_fit() -> None:
    assert machine.packages().status == "ok"
    assert machine.python().status == "ok"


def test_a_package_that_does_not_fit_is_named_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    installed(tmp_path, "sqlalchemy", "2.1.4")
    finding = machine.packages()
    assert finding.status == "problem"
    assert finding.found == "sqlalchemy is 2.1.4, needed is sqlalchemy<2.1,>=2.0.58"
    assert finding.remedy == f"{sys.executable} -m pip install 'sqlalchemy<2.1,>=2.0.58'"


def test_a_package_that_is_missing_is_named_but_none_of_an_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    installed(tmp_path, "timm-charts", "9.0", "no-such-package>=2", 'no-such-tool>=1; extra == "dev"')
    finding = machine.packages()
    assert finding.found == "no-such-package is missing, needed is no-such-package>=2"
    assert finding.remedy == f"{sys.executable} -m pip install 'no-such-package>=2'"


def test_no_browser_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    finding = machine.browser()
    assert finding.status == "warning"
    assert "tests only" in finding.found


@pytest.mark.slow
def test_text_that_would_not_show_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "mine")
    assert machine.font("Liberation Sans, Arial").status == "ok"
    finding = machine.font("No Such Font")
    assert (finding.status, finding.found) == ("problem", "no text shows in No Such Font")
    assert os.environ["FONTCONFIG_FILE"] == "mine"


# --- git ---


def test_the_oldest_git_is_the_one_that_the_job_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "git", None)  # an import of it fails, as where git is missing
    with pytest.raises(UsageError) as error:
        _gitpython(Path("/"))
    assert upstream.INSTALL in str(error.value)
    finding = upstream.git()
    assert (finding.status, finding.found, finding.remedy) == (
        "problem",
        "git was not found",
        upstream.INSTALL,
    )


@pytest.mark.slow
def test_an_old_git_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert upstream.git().status == "ok"
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\necho git version 2.35.9\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    finding = upstream.git()
    assert (finding.status, finding.found) == ("problem", "git version 2.35.9 is too old")


def test_offline_without_a_clone_is_a_problem_and_with_the_network_none(tmp_path: Path) -> None:
    url = "https://host.invalid/x.git"
    finding = upstream.clone(CloneOptions(url, tmp_path, offline=True))
    assert finding.status == "problem"
    assert upstream.clone(CloneOptions(url, tmp_path)).found == "none yet; made by the first run"
    assert upstream.upstream(CloneOptions(url, tmp_path, offline=True), 1).status == "ok"


# --- folders ---


def test_too_little_room_is_a_problem_with_the_figure(tmp_path: Path) -> None:
    folders = {"outputs": tmp_path / "not" / "there", "cache": tmp_path}
    fine = outputs.disk_space(folders, least=1)
    assert fine.status == "ok"
    assert fine.found.endswith(" free for outputs, cache")
    finding = outputs.disk_space(folders, least=10**16)
    assert (finding.status, finding.found.partition(" ")[2]) == ("problem", fine.found.partition(" ")[2])
    assert "make room, 10000 TB or more" in (finding.remedy or "")


def test_a_folder_to_be_is_fine_and_stays_to_be(tmp_path: Path) -> None:
    before = listing(tmp_path)
    assert "can be made" in outputs.writable(tmp_path / "a" / "b", "X").found
    assert outputs.writable(tmp_path, "X").found == f"{tmp_path} can be written"
    assert listing(tmp_path) == before


def test_a_file_in_the_way_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "link"):
        finding = outputs.writable(tmp_path / name / "outputs", "TIMM_CHARTS_CACHE_DIR")
        assert (finding.status, finding.found) == (
            "problem",
            f"{tmp_path / name} is in the way: it is no folder",
        )
        assert finding.remedy == "choose another with TIMM_CHARTS_CACHE_DIR"
        room = outputs.disk_space({"cache": tmp_path / name / "x"}, least=1)
        assert room.status == "ok", "no room is another problem"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write")
def test_a_folder_that_can_not_be_written_is_a_problem() -> None:
    finding = outputs.writable(Path("/proc/outputs"), "--outputs")
    assert finding.status == "problem"
    assert finding.found.startswith("/proc can't be written")
    assert "--outputs" in (finding.remedy or "")


def test_outputs_of_another_upstream_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / ".current").mkdir()
    (tmp_path / ".current" / "manifest.json").write_text(json.dumps({"upstream": "sample"}))
    (tmp_path / "manifest.json").symlink_to(".current/manifest.json")
    check = guarded("outputs", lambda: outputs.outputs_folder(tmp_path, "https://host/x.git"))
    assert check.status == "problem"
    assert "belongs to upstream sample" in check.found
    assert check.remedy == "choose another folder with --outputs"
    assert guarded("outputs", lambda: outputs.outputs_folder(tmp_path, "sample")).status == "ok"


def test_a_run_that_writes_is_a_note_and_is_not_disturbed(tmp_path: Path) -> None:
    assert "writing it now" not in outputs.outputs_folder(tmp_path, "sample").found
    with LocalStore(tmp_path).locked("sample"):
        inode = (tmp_path / ".lock").stat().st_ino
        locks = Path("/proc/locks")
        if not locks.exists() or f":{inode} " not in locks.read_text():
            pytest.skip("this system does not tell who holds a lock")
        finding = outputs.outputs_folder(tmp_path, "sample")
        assert finding.status == "ok"
        assert finding.found.endswith(f"a run is writing it now (pid {os.getpid()})")
    assert "writing it now" not in outputs.outputs_folder(tmp_path, "sample").found


def test_a_manifest_of_another_version_is_a_warning(tmp_path: Path) -> None:
    assert outputs.results(tmp_path).found == "none yet; made by the first run"
    (tmp_path / "manifest.json").write_text('{"upstream": "sample", "manifest_version": 0}')
    finding = outputs.results(tmp_path)
    assert (finding.status, finding.remedy) == ("warning", "make the results anew: timm-charts refresh")


# --- Prefect ---


@pytest.mark.slow
def test_no_server_is_fine_and_nothing_is_left_behind(tmp_path: Path) -> None:
    home = Path(os.environ["HOME"])
    before = sorted(home.rglob("*"))
    options = ServerOptions(tmp_path / "data", free_port())
    assert server.client().status == "ok"
    assert server.server(options).found == f"none runs; the first run starts one on port {options.port}"
    finding = database.database(options)
    assert finding.status == "ok"
    assert "prefect.db; made when the server starts" in finding.found
    assert sorted(home.rglob("*")) == before
    assert not (tmp_path / "data").exists()


def test_a_prefect_that_can_not_be_imported_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect.main", None)  # an import of it fails
    finding = server.client()
    assert (finding.status, finding.remedy) == ("problem", "see packages above")
    assert "can't be imported (ModuleNotFoundError)" in finding.found


@pytest.mark.slow
def test_an_api_that_does_not_answer_is_a_problem_without_its_password(tmp_path: Path) -> None:
    port = free_port()
    prefect_reads(PREFECT_API_URL=f"http://me:{SECRET}@127.0.0.1:{port}/api")
    finding = server.server(ServerOptions(tmp_path))
    assert finding.status == "problem"
    assert f"http://127.0.0.1:{port}/api (configured) can't be used: ConnectError" in finding.found
    assert "PREFECT_API_URL" in (finding.remedy or "")
    answer = database.database(ServerOptions(tmp_path))
    assert answer.status == "warning"
    assert SECRET not in f"{finding} {answer}"


@pytest.mark.slow
def test_a_port_taken_by_something_else_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_SECONDS", 0.2)  # it never answers
    with socket.create_server(("127.0.0.1", 0)) as other:
        finding = server.server(ServerOptions(tmp_path, other.getsockname()[1]))
    assert finding.status == "problem"
    assert "can't be used" in finding.found
    assert "TIMM_CHARTS_SERVER_PORT" in (finding.remedy or "")


POSTGRESQL = "PostgreSQL, database runs on db.host, port 5433"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "SQLite, {home}/prefect.db; made when the server starts"),
        ({"PREFECT_API_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://me:{SECRET}@db.host:5433/runs"}, POSTGRESQL),
        ({"PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://me:{SECRET}@db.host:5433/runs"}, POSTGRESQL),
        (
            {
                "PREFECT_API_DATABASE_DRIVER": "postgresql+asyncpg",
                "PREFECT_API_DATABASE_HOST": "db.host",
                "PREFECT_API_DATABASE_PORT": "5433",
                "PREFECT_API_DATABASE_NAME": "runs",
                "PREFECT_API_DATABASE_PASSWORD": SECRET,
            },
            POSTGRESQL,
        ),
        (
            {"PREFECT_API_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:////srv/x.db"},
            "SQLite, /srv/x.db; made when the server starts",
        ),
        (
            {"PREFECT_API_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///:memory:"},
            "SQLite in memory: every run is forgotten when the server ends",
        ),
    ],
)  # fmt: skip
def test_the_database_of_a_server_in_words(variables: dict[str, str], words: str, tmp_path: Path) -> None:
    environment = {"PREFECT_HOME": str(tmp_path), **variables}
    found = database.in_words_of(database.database_of(environment, tmp_path))
    assert found == words.format(home=tmp_path)


@pytest.mark.slow  # Prefect takes seconds to import
def test_a_profile_of_prefect_counts(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://me:{SECRET}@db.host:5433/runs"
    profile = f'active = "mine"\n[profiles.mine]\nPREFECT_API_DATABASE_CONNECTION_URL = "{url}"\n'
    (tmp_path / "profiles.toml").write_text(profile)
    environment = {"PREFECT_HOME": str(tmp_path)}
    assert database.database_of(environment, tmp_path).name == POSTGRESQL
    environment["PREFECT_PROFILE"] = "other"
    assert database.database_of(environment, tmp_path).name == "SQLite"


@pytest.mark.slow  # Prefect takes seconds to import
def test_a_database_that_does_not_answer_is_a_problem(tmp_path: Path) -> None:
    port = free_port()
    url = f"postgresql+asyncpg://me:{SECRET}@127.0.0.1:{port}/runs"
    os.environ["PREFECT_API_DATABASE_CONNECTION_URL"] = url
    options = ServerOptions(tmp_path, free_port())
    finding = database.database(options)
    assert finding.status == "problem"
    assert finding.found == f"PostgreSQL, database runs on 127.0.0.1, port {port}: nothing answers there"
    assert SECRET not in str(finding)
    with socket.create_server(("127.0.0.1", port)):
        assert database.database(options).status == "ok"


@pytest.mark.slow  # Prefect takes seconds to import
@pytest.mark.parametrize(
    ("answer", "status", "found"),
    [
        (200, "ok", "not named by its server; the server reaches it"),
        (404, "ok", "not named by its server"),
        (503, "problem", "not named by its server: the server can't reach it"),
    ],
)
def test_a_server_says_whether_it_reaches_its_database(
    answer: int, status: str, found: str, tmp_path: Path
) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer if self.path == "/api/ready" else 500)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as here:
        thread = threading.Thread(target=here.serve_forever, args=(0.01,))  # how long shutdown may wait
        thread.start()
        try:
            prefect_reads(PREFECT_API_URL=f"http://127.0.0.1:{here.server_port}/api/")
            finding = database.database(ServerOptions(tmp_path))
        finally:
            here.shutdown()
            thread.join()
    assert (finding.status, finding.found) == (status, found)


@pytest.mark.slow
def test_an_address_of_a_database_that_can_not_be_read_is_a_problem(tmp_path: Path) -> None:
    os.environ["PREFECT_API_DATABASE_CONNECTION_URL"] = f"me:{SECRET}"
    options = ServerOptions(tmp_path, free_port())
    check = guarded("database", lambda: database.database(options))
    assert check.found == "PREFECT_API_DATABASE_CONNECTION_URL is no address of a database"
    assert check.remedy == "correct it"


@pytest.mark.slow  # Prefect takes seconds to import
def test_a_file_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "home" / "prefect.db"
    file.parent.mkdir()
    os.environ["PREFECT_HOME"] = str(file.parent)
    options = ServerOptions(tmp_path, free_port())
    file.write_text("")
    assert database.database(options).status == "ok"
    file.write_text("not a database")
    finding = database.database(options)
    assert (finding.status, finding.found) == ("problem", f"{file} is no SQLite database")
