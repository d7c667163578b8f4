"""What the gallery and the explorer show or embed once more, in SQL over the Parquet files alone.

The tables ``coverage`` and ``changes`` count, too; what they say of benchmarks and evaluations is counted anew.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from tests.findings.tables import Sql

_REAL: Final = "(select * from merged where not starts_with(lower(model), 'test_'))"
_MAIN: Final = "(select * from evaluations where test_set = 'imagenet')"
_OF_PROFILE: Final = "select {what} from (select distinct profile from benchmarks) p order by profile"

GALLERY: Final = {
    "heading": """
        select left(committed_at, 10) || ' ' || left("commit", 8), left("commit", 8), left(committed_at, 10)
        from commits where is_current""",
    "devices": "select distinct device_label from merged order by 1",
    "coverage": _OF_PROFILE.format(
        what=f"""profile, (select count(*) from benchmarks b where b.profile = p.profile),
            (select count(*) from merged m where m.profile = p.profile),
            (select count(*) from benchmarks b where b.profile = p.profile and not exists (select 1 from {_MAIN} e
                where (e.architecture, e.img_size) = (b.architecture, b.img_size))),
            (select count(*) from {_MAIN} e where not exists (select 1 from benchmarks b where b.profile = p.profile
                and (e.architecture, e.img_size) = (b.architecture, b.img_size))),
            (select count(*) from {_MAIN} e join benchmarks b using (architecture, img_size)
                where b.profile = p.profile) - (select count(*) from merged m where m.profile = p.profile)"""
    ),
    "rejects": """select source_file, line, "column", if(coalesce(value, '') = '', '(blank)', value), rule, expected
        from rejects""",
    "change-kinds": "select kind, count(*) from changes group by kind order by kind",
    "changes": """select subject, changed_model || coalesce('was ' || previous_name, ''),
            if(coalesce(changed_img_size, 0) = 0, '', changed_img_size::varchar), coalesce(before, speed_before),
            coalesce(after, speed_after), coalesce(detail, '') from changes where kind = $kind""",
    "not-drawn": "select count(*) from benchmarks",
}
"""Part of the page to the query that finds its rows."""

EXPLORER: Final = {
    "families": f"select distinct family from {_REAL} order by 1",
    "interpolations": "select distinct interpolation from evaluations where interpolation is not null order by 1",
    "entries": f"""select distinct model, img_size, family, param_count from {_REAL} order by model, img_size""",
    "rows": f"""select model, img_size, samples_per_sec, batch_size, gmacs, macts from {_REAL}
        where profile = $profile order by model, img_size""",
    "evaluated": f"""select e.top1, e.crop_pct, e.interpolation
        from (select distinct model, img_size from {_REAL}) m
        left join (select * from evaluations where test_set = $test_set) e using (model, img_size)
        order by m.model, m.img_size""",
    "test-sets": "select distinct test_set from evaluations",
    "devices": """
        with best as (select device, if(bool_or(mode = 'infer'), 'infer', 'train') as mode from merged group by device)
        select m.device, any_value(device_label), list(distinct profile order by profile),
            count(distinct (model, img_size)) filter (starts_with(lower(model), 'test_'))
        from merged m join best using (device, mode) group by m.device order by m.device""",
    "profiles": """select profile, any_value(device), any_value(mode),
            if(any_value(compiler) = 'dynamo', 'torch.compile', any_value(compiler)), any_value(layout),
            any_value(precision), 'PyTorch ' || coalesce(any_value(torch), 'of an unknown release'),
            count(*) filter (starts_with(lower(model), 'test_'))
        from merged group by profile order by profile""",
}
"""Part of the data in the page to the query that finds it."""

IMAGES: Final = {
    "imagenet": 50_000, "imagenet-real": 46_837, "imagenetv2-matched-frequency": 10_000, "sketch": 50_889,
    "imagenet-a": 7_500, "imagenet-a-clean": 10_000, "imagenet-r": 30_000, "imagenet-r-clean": 10_000,
}  # fmt: skip
"""Images of each test set: no table has them."""


def tables_of(folders: Path) -> Sql:
    """Return a connection with the tables of a build (the folder of its snapshots) as views."""
    connection = duckdb.connect()
    for folder in sorted(folders.iterdir()):
        connection.execute(f"create view {folder.name} as select * from '{folder}/*/*.parquet'")
    return connection


def found(sql: Sql, query: str, **values: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    return sql.execute(query, values).fetchall()


def only(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return the values of rows that have one."""
    return [value for (value,) in rows]


def table_on(page: str, label: str) -> list[list[str]]:
    """Return the rows of the table in the region of this name, as people read them."""
    region = page.split(f'aria-label="{label}"', 1)[1].split("</table>", 1)[0]
    body = region.split("<tbody>", 1)[1]
    return [
        [text_of(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def text_of(markup: str) -> str:
    """Return what is read of a piece of a page."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))
