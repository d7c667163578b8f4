"""Parsed files to the tables evaluations, benchmarks, merged and coverage. Pure functions over frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from config.contracts import BENCHMARKS, COVERAGE, EVALUATIONS, MERGED, REJECTS
from config.errors import TimmChartsError
from config.presets import Rules
from config.vocabulary import MAIN_TEST_SET
from tasks.tables.contract import as_table, empty_table
from tasks.tables.filenames import BenchmarkProfile, MetadataFile, TestSetFile
from tasks.tables.frames import is_toy_row
from tasks.tables.frontier import is_on_frontier
from tasks.tables.names import family_of, pretraining_map, split_model
from tasks.tables.parse import ParsedFile


class AmbiguousMergeError(TimmChartsError):
    """Two benchmark rows answer for one key, so nobody can tell which speed is meant."""


@dataclass(frozen=True)
class ProfileMerge:
    """The merge of one benchmark profile: its rows of ``merged`` and its one row of ``coverage``."""

    merged: pd.DataFrame
    coverage: pd.DataFrame


def evaluations_table(parsed: Sequence[ParsedFile], rules: Rules) -> pd.DataFrame:
    """Stack the evaluations of all test sets. Grain: (test_set, model, img_size)."""
    metadata = _listed_pretraining(parsed)
    frames = [
        p.frame.assign(test_set=p.kind.test_set, source_file=p.kind.name)
        for p in parsed
        if isinstance(p.kind, TestSetFile)
    ]
    if not frames:
        return empty_table(EVALUATIONS)
    return as_table(_named(pd.concat(frames, ignore_index=True), rules, metadata), EVALUATIONS)


def benchmarks_table(parsed: Sequence[ParsedFile]) -> pd.DataFrame:
    """Stack the rows of all benchmark profiles. Grain: (profile, model, img_size)."""
    frames = [
        p.frame.assign(**_profile_columns(p.kind), source_file=p.kind.name)
        for p in parsed
        if isinstance(p.kind, BenchmarkProfile)
    ]
    if not frames:
        return empty_table(BENCHMARKS)
    stacked = pd.concat(frames, ignore_index=True)
    stacked["architecture"] = [split_model(model)[0] for model in stacked["model"]]
    return as_table(stacked, BENCHMARKS)


def rejects_table(parsed: Sequence[ParsedFile]) -> pd.DataFrame:
    """Stack what was rejected. Grain: (source_file, line, column, rule)."""
    frames = [p.rejects for p in parsed if not p.rejects.empty]
    return as_table(pd.concat(frames, ignore_index=True), REJECTS) if frames else empty_table(REJECTS)


def merge_profile(evaluations: pd.DataFrame, benchmark: pd.DataFrame, rules: Rules) -> ProfileMerge:
    """Join the evaluations on the main test set with one profile.

    The key is (architecture, image size): evaluations carry pretrained tags, benchmarks do not, and a
    speed measured at another image size is another speed. A preset may join on the model name instead.

    Args:
        evaluations: Table ``evaluations``; other test sets in it are ignored.
        benchmark: The rows of table ``benchmarks`` of one profile.
        rules: What to join on and which rows a preset leaves out.

    Returns:
        Rows of ``merged`` (may be empty: the caller decides what that means) and of ``coverage``.

    Raises:
        AmbiguousMergeError: The key occurs twice in the profile.
    """
    accuracy = evaluations[evaluations["test_set"] == MAIN_TEST_SET]
    key = ["model"] if rules.merge_on == "model" else ["architecture", "img_size"]
    drop = [name for name in ("model", "architecture", "img_size", "source_file") if name not in key]
    _check_key(benchmark, key)
    joined = accuracy.drop(columns=["test_set", "source_file"]).merge(
        benchmark.drop(columns=drop), on=key, how="inner", validate="many_to_one"
    )
    joined["secs"] = 1 / joined["samples_per_sec"]
    kept = joined[_kept(joined, rules)]
    merged = kept.assign(is_pareto=_is_pareto(kept))
    coverage = _coverage(accuracy, benchmark, joined, kept, key)
    return ProfileMerge(as_table(merged, MERGED), as_table(coverage, COVERAGE))


def _is_pareto(rows: pd.DataFrame) -> pd.Series:
    """Mark the frontier of the rows that are no toys: a toy is on none and keeps nobody off."""
    meant = rows[~is_toy_row(rows)]
    on = pd.Series(is_on_frontier(meant["secs"], meant["top1"]), index=meant.index, dtype=bool)
    return on.reindex(rows.index, fill_value=False)


def _listed_pretraining(parsed: Sequence[ParsedFile]) -> dict[str, str]:
    listed: dict[str, str] = {}
    for p in parsed:
        if isinstance(p.kind, MetadataFile):
            listed.update(zip(p.frame["model"], p.frame["pretrain"], strict=True))
    return listed


def _named(frame: pd.DataFrame, rules: Rules, metadata: dict[str, str]) -> pd.DataFrame:
    """Add what a model name says: architecture, tag, family, pretraining."""
    models = list(frame["model"])
    split = [split_model(model) for model in models]
    source = models if rules.merge_on == "model" else [architecture for architecture, _ in split]
    return frame.assign(
        architecture=[architecture for architecture, _ in split],
        pretrained_tag=pd.Series([tag for _, tag in split], dtype="str", index=frame.index),
        family=[family_of(name, rules.family) for name in source],
        pretraining=pretraining_map(models, metadata),
    )


def _check_key(benchmark: pd.DataFrame, key: list[str]) -> None:
    """Refuse a profile with two rows for one key: they would multiply evaluations without a sign."""
    repeated = benchmark[benchmark.duplicated(key, keep=False)].sort_values(["architecture", "img_size"])
    if repeated.empty:
        return
    rows = zip(repeated["model"], repeated["img_size"], strict=True)
    examples = ", ".join(f"{model} @ {size}" for model, size in list(rows)[:4])
    msg = (
        f"profile {benchmark['profile'].iloc[0]}: {len(repeated)} benchmark rows share their "
        f"{' and '.join(key)}, such as {examples}; expected one row for each, so it can't be merged"
    )
    raise AmbiguousMergeError(msg)


def _profile_columns(profile: BenchmarkProfile) -> dict[str, str | None]:
    return {
        "profile": profile.id,
        "mode": profile.mode,
        "precision": profile.precision,
        "layout": profile.layout,
        "torch": profile.torch,
        "cuda": profile.cuda,
        "device": profile.device,
        "device_label": profile.device_label,
        "device_kind": profile.device_kind,
        "compiler": profile.compiler,
    }


def _kept(joined: pd.DataFrame, rules: Rules) -> pd.Series:
    keep = pd.Series(data=True, index=joined.index)
    if rules.drop_models is not None:
        keep &= ~joined["model"].map(lambda name: bool(re.search(rules.drop_models or "", name))).astype(bool)
    if rules.keep_families is not None:
        keep &= (
            joined["family"].map(lambda name: bool(re.search(rules.keep_families or "", name))).astype(bool)
        )
    return keep


def _coverage(
    accuracy: pd.DataFrame,
    benchmark: pd.DataFrame,
    joined: pd.DataFrame,
    kept: pd.DataFrame,
    key: list[str],
) -> pd.DataFrame:
    """Count what matched and what did not, with the names."""
    matched_keys = pd.MultiIndex.from_frame(joined[key])
    unmatched_evaluations = accuracy[~pd.MultiIndex.from_frame(accuracy[key]).isin(matched_keys)]
    unmatched_benchmarks = benchmark[~pd.MultiIndex.from_frame(benchmark[key]).isin(matched_keys)]
    left_out = joined.drop(index=kept.index)
    named = {
        "matched": kept,
        "benchmark_only": unmatched_benchmarks,
        "evaluation_only": unmatched_evaluations,
        "left_out": left_out,
    }
    row: dict[str, object] = {
        "profile": benchmark["profile"].iloc[0],
        "benchmarks": len(benchmark),
        "evaluations": len(accuracy),
    }
    for name, frame in named.items():
        row[name] = len(frame)
        row[f"{name}_names"] = _names(frame)
    return pd.DataFrame([row])


def _names(frame: pd.DataFrame) -> list[dict[str, object]]:
    pairs = sorted(zip(frame["model"], frame["img_size"], strict=True))
    return [{"model": model, "img_size": int(size)} for model, size in pairs]
