"""Tables to the data of ``explorer.html``: columns of plain values, each fact once.

The page computes with these numbers what ``timm-charts pick`` computes with the tables: nothing is rounded.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pandas as pd

from config.vocabulary import TEST_SETS
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
        like its name; ``families``: names that ``entries.family`` counts in; ``test_sets``: words and top-1
        (%) by entry, null where there is no evaluation; ``profiles``, the one most people want first: words,
        how many toys were left aside, and by row the entry, images/s, batch size, GMACs and activations, in
        the order of the entries.
    """
    toys = Counter(merged["profile"][is_toy_row(merged)])
    merged = merged[~is_toy_row(merged)]
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
        "test_sets": _test_sets(evaluations, list(entries)),
        "profiles": [
            _profile(profile, rows, place) | {"toys": toys[profile.id]}
            for profile, rows in _by_profile(merged)
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


def _test_sets(evaluations: pd.DataFrame, keys: list[_Key]) -> list[dict[str, Any]]:
    """Return the test sets, known ones first and in the order of the vocabulary."""
    found = set(evaluations["test_set"])
    ids = [*(name for name in TEST_SETS if name in found), *sorted(found - TEST_SETS.keys())]
    made = []
    for test_set in ids:
        rows = evaluations[evaluations["test_set"] == test_set]
        pairs = zip(rows["model"].tolist(), rows["img_size"].tolist(), strict=True)
        top1: dict[_Key, float] = dict(zip(pairs, rows["top1"].tolist(), strict=True))
        words = TEST_SETS.get(test_set, test_set)
        made.append({"id": test_set, "words": words, "top1": [top1.get(key) for key in keys]})
    return made


def _by_profile(merged: pd.DataFrame) -> list[tuple[BenchmarkProfile, pd.DataFrame]]:
    rows = {str(profile): frame for profile, frame in merged.groupby("profile")}
    ranked = ranked_profiles(profiles_of(merged), rows_by_profile(merged))
    return [(profile, rows[profile.id]) for profile in ranked]


def _profile(profile: BenchmarkProfile, rows: pd.DataFrame, place: dict[_Key, int]) -> dict[str, Any]:
    entry = [place[key] for key in zip(rows["model"].tolist(), rows["img_size"].tolist(), strict=True)]
    sequence = sorted(range(len(entry)), key=entry.__getitem__)
    measured = {name: plain_values(rows[name]) for name in _MEASURED}
    return {
        "id": profile.id,
        "words": in_words(profile),
        "device": profile.device_label,
        "mode": profile.mode,
        "entry": [entry[i] for i in sequence],
        **{name: [values[i] for i in sequence] for name, values in measured.items()},
    }
