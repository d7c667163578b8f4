from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.errors import UsageError
from tasks.outputs.local import LocalStore, file_digests
from tests.frames import manifest

ROOT = Path(__file__).parents[2]
UPSTREAM = "https://example.invalid/timm.git"
FIRST = {
    "assets/page.js": "js",
    "charts/p/c.svg": "one",
    "snapshots/merged/snapshot=s1/part-0.parquet": "rows",
}
SECOND = {"index.html": "all", "charts/p/c.svg": "two", "snapshots/merged/snapshot=s2/part-0.parquet": "new"}
STEPS = ("rename", "replace", "symlink", "unlink", "rmdir", "fsync")


def is_current(outputs: Path, build_id: str) -> bool:
    found = LocalStore(outputs).standing()
    return found is not None and found.is_current(build_id)


class KilledError(BaseException):
    """What stands for SIGKILL: nothing in the code catches it."""


def make(outputs: Path, build_id: str, files: Mapping[str, str]) -> Path:
    """Make a complete build that is not published yet."""
    outputs.mkdir(parents=True, exist_ok=True)
    build = LocalStore(outputs).start_build(build_id)
    for name, content in files.items():
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_text(content, "utf-8")
    return build


def publish(outputs: Path, build: Path, build_id: str) -> None:
    record = manifest(build=build_id, files=file_digests(build), upstream=UPSTREAM)
    LocalStore(outputs).publish(build, record, None)


def release(outputs: Path, build_id: str, files: Mapping[str, str]) -> None:
    publish(outputs, make(outputs, build_id, files), build_id)


def visible(outputs: Path) -> set[str]:
    return {p.name for p in outputs.iterdir() if not p.name.startswith(".")}


def builds(outputs: Path) -> list[str]:
    return sorted(p.name for p in (outputs / ".builds").iterdir())


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


# --- which folders may be used ---


def test_a_fresh_an_empty_and_our_own_folder_are_accepted(outputs: Path) -> None:
    LocalStore(outputs / "not" / "there").check(UPSTREAM)
    assert not outputs.exists()
    outputs.mkdir()
    LocalStore(outputs).check(UPSTREAM)
    (outputs / "notes.txt").write_text("mine", "utf-8")
    release(outputs, "a", FIRST)
    LocalStore(outputs).check(UPSTREAM)
    assert (outputs / "notes.txt").read_text("utf-8") == "mine"


def test_a_file_is_refused(outputs: Path) -> None:
    outputs.write_text("", "utf-8")
    for path in (outputs, outputs / "below"):
        with pytest.raises(UsageError, match="is no folder"):
            LocalStore(path).check(UPSTREAM)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(outputs: Path) -> None:
    outputs.mkdir(mode=0o500)
    with pytest.raises(UsageError, match="can't be written"):
        LocalStore(outputs).check(UPSTREAM)


@pytest.mark.parametrize("name", ["assets", "charts", "snapshots", "index.html", "explorer.html"])
def test_what_somebody_else_made_is_not_overwritten(outputs: Path, name: str) -> None:
    (outputs / name).mkdir(parents=True)
    (outputs / name / "precious").write_text("x", "utf-8")
    with pytest.raises(UsageError, match=rf"holds {name} not made by"):
        LocalStore(outputs).check(UPSTREAM)


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_foreign_link_is_not_taken_for_ours(outputs: Path, target: str) -> None:
    (outputs / "elsewhere").mkdir(parents=True)
    (outputs / "charts").symlink_to(target)
    with pytest.raises(UsageError, match="holds charts not made by"):
        LocalStore(outputs).check(UPSTREAM)


def test_results_of_another_upstream_are_refused_and_both_are_named(outputs: Path) -> None:
    release(outputs, "a", FIRST)
    with pytest.raises(UsageError, match=r"belongs to upstream https://example\.invalid.*for sample"):
        LocalStore(outputs).check("sample")


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"a": 1}', "null", "\ufffd\x00"])
def test_a_manifest_of_something_else_is_refused(outputs: Path, text: str) -> None:
    outputs.mkdir()
    (outputs / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(UsageError, match="no manifest of timm-charts"):
        LocalStore(outputs).check(UPSTREAM)


@pytest.mark.parametrize("change", [{"manifest_version": 99, "new_key": 1}, {"rows": None}])
def test_our_manifest_of_another_version_does_not_block(outputs: Path, change: dict[str, Any]) -> None:
    release(outputs, "a", FIRST)
    path = outputs / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    assert LocalStore(outputs).manifest() is None
    assert not is_current(outputs, "a")
    LocalStore(outputs).check(UPSTREAM)
    with pytest.raises(UsageError, match="belongs to"):
        LocalStore(outputs).check("sample")
    release(outputs, "b", SECOND)
    assert is_current(outputs, "b")


# --- one run at a time ---

HOLD = """
import sys
from pathlib import Path
from tasks.outputs.local import LocalStore
with LocalStore(Path(sys.argv[1])).locked(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_two_processes_cannot_write_one_folder(outputs: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(outputs), UPSTREAM],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match="another run is writing"), LocalStore(outputs).locked(UPSTREAM):
            pass
        other.kill()
    with LocalStore(outputs).locked(UPSTREAM):
        pass


def test_the_lock_is_given_back_after_an_error(outputs: Path) -> None:
    with pytest.raises(RuntimeError), LocalStore(outputs).locked(UPSTREAM):
        raise RuntimeError
    with LocalStore(outputs).locked(UPSTREAM):
        pass


def test_a_folder_that_cannot_be_made_is_a_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UsageError, match="can't be written"), LocalStore(tmp_path / "file" / "o").locked(UPSTREAM):
        pass


# --- builds ---


def test_a_build_becomes_visible_with_all_names_at_once(outputs: Path) -> None:
    build = make(outputs, "a", FIRST)
    assert visible(outputs) == set()
    publish(outputs, build, "a")
    assert visible(outputs) == {"assets", "charts", "snapshots", "manifest.json"}
    assert is_current(outputs, "a")
    assert all((outputs / name).read_text("utf-8") == content for name, content in FIRST.items())


def test_the_next_build_replaces_it_and_takes_old_names_away(outputs: Path) -> None:
    release(outputs, "a", FIRST)
    (outputs / "link-of-mine").symlink_to("nowhere")
    release(outputs, "b", SECOND)
    assert visible(outputs) == {"index.html", "charts", "snapshots", "manifest.json", "link-of-mine"}
    assert (outputs / "charts/p/c.svg").read_text("utf-8") == "two"
    assert builds(outputs) == ["b"]


def test_the_same_build_can_be_made_again_and_again(outputs: Path) -> None:
    for content in ("one", "two", "three"):
        release(outputs, "a", {"charts/c.svg": content})
        assert (outputs / "charts/c.svg").read_text("utf-8") == content
        assert len(builds(outputs)) == 1
        assert is_current(outputs, "a")


def test_a_folder_can_be_moved(outputs: Path, tmp_path: Path) -> None:
    release(outputs, "a", FIRST)
    moved = outputs.rename(tmp_path / "moved")
    assert is_current(moved, "a")
    release(moved, "b", SECOND)
    assert is_current(moved, "b")


def test_starting_a_build_removes_leftovers_but_never_the_current_one(outputs: Path) -> None:
    release(outputs, "a", FIRST)
    LocalStore(outputs).start_build("killed")
    (outputs / ".builds/orphan/charts").mkdir(parents=True)
    build = LocalStore(outputs).start_build("b")
    assert list(build.iterdir()) == []
    assert builds(outputs) == ["a", build.name]
    assert is_current(outputs, "a")


def test_an_altered_a_missing_and_a_renamed_file_are_noticed(outputs: Path) -> None:
    svg = outputs / "charts/p/c.svg"
    release(outputs, "a", FIRST)
    assert is_current(outputs, "a")
    assert not is_current(outputs, "b")
    svg.write_text("oNe", "utf-8")
    assert not is_current(outputs, "a")
    svg.write_text("one", "utf-8")
    assert is_current(outputs, "a")
    svg.rename(svg.with_suffix(".old"))
    assert not is_current(outputs, "a")


@pytest.mark.parametrize("name", ["charts", "manifest.json", ".current"])
def test_a_missing_link_is_noticed_and_mended(outputs: Path, name: str) -> None:
    release(outputs, "a", FIRST)
    (outputs / name).unlink()
    assert not is_current(outputs, "a")
    LocalStore(outputs).check(UPSTREAM)
    release(outputs, "a", FIRST)
    assert is_current(outputs, "a")
    assert len(builds(outputs)) == 1


# --- snapshots ---


def test_other_snapshots_are_kept_as_hard_links_and_the_same_id_is_made_anew(outputs: Path) -> None:
    old = {
        f"snapshots/{t}/snapshot={s}/part-0.parquet": f"{t} {s}"
        for t in ("merged", "rejects")
        for s in ("s1", "s2")
    }
    release(outputs, "a", old)
    inode = (outputs / "snapshots/merged/snapshot=s1/part-0.parquet").stat().st_ino
    new = {"snapshots/merged/snapshot=s2/part-0.parquet": "new"}
    build = make(outputs, "b", new)
    LocalStore(outputs).keep_snapshots(build, {"s1": "s1"})
    publish(outputs, build, "b")
    found = {p.relative_to(outputs).as_posix(): p.read_text("utf-8") for p in outputs.glob("snapshots/*/*/*")}
    assert found == {name: text for name, text in old.items() if "s1" in name} | new
    assert (outputs / "snapshots/merged/snapshot=s1/part-0.parquet").stat().st_ino == inode
    assert is_current(outputs, "b")


def test_without_hard_links_snapshots_are_copied(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    release(outputs, "a", FIRST)
    monkeypatch.setattr(os, "link", refuse)
    build = make(outputs, "b", SECOND)
    LocalStore(outputs).keep_snapshots(build, {"s1": "s1"})
    assert (build / "snapshots/merged/snapshot=s1/part-0.parquet").read_text("utf-8") == "rows"


def test_a_snapshot_is_kept_under_the_id_it_is_to_have_and_the_table_of_all_is_not(outputs: Path) -> None:
    old = {
        f"snapshots/{table}/snapshot={name}/part-0.parquet": f"{table} {name}"
        for table in ("merged", "a-table-of-old", "commits")
        for name in ("s1", "s2", "s3")
    }
    release(outputs, "a", old)
    assert LocalStore(outputs).snapshots() == ("s1", "s2", "s3")
    build = make(outputs, "b", {})
    LocalStore(outputs).keep_snapshots(build, {"s1": "t1", "s2": "s2"})
    kept = {p.relative_to(build).as_posix(): p.read_text("utf-8") for p in build.rglob("*.parquet")}
    assert kept == {
        f"snapshots/{table}/snapshot={now}/part-0.parquet": f"{table} {was}"
        for table in ("merged", "a-table-of-old")
        for was, now in (("s1", "t1"), ("s2", "s2"))
    }


def test_there_is_nothing_to_keep_in_a_fresh_folder(outputs: Path) -> None:
    build = make(outputs, "a", {})
    assert LocalStore(outputs).snapshots() == ()
    LocalStore(outputs).keep_snapshots(build, {"s1": "s1"})
    assert list(build.iterdir()) == []


# --- killed between any two steps ---


def publish_killed_at(step: int, outputs: Path, build: Path) -> bool:
    """Publish build ``b``, dying just before a step; return whether it got that far."""
    count = 0

    def watch(real: Any) -> Any:  # noqa: ANN401 - a function of os
        def call(*args: object, **more: object) -> Any:  # noqa: ANN401
            nonlocal count
            if count == step:
                raise KilledError
            count += 1
            return real(*args, **more)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, watch(getattr(os, name)))
        try:
            publish(outputs, build, "b")
        except KilledError:
            return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False], ids=["second build", "first build"])
def test_killed_at_any_step_readers_see_one_whole_build_and_the_next_run_works(
    tmp_path: Path, before: bool
) -> None:
    prepared = tmp_path / "prepared"
    if before:
        release(prepared, "a", FIRST)
    build = make(prepared, "b", SECOND)
    killed, steps, seen = True, 0, set()
    while killed:
        outputs = Path(shutil.copytree(prepared, tmp_path / f"o{steps}", symlinks=True))
        killed = publish_killed_at(steps, outputs, outputs / build.relative_to(prepared))
        found = LocalStore(outputs).manifest()
        current = found.build if found else None
        seen.add(current)
        assert current in {"a" if before else None, "b"}
        assert current is None or is_current(outputs, current)
        LocalStore(outputs).check(UPSTREAM)
        release(outputs, "c", FIRST)
        assert is_current(outputs, "c")
        assert builds(outputs) == ["c"]
        assert visible(outputs) == {"assets", "charts", "snapshots", "manifest.json"}
        assert {p.name for p in outputs.iterdir()} - visible(outputs) <= {".builds", ".current", ".lock"}
        steps += 1
    assert steps > 10
    assert seen == {"a" if before else None, "b"}
