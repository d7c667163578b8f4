"""A run that is killed leaves the last complete outputs, no process, and nothing in the way of the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tasks.outputs.local import LocalStore, file_digests
from tests.flows import kill_at
from tests.flows.job import Job, builds_of, files_of, manifest_of, processes_with, sha256
from tests.frames import manifest
from tests.gitrepo import Upstream
from tests.prefect_server import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kill")]

KILL_AT = kill_at.__file__
Moment = Callable[[Path, Path], bool]  # cache and outputs folder


def cloning(cache: Path, _outputs: Path) -> bool:
    return any((cache / "clones").glob("*.new-*/objects"))


def drawing(_cache: Path, outputs: Path) -> bool:
    return len(list(outputs.glob(".builds/partial-*/charts/*/*"))) >= 3


def assert_complete(outputs: Path, commit: str) -> None:
    """Check that a reader finds one whole build of this commit, by the manifest's own sums."""
    manifest = manifest_of(outputs)
    assert manifest["source"]["commit"] == commit
    assert files_of(outputs) == manifest["files"]
    for name, rows in manifest["tables"].items():
        path = outputs / "snapshots" / name / f"snapshot={manifest['snapshot']}" / "part-0.parquet"
        assert duckdb.sql(f"select count(*) from '{path}'").fetchall() == [(rows,)]


def assert_no_process(mark: str) -> None:
    wait_for(lambda: not processes_with(mark), within=20, what="no process of the killed run is left")


def killed_when(job: Job, moment: Moment, upstream: str, outputs: Path, ref: str) -> None:
    """Start a run and kill it, not its children, as soon as the moment has come."""
    mark = uuid.uuid4().hex
    process = job.having(MARK=mark).start(
        "refresh", "--upstream", upstream, "--outputs", outputs, "--ref", ref
    )
    with process, open(os.devnull, "w") as nowhere:  # noqa: PTH123
        drain = [
            threading.Thread(target=nowhere.writelines, args=(p,)) for p in (process.stdout, process.stderr)
        ]
        for thread in drain:
            thread.start()
        while not moment(job.cache, outputs):
            assert process.poll() is None, f"the run ended before the moment {moment.__name__}"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert_no_process(mark)
        for thread in drain:
            thread.join()


def killed_at(job: Job, event: str, text: str, upstream: str, outputs: Path, ref: str) -> None:
    """Run until just before something happens."""
    mark = uuid.uuid4().hex
    ended = job.having(MARK=mark).run(
        *("refresh", "--upstream", upstream, "--outputs", outputs, "--ref", ref),
        program=(KILL_AT, event, text, "--"),
    )
    assert ended.code == -signal.SIGKILL, ended.err[-3000:]
    assert_no_process(mark)


def test_killed_at_every_stage(job: Job, small_upstream: Upstream, outputs: Path, tmp_path: Path) -> None:
    """Each killed run gets further than the one before it, whose leftovers it finds in its way."""
    url = small_upstream.url
    first, second = (small_upstream.run("rev-parse", tag) for tag in ("first", "second"))
    job = Job(tmp_path / "home", job.api)
    job.refresh(url, outputs, "--ref", "first")
    assert_complete(outputs, first)
    fresh_cache = Job(tmp_path / "other-home", job.api)

    killed_when(fresh_cache, cloning, url, outputs, "second")
    assert_complete(outputs, first)
    killed_when(fresh_cache, drawing, url, outputs, "second")
    assert_complete(outputs, first)
    for event, text in (
        ("os.mkdir", "snapshots/merged"),  # two of seven tables written
        ("os.rename", ".current.new"),  # all written, right before the switch
    ):
        killed_at(fresh_cache, event, text, url, outputs, "second")
        assert_complete(outputs, first)
    assert fresh_cache.refresh(url, outputs, "--ref", "second").state == "Completed"
    assert_complete(outputs, second)
    assert len(builds_of(outputs)) == 1

    killed_at(fresh_cache, "shutil.rmtree", ".builds/", url, outputs, "first")  # right after the switch
    assert_complete(outputs, first)
    assert len(builds_of(outputs)) == 2
    assert fresh_cache.refresh(url, outputs, "--ref", "first").state == "Unchanged"
    assert_complete(outputs, first)
    assert len(builds_of(outputs)) == 1


def test_a_killed_first_run_leaves_a_folder_the_next_can_use(
    job: Job, small_upstream: Upstream, outputs: Path
) -> None:
    killed_at(job, "os.rename", ".current.new", small_upstream.url, outputs, "first")
    assert not (outputs / "manifest.json").exists()
    job.refresh(small_upstream.url, outputs, "--ref", "first")
    assert_complete(outputs, small_upstream.run("rev-parse", "first"))


# --- the switch, step by step ---


class KilledError(BaseException):
    """Stands for SIGKILL: nothing in the project catches it."""


class Killer:
    """Ends the process's work before its n-th change to the disk."""

    def __init__(self) -> None:
        self.left = -1
        sys.addaudithook(self._watch)

    def _watch(self, event: str, _arguments: tuple[object, ...]) -> None:
        if self.left < 0 or event not in {"os.rename", "os.symlink", "os.remove", "os.rmdir", "os.mkdir"}:
            return
        self.left -= 1
        if self.left < 0:
            raise KilledError


def make(outputs: Path, build: str, names: tuple[str, ...]) -> Path:
    """Make a build with some files, all with the build's name as content."""
    folder = LocalStore(outputs).start_build(build)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(build)
    return folder


def publish(outputs: Path, folder: Path, build: str) -> None:
    record = manifest(build=build, files=dict.fromkeys(file_digests(folder), ""))
    LocalStore(outputs).publish(folder, record, None)


def seen(root: Path) -> str:
    """Return the build that a reader sees; fail where anything is missing or of another build."""
    record = json.loads((root / "manifest.json").read_text())
    for name in record["files"]:
        assert (root / name).read_text() == record["build"], f"{name} of {record['build']}"
    return str(record["build"])


def test_the_switch_can_be_killed_at_any_step(tmp_path: Path) -> None:
    killer = Killer()
    for step in range(100):
        outputs = tmp_path / str(step)
        outputs.mkdir()
        publish(outputs, make(outputs, "old", ("snapshots/a", "charts/b")), "old")
        folder = make(outputs, "new", ("snapshots/a", "gallery/c", "index.html"))
        killer.left = step
        try:
            publish(outputs, folder, "new")
        except KilledError:
            assert seen(outputs) in {"old", "new"}
        else:
            killer.left = -1
            break
        last = ("snapshots/a", "charts/b", "index.html")
        publish(outputs, make(outputs, "last", last), "last")
        assert seen(outputs) == "last"
        names = {path.name for path in outputs.iterdir() if not path.name.startswith(".")}
        assert names == {"snapshots", "charts", "index.html", "manifest.json"}
        assert builds_of(outputs) == ["last"]
    assert 10 < step < 99


def test_leftovers_go_and_the_current_build_stays(tmp_path: Path) -> None:
    publish(tmp_path, make(tmp_path, "old", ("charts/b",)), "old")
    make(tmp_path, "new", ("charts/b",))
    LocalStore(tmp_path).clear_leftovers()
    assert builds_of(tmp_path) == ["old"]
    assert seen(tmp_path) == "old"


# --- readers while builds change ---


@contextmanager
def reading(read: Callable[[], object]) -> Iterator[list[object]]:
    """Read again and again in a thread; the first failure of the reader fails the test."""
    found: list[object] = []
    errors: list[BaseException] = []
    stop = threading.Event()

    def loop() -> None:
        try:
            while not stop.is_set():
                found.append(read())
                time.sleep(0.001)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()
    if errors:
        raise errors[0]


def read_one_build(outputs: Path, look: Callable[[Path], object]) -> object:
    """Resolve ``.current`` once and look at that build; one that was replaced meanwhile is tried again."""
    while True:
        build = (outputs / ".current").resolve(strict=True)
        try:
            return look(build)
        except (FileNotFoundError, AssertionError):
            if (outputs / ".current").resolve() == build:
                raise


def test_a_reader_never_sees_a_mixed_build(tmp_path: Path) -> None:
    names = tuple(f"charts/{number}" for number in range(20))
    publish(tmp_path, make(tmp_path, "0", names), "0")
    with reading(lambda: read_one_build(tmp_path, seen)) as found:
        for number in range(1, 60):
            publish(tmp_path, make(tmp_path, str(number), names), str(number))
    assert len(set(found)) > 5


def test_a_reader_sees_whole_builds_while_refresh_runs(
    job: Job, small_upstream: Upstream, outputs: Path
) -> None:
    def look(build: Path) -> object:
        manifest = manifest_of(build)
        for name, digest in manifest["files"].items():
            if not name.startswith("assets/"):
                assert sha256(build / name) == digest, name
        return manifest["source"]["commit"]

    job.refresh(small_upstream.url, outputs, "--ref", "first")
    with reading(lambda: read_one_build(outputs, look)) as found:
        job.refresh(small_upstream.url, outputs, "--ref", "second")
        job.refresh(small_upstream.url, outputs, "--ref", "first")
    commits = [small_upstream.run("rev-parse", tag) for tag in ("first", "second", "first")]
    assert [c for c, before in zip(found, [None, *found], strict=False) if c != before] == commits


def test_a_second_run_on_the_same_folder_is_refused(
    job: Job, small_upstream: Upstream, outputs: Path
) -> None:
    process = job.start("refresh", "--upstream", small_upstream.url, "--outputs", outputs)
    try:
        wait_for(lambda: drawing(job.cache, outputs), within=120, what="the first run draws")
        ended = job.run("refresh", "--upstream", small_upstream.url, "--outputs", outputs, "--ref", "first")
        _, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0, err[-3000:]
    if ended.code:  # on a very slow machine the first may have ended before the second looks
        assert ended.code == 2
        assert ended.errors == [
            f"error: another run is writing {outputs}; wait for it, or choose another folder with --outputs"
        ]
        assert_complete(outputs, small_upstream.run("rev-parse", "second"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_soon_and_in_words(job: Job, outputs: Path, number: signal.Signals) -> None:
    mark, log = uuid.uuid4().hex, outputs.with_suffix(".log")
    command = [sys.executable, "-m", "flows", "refresh", "--upstream", "sample", "--outputs", str(outputs)]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=job.home, env=job.having(MARK=mark).environment(), stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
        wait_for(lambda: drawing(job.cache, outputs), within=120, what="drawing")
        process.send_signal(number)
        code = process.wait(timeout=60)
    assert code != 0
    assert "Traceback" not in log.read_text()
    assert "Finished in state Crashed" in log.read_text()
    assert_no_process(mark)
    assert not (outputs / "manifest.json").exists()
