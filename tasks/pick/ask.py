"""Answer ``timm-charts pick`` from an outputs folder. Reads only; no Prefect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from config.contracts import EVALUATIONS, MERGED
from config.errors import UsageError
from config.vocabulary import MAIN_TEST_SET, TEST_SETS
from tasks.outputs.manifest import Manifest
from tasks.outputs.reader import current_manifest, read_table
from tasks.outputs.store import Store
from tasks.pick.pick import CANDIDATE_COLUMNS, Limits, Picks, check_limits, pick
from tasks.pick.words import Question
from tasks.tables.devices import Device, named
from tasks.tables.filenames import BenchmarkProfile, in_words
from tasks.tables.frames import is_toy_row
from tasks.tables.profiles import profiles_of, ranked_profiles, rows_by_profile

_PROFILE: Final = (
    "profile",
    "mode",
    "precision",
    "layout",
    "torch",
    "cuda",
    "device",
    "device_label",
    "device_kind",
    "compiler",
)


@dataclass(frozen=True)
class Request:
    """The request as the command line gives it."""

    store: Store
    device: str
    profile: str | None
    test_set: str
    limits: Limits
    top: int


def ask(request: Request) -> tuple[Question, Picks]:
    """Answer a request.

    Raises:
        UsageError: No snapshot; a limit that can't be meant; a device, profile or test set that isn't there.
    """
    check_limits(request.limits, request.top)
    manifest = current_manifest(request.store)
    merged = read_table(request.store, manifest, MERGED, (*CANDIDATE_COLUMNS, *_PROFILE))
    profile, others = _choose(merged, request.device, request.profile)
    of_profile = merged[merged["profile"] == profile.id]
    rows = of_profile[~is_toy_row(of_profile)]
    candidates = _with_accuracy(rows, request, manifest)
    question = Question(
        snapshot=manifest.snapshot,
        commit=manifest.source.commit,
        upstream=manifest.upstream,
        sample=manifest.sample,
        preset=manifest.preset,
        profile=profile.id,
        profile_in_words=in_words(profile),
        other_profiles=others,
        test_set=request.test_set,
        test_set_in_words=TEST_SETS.get(request.test_set, request.test_set),
        no_evaluation=len(rows) - len(candidates),
        toys=len(of_profile) - len(rows),
        limits=request.limits,
    )
    return question, pick(candidates, request.limits, request.top)


def _choose(
    merged: pd.DataFrame, device: str, wanted: str | None
) -> tuple[BenchmarkProfile, tuple[str, ...]]:
    """Return the profile to use and the ids of the other ones of the device, by rank."""
    meant = {found.id for found in _devices(merged, device)}
    ranked = ranked_profiles(profiles_of(merged[merged["device"].isin(meant)]), rows_by_profile(merged))
    there = {profile.id: profile for profile in ranked}
    if wanted is not None and wanted not in there:
        msg = f"no profile {wanted!r} of device {device}; there is: {', '.join(there)}"
        raise UsageError(msg)
    chosen = there[wanted] if wanted else ranked[0]
    return chosen, tuple(name for name in there if name != chosen.id)


def _devices(merged: pd.DataFrame, asked: str) -> list[Device]:
    """Return the devices that a name means.

    Raises:
        UsageError: There is none of that name; the message lists what there is.
    """
    there = [Device(p.device, p.device_label, p.device_kind) for p in profiles_of(merged)]
    found = named(asked, there)
    if not found:
        listed = ", ".join(f"{device.id} ({device.label})" for device in sorted(set(there)))
        msg = f"no benchmark of device {asked!r}; there is: {listed or 'none'}"
        raise UsageError(msg)
    return found


def _with_accuracy(rows: pd.DataFrame, request: Request, manifest: Manifest) -> pd.DataFrame:
    """Return the rows with their accuracy on the test set; those without an evaluation on it are left out."""
    if request.test_set == MAIN_TEST_SET:
        return rows
    columns = ("test_set", "model", "img_size", "top1")
    evaluations = read_table(request.store, manifest, EVALUATIONS, columns)
    there = sorted(evaluations["test_set"].unique())
    if request.test_set not in there:
        msg = (
            f"no test set {request.test_set!r} in snapshot {manifest.in_words}; there is: {', '.join(there)}"
        )
        raise UsageError(msg)
    accuracy = evaluations.loc[evaluations["test_set"] == request.test_set, ["model", "img_size", "top1"]]
    return rows.drop(columns="top1").merge(accuracy, on=["model", "img_size"], validate="one_to_one")
