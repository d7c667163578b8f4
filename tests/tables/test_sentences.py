from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.tables.finding import Finding
from tasks.tables.sentences import FORMS, SENTENCES, plain, say


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (114321.0, "114,000"),
        (103.4, "103"),
        (0.38412, "0.384"),
        (12.5, "12.5"),
        (0.0, "0"),
        (999.9, "1,000"),
        (0.09999999, "0.100"),
    ],
)
def test_plain_numbers(number: float, text: str) -> None:
    assert plain(number) == text


@given(st.floats(1e-6, 1e9))
def test_a_plain_number_is_right_to_three_digits_and_has_no_exponent(number: float) -> None:
    text = plain(number)
    assert "e" not in text
    assert math.isclose(float(text.replace(",", "")), number, rel_tol=0.0051)


@pytest.mark.parametrize("kind", SENTENCES)
def test_a_sentence_has_no_number_of_its_own_and_each_field_a_form_there_is(kind: str) -> None:
    outside = re.sub(r"\{[^{}]*\}|\btop-[15]\b", "", SENTENCES[kind])
    assert not re.search(r"\d", outside)
    fields = re.findall(r"\{[a-z_0-9]+(?::([a-z_]+))?\}", SENTENCES[kind])
    assert {form for form in fields if form} <= set(FORMS)


def test_a_finding_in_words() -> None:
    assert say(Finding("rows-left-out", 1234, {"reason": "toys"})) == "1,234 left out: toys"


def test_a_number_without_its_form_is_refused() -> None:
    with pytest.raises(TypeError, match="form"):
        say(Finding("rows-left-out", 1, {"reason": 3}))


def test_what_is_said_of_the_rows_stands() -> None:
    finding = Finding("rows-shown", 2, {"chart": "a"}).about(chart="b", profile="p")
    assert finding.over == {"chart": "a", "profile": "p"}
