"""The one way this project declares a Prefect task."""

from __future__ import annotations

from functools import partial
from typing import Final

from prefect import task
from prefect.cache_policies import NO_CACHE

job: Final = partial(task, cache_policy=NO_CACHE, persist_result=False)
"""``@task`` without Prefect's cache: what is unchanged is known from git and the manifest, and tables can't
be hashed by it."""
