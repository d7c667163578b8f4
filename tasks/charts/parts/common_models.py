"""A small set of models that people know, to compare devices by."""

from __future__ import annotations

from typing import Final

import pandas as pd

from config.presets import FamilyRules
from tasks.tables.compute import KEY
from tasks.tables.frames import keys_of
from tasks.tables.names import family_of

PREFERRED: Final = ("resnet50", 224)
MOST_MODELS: Final = 20


def choose(candidates: pd.DataFrame, benchmarks: pd.DataFrame, rules: FamilyRules) -> list[tuple[str, int]]:
    """Choose the base model and one model of each of the largest families.

    Args:
        candidates: Rows of one profile; at least one.
        benchmarks: The whole table: how often a model was measured.
        rules: What tells families apart.

    Returns:
        (architecture, image size), the base first; at most `MOST_MODELS`.
    """
    times = benchmarks.groupby(KEY).size()
    pool = candidates.sort_values(KEY)
    pool = pool.assign(
        family=[family_of(name, rules) for name in pool["architecture"]],
        measured=[times[key] for key in keys_of(pool)],
    )
    keys = keys_of(pool)
    often = pool.sort_values(["measured", *KEY], ascending=[False, True, True])
    base = PREFERRED if PREFERRED in keys else keys_of(often)[0]
    of_base = pool.iloc[keys.index(base)]
    # Compiled profiles have no GMACs; parameters then say best how much there is to compute.
    compute = "benchmark_param_count" if pd.isna(of_base["gmacs"]) else "gmacs"
    pool["size_off"] = (pool["img_size"] - base[1]).abs()
    pool["compute_off"] = (pool[compute] - of_base[compute]).abs()
    # Fewer words in a name: the plain member of a family, such as resnet50 before resnet50_gn.
    pool["parts"] = pool["architecture"].str.count("_")
    pool["is_base"] = [key == base for key in keys]
    ranked = pool.sort_values(
        ["is_base", "size_off", "measured", "parts", "compute_off", *KEY],
        ascending=[False, True, False, True, True, True, True],
    )
    # One model a family, else the largest family would fill the list; the largest families come first.
    sizes = pool.groupby("family").size()
    first = ranked.drop_duplicates("family")
    first = first.assign(members=[sizes[name] for name in first["family"]])
    chosen = first.sort_values(["is_base", "members", "family"], ascending=[False, False, True])
    return keys_of(chosen.head(MOST_MODELS))
