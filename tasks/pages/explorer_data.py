"""Tables to the data of ``explorer.html``: columns of plain values, each fact once.

The page computes with these numbers what ``timm-charts pick`` computes with the tables: nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from config.vocabulary import TEST_SET_IMAGES, TEST_SETS
from tasks.tables.best import settings_in_words, side_by_side
from tasks.tables.filenames import BenchmarkProfile, in_words
from tasks.tables.frames import is_toy_row, plain_values
from tasks.tables.profiles import profiles_of, ranked_profiles, rows_by_profile

_MEASURED: Final = ("samples_per_sec", "batch_size", "gmacs", "macts")

_Key = tuple[str, int]


def explorer_data(merged: pd.DataFrame, evaluations: pd.DataFrame) -> dict[str, Any]:
    """Return what the page needs to know, ready for JSON.

    Args:
        merged: Table ``merged``; may be empty. Timm's toy models are left aside.
        evaluations: Table ``evaluations``, for the accuracy of the merged rows on each test set.

    Returns:
        ``entries``: columns by (model, img_size) in code-point order, so that the place of an entry sorts
        like its name; ``families``: names that ``entries.family`` counts in; ``interpolations``: likewise;
        ``test_sets``: words, number of images, and by entry top-1 (%), crop and interpolation, null where
        there is no evaluation; ``devices``: which profiles are looked at together, and how many toys were
        left aside; ``profiles``, the one most people want first: words, settings, toys, and by row the entry,
        images/s, batch size, GMACs and activations, in the order of the entries.
    """
    toys = merged[is_toy_row(merged)]
    merged = merged[~is_toy_row(merged)]
    ranked = ranked_profiles(profiles_of(merged), rows_by_profile(merged))
    interpolations = sorted(evaluations["interpolation"].dropna().unique())
    entries = _entries(merged)
    place = {key: i for i, key in enumerate(entries)}
    families = sorted({family for family, _ in entries.values()})
    family_place = {family: i for i, family in enumerate(families)}
    return {
        "families": families,
        "entries": {
            "model": [model for model, _ in entries],
            "img_size": [size for _, size in entries],
            "family": [family_place[family] for family, _ in entries.values()],
            "param_count": [millions for _, millions in entries.values()],
        },
        "interpolations": interpolations,
        "test_sets": _test_sets(evaluations, list(entries), interpolations),
        "devices": _devices(ranked, toys),
        "profiles": [
            _profile(profile, merged[merged["profile"] == profile.id], place)
            | {"toys": _models(toys, [profile.id])}
            for profile in ranked
        ],
    }


def _entries(merged: pd.DataFrame) -> dict[_Key, tuple[str, float]]:
    """Return family and parameters (millions) of each model at each image size, sorted."""
    columns = ("model", "img_size", "family", "param_count")
    once = merged[list(columns)].drop_duplicates(["model", "img_size"])
    facts = zip(*(once[name].tolist() for name in columns), strict=True)
    return dict(
        sorted({(model, size): (family, millions) for model, size, family, millions in facts}.items())
    )


def _test_sets(
    evaluations: pd.DataFrame, keys: list[_Key], interpolations: list[str]
) -> list[dict[str, Any]]:
    """Return the test sets, known ones first and in the order of the vocabulary."""
    found = set(evaluations["test_set"])
    ids = [*(name for name in TEST_SETS if name in found), *sorted(found - TEST_SETS.keys())]
    place = {name: i for i, name in enumerate(interpolations)}
    made = []
    for test_set in ids:
        rows = evaluations[evaluations["test_set"] == test_set]
        of_entry = {name: _by_entry(rows, rows[name], keys) for name in ("top1", "crop_pct", "interpolation")}
        of_entry["interpolation"] = [place.get(name) for name in of_entry["interpolation"]]
        facts = {"words": TEST_SETS.get(test_set, test_set), "images": TEST_SET_IMAGES.get(test_set)}
        made.append({"id": test_set, **facts, **of_entry})
    return made


def _by_entry(rows: pd.DataFrame, values: pd.Series, keys: list[_Key]) -> list[Any]:
    """Return the value of each entry, null where there is no row of it."""
    pairs = zip(rows["model"].tolist(), rows["img_size"].tolist(), strict=True)
    found: dict[_Key, Any] = dict(zip(pairs, plain_values(values), strict=True))
    return [found.get(key) for key in keys]


def _devices(ranked: Sequence[BenchmarkProfile], toys: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the devices, each with the profiles that are looked at together."""
    made = []
    for device, label in dict.fromkeys((profile.device, profile.device_label) for profile in ranked):
        together = [p.id for p in side_by_side([p for p in ranked if p.device == device])]
        made.append({"id": device, "label": label, "profiles": together, "toys": _models(toys, together)})
    return made


def _models(rows: pd.DataFrame, profiles: list[str]) -> int:
    """Return how many models at an image size there are in some profiles."""
    return len(rows[rows["profile"].isin(profiles)].drop_duplicates(["model", "img_size"]))


def _profile(profile: BenchmarkProfile, rows: pd.DataFrame, place: dict[_Key, int]) -> dict[str, Any]:
    entry = [place[key] for key in zip(rows["model"].tolist(), rows["img_size"].tolist(), strict=True)]
    sequence = sorted(range(len(entry)), key=entry.__getitem__)
    measured = {name: plain_values(rows[name]) for name in _MEASURED}
    return {
        "id": profile.id,
        "words": in_words(profile),
        "device": profile.device,
        "mode": profile.mode,
        "settings": settings_in_words(profile),
        "entry": [entry[i] for i in sequence],
        **{name: [values[i] for i in sequence] for name, values in measured.items()},
    }
