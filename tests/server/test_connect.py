"""Finding or starting the Prefect server: real servers, real sockets, real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.errors import TimmChartsError, UsageError
from tasks.server import connect, place, probe, process
from tasks.server.address import ApiAddress, run_url
from tasks.server.connect import ensure_api
from tasks.server.place import ServerOptions
from tests.prefect_server import (
    START_SECONDS,
    call,
    free_port,
    is_alive,
    is_healthy,
    private_server,
    stop,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

ENSURE = """
import json, sys
from pathlib import Path
from tasks.server.address import no_ephemeral_server
from tasks.server.connect import ensure_api
from tasks.server.place import ServerOptions
no_ephemeral_server()
options = ServerOptions(Path(sys.argv[1]), int(sys.argv[2]), 240.0)
address = ensure_api(options, lambda line: print(line, file=sys.stderr))
print(json.dumps({"started": address.started, "pid": address.pid, "api_url": address.api_url}))
"""


def nothing_said(line: str) -> None:
    message = f"unexpected: {line}"
    raise AssertionError(message)


def python(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def output_of(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0, err
    return out


def settings_from_environment(**environment: str) -> None:
    """Set variables for this test and make Prefect in this process read them, as at a start."""
    import prefect.context

    os.environ.update(environment)
    prefect.context.refresh_global_settings_context()


def servers_on(port: int) -> list[int]:
    """Return the processes that were started as a Prefect server for the port."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_text().split("\0")
            if {"prefect", "server", "start", str(port)} <= set(words):
                found.append(int(folder.name))
    return found


def stop_all_in(data_dir: Path) -> None:
    """Stop every server that was started in the folder, in its state file or not."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_server = "prefect" in (folder / "cmdline").read_text().split("\0")
            if is_server and (folder / "cwd").readlink() == data_dir:
                stop(int(folder.name))


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder; a server that a test leaves behind in it is stopped, also after a failure."""
    folder = tmp_path / "data"
    yield folder
    stop_all_in(folder)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApiAddress, Path]]:
    """A server started by the code under test, in a folder with the state of a dead one."""
    folder = tmp_path_factory.mktemp("data")
    port = free_port()
    stale = {"pid": os.getpid(), "port": port, "api_url": "x", "log": "x", "prefect_version": "1"}
    (folder / "server.json").write_text(json.dumps(stale))
    said: list[str] = []
    try:
        address = ensure_api(ServerOptions(folder, port, START_SECONDS), said.append)
        assert f"starting a local Prefect server on port {port}" in said
        yield address, folder
    finally:
        stop_all_in(folder)


def port_of(address: ApiAddress) -> int:
    return int(address.api_url.split(":")[2].split("/")[0])


# --- without a server -------------------------------------------------------------------------


def test_import_leaves_prefect_alone() -> None:
    code = "import sys, tasks.server.connect; print('prefect' in sys.modules)"
    assert output_of(python(code)).strip() == "False"


@pytest.mark.parametrize("prefect_first", [False, True])
def test_no_ephemeral_server_wins_over_the_environment(prefect_first: bool) -> None:
    first = "import prefect" if prefect_first else ""
    code = f"""
    {first}
    from tasks.server.address import no_ephemeral_server
    no_ephemeral_server()
    from prefect.client.orchestration import get_client
    try:
        get_client(sync_client=True)
    except ValueError as error:
        print(error)
    """
    allowed = {"PREFECT_SERVER_EPHEMERAL_ENABLED": "true"}
    assert "No Prefect API URL provided" in output_of(python(code, **allowed))


def test_run_url_leads_to_the_ui_or_else_to_the_api() -> None:
    with_ui = ApiAddress("http://127.0.0.1:4200/api", "http://127.0.0.1:4200/v2")
    assert run_url(with_ui, "abc") == "http://127.0.0.1:4200/v2/runs/flow-run/abc"
    without = ApiAddress("http://127.0.0.1:4200/api", None)
    assert run_url(without, "abc") == "http://127.0.0.1:4200/api/flow_runs/abc"


def test_configured_api_that_is_down_is_refused(data_dir: Path) -> None:
    url = f"http://user:secret@127.0.0.1:{free_port()}/api"
    settings_from_environment(PREFECT_API_URL=url)
    with pytest.raises(UsageError) as caught:
        ensure_api(ServerOptions(data_dir), nothing_said)
    message = str(caught.value)
    assert url.replace("user:secret@", "") in message
    assert "environment variable PREFECT_API_URL" in message
    assert "unset PREFECT_API_URL" in message
    assert "secret" not in message
    assert not data_dir.exists()


def test_configured_api_in_a_profile_is_named(data_dir: Path) -> None:
    home = Path(os.environ["PREFECT_HOME"])
    home.mkdir()
    (home / "profiles.toml").write_text(
        f"""
        active = "mine"
        [profiles.mine]
        PREFECT_API_URL = "http://127.0.0.1:{free_port()}/api"
        """
    )
    child = python(ENSURE, str(data_dir), str(free_port()))
    _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "UsageError" in err
    assert "set in the Prefect profile 'mine'" in err


def test_configured_api_in_a_project_file_is_named(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prefect.toml").write_text(f'[api]\nurl = "http://127.0.0.1:{free_port()}/api"\n')
    settings_from_environment()
    with pytest.raises(UsageError, match=r"prefect\.toml, pyproject\.toml or \.env"):
        ensure_api(ServerOptions(data_dir), nothing_said)


def test_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="TIMM_CHARTS_DATA_DIR"):
        ensure_api(ServerOptions(tmp_path / "file" / "data"), nothing_said)


@pytest.mark.parametrize("chosen", [True, False], ids=["chosen port", "default port"])
def test_port_held_by_a_mute_listener(data_dir: Path, monkeypatch: pytest.MonkeyPatch, chosen: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(place, "DEFAULT_PORT", port)
        with pytest.raises(UsageError) as caught:
            ensure_api(ServerOptions(data_dir, port if chosen else None), nothing_said)
    message = str(caught.value)
    assert f"port {port} is busy" in message
    assert "does not answer as Prefect" in message
    assert "TIMM_CHARTS_SERVER_PORT" in message
    assert "PREFECT_API_URL" not in message
    assert not (data_dir / "server.json").exists()


@contextmanager
def web_server(status: int, body: bytes) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield web.server_address[1]
        web.shutdown()


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"nothing here"), (200, b"<html>hello</html>"), (200, b"true"), (500, b"")],
)
def test_port_held_by_another_web_server(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    with web_server(status, body) as port:
        monkeypatch.setattr(place, "DEFAULT_PORT", port)
        with pytest.raises(UsageError, match="does not answer as Prefect"):
            ensure_api(ServerOptions(data_dir), nothing_said)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '{"pid": 1',
        '{"pid": "x", "port": 1, "api_url": "", "log": "", "prefect_version": ""}',
        '{"pid": 1, "port": 1, "api_url": "", "log": "", "prefect_version": "", "more": 1}',
        '{"pid": 99999999, "port": 1, "api_url": "", "log": "", "prefect_version": ""}',
    ],
)
def test_state_that_is_damaged_or_stale_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    assert process.read_state(tmp_path) is None


def test_the_server_gets_a_home_of_its_own_unless_the_user_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://elsewhere/api")
    monkeypatch.chdir(tmp_path)
    homes = {}
    for chosen in ("", "mine", "~/mine", "/mine"):
        monkeypatch.setenv("PREFECT_HOME", chosen)
        environment = process.server_environment(Path("/data"), 4321)
        homes[chosen] = environment["PREFECT_HOME"]
        assert "PREFECT_API_URL" not in environment
    assert homes == {
        "": "/data/prefect",
        "mine": str(tmp_path / "mine"),
        "~/mine": f"{os.environ['HOME']}/mine",
        "/mine": "/mine",
    }


# --- with a server ----------------------------------------------------------------------------


def test_a_started_server_is_described(started: tuple[ApiAddress, Path]) -> None:
    address, folder = started
    assert address.started
    assert address.pid is not None
    assert address.pid != os.getpid()
    assert servers_on(port_of(address)) == [address.pid]
    assert address.how_to_stop == f"kill {address.pid}"
    assert address.log == folder / "server.log"
    assert json.loads((folder / "server.json").read_text())["pid"] == address.pid
    assert [path.name for path in folder.glob(".server-*")] == []


def test_a_started_server_is_detached(started: tuple[ApiAddress, Path]) -> None:
    pid = started[0].pid
    assert pid is not None
    assert os.getsid(pid) == pid
    files = {number: str(Path(f"/proc/{pid}/fd/{number}").readlink()) for number in (0, 1, 2)}
    assert files == {0: "/dev/null", 1: str(started[0].log), 2: str(started[0].log)}


def test_a_started_server_listens_on_loopback_only(started: tuple[ApiAddress, Path]) -> None:
    port = f"{port_of(started[0]):04X}"
    listening = "0A"
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == listening and local.endswith(f":{port}"):
                addresses.add(local.rpartition(":")[0])
    assert addresses == {"0100007F"}


def test_a_started_server_has_our_settings(started: tuple[ApiAddress, Path]) -> None:
    settings = call(f"{started[0].api_url}/admin/settings")
    assert settings["server"]["analytics_enabled"] is False
    vacuum = settings["server"]["services"]["db_vacuum"]
    assert set(vacuum["enabled"]) == {"events", "flow_runs"}
    assert vacuum["retention_period"] in ("P730D", "P2Y", 730 * 86_400.0)
    assert settings["server"]["logging_level"] == "WARNING"


def test_the_link_to_a_run_opens_in_a_browser(started: tuple[ApiAddress, Path]) -> None:
    page = call(run_url(started[0], "1f2e3d4c-0000-4000-8000-000000000000"), accept="text/html")
    assert "<html" in page
    ui = call(started[0].api_url.removesuffix("/api") + "/ui-settings")
    assert ui["api_url"] == started[0].api_url
    assert started[0].ui_url is not None
    assert started[0].ui_url.endswith(ui["v2_base_url"])
    assert ui["default_ui"] == "v2"


@pytest.mark.parametrize("same_port", [True, False])
def test_a_second_call_starts_nothing(started: tuple[ApiAddress, Path], same_port: bool) -> None:
    address, folder = started
    said: list[str] = []
    wanted = port_of(address) if same_port else free_port()
    again = ensure_api(ServerOptions(folder, wanted), said.append)
    assert not again.started
    assert (again.pid, again.api_url, again.ui_url) == (
        address.pid,
        address.api_url,
        address.ui_url,
    )
    assert bool(said) is not same_port
    assert servers_on(wanted) == ([address.pid] if same_port else [])


def test_a_relative_data_folder_means_the_same_server(
    started: tuple[ApiAddress, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, folder = started
    monkeypatch.chdir(folder.parent)
    again = ensure_api(ServerOptions(Path(folder.name)), nothing_said)
    assert (again.pid, again.log) == (address.pid, address.log)


def test_a_prefect_server_at_the_default_port_is_used(
    started: tuple[ApiAddress, Path], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "DEFAULT_PORT", port_of(started[0]))
    said: list[str] = []
    found = ensure_api(ServerOptions(data_dir), said.append)
    assert found == ApiAddress(started[0].api_url, started[0].ui_url)
    assert any("already runs on port" in line for line in said)
    assert not (data_dir / "server.json").exists()


def test_a_prefect_server_at_a_chosen_port_is_refused(
    started: tuple[ApiAddress, Path], data_dir: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        ensure_api(ServerOptions(data_dir, port_of(started[0])), nothing_said)
    version = call(f"{started[0].api_url}/admin/version")
    assert f"a Prefect API of version {version}" in str(caught.value)
    assert f"PREFECT_API_URL={started[0].api_url}" in str(caught.value)


def test_a_server_of_another_version(
    started: tuple[ApiAddress, Path], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (probe, connect):
        monkeypatch.setattr(module, "client_version", lambda: "3.0.1")
    monkeypatch.setattr(place, "DEFAULT_PORT", port_of(started[0]))
    with pytest.raises(UsageError, match="a Prefect API of version"):
        ensure_api(ServerOptions(data_dir), nothing_said)
    settings_from_environment(PREFECT_API_URL=started[0].api_url)
    said: list[str] = []
    configured = ensure_api(ServerOptions(data_dir), said.append)
    assert configured.api_url == started[0].api_url
    assert len(said) == 1
    assert "3.0.1" in said[0]


def test_a_configured_api_is_used_and_nothing_is_written(
    started: tuple[ApiAddress, Path], data_dir: Path
) -> None:
    settings_from_environment(PREFECT_API_URL=started[0].api_url + "/")
    found = ensure_api(ServerOptions(data_dir), nothing_said)
    assert found == ApiAddress(started[0].api_url, started[0].ui_url)
    assert not data_dir.exists()


def test_a_flow_reports_to_the_server_also_behind_a_web_proxy(
    started: tuple[ApiAddress, Path],
) -> None:
    code = """
    import sys
    from pathlib import Path
    from tasks.server.address import no_ephemeral_server, use_api
    from tasks.server.connect import ensure_api
    from tasks.server.place import ServerOptions
    no_ephemeral_server()
    use_api(ensure_api(ServerOptions(Path(sys.argv[1])), print))
    from prefect import flow, task
    @task
    def one():
        return 1
    @flow
    def reports_here():
        return one.submit().result()
    state = reports_here(return_state=True)
    print("run", state.state_details.flow_run_id)
    """
    dead = "http://127.0.0.1:9"
    child = python(code, str(started[1]), http_proxy=dead, HTTP_PROXY=dead, all_proxy=dead)
    run_id = output_of(child).split()[-1]
    run = call(f"{started[0].api_url}/flow_runs/{run_id}")
    assert (run["id"], run["state_type"]) == (run_id, "COMPLETED")


def test_a_server_that_hangs_is_named_with_its_pid(started: tuple[ApiAddress, Path]) -> None:
    address, folder = started
    assert address.pid is not None
    os.kill(address.pid, signal.SIGSTOP)
    try:
        with pytest.raises(UsageError, match=f"our own earlier server .pid {address.pid}"):
            ensure_api(ServerOptions(folder, port_of(address), 2.0), lambda _: None)
    finally:
        os.kill(address.pid, signal.SIGCONT)
    wait_for(lambda: is_healthy(address.api_url), within=60, what="healthy again")


def test_credentials_of_a_configured_api(data_dir: Path, tmp_path: Path) -> None:
    locked = {"PREFECT_SERVER_API_AUTH_STRING": "admin:right"}
    with private_server(tmp_path / "home", locked) as api_url:
        settings_from_environment(PREFECT_API_URL=api_url, PREFECT_API_AUTH_STRING="admin:wrong")
        with pytest.raises(UsageError, match="PREFECT_API_AUTH_STRING"):
            ensure_api(ServerOptions(data_dir), nothing_said)
        settings_from_environment(PREFECT_API_AUTH_STRING="admin:right")
        assert ensure_api(ServerOptions(data_dir), nothing_said).api_url == api_url


def test_two_processes_at_once_end_up_with_one_server(data_dir: Path) -> None:
    port = free_port()
    no_home = {"PREFECT_HOME": ""}
    children = [python(ENSURE, str(data_dir), str(port), **no_home) for _ in range(2)]
    answers = [json.loads(output_of(child).splitlines()[-1]) for child in children]
    assert sorted(answer["started"] for answer in answers) == [False, True]
    assert answers[0]["pid"] == answers[1]["pid"]
    assert servers_on(port) == [answers[0]["pid"]]
    assert is_healthy(answers[0]["api_url"])  # it outlives the process that started it
    assert (data_dir / "prefect" / "prefect.db").exists()


def test_a_server_that_dies_at_the_start_shows_its_log(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "file"
    broken.write_text("not a folder")
    monkeypatch.setenv("PREFECT_HOME", str(broken))
    port = free_port()
    with pytest.raises(TimmChartsError) as caught:
        ensure_api(ServerOptions(data_dir, port, START_SECONDS), lambda _: None)
    assert not isinstance(caught.value, UsageError)
    first, *tail = str(caught.value).splitlines()
    assert "ended with code" in first
    assert str(data_dir / "server.log") in first
    assert 1 <= len(tail) <= 5
    assert tail[-1] in (data_dir / "server.log").read_text()
    assert servers_on(port) == []
    assert not (data_dir / "server.json").exists()


def test_a_server_that_is_too_slow_is_ended(data_dir: Path) -> None:
    port = free_port()
    with pytest.raises(TimmChartsError, match="not healthy after 1 s"):
        ensure_api(ServerOptions(data_dir, port, 1.0), lambda _: None)
    assert servers_on(port) == []
    assert not (data_dir / "server.json").exists()


def test_ctrl_c_while_waiting_leaves_no_server(data_dir: Path) -> None:
    port = free_port()
    # A shell starts background jobs with SIGINT ignored, and the tests may be one.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    child = python(listening + ENSURE, str(data_dir), str(port))
    pid = wait_for(lambda: servers_on(port) or None, within=60, what="the server process")[0]
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert child.returncode != 0
    assert not is_alive(pid)
    assert not (data_dir / "server.json").exists()
