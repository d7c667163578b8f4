"""Answer ``timm-charts pick`` from an outputs folder. Reads only; no Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from config.contracts import EVALUATIONS, MERGED
from config.errors import UsageError
from config.vocabulary import TEST_SETS
from tasks.outputs.manifest import Manifest
from tasks.outputs.reader import current_manifest, read_table
from tasks.outputs.store import Store
from tasks.pick.alone import alone
from tasks.pick.pick import CANDIDATE_COLUMNS, Limits, check_limits, fits, pick, with_ms
from tasks.pick.words import Answer, Question
from tasks.tables.best import fastest_rows, side_by_side
from tasks.tables.devices import Device, named
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.finding import Finding, Value
from tasks.tables.frames import is_toy_row
from tasks.tables.profiles import profiles_of, ranked_profiles, rows_by_profile

_PROFILE: Final = (
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
_EVALUATED: Final = ("top1", "crop_pct", "interpolation")  # of the test set that was asked for


@dataclass(frozen=True)
class Request:
    """The request as the command line gives it."""

    store: Store
    device: str
    profile: str | None
    test_set: str
    limits: Limits
    top: int


@dataclass(frozen=True)
class _Choice:
    """Which profiles of what was asked for are looked at."""

    profiles: tuple[BenchmarkProfile, ...]
    other_profiles: tuple[str, ...]  # of the same device
    other_devices: tuple[str, ...]  # that the name means as well

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(profile.id for profile in self.profiles)


def ask(request: Request) -> Answer:
    """Answer a request.

    Raises:
        UsageError: No snapshot; a limit that can't be meant; a device, profile or test set that isn't there.
    """
    check_limits(request.limits, request.top)
    manifest = current_manifest(request.store)
    columns = [name for name in CANDIDATE_COLUMNS if name not in _EVALUATED]
    merged = read_table(request.store, manifest, MERGED, (*columns, *_PROFILE))
    choice = _choose(merged, request.device, request.profile)
    there = merged[merged["profile"].isin(choice.ids)]
    meant = there[~is_toy_row(there)]
    rows = _with_accuracy(meant, request, manifest)
    candidates = fastest_rows(rows, choice.ids)
    left_out = {
        "without an evaluation on this test set": _models(meant) - len(candidates),
        "toy models of timm's tests": _models(there) - _models(meant),
    }
    picks = pick(candidates, request.limits, request.top, request.test_set)
    findings = (
        *_profiles(rows, choice.ids),
        *_keeping(candidates, request.limits),
        *(Finding("rows-left-out", n, {"reason": reason}) for reason, n in left_out.items() if n),
        *alone(rows, choice.profiles, request.limits),
    )
    return Answer(_question(request, manifest, choice), picks, findings)


def _question(request: Request, manifest: Manifest, choice: _Choice) -> Question:
    first = choice.profiles[0]
    return Question(
        snapshot=manifest.snapshot,
        commit=manifest.source.commit,
        upstream=manifest.upstream,
        sample=manifest.sample,
        preset=manifest.preset,
        device=first.device,
        device_label=first.device_label,
        mode=first.mode,
        profiles=choice.ids,
        other_profiles=choice.other_profiles,
        other_devices=choice.other_devices,
        test_set=request.test_set,
        test_set_in_words=TEST_SETS.get(request.test_set, request.test_set),
        limits=request.limits,
    )


def _choose(merged: pd.DataFrame, device: str, glob: str | None) -> _Choice:
    """Return the profiles to look at: by default all inference profiles of the device.

    Raises:
        UsageError: No such device or profile; the message lists what there is.
    """
    devices = _devices(merged, device)
    meant = merged[merged["device"].isin([found.id for found in devices])]
    ranked = ranked_profiles(profiles_of(meant), rows_by_profile(merged))
    chosen = side_by_side(ranked, glob)
    if not chosen:
        msg = f"no profile {glob!r} of device {device}; there is: {', '.join(p.id for p in ranked)}"
        raise UsageError(msg)
    of_device = [profile.id for profile in ranked if profile.device == chosen[0].device]
    return _Choice(
        profiles=tuple(chosen),
        other_profiles=tuple(name for name in of_device if name not in {p.id for p in chosen}),
        other_devices=tuple(found.label for found in devices if found.id != chosen[0].device),
    )


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
    """Return the rows with their evaluation on the test set; those that have none are left out."""
    keys = ["model", "img_size"]
    columns = ("test_set", *keys, *_EVALUATED)
    evaluations = read_table(request.store, manifest, EVALUATIONS, columns)
    there = sorted(evaluations["test_set"].unique())
    if request.test_set not in there:
        msg = (
            f"no test set {request.test_set!r} in snapshot {manifest.in_words}; there is: {', '.join(there)}"
        )
        raise UsageError(msg)
    of_set = evaluations.loc[evaluations["test_set"] == request.test_set, [*keys, *_EVALUATED]]
    return rows.merge(of_set, on=keys, validate="many_to_one")


def _models(rows: pd.DataFrame) -> int:
    """Return how many models at an image size there are."""
    return len(rows.drop_duplicates(["model", "img_size"]))


def _profiles(rows: pd.DataFrame, profiles: Sequence[str]) -> list[Finding]:
    """State how many rows each profile has."""
    sizes = rows_by_profile(rows)
    return [Finding("pick-profile", sizes.get(name, 0), {"profile": name}) for name in profiles]


def _keeping(candidates: pd.DataFrame, limits: Limits) -> list[Finding]:
    """State for each limit how many models keep to it alone."""
    units = {"max_ms": "ms per image", "max_params": "million parameters", "min_top1": "% top-1"}
    found = []
    for name in limits.given:
        value: float = getattr(limits, name)
        n = int(fits(with_ms(candidates), Limits(**{name: value})).sum())
        kind = "pick-at-least" if name == "min_top1" else "pick-at-most"
        over: dict[str, Value] = {"column": name, "unit": units[name], "limit": value}
        found.append(Finding(kind, n, over, {"rows": len(candidates)}))
    return found
