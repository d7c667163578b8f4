"""What the tests of the clone share: options, steps of a test, and a run in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

from tasks.sources.upstream import CloneOptions
from tests.gitrepo import Upstream

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


def offline(options: CloneOptions) -> CloneOptions:
    return replace(options, offline=True)


def unplug(upstream: Upstream) -> Path:
    """Take the upstream away; return where it is now."""
    return upstream.path.rename(upstream.path.with_suffix(".gone"))


def worker(url: str, cache: Path, **variables: str) -> subprocess.Popen[str]:
    """Start a sync and a read of the results in another process."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(cache)],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
