"""A damaged clone is noticed, rebuilt once and reported; damaged contents are never returned."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import NetworkError, UsageError
from tasks.sources.upstream import CloneOptions, clone_path, read_results, sync
from tests.gitrepo import Upstream
from tests.sources.clones import CSV, offline, quiet, unplug

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("two_commits")]  # starts git


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
    hidden = unplug(upstream)
    with pytest.raises(NetworkError) as caught:
        sync(options, None, quiet)
    assert "--offline" not in str(caught.value)  # it would not help
    assert {path: path.stat().st_size for path in clone_path(options).rglob("*")} == files
    hidden.rename(upstream.path)
    assert sync(options, None, quiet).head == report.head


def test_a_network_failure_is_no_damage(upstream: Upstream, options: CloneOptions) -> None:
    sync(options, None, quiet)
    inode = clone_path(options).stat().st_ino
    hidden = unplug(upstream)
    with pytest.raises(NetworkError):
        sync(options, None, quiet)
    assert clone_path(options).stat().st_ino == inode
    hidden.rename(upstream.path)
    assert sync(options, None, quiet).notes == ()
    assert clone_path(options).stat().st_ino == inode
