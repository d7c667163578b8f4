"""Time a full refresh on a running server against the plain script, in turn, and print the ratio.

Run by ``make bench``. Needs the bundle with the real history (see tests/real/bundle.py).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.prefect_server import private_server
from tests.real import bundle

ROUNDS = 5
LIMIT = 0.6


def timed(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def environment_on(api: str, folder: Path) -> dict[str, str]:
    """Return the variables of a run that reports to a server and keeps its clone in the folder."""
    return {
        **os.environ,
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(folder / "prefect"),
        "TIMM_CHARTS_CACHE_DIR": str(folder / "cache"),
    }


def refresh_command(upstream: Path, outputs: Path) -> list[str]:
    return [
        sys.executable, "-m", "flows", "refresh",
        "--upstream", f"file://{upstream}", "--outputs", str(outputs),
    ]  # fmt: skip


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        return compare(Path(folder))


def compare(folder: Path) -> int:
    upstream = bundle.upstream()
    plain, ours = [], []
    with private_server(folder / "prefect") as api:
        environment = environment_on(api, folder)
        refresh = [*refresh_command(upstream, folder / "ours"), "--force"]
        script = [sys.executable, "-m", "tests.bench.plain", str(upstream), str(folder / "plain")]
        timed(refresh, environment)  # the clone and the Vega bundle are there from then on
        for turn in range(ROUNDS):
            shutil.rmtree(folder / "plain", ignore_errors=True)
            plain.append(timed(script, environment))
            ours.append(timed(refresh, environment))
            print(f"round {turn + 1}: plain script {plain[-1]:.1f} s, refresh {ours[-1]:.1f} s", flush=True)
    middle = statistics.median(plain), statistics.median(ours)
    ratio = middle[1] / middle[0]
    print(
        f"medians: plain script {middle[0]:.1f} s, refresh {middle[1]:.1f} s, ratio {ratio:.2f} (limit {LIMIT})"
    )
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
