"""Time a refresh with nothing new against an empty flow and a full refresh, in turn, on a running server.

Run by ``make bench-unchanged``. Needs the bundle with the real history (see tests/real/bundle.py).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.compare import environment_on, refresh_command, timed
from tests.prefect_server import private_server
from tests.real import bundle

ROUNDS = 9
MOST_SECONDS_OVER_EMPTY = 1.0
MOST_SHARE_OF_FULL = 0.15

# Prefect sends a run's heartbeats from a thread that sleeps in whole seconds and is waited for. An empty
# flow is at times over before that thread starts; the short sleep makes each one pay for it, as every
# flow that does something has to.
EMPTY = """
import time
from prefect import flow

@flow
def empty():
    time.sleep(0.1)

empty()
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        return compare(Path(folder))


def compare(folder: Path) -> int:
    nothing, unchanged = [], []
    with private_server(folder / "prefect") as api:
        environment = environment_on(api, folder)
        refresh = refresh_command(bundle.upstream(), folder / "outputs")
        timed(refresh, environment)  # the clone and the Vega bundle are there from then on
        full = timed([*refresh, "--force"], environment)
        for _ in range(ROUNDS):
            nothing.append(timed([sys.executable, "-c", EMPTY], environment))
            unchanged.append(timed(refresh, environment))
    over = statistics.median(unchanged) - statistics.median(nothing)
    share = statistics.median(unchanged) / full
    print(
        f"full {full:.1f} s; medians: empty flow {statistics.median(nothing):.2f} s, "
        f"unchanged {statistics.median(unchanged):.2f} s\n"
        f"{over:+.2f} s over an empty flow (limit {MOST_SECONDS_OVER_EMPTY}), "
        f"{share:.1%} of a full refresh (limit {MOST_SHARE_OF_FULL:.0%})"
    )
    return 0 if over <= MOST_SECONDS_OVER_EMPTY and share <= MOST_SHARE_OF_FULL else 1


if __name__ == "__main__":
    sys.exit(main())
