"""The clone against the world: hanging and broken servers, damage, kills, and other processes."""

from __future__ import annotations

import base64
import http.server
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from config.errors import NetworkError, UsageError
from tasks.sources.upstream import CloneOptions, clone_path, read_results, sync
from tests.gitrepo import Upstream, child_processes, make_upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow  # git servers, locks and damage: half a minute

CSV = "results/results-imagenet.csv"
ROOT = Path(__file__).parents[2]
WORKER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from tasks.sources.upstream import CloneOptions, read_results, sync
    options = CloneOptions(sys.argv[1], Path(sys.argv[2]), timeout_seconds=60)
    report = sync(options, None, lambda *_: None)
    print(len(read_results(options, report.results, lambda *_: None).files), report.notes)
    """
)


def quiet(_message: str, _share: float | None) -> None:
    pass


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    upstream = make_upstream(tmp_path / "up.git")
    upstream.commit({CSV: "a" * 500, "results/b.csv": "b"})
    upstream.commit({CSV: "c" * 500}, date="2024-02-01")
    return upstream


@pytest.fixture
def options(upstream: Upstream, tmp_path: Path) -> CloneOptions:
    return CloneOptions(upstream.url, tmp_path / "cache", timeout_seconds=30)


def offline(options: CloneOptions) -> CloneOptions:
    return CloneOptions(options.url, options.cache_dir, offline=True)


def worker(url: str, cache: Path, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(cache)],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# --- servers that hang, refuse, or want something ---


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.slow
def test_a_hanging_server_is_given_up_at_the_limit(silent_port: int, tmp_path: Path) -> None:
    url = f"https://user:secret@127.0.0.1:{silent_port}/x"
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=1.5)
    before = child_processes()
    start = time.monotonic()
    with pytest.raises(NetworkError, match=r"no answer within 1\.5 s; check the URL") as caught:
        sync(options, None, quiet)
    assert 1.4 < time.monotonic() - start < 6
    assert f"https://127.0.0.1:{silent_port}/x" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert child_processes() <= before


@pytest.mark.slow
def test_a_fetch_that_hangs_keeps_the_clone(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = through_ssh(monkeypatch, tmp_path, upstream)
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=20)
    head = sync(options, None, quiet).head
    upstream.commit({CSV: "new"}, date="2024-03-01")
    monkeypatch.setenv("HANG_AFTER", "1")
    hasty = CloneOptions(url, options.cache_dir, timeout_seconds=1.5)
    with pytest.raises(NetworkError, match=r"no answer within .*or pass --offline"):
        sync(hasty, None, quiet)
    assert sync(offline(options), None, quiet).head == head
    monkeypatch.delenv("HANG_AFTER")
    assert sync(options, None, quiet).notes == ()


def test_a_refused_connection(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    options = CloneOptions(f"https://127.0.0.1:{port}/x", tmp_path / "cache", timeout_seconds=20)
    with pytest.raises(NetworkError, match="could not be reached: unable to access"):
        sync(options, None, quiet)


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers with one status, or is git's own server program for user:hunter2."""

    status = 200
    served: Path | None = None

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(b"user:hunter2").decode()
        if self.served is not None and self.headers["Authorization"] == wanted:
            self._git(self.served)
            return
        self.send_response(self.status)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - the name is the server's

    def _git(self, served: Path) -> None:
        path, _, query = self.path.partition("?")
        length = self.headers["Content-Length"] or "0"
        done = subprocess.run(
            ["git", "http-backend"],
            input=self.rfile.read(int(length)),
            capture_output=True,
            check=True,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(served.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
                "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers["Content-Type"] or "",
                "CONTENT_LENGTH": length,
            },
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().splitlines():
            self.send_header(*line.split(": ", 1))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def https_server(folder: Path, status: int, served: Path | None = None) -> Iterator[str]:
    """Answer over TLS with one status; serve a repository to those who know the password."""
    handler = type("Handler", (_Handler,), {"status": status, "served": served})
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program to make a certificate for the test server with")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("status", "text"), [(503, "503"), (500, "500"), (404, "not found")])
def test_a_server_with_an_error(
    status: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    with https_server(tmp_path, status) as address:
        options = CloneOptions(f"https://u:secret@{address}/x", tmp_path / "cache")
        with pytest.raises(NetworkError, match=text) as caught:
            sync(options, None, quiet)
    assert "secret" not in str(caught.value)


def test_a_server_that_wants_a_login_never_leads_to_a_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "askpass"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho x\n")
    program.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\naskPass={program}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_ASKPASS", str(program))
    monkeypatch.setenv("SSH_ASKPASS", str(program))
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    with https_server(tmp_path, 401) as address:
        options = CloneOptions(f"https://{address}/x", tmp_path / "cache", timeout_seconds=20)
        with pytest.raises(UsageError, match=r"wants a login: .*prompts disabled; ") as caught:
            sync(options, None, quiet)
    assert not isinstance(caught.value, NetworkError)  # another try would not help
    assert not asked.exists()


def through_ssh(monkeypatch: pytest.MonkeyPatch, folder: Path, upstream: Upstream) -> str:
    """Return an ssh URL whose "ssh" runs the server's command here, and may stall on the way.

    With HANG_AFTER set, the answer to the fetch (not to the question before it, what HEAD is)
    stops after so many bytes.
    """
    script = folder / "ssh"
    script.write_text(
        "#!/bin/bash\n"
        f'echo "$@" >> {folder}/ssh-calls\n'
        f'[ -n "$HANG_AFTER" ] && echo $$ >> {folder}/stalling\n'
        "command=${!#}\n"
        f'[ -n "$HANG_AFTER" ] && [ "$(wc -l < {folder}/stalling)" = 2 ] '
        '|| exec sh -c "$command"\n'
        'sh -c "$command" | (head -c "$HANG_AFTER"; exec sleep 20)\n'
    )
    script.chmod(0o755)
    (folder / "stalling").touch()
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{script} -o First=1")
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    return f"ssh://git@host.invalid{upstream.path}"


def test_ssh_never_asks_and_keeps_the_callers_command(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = through_ssh(monkeypatch, tmp_path, upstream)
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=20)
    read_results(options, sync(options, None, quiet).results, quiet)
    calls = (tmp_path / "ssh-calls").read_text().splitlines()
    assert len(calls) == 3  # ls-remote, fetch, contents
    assert all("-o First=1 -o BatchMode=yes" in call for call in calls)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("git@host.invalid: Permission denied (publickey).", UsageError),
        ("Host key verification failed.", UsageError),
        ("ssh: Could not resolve hostname host.invalid: Name or service not known", NetworkError),
    ],
)
def test_what_ssh_says_is_passed_on(
    said: str, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "ssh"
    script.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 255\n")
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    with pytest.raises(UsageError) as caught:
        sync(CloneOptions("git@host.invalid:a/b", tmp_path / "cache"), None, quiet)
    assert type(caught.value) is kind
    assert said.rstrip(".") in str(caught.value)


def test_a_helper_that_lives_on_does_not_hold_the_run(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ssh master keeps the pipe of git's messages open after git has ended."""
    script = tmp_path / "ssh"
    script.write_text('#!/bin/bash\nsleep 15 >/dev/null </dev/null &\nexec sh -c "${!#}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    url = f"ssh://git@host.invalid{upstream.path}"
    start = time.monotonic()
    sync(CloneOptions(url, tmp_path / "cache"), None, quiet)
    assert time.monotonic() - start < 10


def test_a_password_is_used_but_reaches_neither_disk_nor_report(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    with https_server(tmp_path, 401, upstream.path) as address:
        options = CloneOptions(
            f"https://user:hunter2@{address}/up.git", tmp_path / "cache", timeout_seconds=30
        )
        report = sync(options, None, quiet)
        assert len(read_results(options, report.results, quiet).files) == 2
        wrong = CloneOptions(f"https://user:hunter3@{address}/up.git", tmp_path / "cache")
        assert clone_path(wrong) == clone_path(options)
        with pytest.raises(UsageError, match="wants a login: Authentication failed") as caught:
            sync(wrong, None, quiet)
    assert "hunter" not in f"{caught.value} {report} {clone_path(options)}"
    for file in (tmp_path / "cache").rglob("*"):
        assert not file.is_file() or b"hunter" not in file.read_bytes()


def test_another_owner_is_explained(
    upstream: Upstream, options: CloneOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(options, None, quiet)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UsageError, match=r"belongs to another user: .*--add safe\.directory") as no:
        sync(options, None, quiet)
    assert not isinstance(no.value, NetworkError)
    assert str(clone_path(options)) in str(no.value)
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    assert sync(options, None, quiet).notes == ()  # not taken for damage
    assert upstream.path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_an_upstream_of_another_owner_is_explained(upstream: Upstream, options: CloneOptions) -> None:
    for path in (upstream.path, *upstream.path.rglob("*")):
        os.chown(path, 12345, 12345)
    with pytest.raises(UsageError, match=r"--add safe\.directory") as caught:
        sync(options, None, quiet)
    assert str(upstream.path) in str(caught.value)


# --- damage ---


def _packs(clone: Path) -> list[Path]:
    return sorted((clone / "objects" / "pack").glob("*.pack"))


def truncate(clone: Path) -> None:
    for pack in _packs(clone):
        pack.chmod(0o644)
        os.truncate(pack, pack.stat().st_size // 2)


def delete_packs(clone: Path) -> None:
    for pack in _packs(clone):
        pack.unlink()


def delete_objects(clone: Path) -> None:
    shutil.rmtree(clone / "objects")
    (clone / "objects").mkdir()


def delete_head(clone: Path) -> None:
    (clone / "HEAD").unlink()


def empty_refs(clone: Path) -> None:
    shutil.rmtree(clone / "refs")
    (clone / "refs").mkdir()
    (clone / "packed-refs").unlink(missing_ok=True)


def break_config(clone: Path) -> None:
    (clone / "config").write_text("[core\n")


def other_config(clone: Path) -> None:
    config = clone / "config"
    config.write_text(config.read_text().replace("up.git", "other.git"))


def replace_by_file(clone: Path) -> None:
    shutil.rmtree(clone)
    clone.write_text("x")


def flip_bytes(clone: Path) -> None:
    for pack in _packs(clone):
        pack.chmod(0o644)
        data = bytearray(pack.read_bytes())
        data[20:-24] = bytes(byte ^ 0x55 for byte in data[20:-24])
        pack.write_bytes(bytes(data))


DAMAGE = [
    truncate, delete_packs, delete_objects, delete_head, empty_refs, break_config, other_config,
    flip_bytes,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_damaged_clone_is_rebuilt_once_and_reported(
    damage: Callable[[Path], None], upstream: Upstream, options: CloneOptions
) -> None:
    report = sync(options, None, quiet)
    read_results(options, report.results, quiet)
    damage(clone_path(options))
    with pytest.raises(UsageError, match=r"is damaged \(.*\); run once without --offline") as no:
        sync(offline(options), None, quiet)
    assert "\n" not in str(no.value)
    rebuilt = sync(options, None, quiet)
    assert rebuilt.head == report.head
    assert len(rebuilt.notes) == 1
    assert rebuilt.notes[0].startswith("the clone was damaged (")
    assert rebuilt.notes[0].endswith(") and has been rebuilt")
    assert sync(options, None, quiet).notes == ()
    assert len(read_results(options, report.results, quiet).files) == 2
    assert not list((options.cache_dir / "clones").glob("*.old"))
    assert not list((options.cache_dir / "clones").glob("*.new-*"))
    assert upstream.path.exists()


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_between_sync_and_read_is_mended_too(
    damage: Callable[[Path], None], options: CloneOptions
) -> None:
    report = sync(options, None, quiet)
    want = read_results(options, report.results, quiet)
    damage(clone_path(options))
    assert read_results(options, report.results, quiet) == want


def test_a_file_in_the_place_of_the_clone(options: CloneOptions) -> None:
    sync(options, None, quiet)
    replace_by_file(clone_path(options))
    sync(options, None, quiet)
    assert sync(options, None, quiet).notes == ()


@pytest.mark.parametrize("damage", [truncate, flip_bytes], ids=lambda damage: damage.__name__)
def test_damaged_contents_are_never_returned(
    damage: Callable[[Path], None], upstream: Upstream, options: CloneOptions
) -> None:
    report = sync(options, None, quiet)
    history = set(_packs(clone_path(options)))
    want = read_results(options, report.results, quiet)
    keep = clone_path(options).with_name("kept")
    keep.mkdir()
    for pack in history:  # damage the contents only
        pack.rename(keep / pack.name)
    damage(clone_path(options))
    for pack in keep.iterdir():
        pack.rename(clone_path(options) / "objects" / "pack" / pack.name)
    with pytest.raises(UsageError, match="offline"):
        read_results(offline(options), report.results, quiet)
    assert read_results(options, report.results, quiet) == want
    assert upstream.path.exists()


def test_contents_that_do_not_fit_their_id_are_noticed(upstream: Upstream, options: CloneOptions) -> None:
    """Git itself does not compare the id of a loose object with its content when reading."""
    report = sync(options, None, quiet)
    blob = upstream.run("rev-parse", f"main:{CSV}")
    false = clone_path(options) / "objects" / blob[:2] / blob[2:]
    false.parent.mkdir(exist_ok=True)
    false.write_bytes(zlib.compress(b"blob 5\0wrong"))
    other = upstream.run("rev-parse", "main:results/b.csv")
    assert not (clone_path(options) / "objects" / other[:2] / other[2:]).exists()
    said: list[str] = []
    tree = read_results(options, report.results, lambda message, _share: said.append(message))
    assert [file.data for file in tree.files] == [b"b", b"c" * 500]
    assert any("does not hold what its id says" in message for message in said)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_damaged_clone_stays_until_a_new_one_is_whole(
    damage: Callable[[Path], None], upstream: Upstream, options: CloneOptions
) -> None:
    report = sync(options, None, quiet)
    damage(clone_path(options))
    files = {path: path.stat().st_size for path in clone_path(options).rglob("*")}
    hidden = upstream.path.rename(upstream.path.with_suffix(".gone"))
    with pytest.raises(NetworkError) as caught:
        sync(options, None, quiet)
    assert "--offline" not in str(caught.value)  # it would not help
    assert {path: path.stat().st_size for path in clone_path(options).rglob("*")} == files
    hidden.rename(upstream.path)
    assert sync(options, None, quiet).head == report.head


def test_a_network_failure_is_no_damage(upstream: Upstream, options: CloneOptions) -> None:
    sync(options, None, quiet)
    inode = clone_path(options).stat().st_ino
    hidden = upstream.path.rename(upstream.path.with_suffix(".gone"))
    with pytest.raises(NetworkError):
        sync(options, None, quiet)
    assert clone_path(options).stat().st_ino == inode
    hidden.rename(upstream.path)
    assert sync(options, None, quiet).notes == ()
    assert clone_path(options).stat().st_ino == inode


# --- kills, locks, other processes ---


def test_stale_git_locks_are_removed(upstream: Upstream, options: CloneOptions) -> None:
    sync(options, None, quiet)
    upstream.commit({CSV: "d"}, date="2024-03-01")
    clone = clone_path(options)
    stale = [clone / name for name in ("packed-refs.lock", "config.lock", "HEAD.lock")]
    stale.append(clone / "refs" / "remotes" / "origin" / "main.lock")
    stale.append(clone / "objects" / "pack" / "tmp_pack_abcdef")
    for file in stale:
        file.touch()
    assert sync(options, None, quiet).notes == ()
    assert not any(file.exists() for file in stale)


def test_killed_between_the_two_renames_of_a_rebuild(options: CloneOptions) -> None:
    sync(options, None, quiet)
    clone = clone_path(options)
    clone.rename(clone.with_name(f"{clone.name}.old"))
    assert sync(offline(options), None, quiet).head


@pytest.mark.slow
@pytest.mark.parametrize("sent", ["1", "400", "900"])
@pytest.mark.parametrize("orphaned", [False, True], ids=["all-killed", "git-lives-on"])
@pytest.mark.parametrize("cloned", [False, True], ids=["first", "update"])
def test_sigkill_during_a_fetch(
    sent: str,
    orphaned: bool,
    cloned: bool,
    request: pytest.FixtureRequest,
    upstream: Upstream,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = through_ssh(monkeypatch, tmp_path, upstream)
    options = CloneOptions(url, tmp_path / "cache", timeout_seconds=30)
    if cloned:
        sync(options, None, quiet)
        upstream.commit({CSV: os.urandom(4000).hex()}, date="2024-03-01")
    process = worker(url, options.cache_dir, HANG_AFTER=sent)
    stalling = tmp_path / "stalling"
    deadline = time.monotonic() + 20
    while len(stalling.read_text().split()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    assert process.poll() is None
    orphans = os.getpgid(int(stalling.read_text().split()[1]))
    process.kill()
    process.communicate()
    if orphaned:
        request.addfinalizer(lambda: os.killpg(orphans, signal.SIGKILL))
    else:
        os.killpg(orphans, signal.SIGKILL)
    assert clone_path(options).exists() == cloned
    report = sync(options, None, quiet)
    assert report.notes == (() if cloned else (f"cloned {url}",))
    assert len(read_results(options, report.results, quiet).files) == 2
    assert not list((options.cache_dir / "clones").glob("*.new-*"))


@pytest.mark.slow
def test_sigkill_at_any_moment(upstream: Upstream, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    start = time.monotonic()
    process = worker(upstream.url, tmp_path / "timing")
    process.communicate()
    whole = time.monotonic() - start
    for step in range(10):
        process = worker(upstream.url, cache)
        time.sleep(whole * (0.5 + step / 20))
        process.kill()
        process.communicate()
        options = CloneOptions(upstream.url, cache, timeout_seconds=30)
        report = sync(options, None, quiet)
        assert "damaged" not in "".join(report.notes)
        assert len(read_results(options, report.results, quiet).files) == 2
        if step % 2:
            shutil.rmtree(clone_path(options))


@pytest.mark.slow
def test_processes_at_once_on_an_empty_cache(upstream: Upstream, tmp_path: Path) -> None:
    workers = [worker(upstream.url, tmp_path / "cache") for _ in range(4)]
    results = [process.communicate(timeout=90) for process in workers]
    assert [process.returncode for process in workers] == [0] * 4, results
    assert sum("cloned" in output for output, _errors in results) == 1


def test_a_held_lock_is_waited_for_with_a_message_and_a_limit(upstream: Upstream, tmp_path: Path) -> None:
    options = CloneOptions(upstream.url, tmp_path / "cache", timeout_seconds=1)
    sync(options, None, quiet)
    file = clone_path(options).with_name(f"{clone_path(options).name}.lock")
    said: list[str] = []
    with (
        FileLock(file),
        pytest.raises(UsageError, match=r"lock .*\.lock was not free within 1 s; another timm-ch"),
    ):
        sync(options, None, lambda message, _share: said.append(message))
    assert said == [f"waiting for another run that uses the clone (lock {file})"]
    assert sync(options, None, quiet).notes == ()


def test_the_lock_is_free_after_an_error(options: CloneOptions) -> None:
    with pytest.raises(UsageError):
        sync(options, "nope", quiet)
    assert sync(options, None, quiet).head
