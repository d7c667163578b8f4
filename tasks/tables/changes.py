"""What is different from one snapshot to another: the table ``changes``. Pure functions over tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from config.contracts import CHANGES
from config.presets import Rules
from config.vocabulary import MAIN_TEST_SET, TEST_SET_IMAGES
from tasks.tables.benchmark_changes import benchmark_changes
from tasks.tables.change import Change, Key, Side
from tasks.tables.contract import as_table
from tasks.tables.frames import rows_of
from tasks.tables.names import split_model
from tasks.tables.snapshot import make_snapshot, wanted_files
from tasks.tables.source import ResultsTree

MOVED: Final = 0.05
"""Points of top-1 that a re-run on ImageNet may differ by.

On 2024-08-13 (4515a435) 1,003 of 1,080 rows moved, 10 by more. It is not the standard error of the accuracy
(0.16 points at 85 %): that is for other images, and a re-run has the same images and weights.
"""
SAME_TOP: Final = 0.1
"""Points of top-1 and top-5 within which two names can be the same weights."""
SAME_PARAMETERS: Final = 0.02
"""Millions of parameters within which two names of an architecture can be the same weights."""
EQUAL_PARAMETERS: Final = 0.005
"""The same for names of different architectures: equal to the two decimals that are published."""


def changes_since(previous: ResultsTree, globs: Sequence[str], rules: Rules, now: Side) -> pd.DataFrame:
    """Return the table ``changes`` against the files of another results commit.

    Files there that can't be used are left out of the comparison; they were reported in their own run.
    """
    wanted, _ = wanted_files(previous, globs)
    return compare(make_snapshot(previous.commit, wanted, rules), now)


def compare(before: Side, now: Side) -> pd.DataFrame:
    """Return the table ``changes``: all that is new, gone, renamed, replaced or moved beyond re-run noise."""
    old, new = _top(before.evaluations, MAIN_TEST_SET), _top(now.evaluations, MAIN_TEST_SET)
    renamed = find_renames(old, new)
    changes = [
        *_test_sets(before.evaluations, now.evaluations),
        *_headers(before, now),
        *benchmark_changes(before.benchmarks, now.benchmarks),
        *_models(old, new, renamed),
        *_moved(before.evaluations, now.evaluations, renamed),
        *_frontiers(before.merged, now.merged, renamed),
    ]
    frame = pd.DataFrame([vars(change) for change in changes], columns=list(CHANGES.columns))
    return as_table(frame, CHANGES)


def rerun_noise(test_set: str) -> float:
    """Return the points of top-1 a re-run may differ by; chance counts more where there are fewer images."""
    whole = TEST_SET_IMAGES[MAIN_TEST_SET]
    return MOVED * math.sqrt(whole / TEST_SET_IMAGES.get(test_set, whole))


def find_renames(old: pd.DataFrame, new: pd.DataFrame) -> dict[Key, Key]:
    """Match names that are gone with new names of the same weights.

    Same image size, parameters, top-1 and top-5 within re-run noise; of several candidates the same
    architecture first, then the closest accuracy. Most names "lost" in 2023 only got a tag (81ca3237,
    049b1332).

    Args:
        old: Indexed by `Key` with top1, top5, param_count, at the previous results commit.
        new: The same at this one.

    Returns:
        Old key to new key; no key twice.
    """
    gone, fresh = old.loc[~old.index.isin(new.index)], new.loc[~new.index.isin(old.index)]
    # Closest pairs first, whoever they belong to: taking the best partner name by name would let an early
    # name take a later one's exact match. The keys make the order total, so that ties fall the same way.
    candidates = sorted(_candidates(gone, fresh))
    renamed: dict[Key, Key] = {}
    taken: set[Key] = set()
    for *_, key, other in candidates:
        if key not in renamed and other not in taken:
            renamed[key] = other
            taken.add(other)
    return renamed


def _candidates(gone: pd.DataFrame, fresh: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
    """Yield pairs that can be the same weights, beginning with what sorts the likelier ones first."""
    by_size: dict[Any, pd.DataFrame] = dict(iter(fresh.groupby(level="img_size")))
    for key, row in zip(_keys(gone), rows_of(gone), strict=True):
        group = by_size.get(key.img_size)
        if group is None:
            continue
        near = group[
            ((group["param_count"] - row.param_count).abs() <= SAME_PARAMETERS)
            & ((group["top1"] - row.top1).abs() <= SAME_TOP)
            & ((group["top5"] - row.top5).abs() <= SAME_TOP)
        ]
        for other, match in zip(_keys(near), rows_of(near), strict=True):
            same = split_model(other.model)[0] == split_model(key.model)[0]
            # Two architectures can meet in accuracy by chance; then the published parameters must be equal.
            if not same and abs(match.param_count - row.param_count) > EQUAL_PARAMETERS:
                continue
            distance = abs(match.top1 - row.top1) + abs(match.top5 - row.top5)
            yield not same, round(distance, 6), *sorted((key, other)), key, other


def _top(evaluations: pd.DataFrame, test_set: str) -> pd.DataFrame:
    chosen = evaluations[evaluations["test_set"] == test_set]
    return chosen.set_index(["model", "img_size"])[["top1", "top5", "param_count"]].sort_index()


def _keys(frame: pd.DataFrame) -> list[Key]:
    return [Key(str(model), int(size)) for model, size in frame.index]


def _test_sets(before: pd.DataFrame, now: pd.DataFrame) -> Iterable[Change]:
    old, new = set(before["test_set"]), set(now["test_set"])
    yield from (Change("test-set-added", subject) for subject in sorted(new - old))
    yield from (Change("test-set-removed", subject) for subject in sorted(old - new))


def _headers(before: Side, now: Side) -> Iterable[Change]:
    for file in sorted(before.headers.keys() & now.headers.keys()):
        if before.headers[file] != now.headers[file]:
            detail = f"was {','.join(before.headers[file])}; is {','.join(now.headers[file])}"
            yield Change("columns-changed", file, detail=detail)


def _models(old: pd.DataFrame, new: pd.DataFrame, renamed: Mapping[Key, Key]) -> Iterable[Change]:
    old_keys, new_keys = set(_keys(old)), set(_keys(new))
    for was, key in sorted(renamed.items()):
        yield Change(
            "model-renamed", MAIN_TEST_SET, *key, previous_name=was.model,
            before=_value(old, was), after=_value(new, key),
        )  # fmt: skip
    for key in sorted(new_keys - old_keys - set(renamed.values())):
        yield Change("model-added", MAIN_TEST_SET, *key, after=_value(new, key))
    for key in sorted(old_keys - new_keys - set(renamed)):
        yield Change("model-removed", MAIN_TEST_SET, *key, before=_value(old, key))


def _moved(before: pd.DataFrame, now: pd.DataFrame, renamed: Mapping[Key, Key]) -> Iterable[Change]:
    for test_set in sorted(set(before["test_set"]) & set(now["test_set"])):
        old, new = _top1_by_key(before, test_set), _top1_by_key(now, test_set)
        noise = rerun_noise(test_set)
        for was, top1 in old.items():
            target = renamed.get(was, was)
            after = new.get(target)
            if after is not None and round(abs(after - top1), 6) > noise:
                yield Change("accuracy-moved", test_set, *target, before=top1, after=after)


def _frontiers(before: pd.DataFrame, now: pd.DataFrame, renamed: Mapping[Key, Key]) -> Iterable[Change]:
    for profile in sorted(set(before["profile"]) & set(now["profile"])):
        old, new = _frontier(before, profile), _frontier(now, profile)
        old = {renamed.get(key, key): top1 for key, top1 in old.items()}
        for key in sorted(new.keys() - old.keys()):
            yield Change("frontier-entered", profile, *key, after=new[key])
        for key in sorted(old.keys() - new.keys()):
            yield Change("frontier-left", profile, *key, before=old[key])


def _frontier(merged: pd.DataFrame, profile: str) -> dict[Key, float]:
    front = merged[(merged["profile"] == profile) & merged["is_pareto"]]
    return {
        Key(str(model), int(size)): float(top1)
        for model, size, top1 in zip(front["model"], front["img_size"], front["top1"], strict=True)
    }


def _top1_by_key(evaluations: pd.DataFrame, test_set: str) -> dict[Key, float]:
    top = _top(evaluations, test_set)
    return dict(zip(_keys(top), top["top1"].tolist(), strict=True))


def _value(frame: pd.DataFrame, key: Key) -> float:
    top1: Any = frame.at[tuple(key), "top1"]
    return float(top1)
