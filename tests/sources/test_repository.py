from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.errors import NetworkError, UsageError
from tasks.sources.upstream import (
    CloneOptions,
    clone_path,
    read_results,
    results_history,
    sync,
)
from tests.gitrepo import Upstream, child_processes, make_upstream

pytestmark = pytest.mark.slow  # starts git

CSV = "results/results-imagenet.csv"
ROOT = Path(__file__).parents[2]


def quiet(_message: str, _share: float | None) -> None:
    pass


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return make_upstream(tmp_path / "up.git")


@pytest.fixture
def options(upstream: Upstream, tmp_path: Path) -> CloneOptions:
    return CloneOptions(upstream.url, tmp_path / "cache", timeout_seconds=30)


def offline(options: CloneOptions) -> CloneOptions:
    return CloneOptions(options.url, options.cache_dir, offline=True, timeout_seconds=30)


def unplug(upstream: Upstream) -> None:
    upstream.path.rename(upstream.path.with_suffix(".gone"))


# --- first clone, results commit, contents ---


def test_first_sync_clones_and_finds_the_results_commit(upstream: Upstream, options: CloneOptions) -> None:
    first = upstream.commit({CSV: "a"}, date="2024-01-01")
    second = upstream.commit({CSV: "b"}, date="2024-02-01T12:00:00")
    head = upstream.commit({"README.md": "x", "results/README.md": "x"}, date="2024-03-01")
    report = sync(options, None, quiet)
    assert (report.head, report.results.sha) == (head, second)
    assert report.results.committed_at == datetime(2024, 2, 1, 12, tzinfo=UTC)
    assert report.previous is not None
    assert report.previous.sha == first
    assert report.default_branch == "main"
    assert report.ref is None
    assert report.notes == (f"cloned {upstream.url}",)


def test_a_second_sync_has_nothing_to_say_and_sees_new_commits(
    upstream: Upstream, options: CloneOptions
) -> None:
    upstream.commit({CSV: "a"})
    sync(options, None, quiet)
    new = upstream.commit({CSV: "b"}, date="2024-02-01")
    report = sync(options, None, quiet)
    assert (report.results.sha, report.notes) == (new, ())


def test_the_first_results_commit_has_none_before_it(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    assert sync(options, None, quiet).previous is None


def test_changes_on_a_merged_side_branch_count(upstream: Upstream, options: CloneOptions) -> None:
    base = upstream.commit({CSV: "a", "x": "1"}, date="2024-01-01")
    side = upstream.commit({CSV: "b"}, date="2024-01-02", branch="side", start=base)
    upstream.commit({"x": "2"}, date="2024-01-03")
    upstream.commit({CSV: "b"}, date="2024-01-04", merge=side)
    report = sync(options, None, quiet)
    assert report.results.sha == side
    assert [c.sha for c in results_history(options, None)] == [base, side]


def test_reads_only_regular_csv_files_of_the_folder(upstream: Upstream, options: CloneOptions) -> None:
    gitlink = upstream.commit({"x": "1"})
    upstream.commit(
        {
            "results/b.csv": b"\xff\r\n\0",
            "results/a.csv": "",
            "results/run.csv": "1",
            "results/link.csv": "../../../etc/passwd",
            "results/module.csv": gitlink,
            "results/deep.csv/c.csv": "1",
            "results/sub/c.csv": "1",
            "results/README.md": "x",
            "other/d.csv": "1",
            'results/zö "q".csv': "2",
        },
        modes={
            "results/run.csv": "100755",
            "results/link.csv": "120000",
            "results/module.csv": "160000",
        },
    )
    tree = read_results(options, sync(options, None, quiet).results, quiet)
    found = {file.name: file.data for file in tree.files}
    assert found == {"a.csv": b"", "b.csv": b"\xff\r\n\0", "run.csv": b"1", 'zö "q".csv': b"2"}
    assert list(found) == sorted(found)
    assert tree.odd_entries == ("deep.csv", "link.csv", "module.csv")


def test_reads_exactly_the_commit_wanted(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "old"})
    upstream.commit({CSV: "new", "results/other.csv": "x"}, date="2024-02-01")
    report = sync(options, None, quiet)
    assert report.previous is not None
    tree = read_results(options, report.previous, quiet)
    assert [(f.name, f.data) for f in tree.files] == [("results-imagenet.csv", b"old")]
    assert tree.files[0].blob == upstream.run("rev-parse", f"{report.previous.sha}:{CSV}")


def test_missing_contents_are_fetched_in_one_batch(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({f"results/results-{n}.csv": f"{n}" for n in range(30)})
    report = sync(options, None, quiet)
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    assert len(read_results(options, report.results, quiet).files) == 30
    assert trace.read_text().count("trace: built-in: git upload-pack") <= 1
    assert trace.read_text().count("trace: built-in: git fetch") == 1
    trace.unlink()
    assert len(read_results(options, report.results, quiet).files) == 30
    assert "git fetch" not in trace.read_text()


def test_the_clone_holds_no_contents_before_they_are_read(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a" * 1000})
    sync(options, None, quiet)
    listed = subprocess.run(
        ["git", "-C", clone_path(options), "cat-file", "--batch-all-objects", "--batch-check"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "commit" in listed
    assert "blob" not in listed


def test_a_server_that_refuses_filters_gives_a_full_clone(tmp_path: Path) -> None:
    upstream = make_upstream(tmp_path / "old.git", filters=False)
    upstream.commit({CSV: "a"})
    options = CloneOptions(upstream.url, tmp_path / "cache")
    report = sync(options, None, quiet)
    unplug(upstream)
    assert read_results(offline(options), report.results, quiet).files[0].data == b"a"


def test_a_repository_with_sha256_ids(tmp_path: Path) -> None:
    upstream = make_upstream(tmp_path / "new.git", object_format="sha256")
    sha = upstream.commit({CSV: "a"})
    options = CloneOptions(upstream.url, tmp_path / "cache")
    report = sync(options, sha, quiet)
    assert len(report.head) == 64
    assert read_results(options, report.results, quiet).files[0].data == b"a"
    assert sync(options, None, quiet).notes == ()


# --- revisions ---


def test_branch_wins_over_tag_wins_over_commit(upstream: Upstream, options: CloneOptions) -> None:
    first = upstream.commit({CSV: "a"})
    second = upstream.commit({CSV: "b"}, date="2024-02-01")
    third = upstream.commit({CSV: "c"}, date="2024-03-01")
    upstream.tag("both", first)
    upstream.branch("both", second)
    upstream.tag("noted", first, message="a note")
    upstream.tag(third[:8], first)
    upstream.branch("topic/x", second)
    wanted = {
        "both": second,
        "refs/tags/both": first,
        "refs/heads/both": second,
        "origin/both": second,
        "noted": first,
        third[:8]: first,
        third[:9]: third,
        third[:9].upper(): third,
        second: second,
        "HEAD": third,
        "topic/x": second,
    }
    assert {ref: sync(options, ref, quiet).head for ref in wanted} == wanted


@pytest.mark.parametrize(
    "ref",
    [
        "-x", "--output=/tmp/x", "a..b", "main@{1}", "main^", "main~1", "a:b", ":/x", "a b", "a\nb",
        "", "@", "/a", "a/", "a//b", "a.lock", ".a", "a*", "a[b", "a\\b", "\x7f",
    ],
)  # fmt: skip
def test_odd_revisions_are_refused_before_anything_is_done(ref: str, tmp_path: Path) -> None:
    options = CloneOptions("file:///nowhere", tmp_path / "cache")
    with pytest.raises(UsageError, match="is not valid: give a branch, a tag, or 7"):
        sync(options, ref, quiet)
    with pytest.raises(UsageError, match="is not valid"):
        results_history(options, ref)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_revision_lists_what_there_is(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    for name in ("zeta", "alpha", "b1", "b2", "b3"):
        upstream.branch(name)
    for day, name in enumerate("abcdefg", start=2):
        upstream.commit({CSV: name}, date=f"2024-01-{day:02}")
        upstream.tag(f"v-{name}")
    for unknown in ("nope", "abcdef1", "0" * 40, "f" * 39, "a" * 64):
        with pytest.raises(UsageError) as caught:
            sync(options, unknown, quiet)
        assert str(caught.value) == (
            f"unknown revision '{unknown}' in {upstream.url}: not a branch, tag or commit; "
            "branches there: main, alpha, b1, b2, b3, …; newest tags: v-g, v-f, v-e, v-d, v-c"
        )


def test_an_ambiguous_short_id_is_refused(upstream: Upstream, options: CloneOptions) -> None:
    """Two commits with the same first 7 digits, found by search so that the test is quick."""
    upstream.commit({CSV: "a"})
    seen: dict[str, bytes] = {}
    tree = upstream.run("rev-parse", "main^{tree}")
    for number in range(200_000):
        body = f"tree {tree}\nauthor T <t@x> {number} +0000\ncommitter T <t@x> 1 +0000\n\nm\n"
        short = _commit_id(body.encode())[:7]
        if short in seen:
            pair = (seen[short], body.encode())
            break
        seen[short] = body.encode()
    else:
        pytest.fail("no pair found")
    for number, body_bytes in enumerate(pair):
        sha = upstream.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=body_bytes)
        upstream.branch(f"b{number}", sha)
    with pytest.raises(UsageError, match=f"revision '{short}' is ambiguous .* give more digits"):
        sync(options, short, quiet)


def _commit_id(body: bytes) -> str:
    return hashlib.sha1(b"commit %d\0%b" % (len(body), body), usedforsecurity=False).hexdigest()


def test_a_commit_that_no_branch_holds_is_fetched(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    sync(options, None, quiet)
    loose = upstream.commit({CSV: "b"}, date="2024-02-01", branch="gone")
    upstream.delete_branch("gone")
    assert sync(options, loose, quiet).head == loose
    assert sync(options, loose[:10], quiet).head == loose


def test_a_blob_is_no_revision(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    blob = upstream.run("rev-parse", f"main:{CSV}")
    upstream.tag("file", "main")
    upstream.run("update-ref", "refs/tags/blob", blob)
    for ref in (blob, "blob", blob[:10]):
        with pytest.raises(UsageError, match="unknown revision"):
            sync(options, ref, quiet)
    assert sync(options, None, quiet).notes == ()


# --- repositories that do not fit ---


def test_a_repository_without_results(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({"README.md": "x", "results/sub/a.csv": "1", "results/a.txt": "1"})
    with pytest.raises(UsageError, match=r"is no timm repository: it has no results/\*\.csv at m"):
        sync(options, None, quiet)


def test_a_revision_before_the_first_results(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({"README.md": "x"})
    upstream.tag("early")
    upstream.commit({CSV: "a"})
    with pytest.raises(UsageError, match=r"no results/\*\.csv at early"):
        sync(options, "early", quiet)


def test_results_that_were_all_deleted(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    gone = upstream.commit({CSV: None}, date="2024-05-06")
    with pytest.raises(UsageError, match=f"{gone[:8]} of 2024-05-06 deleted the last of them"):
        sync(options, None, quiet)


def test_an_empty_repository(upstream: Upstream, options: CloneOptions) -> None:
    with pytest.raises(UsageError, match="has no commits yet"):
        sync(options, None, quiet)
    assert not clone_path(options).exists()
    upstream.commit({CSV: "a"})
    assert sync(options, None, quiet).notes == (f"cloned {upstream.url}",)


@pytest.mark.parametrize("folder", ["missing.git", "empty"])
def test_a_folder_that_is_no_repository(folder: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    options = CloneOptions((tmp_path / folder).as_uri(), tmp_path / "cache")
    with pytest.raises(NetworkError) as caught:
        sync(options, None, quiet)
    message = str(caught.value)
    assert options.url in message
    assert "does not appear to be a git repository; check the URL and the network" in message
    assert "--offline" not in message
    assert "\n" not in message
    assert not clone_path(options).exists()


def test_a_cache_folder_that_cannot_be_made(upstream: Upstream, tmp_path: Path) -> None:
    upstream.commit({CSV: "a"})
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"cache folder .*file/cache: .*choose one that can be"):
        sync(CloneOptions(upstream.url, tmp_path / "file" / "cache"), None, quiet)


# --- what upstream rewrote ---


def test_a_forced_push_is_followed_and_reported(upstream: Upstream, options: CloneOptions) -> None:
    base = upstream.commit({CSV: "a"})
    old = upstream.commit({CSV: "b"}, date="2024-02-01")
    sync(options, None, quiet)
    new = upstream.commit({CSV: "c"}, date="2024-02-02", start=base)
    report = sync(options, None, quiet)
    assert report.head == new
    assert report.notes == (
        f"the upstream rewrote branch main (forced push): {old[:8]} is no longer part of it, "
        f"followed to {new[:8]}",
    )
    assert sync(options, old, quiet).head == old  # still there for a rebuild of an old snapshot
    assert sync(options, None, quiet).notes == ()


def test_a_rewritten_branch_and_a_moved_tag_are_reported(upstream: Upstream, options: CloneOptions) -> None:
    base = upstream.commit({CSV: "a"})
    side = upstream.commit({CSV: "b"}, branch="side", start=base)
    upstream.tag("v1", base)
    sync(options, None, quiet)
    upstream.commit({CSV: "c"}, branch="side", start=base)
    assert side[:8] in sync(options, "side", quiet).notes[0]
    upstream.tag("v1", "side")
    assert sync(options, "v1", quiet).notes[0].startswith("the upstream moved tag v1 from")


def test_a_renamed_default_branch_is_followed_and_reported(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"}, branch="master")
    upstream.set_default("master")
    assert sync(options, None, quiet).default_branch == "master"
    upstream.branch("main", "master")
    upstream.set_default("main")
    upstream.delete_branch("master")
    new = upstream.commit({CSV: "b"}, date="2024-02-01")
    report = sync(options, None, quiet)
    assert (report.default_branch, report.head) == ("main", new)
    assert report.notes == ("the upstream's default branch was master and is main now",)
    with pytest.raises(UsageError, match="unknown revision 'master'"):
        sync(options, "master", quiet)


def test_a_detached_or_dangling_head_upstream(upstream: Upstream, options: CloneOptions) -> None:
    sha = upstream.commit({CSV: "a"}, branch="trunk")
    upstream.set_default("nowhere")
    assert sync(options, None, quiet).head == sha
    upstream.commit({CSV: "b"}, branch="main")
    upstream.run("update-ref", "--no-deref", "HEAD", sha)
    assert sync(options, None, quiet).default_branch == "trunk"


def test_a_branch_that_became_a_folder(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    upstream.branch("topic")
    sync(options, None, quiet)
    upstream.delete_branch("topic")
    sha = upstream.branch("topic/one")
    assert sync(options, "topic/one", quiet).head == sha


# --- offline ---


def test_offline_goes_on_with_the_clone_and_says_so(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"}, date="2024-03-04")
    online = sync(options, None, quiet)
    read_results(options, online.results, quiet)
    unplug(upstream)
    report = sync(offline(options), None, quiet)
    assert report.results == online.results
    assert report.notes == ("offline: using the clone fetched before; its results are of 2024-03-04",)
    assert read_results(offline(options), report.results, quiet).files[0].data == b"a"
    assert results_history(offline(options), None) == (report.results,)


def test_offline_without_a_clone(options: CloneOptions) -> None:
    for work in (
        lambda: sync(offline(options), None, quiet),
        lambda: results_history(offline(options), None),
    ):
        with pytest.raises(UsageError, match=r"offline, and there is no clone .* without --offline"):
            work()


def test_offline_with_missing_contents(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a", "results/b.csv": "b"})
    report = sync(options, None, quiet)
    with pytest.raises(UsageError, match=r"offline, and 2 of 2 result files .* without --offline"):
        read_results(offline(options), report.results, quiet)


def test_offline_touches_no_network_though_it_could(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({CSV: "a"})
    report = sync(options, None, quiet)
    loose = upstream.commit({CSV: "b"}, branch="new")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    assert sync(offline(options), None, quiet).head == report.head
    with pytest.raises(UsageError, match=r"unknown revision .*offline: as last fetched"):
        sync(offline(options), loose, quiet)
    with pytest.raises(UsageError, match="offline"):
        read_results(offline(options), report.results, quiet)
    assert "upload-pack" not in trace.read_text()
    assert "git ls-remote" not in trace.read_text()


def test_an_unreachable_upstream_is_named_and_offline_proposed(
    upstream: Upstream, options: CloneOptions
) -> None:
    upstream.commit({CSV: "a"})
    report = sync(options, None, quiet)
    unplug(upstream)
    for work in (
        lambda: sync(options, None, quiet),
        lambda: read_results(options, report.results, quiet),
    ):
        with pytest.raises(NetworkError, match="or pass --offline to use the clone") as caught:
            work()
        assert upstream.url in str(caught.value)
    assert sync(offline(options), None, quiet).head == report.head


# --- history ---


def test_history_is_oldest_first_and_cut_by_day(upstream: Upstream, options: CloneOptions) -> None:
    days = ["2024-01-01T23:59:59", "2024-02-01T00:00:00", "2024-02-01T23:59:59", "2024-03-01"]
    shas = [upstream.commit({CSV: day}, date=day) for day in days]
    upstream.commit({"x": "1"}, date="2024-04-01")
    sync(options, None, quiet)

    def cut(since: date | None, until: date | None) -> list[int]:
        return [shas.index(c.sha) for c in results_history(options, None, since, until)]

    day = date(2024, 2, 1)
    assert cut(None, None) == [0, 1, 2, 3]
    assert cut(day, day) == [1, 2]
    assert cut(None, day) == [0, 1, 2]
    assert cut(day, None) == [1, 2, 3]
    assert cut(date(2030, 1, 1), None) == []
    assert [c.sha for c in results_history(options, shas[1])] == shas[:2]


# --- surroundings ---


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are listed in /proc")
def test_no_child_process_is_left(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    before = child_processes()
    report = sync(options, None, quiet)
    read_results(options, report.results, quiet)
    results_history(options, None)
    assert child_processes() <= before


def test_variables_of_a_git_hook_do_not_lead_elsewhere(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = upstream.commit({CSV: "a"})
    other = make_upstream(tmp_path / "other.git")
    other.commit({"x": "1"})
    refs = other.run("for-each-ref")
    monkeypatch.setenv("GIT_DIR", str(other.path))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.path / "objects"))
    monkeypatch.setenv("GIT_QUARANTINE_PATH", str(other.path / "objects"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    report = sync(options, None, quiet)
    assert report.head == sha
    assert read_results(options, report.results, quiet).files[0].data == b"a"
    assert sync(options, None, quiet).notes == ()
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    assert other.run("for-each-ref") == refs


def test_a_clone_inside_another_repository_never_falls_back_to_it(upstream: Upstream, tmp_path: Path) -> None:
    project = tmp_path / "project"
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    upstream.commit({CSV: "a"})
    options = CloneOptions(upstream.url, project / "cache")
    sync(options, None, quiet)
    (clone_path(options) / "HEAD").unlink()
    report = sync(options, None, quiet)
    assert "has been rebuilt" in report.notes[0]
    config = (project / ".git" / "config").read_text()
    assert "remote" not in config


def test_a_persons_git_configuration_does_not_change_the_result(
    upstream: Upstream, options: CloneOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "reference-transaction").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (hooks / "reference-transaction").chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        f"[core]\nhooksPath={hooks}\nquotePath=true\n[color]\nui=always\n[log]\nshowSignature=true\n"
        "[safe]\nbareRepository=explicit\n[fetch]\nprune=false\n[init]\ndefaultBranch=zzz\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    upstream.commit({CSV: "a"})
    report = sync(options, None, quiet)
    assert read_results(options, report.results, quiet).files[0].data == b"a"
    assert not (tmp_path / "ran").exists()


def test_settings_from_the_environment_still_count(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({CSV: "a"})
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{upstream.url}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://mirror.invalid/x")
    mirrored = CloneOptions("https://mirror.invalid/x", tmp_path / "cache")
    assert sync(mirrored, None, quiet).url == "https://mirror.invalid/x"


def test_progress_says_what_is_done(upstream: Upstream, options: CloneOptions) -> None:
    upstream.commit({CSV: "a"})
    said: list[tuple[str, float | None]] = []
    report = sync(options, None, lambda *step: said.append(step))
    read_results(options, report.results, lambda *step: said.append(step))
    messages = [message for message, _share in said]
    assert messages[0] == f"cloning {upstream.url}"
    assert "fetching 1 result files" in messages
    assert all(share is None or 0 <= share <= 1 for _message, share in said)


def test_an_error_in_the_progress_function_is_not_swallowed(
    upstream: Upstream, options: CloneOptions
) -> None:
    upstream.commit({CSV: "a"})

    def interrupt(_message: str, _share: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(options, None, interrupt)
    assert sync(options, None, quiet).notes == (f"cloned {upstream.url}",)


def test_git_that_is_not_installed(upstream: Upstream, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from tasks.sources.upstream import CloneOptions, sync\n"
        "from config.errors import UsageError\n"
        "try: sync(CloneOptions(sys.argv[1], Path(sys.argv[2])), None, lambda *_: None)\n"
        "except UsageError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, upstream.url, str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        check=False,
    )
    assert done.stdout.startswith("git was not found: install git"), done.stderr


# --- real history ---


def _bundle() -> Path:
    default = ROOT.parent / "shared" / "timm-results.bundle"
    path = Path(os.environ.get("TIMM_CHARTS_TEST_BUNDLE", default))
    if not path.is_file():
        pytest.skip(f"no bundle of real results at {path}; set TIMM_CHARTS_TEST_BUNDLE")
    return path


def test_real_results(tmp_path: Path) -> None:
    clone = tmp_path / "up.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(_bundle()), str(clone)], check=True)
    upstream = Upstream(clone)
    for name in ("allowFilter", "allowAnySHA1InWant"):
        upstream.run("config", f"uploadpack.{name}", "true")
    options = CloneOptions(upstream.url, tmp_path / "cache")
    old = sync(options, "upstream-8fca002c", quiet)
    assert old.results.snapshot_id.startswith("2022-07-27-")
    head = sync(options, None, quiet)
    assert len(read_results(options, head.results, quiet).files) == 23
    history = results_history(options, None)
    assert len(history) == 53
    assert history[-1] == head.results
    assert history[-2] == head.previous
    assert old.results in history
    dates = [commit.committed_at for commit in history]
    assert dates == sorted(dates)
    for commit in history[::9]:
        assert read_results(options, commit, quiet).files
