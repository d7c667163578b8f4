"""Tasks that bring results in: sync the clone, read the files of a results commit."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.logging import get_run_logger
from prefect.tasks import Task, exponential_backoff

from config.errors import NetworkError
from tasks.runs.progress import reporter
from tasks.sources.git.clone import CloneOptions
from tasks.sources.upstream import read_results, sync
from tasks.tables.source import ResultsCommit, ResultsTree, SyncReport


def only_network(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Retry what another try can mend: an upstream that could not be reached."""
    del task, run
    try:
        state.result()
    except NetworkError:
        return True
    except Exception:
        return False
    return False


NETWORK_RETRIES: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(backoff_factor=2),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": only_network,
}


@task(cache_policy=NO_CACHE, task_run_name="sync {source.shown}", tags=["network"], **NETWORK_RETRIES)
def sync_clone(source: CloneOptions, ref: str | None) -> SyncReport:
    """Fetch the upstream and find the results commit of a revision; None is the default branch."""
    logger = get_run_logger()
    with reporter(logger.info) as progress:
        report = sync(source, ref, progress)
    for note in report.notes:
        logger.info(note)
    logger.info(
        "results commit %s of %s, snapshot %s",
        report.results.sha[:8],
        report.results.date,
        report.results.snapshot_id,
    )
    return report


@task(cache_policy=NO_CACHE, task_run_name="read {commit.in_words}", tags=["network"], **NETWORK_RETRIES)
def read_files(source: CloneOptions, commit: ResultsCommit) -> ResultsTree:
    """Read the CSV files of a results commit from the clone, fetching missing ones in one batch."""
    logger = get_run_logger()
    with reporter(logger.info) as progress:
        tree = read_results(source, commit, progress)
    logger.info("%d CSV files in results/", len(tree.files))
    for name in tree.odd_entries:
        logger.warning("results/%s is a link or submodule and is not read", name)
    return tree
