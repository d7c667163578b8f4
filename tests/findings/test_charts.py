"""Every number that a chart of a real snapshot states, once more from its Parquet files alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from config.vocabulary import TEST_SETS
from tasks.charts.registry import BY_STEM
from tasks.tables.finding import Finding
from tasks.tables.sentences import say
from tests.findings import pairs, profile, relative_speed, several_test_sets
from tests.findings.tables import Sql, Stated, charts_of, connect, named

pytestmark = pytest.mark.slow

NEWEST: Final = "HEAD"
REVISIONS: Final = ("upstream-13178ba7", "upstream-8fca002c", NEWEST)
"""The oldest with a benchmark (2021), the one of the analysis of 2022, and the newest."""
SQL: Final[Mapping[str, str]] = {**profile.SQL, **pairs.SQL, **relative_speed.SQL, **several_test_sets.SQL}
SHOWN: Final[Mapping[str, str]] = {
    **profile.SHOWN,
    **pairs.SHOWN,
    **relative_speed.SHOWN,
    **several_test_sets.SHOWN,
}
NOTHING_TO_COMPARE: Final = {"precision-speedup"}  # no device of the bundle was measured with two precisions
LEFT_OUT: Final[Mapping[tuple[str, str], str]] = {
    **profile.LEFT_OUT,
    **pairs.LEFT_OUT,
    **relative_speed.LEFT_OUT,
    **several_test_sets.LEFT_OUT,
}


@pytest.fixture(scope="module", params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sql(revision: str, tmp_path_factory: pytest.TempPathFactory) -> Sql:
    return connect(revision, tmp_path_factory.mktemp("tables"))


def query_of(finding: Finding) -> str | None:
    """Return the query that finds the same; None for a finding that nobody recomputes."""
    chart = str(finding.over["chart"])
    if finding.kind == "rows-shown":
        return SHOWN.get(chart)
    if finding.kind == "rows-left-out":
        return LEFT_OUT.get((chart, str(finding.over["reason"])))
    return SQL.get(finding.kind)


def same(stated: Any, found: Any) -> bool:  # noqa: ANN401 - any value
    if isinstance(stated, float) and found is not None:
        return math.isclose(stated, float(found), rel_tol=1e-9, abs_tol=1e-9)
    return bool(stated == found)


def differences(finding: Finding, sql: Sql) -> Iterator[str]:
    query = query_of(finding)
    if query is None:
        yield f"nobody recomputes {finding}"
        return
    found = named(sql, query, {**finding.over, **finding.values})
    for name, value in {"n": finding.n, **finding.values}.items():
        if not same(value, found.get(name)):
            yield f"{finding.over} {finding.kind}: {name} is {value!r}, SQL says {found.get(name)!r}"


@pytest.mark.parametrize("stem", BY_STEM)
def test_every_finding_is_what_sql_finds(stem: str, revision: str, sql: Sql) -> None:
    charts = charts_of(revision, stem)
    drawn = charts or revision != NEWEST or stem in NOTHING_TO_COMPARE
    assert drawn, "on the newest results every chart there is is drawn"
    assert not [line for chart in charts for finding in chart.findings for line in differences(finding, sql)]


def names_of(chart: Stated) -> Iterator[str]:
    """Yield what may stand in a text although it holds digits: names, dates, commits."""
    yield from TEST_SETS.values()
    yield from ("top-1", "Top-1", "top-5")
    yield from (chart.context.profile_in_words, chart.context.commit, chart.context.date)
    for finding in chart.findings:
        yield from (
            value for value in (*finding.over.values(), *finding.values.values()) if isinstance(value, str)
        )


def without(text: str, parts: Iterator[str]) -> str:
    for part in sorted({part for part in parts if part}, key=len, reverse=True):
        text = text.replace(part, "")
    return text


@pytest.mark.parametrize("stem", BY_STEM)
def test_no_text_has_a_number_that_no_finding_carries(stem: str, revision: str) -> None:
    loose = []
    for chart in charts_of(revision, stem):
        for text in chart.texts:
            rest = without(without(text, map(say, chart.findings)), names_of(chart))
            if re.search(r"\d", rest):
                loose.append(f"{chart.label}: {rest!r} in {text!r}")
    assert not loose
