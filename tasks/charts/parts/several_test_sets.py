"""The accuracy of models on several test sets side by side."""

from __future__ import annotations

from typing import Final

import pandas as pd

from config.vocabulary import MAIN_TEST_SET, TEST_SETS

MODEL: Final = ["model", "img_size"]
_CLEAN: Final = "-clean"


def reference_of(test_set: str, there: set[str]) -> str | None:
    """Return the test set that another is compared with; None for those that are only compared with.

    ImageNet-A and -R have 200 classes, so each has its own subset of ImageNet with the same classes.
    """
    if test_set == MAIN_TEST_SET or test_set.endswith(_CLEAN):
        return None
    own = f"{test_set}{_CLEAN}"
    return own if own in there else MAIN_TEST_SET


def compared_sets(evaluations: pd.DataFrame) -> dict[str, str]:
    """Return each test set that can be compared and its reference, in the order of the vocabulary."""
    there = {str(name) for name in evaluations["test_set"].unique()}
    known = list(TEST_SETS)
    order = sorted(there, key=lambda name: (known.index(name) if name in known else len(known), name))
    found = {name: reference_of(name, there) for name in order}
    return {name: base for name, base in found.items() if base in there}


def side_by_side(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each model and image size, with top-1 on each test set (NaN where not evaluated)."""
    wide = evaluations.pivot(index=MODEL, columns="test_set", values="top1")
    wide.columns.name = None
    return wide.reset_index()


def best_sizes(wide: pd.DataFrame) -> pd.DataFrame:
    """Return each model at the image size of its highest top-1 on the main test set; ties: the smallest."""
    ranked = wide[wide[MAIN_TEST_SET].notna()].sort_values(
        [MAIN_TEST_SET, "img_size", "model"], ascending=[False, True, True]
    )
    return ranked.drop_duplicates("model")
