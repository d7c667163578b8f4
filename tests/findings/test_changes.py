"""Every number of a summary, once more from the Parquet files of the two snapshots it is about."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import pytest

from config.contracts import BENCHMARKS, COVERAGE, EVALUATIONS, MERGED, REJECTS
from config.vocabulary import TEST_SET_IMAGES
from tasks.artifacts.changes import change_counts
from tasks.artifacts.summary import summary_findings, summary_markdown
from tasks.charts.jobs import draw_jobs
from tasks.outputs.accounting import count_rows, source_entry
from tasks.outputs.manifest import ChartEntry, Manifest, SourceEntry
from tasks.outputs.parquet import write_table
from tasks.tables.changes import compare
from tasks.tables.filenames import MetadataFile, classify
from tasks.tables.finding import Finding
from tasks.tables.news import News
from tasks.tables.sentences import say
from tasks.tables.snapshot import Snapshot
from tests.findings.changes import CANDIDATES, SQL, VIEWS
from tests.findings.tables import Sql, named
from tests.frames import manifest as a_manifest
from tests.real.bundle import snapshot_at, tree_at

pytestmark = pytest.mark.slow

PROFILES, RENAMES, RERUN = (
    ("upstream-b3f3a005", "HEAD"),
    ("upstream-81ca3237~1", "upstream-81ca3237"),
    ("upstream-4515a435~1", "upstream-4515a435"),
)
"""Steps of upstream's history: four commits with new, replaced and measured again profiles; tags; a re-run."""
PAIRS: Final = (PROFILES, RENAMES, RERUN)
KEPT: Final = 3
WRITTEN: Final = (EVALUATIONS, BENCHMARKS, MERGED, COVERAGE, REJECTS)


@dataclass(frozen=True)
class Summary:
    """A summary and all that it is made from."""

    manifest: Manifest
    coverage: pd.DataFrame
    news: News

    @property
    def text(self) -> str:
        return summary_markdown(self.manifest, self.coverage, self.news, kept=KEPT)

    @property
    def findings(self) -> list[Finding]:
        return summary_findings(self.manifest, self.coverage, self.news, kept=KEPT)


@cache
def summary_of(before: str, now: str) -> Summary:
    """Return the summary of a run that found outputs of one revision and made them show another."""
    old, new = snapshot_at(before), snapshot_at(now)
    news = News(new.commit.snapshot_id, old.commit.snapshot_id, old.commit.snapshot_id, compare(old, new))
    return Summary(_manifest(now, new), new.coverage, news)


def _manifest(revision: str, snapshot: Snapshot) -> Manifest:
    tree, used = tree_at(revision), {file.kind.name: file for file in snapshot.used}
    files: list[SourceEntry] = [
        source_entry(file, classify(file.name), used.get(file.name), None) for file in tree.files
    ]
    words: dict[str, Any] = dict.fromkeys(("title", "question", "category", "description", "changed_by"), "")
    charts = [
        ChartEntry(profile=p, name=name, rows=1, left_out={}, files=(), **words)
        for p, _, name in (
            job.label.partition("/") for job in draw_jobs(snapshot, tree, preset=None, sample=False)
        )
    ]
    commit = snapshot.commit
    facts = {"commit": commit.sha, "committed_at": commit.committed_at.isoformat(), "files": tuple(files)}
    return a_manifest(
        snapshot=commit.snapshot_id,
        source=a_manifest().source.model_copy(update=facts),
        rows=count_rows(files),
        tables={"merged": len(snapshot.merged)},
        charts=tuple(charts),
    )


def connect(before: str, now: str, folder: Path) -> Sql:
    """Write both snapshots as Parquet files and return a connection that has them and what changed as views."""
    connection = duckdb.connect()
    for prefix, revision in (("old_", before), ("", now)):
        snapshot = snapshot_at(revision)
        for contract in WRITTEN:
            path = folder / f"{prefix}{contract.name}.parquet"
            write_table(getattr(snapshot, contract.name), contract, path)
            connection.execute(f"create view {prefix}{contract.name} as select * from '{path}'")
        first_lines = [(f.name, f.data.decode("utf-8-sig").splitlines()[0]) for f in tree_at(revision).files]
        _create(connection, f"{prefix}headers(file varchar, header varchar)", first_lines)
    listed = [f.data for f in tree_at(now).files if isinstance(classify(f.name), MetadataFile)]
    _create(
        connection, "metadata(line varchar)", [(line,) for data in listed for line in data.splitlines()[1:]]
    )
    _create(connection, "images(test_set varchar, images double)", TEST_SET_IMAGES.items())
    (folder / "manifest.json").write_text(
        json.dumps(summary_of(before, now).manifest.model_dump(mode="json"))
    )
    connection.execute(f"create view manifest as select * from read_json('{folder}/manifest.json')")
    _create(connection, "renamed(was varchar, now varchar, img_size bigint)", _renames(connection))
    for view in VIEWS:
        connection.execute(view)
    return connection


def _create(connection: Sql, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    connection.execute(f"create table {table}")
    values = [list(row) for row in rows]
    if values:
        marks = ", ".join("?" for _ in values[0])
        connection.executemany(f"insert into {table.partition('(')[0]} values ({marks})", values)


def _renames(connection: Sql) -> list[tuple[str, str, int]]:
    """Go through the candidates, the likeliest first, and take each whose names are both still free."""
    taken: set[tuple[str, int]] = set()
    found = []
    for was, now, size in connection.execute(CANDIDATES).fetchall():
        if taken.isdisjoint({(was, size), (now, size)}):
            taken |= {(was, size), (now, size)}
            found.append((was, now, size))
    return found


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    before, now = request.param
    return before, now


@pytest.fixture(scope="module")
def sql(pair: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Sql:
    return connect(*pair, tmp_path_factory.mktemp("tables"))


def differences(finding: Finding, sql: Sql) -> Iterator[str]:
    found = named(sql, SQL[finding.kind], {**finding.over, **finding.values})
    for name, value in {"n": finding.n, **finding.values}.items():
        other = found.get(name)
        close = isinstance(value, float) and other is not None and math.isclose(value, other, rel_tol=1e-9)
        if value != other and not close:
            yield f"{finding.over} {finding.kind}: {name} is {value!r}, SQL says {other!r}"


def test_every_number_of_a_summary_is_what_sql_finds(pair: tuple[str, str], sql: Sql) -> None:
    found = summary_of(*pair).findings
    assert not [line for finding in found for line in differences(finding, sql)]


def test_every_change_is_stated(pair: tuple[str, str], sql: Sql) -> None:
    """From the other side: what SQL finds is in the table, kind by kind, and counted in the event."""
    stated = summary_of(*pair).news.changes
    rows = sql.execute("select kind, count(*) from changed group by kind").fetchall()
    assert stated["kind"].value_counts().to_dict() == dict(rows)
    meant = sql.execute("""
        select kind, count(*) from changed where not starts_with(coalesce(model, ''), 'test_') group by kind""")
    assert change_counts(stated) == dict(meant.fetchall())
    names = sql.execute("select kind, subject, coalesce(model, ''), coalesce(img_size, 0) from changed")
    columns = ["kind", "subject", "changed_model", "changed_img_size"]
    assert sorted(stated[columns].itertuples(index=False, name=None)) == sorted(names.fetchall())


def test_no_summary_has_a_number_that_no_finding_carries(pair: tuple[str, str]) -> None:
    summary = summary_of(*pair)
    words = sorted(map(say, summary.findings), key=len, reverse=True)
    names = sorted(_names(summary), key=len, reverse=True)
    loose = []
    for line in summary.text.splitlines():
        rest = line
        for part in [*words, *names]:
            rest = rest.replace(part, "")
        if re.search(r"\d", rest):
            loose.append(f"{rest!r} in {line!r}")
    assert not loose


def _names(summary: Summary) -> Iterator[str]:
    """Yield what may stand in a summary although it holds digits: ids, dates, commits and files."""
    manifest, news = summary.manifest, summary.news
    yield from (manifest.in_words, manifest.source.commit[:8], manifest.source.committed_at[:10])
    since = news.since or ""
    yield f"{since[:10]} {since[-8:]}"
    yield from (f"`{file.name}`" for file in manifest.source.files)


def test_every_kind_of_finding_of_a_summary_is_recomputed() -> None:
    stated = {finding.kind for pair in PAIRS for finding in summary_of(*pair).findings}
    never = {"test-set-added", "test-set-removed", "columns-changed", "csv-rows-rejected", "changes-of-toys"}
    assert set(SQL) - never <= stated <= set(SQL)
