"""Answer ``timm-charts pick`` from an outputs folder. Reads only; no Prefect."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from config.contracts import EVALUATIONS, MERGED
from config.errors import UsageError
from config.vocabulary import MAIN_TEST_SET, TEST_SETS
from tasks.outputs.manifest import Manifest
from tasks.outputs.reader import current_manifest, read_table
from tasks.pick.pick import CANDIDATE_COLUMNS, Limits, Picks, check_limits, pick
from tasks.pick.words import Question
from tasks.tables.filenames import BenchmarkProfile, classify, in_words
from tasks.tables.profiles import ranked_profiles

_PROFILE: Final = ("profile", "mode", "torch", "device", "compiler")


@dataclass(frozen=True)
class Asked:
    """The request as the command line gives it."""

    outputs: Path
    device: str
    profile: str | None
    test_set: str
    limits: Limits
    top: int


def ask(asked: Asked) -> tuple[Question, Picks]:
    """Answer a request.

    Raises:
        UsageError: No snapshot; a limit that can't be meant; a device, profile or test set that isn't there.
    """
    check_limits(asked.limits, asked.top)
    manifest = current_manifest(asked.outputs)
    merged = read_table(asked.outputs, manifest, MERGED, (*CANDIDATE_COLUMNS, *_PROFILE))
    profile, others = _choose(merged, asked.device, asked.profile)
    rows = merged[merged["profile"] == profile]
    candidates = _with_accuracy(rows, asked, manifest)
    question = Question(
        snapshot=manifest.snapshot,
        commit=manifest.source.commit,
        upstream=manifest.upstream,
        sample=manifest.sample,
        preset=manifest.preset,
        profile=profile,
        profile_in_words=_in_words(profile),
        other_profiles=others,
        test_set=asked.test_set,
        test_set_in_words=TEST_SETS.get(asked.test_set, asked.test_set),
        no_evaluation=len(rows) - len(candidates),
        limits=asked.limits,
    )
    return question, pick(candidates, asked.limits, asked.top)


def _choose(merged: pd.DataFrame, device: str, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the profile to use and the other ones of the device, both by rank."""
    devices = sorted(merged["device"].unique())
    if device not in devices:
        msg = f"no benchmark of device {device!r}; there is: {', '.join(devices) or 'none'}"
        raise UsageError(msg)
    sizes: dict[Any, int] = merged.groupby("profile").size().to_dict()
    ranked = [row.profile for row in ranked_profiles(merged[merged["device"] == device], sizes)]
    if wanted is not None and wanted not in ranked:
        msg = f"no profile {wanted!r} of device {device}; there is: {', '.join(ranked)}"
        raise UsageError(msg)
    chosen = wanted or ranked[0]
    return chosen, tuple(profile for profile in ranked if profile != chosen)


def _with_accuracy(rows: pd.DataFrame, asked: Asked, manifest: Manifest) -> pd.DataFrame:
    """Return the rows with their accuracy on the test set; those without an evaluation on it are left out."""
    if asked.test_set == MAIN_TEST_SET:
        return rows
    columns = ("test_set", "model", "img_size", "top1")
    evaluations = read_table(asked.outputs, manifest, EVALUATIONS, columns)
    there = sorted(evaluations["test_set"].unique())
    if asked.test_set not in there:
        msg = f"no test set {asked.test_set!r} in snapshot {manifest.snapshot}; there is: {', '.join(there)}"
        raise UsageError(msg)
    accuracy = evaluations.loc[evaluations["test_set"] == asked.test_set, ["model", "img_size", "top1"]]
    return rows.drop(columns="top1").merge(accuracy, on=["model", "img_size"], validate="one_to_one")


def _in_words(profile: str) -> str:
    kind = classify(f"benchmark-{profile}.csv")
    return in_words(kind) if isinstance(kind, BenchmarkProfile) else profile
