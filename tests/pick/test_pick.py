"""Picks equal a brute-force search; suggestions work when typed as printed; limits are checked."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.errors import UsageError
from tasks.pick.pick import CANDIDATE_COLUMNS, Limits, Pick, Picks, _enough, check_limits
from tasks.pick.pick import pick as pick_on
from tasks.pick.words import Answer, Question, _figures, as_json, as_text
from tasks.tables.call import TRANSFORM
from tasks.tables.sentences import say
from tests.frames import SNAPSHOT, SNAPSHOT_IN_WORDS

EVERYTHING = 10**6
numbers = st.one_of(st.integers(1, 6).map(float), st.floats(0.01, 99))
candidates = st.lists(
    st.tuples(st.sampled_from(list("abcdefgh")), st.sampled_from([224, 384]), numbers, numbers, numbers),
    min_size=1,  # half of all lists would be empty: one example of that is enough
    max_size=16,
    unique_by=lambda row: row[:2],
).map(lambda rows: table(*rows))
maybe = st.none() | numbers
limits = st.builds(Limits, max_ms=maybe, max_params=maybe, min_top1=maybe)
hard_limits = st.one_of(  # few rows, or none, keep to the first one named
    st.builds(Limits, max_ms=st.floats(0.01, 20), max_params=maybe, min_top1=maybe),
    st.builds(Limits, max_params=st.floats(0.01, 4), max_ms=maybe, min_top1=maybe),
    st.builds(Limits, min_top1=st.floats(80, 99), max_ms=maybe, max_params=maybe),
)
NO_ROWS = pd.DataFrame(columns=list(CANDIDATE_COLUMNS)).astype(
    {"top1": float, "samples_per_sec": float, "param_count": float}
)


def table(*rows: tuple[str, int, float, float, float]) -> pd.DataFrame:
    """Rows of (model, pixels, top-1, images/s, parameters)."""
    filled = [
        (m, size, "f", top1, speed, 256, params, "p", 0.95, "bicubic")
        for m, size, top1, speed, params in rows
    ]
    frame = pd.DataFrame(filled, columns=list(CANDIDATE_COLUMNS))
    return frame.astype({"top1": float, "samples_per_sec": float, "param_count": float})


def pick(frame: pd.DataFrame, asked: Limits, top: int) -> Picks:
    return pick_on(frame, asked, top, "imagenet")


def text_of(question: Question, picks: Picks) -> str:
    return as_text(Answer(question, picks, ()))


def reason(model: Pick) -> str:
    return "; ".join(map(say, model.reasons))


def fitting(frame: pd.DataFrame, asked: Limits) -> list[dict[str, Any]]:
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    return [
        row
        for row in rows
        if (asked.max_ms is None or 1000 / row["samples_per_sec"] <= asked.max_ms)
        and (asked.max_params is None or row["param_count"] <= asked.max_params)
        and (asked.min_top1 is None or row["top1"] >= asked.min_top1)
    ]


def brute_force(frame: pd.DataFrame, asked: Limits) -> list[tuple[str, int]]:
    rows = [row | {"ms": 1000 / row["samples_per_sec"]} for row in fitting(frame, asked)]
    front = []
    for row in rows:
        beaten = any(
            other["ms"] <= row["ms"]
            and other["top1"] >= row["top1"]
            and (other["ms"], other["top1"]) != (row["ms"], row["top1"])
            for other in rows
        )
        if not beaten:
            front.append(row)
    front.sort(key=lambda r: (-r["top1"], r["ms"], r["model"], r["img_size"]))
    return [(row["model"], row["img_size"]) for row in front]


@given(candidates, limits)
@example(NO_ROWS, Limits())
def test_picks_are_those_of_a_search_by_hand(frame: pd.DataFrame, asked: Limits) -> None:
    found = pick(frame, asked, EVERYTHING)
    assert [(p.model, p.img_size) for p in found.models] == brute_force(frame, asked)
    assert (found.considered, found.fitting) == (len(frame), len(fitting(frame, asked)))
    assert found.on_frontier == len(found.models)
    assert [p.rank for p in found.models] == list(range(1, len(found.models) + 1))


@given(candidates, limits, st.integers(1, 20), st.randoms())
@example(NO_ROWS, Limits(max_ms=1), 1, Random(1))  # noqa: S311 - no secret
def test_top_cuts_and_the_order_of_rows_does_not_matter(
    frame: pd.DataFrame,
    asked: Limits,
    top: int,
    random: Any,  # noqa: ANN401
) -> None:
    everything = pick(frame, asked, EVERYTHING)
    shuffled = frame.sample(frac=1, random_state=random.randrange(2**31))
    cut = pick(shuffled, asked, top)
    assert cut == replace(everything, models=everything.models[:top])


OF = {"max_ms": "ms", "max_params": "param_count", "min_top1": "top1"}


def lacking(row: dict[str, Any], asked: Limits, names: tuple[str, ...]) -> float:
    """How far a row is beyond these limits, added up as shares of the limits."""
    values = row | {"ms": 1000 / row["samples_per_sec"]}
    total = 0.0
    for name in names:
        limit = getattr(asked, name)
        beyond = limit - values[OF[name]] if name == "min_top1" else values[OF[name]] - limit
        total += max(beyond, 0.0) / limit
    return total


def printed(frame: pd.DataFrame, asked: Limits) -> list[dict[str, float]]:
    """The limits that the text suggests, as a person would read and type them."""
    text = text_of(replace(QUESTION, limits=asked), pick(frame, asked, EVERYTHING))
    lines = [line for line in text.splitlines() if "(now " in line]
    found = [re.findall(r"--(max-ms|max-params|min-top1) (\S+) \(now", line) for line in lines]
    return [{name.replace("-", "_"): float(value) for name, value in line} for line in found]


@given(candidates, hard_limits)
@example(NO_ROWS, Limits(max_ms=1))
def test_each_suggestion_lets_its_model_in_as_printed(frame: pd.DataFrame, asked: Limits) -> None:
    found = pick(frame, asked, EVERYTHING)
    if found.models or frame.empty:
        assert found.relax == ()
        return
    assert printed(frame, asked) == [relaxation.limits for relaxation in found.relax]
    for relaxation in found.relax:
        rows = fitting(frame, replace(asked, **relaxation.limits))
        assert (relaxation.model, relaxation.img_size) in {(r["model"], r["img_size"]) for r in rows}
        for name in relaxation.limits:  # each of the limits named has to move
            kept = relaxation.limits | {name: getattr(asked, name)}
            assert not fitting(frame, replace(asked, **kept))


@given(candidates, hard_limits)
@example(NO_ROWS, Limits(max_ms=1))
def test_all_the_smallest_sets_of_limits_are_suggested_at_their_nearest_values(
    frame: pd.DataFrame, asked: Limits
) -> None:
    found = {tuple(r.limits): r for r in pick(frame, asked, EVERYTHING).relax}
    if fitting(frame, asked) or frame.empty:
        return
    for size in (1, 2, 3):
        free = {
            names: fitting(frame, replace(asked, **dict.fromkeys(names)))
            for names in combinations(asked.given, size)
        }
        if any(free.values()):
            break
    assert set(found) == {names for names, rows in free.items() if rows}
    for names, relaxation in found.items():
        named = [
            r for r in free[names] if (r["model"], r["img_size"]) == (relaxation.model, relaxation.img_size)
        ]
        least = min(lacking(row, asked, names) for row in free[names])
        assert lacking(named[0], asked, names) == pytest.approx(least, rel=1e-12)
        exact = named[0] | {"ms": 1000 / named[0]["samples_per_sec"]}
        for name, value in relaxation.limits.items():
            assert value == pytest.approx(exact[OF[name]], rel=0.01)  # three digits


def test_a_model_exactly_at_its_limits_fits() -> None:
    frame = table(("a", 224, 80.0, 100.0, 25.5))
    assert pick(frame, Limits(max_ms=10, max_params=25.5, min_top1=80), 1).fitting == 1
    for near in (Limits(max_ms=9.999), Limits(max_params=25.499), Limits(min_top1=80.001)):
        assert pick(frame, near, 1).fitting == 0


def digits(value: float) -> int:
    return len(Decimal(repr(value)).normalize().as_tuple().digits)


@given(st.sampled_from(["max_ms", "max_params", "min_top1"]), st.floats(1e-6, 1e6))
@example("min_top1", 80.1)  # as a binary number below 80.1: what is published must not be rounded once more
@example("max_ms", 8.1)
def test_a_suggestion_is_rounded_towards_letting_in(name: str, exact: float) -> None:
    enough = _enough(name, exact)
    assert enough <= exact if name == "min_top1" else enough >= exact
    assert digits(enough) <= 3
    if digits(exact) <= 3:
        assert enough == exact


def test_a_suggestion_is_near_what_is_needed() -> None:
    frame = table(("a", 224, 80.1234, 123.456, 30.0))
    found = pick(frame, Limits(min_top1=90), 10)
    assert found.relax[0].limits == {"min_top1": 80.1}
    found = pick(frame, Limits(max_ms=1), 10)
    assert found.relax[0].limits == {"max_ms": 8.11}  # 8.1000...
    assert 1000 / 123.456 <= 8.11


def test_each_limit_that_would_do_alone_is_named() -> None:
    frame = table(("fast", 224, 70.0, 1000.0, 5.0), ("good", 224, 90.0, 10.0, 5.0))
    found = pick(frame, Limits(max_ms=10, min_top1=85), 10)
    assert [(r.limits, r.model) for r in found.relax] == [
        ({"max_ms": 100.0}, "good"),
        ({"min_top1": 70.0}, "fast"),
    ]


def test_two_limits_are_named_together_where_one_is_not_enough() -> None:
    frame = table(("a", 224, 70.0, 10.0, 50.0))
    found = pick(frame, Limits(max_ms=1, max_params=20, min_top1=60), 10)
    assert [r.limits for r in found.relax] == [{"max_ms": 100.0, "max_params": 50.0}]


def test_reasons_compare_neighbours_on_the_frontier() -> None:
    frame = table(
        ("slow", 384, 90.0, 100.0, 9.0), ("mid", 224, 85.0, 400.0, 9.0), ("fast", 224, 80.0, 800.0, 9.0)
    )
    reasons = [reason(p) for p in pick(frame, Limits(), 10).models]
    assert reasons == [
        "most accurate that fits",
        "4.00x as fast as rank 1 for 5.00 points less",
        "fastest that fits; 2.00x as fast as rank 2 for 5.00 points less",
    ]
    assert reason(pick(frame.head(1), Limits(), 10).models[0]) == "most accurate that fits; fastest that fits"


@pytest.mark.parametrize(
    ("speed", "words"),
    [
        (100.2, "0.200 % faster than rank 1 for 5.00 points less"),
        (102.0, "1.02x as fast as rank 1 for 5.00 points less"),
        (290.0, "2.90x as fast as rank 1 for 5.00 points less"),
        (123_456.0, "1,230x as fast as rank 1 for 5.00 points less"),
    ],
)
def test_a_gain_is_said_in_plain_numbers(speed: float, words: str) -> None:
    frame = table(("slow", 224, 90.0, 100.0, 9.0), ("next", 224, 85.0, speed, 9.0))
    assert reason(pick(frame, Limits(), 10).models[1]) == f"fastest that fits; {words}"


def test_models_within_one_frontier_that_tie_are_said_to_tie() -> None:
    frame = table(("a", 224, 90.0, 100.0, 9.0), ("b", 224, 80.0, 200.0, 9.0), ("c", 224, 80.0, 200.0, 9.0))
    assert reason(pick(frame, Limits(), 10).models[2]) == "fastest that fits; as fast and as accurate as b"


def test_twins_are_both_named() -> None:
    frame = table(("a", 224, 90.0, 100.0, 9.0), ("b", 224, 90.0, 100.0, 9.0), ("c", 224, 80.0, 200.0, 9.0))
    reasons = {p.model: reason(p) for p in pick(frame, Limits(), 10).models}
    assert reasons["a"] == "most accurate that fits"
    assert reasons["b"] == "most accurate that fits; as fast and as accurate as a"


def test_a_tie_is_at_most_one_standard_error_below_the_next_more_accurate_row() -> None:
    frame = table(
        ("a", 224, 85.0, 100.0, 9.0),
        ("b", 224, 84.9, 200.0, 9.0),
        ("c", 224, 84.8, 400.0, 9.0),
        ("d", 224, 84.6, 800.0, 9.0),
    )
    found = pick(frame, Limits(), 10)
    assert [p.tie for p in found.models] == [False, True, True, False]
    assert found.ties == pick(frame, Limits(), 1).ties == 2
    assert found.models[0].top1_error == pytest.approx(0.1597, abs=5e-5)
    assert reason(found.models[1]) == (
        "2.00x as fast as rank 1 for 0.100 points less; a tie, one standard error is 0.160 points"
    )
    unknown = pick_on(frame, Limits(), 10, "a-new-one")
    assert (unknown.ties, unknown.models[0].top1_error) == (0, None)
    text = text_of(replace(QUESTION, test_set="a-new-one"), unknown)
    assert "can't be said which rows are a tie" in text
    assert "Ties: " not in text


@pytest.mark.parametrize(
    ("asked", "top", "words"),
    [
        (Limits(max_ms=0), 10, "--max-ms is 0; expected a number above 0"),
        (Limits(max_params=-1), 10, "--max-params is -1"),
        (Limits(max_ms=math.nan), 10, "--max-ms is nan"),
        (Limits(max_ms=math.inf), 10, "--max-ms is inf"),
        (Limits(min_top1=100.5), 10, "--min-top1 is 100.5; expected a number from 0 to 100"),
        (Limits(min_top1=100.0000001), 10, "--min-top1 is 100.0000001; expected"),
        (Limits(min_top1=-0.1), 10, "--min-top1 is -0.1; expected a number from 0 to 100"),
        (Limits(min_top1=math.nan), 10, "--min-top1 is nan"),
        (Limits(max_params=math.inf), 10, "--max-params is inf"),
        (Limits(), 0, "--top is 0; expected 1 or more"),
    ],
)
def test_a_limit_that_cannot_be_meant_is_refused(asked: Limits, top: int, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace(".", r"\.")):
        check_limits(asked, top)


@pytest.mark.parametrize("min_top1", [0, 100])
def test_the_ends_of_the_accuracy_are_allowed(min_top1: float) -> None:
    check_limits(Limits(min_top1=min_top1), 1)


QUESTION = Question(
    SNAPSHOT, "ee5b1e82" + "0" * 32, "file:///up.git", False, None, "x", "X", "infer", ("infer-amp-nchw-x",),
    ("infer-amp-nhwc-x",), ("Y",), "imagenet", "ImageNet validation", Limits(min_top1=75),
)  # fmt: skip
CALL = (
    "timm.create_model('a.b_in1k', pretrained=True, "
    "pretrained_cfg_overlay={'input_size': (3, 224, 224), 'crop_pct': 0.95, 'interpolation': 'bicubic'})"
)
FRAME = table(("a.b_in1k", 224, 80.5, 1234.5, 25.5), ("c", 224, 70.0, 9999.0, 1.0))


def test_json_holds_everything_in_full() -> None:
    answer = json.loads(as_json(Answer(QUESTION, pick(FRAME, QUESTION.limits, 10), ())))
    assert answer["snapshot"] == QUESTION.snapshot
    assert answer["limits"] == {"max_ms": None, "max_params": None, "min_top1": 75}
    [model] = answer["models"]
    assert model == {
        "rank": 1, "model": "a.b_in1k", "img_size": 224, "create": CALL, "family": "f", "top1": 80.5,
        "top1_error": pytest.approx(0.17719, abs=5e-6), "tie": False, "ms_per_image": 1000 / 1234.5,
        "samples_per_sec": 1234.5, "batch_size": 256, "param_count": 25.5, "profile": "p", "reason": "most accurate that fits; fastest that fits",
    }  # fmt: skip
    assert (answer["considered"], answer["fitting"], answer["on_frontier"], answer["relax"]) == (2, 1, 1, [])
    assert (answer["profiles"], answer["ties"], answer["transform"]) == (["infer-amp-nchw-x"], 0, TRANSFORM)
    assert [finding["kind"] for finding in answer["findings"]] == [
        "pick-rows", "pick-most-accurate", "pick-fastest", "pick-ties",
    ]  # fmt: skip
    assert all(finding["words"] and finding["over"]["min_top1"] == 75 for finding in answer["findings"])


def test_text_says_what_was_asked_of_which_numbers_and_fits_a_terminal() -> None:
    text = text_of(QUESTION, pick(FRAME, QUESTION.limits, 10))
    for words in (
        "X, inference (first of this name; also Y)", "ImageNet validation", SNAPSHOT_IN_WORDS, "2 models", "1 fit",
        "not a latency", "infer-amp-nhwc-x", "timm.create_model('a.b_in1k', pretrained=True,", "'crop_pct': 0.95",
        TRANSFORM,
    ):  # fmt: skip
        assert words in text
    assert max(map(len, text.splitlines())) <= 110
    assert "SAMPLE" not in text


def test_text_of_a_sample_is_marked_and_nothing_fits_is_said() -> None:
    asked = Limits(min_top1=99)
    text = text_of(replace(QUESTION, sample=True, limits=asked), pick(FRAME, asked, 10))
    assert text.startswith("SAMPLE: made-up numbers")
    assert "Nothing fits. This would let a model in:" in text
    assert "--min-top1 80.5 (now 99)" in text
    assert "no row to choose from" in text_of(QUESTION, pick(FRAME.head(0), QUESTION.limits, 10))


LONG = "vit_mediumd_patch16_reg4_gap_384.sbb2_e200_in12k_ft_in1k"  # as long as names get
WIDE = replace(
    QUESTION,
    profiles=("infer-fp32-nchw-pt240-cpu-i9_10940x-dynamo",),
    other_profiles=tuple(f"infer-amp-nchw-pt{n}-cu124-rtx3090-dynamo" for n in range(200, 208)),
)


def test_text_fits_a_terminal_with_long_names_many_profiles_and_slow_machines() -> None:
    frame = table(*((f"{LONG}"[:-2] + f"{i:02}", 384, 90.0 - i, 0.09 * 11**i, 1013.01) for i in range(7)))
    text = text_of(replace(WIDE, limits=Limits()), pick(frame, Limits(), 10))
    assert max(map(len, text.splitlines())) <= 110
    assert not re.search(r"\de[+-]\d", text)
    assert "11,111" in text  # ms for an image on a slow machine
    for profile in WIDE.other_profiles:  # to be copied in one piece
        assert profile in text
    asked = Limits(max_ms=0.001, max_params=0.001, min_top1=99.5)
    nothing = text_of(replace(WIDE, limits=asked), pick(frame, asked, 10))
    assert "and --max-params 1020 (now 0.001) and --min-top1 84 (now 99.5)" in nothing
    assert max(map(len, nothing.splitlines())) <= 110


@given(st.floats(1e-6, 1e7))
def test_a_time_in_the_table_is_right_to_four_digits(value: float) -> None:
    shown = _figures(value)
    assert float(shown.replace(",", "")) == pytest.approx(value, rel=5.001e-4)
    assert "e" not in shown
