"""The findings of the chart of relative speeds once more, in SQL over the table ``benchmarks``."""

from __future__ import annotations

from typing import Final

from tests.findings.profile import TOYS
from tests.findings.tables import average_rank

_COMMON: Final = """
    with devices as (select unnest(string_split($profiles, ',')) as profile),
    listed as (select unnest(string_split($models, ',')) as name),
    measured as (select * from benchmarks where profile in (select profile from devices)),
    meant as (
        select *, architecture || ' @ ' || img_size as name from measured
        where not starts_with(lower(model), 'test_')),
    clear as (select * from meant qualify count(*) over (partition by profile, name) = 1),
    common as (select * from clear qualify count(*) over (partition by name) = (select count(*) from devices)),
    cells as (select * from common where name in (select name from listed)),
    places as (
        select profile, device_label, name, rank() over (partition by profile order by samples_per_sec desc) as place
        from cells),
    won as (
        select p.profile, p.device_label, p.name, r.place - p.place as won
        from places p join places r on p.name = r.name and r.profile = (select profile from devices limit 1))"""
_RANKED: Final = f"""{_COMMON},
    both_ways as (
        select b.samples_per_sec as x, o.samples_per_sec as y, o.device_label
        from common b join common o using (name) where b.profile = $base and o.profile = $other),
    ranked as (
        select {average_rank("x")} as x,
            {average_rank("y")} as y, device_label
        from both_ways)"""
_MOST: Final = f"""{_COMMON}
    select (select count(distinct name) from cells) as n, name as model, device_label as device, abs(won) as places
    from won where name = $model and profile = $other"""

SQL: Final = {
    "models-on-devices": f"""{_COMMON}
        select count(distinct name) as n, count(distinct device_label) as devices from cells""",
    "ranks-compared": f"""{_COMMON}
        select count(distinct name) as n, any_value(device_label) as reference from common
        where profile = (select profile from devices limit 1)""",
    "device-ranks": f"""{_RANKED}
        select count(*) as n, corr(x, y) as rank, any_value(device_label) as device from ranked""",
    "gains-most": f"{_MOST} and won = (select max(won) from won) and won > 0",
    "loses-most": f"{_MOST} and won = (select min(won) from won) and won < 0",
    "no-place-changed": f"{_COMMON} select count(distinct name) as n from won where (select bool_and(won = 0) from won)",
    "relative-to": f"""{_COMMON}
        select count(*) as n, (select name from listed limit 1) as base,
            (select any_value(device_label) from cells where profile = (select profile from devices limit 1))
                as reference
        from cells""",
    "cells-starred": f"""{_COMMON},
        starred as (
            select c.* from cells c
                join cells b on b.profile = c.profile and b.name = (select name from listed limit 1)
                join (select name, max(benchmark_param_count) > 1.01 * min(benchmark_param_count)
                        or coalesce(max(gmacs) > 1.01 * min(gmacs), false) as differs from cells group by name) d
                    on d.name = c.name
            where c.batch_size != b.batch_size or d.differs)
        select count(*) as n, (select split_part(name, ' @ ', 1) from listed limit 1) as base from starred""",
}
"""Kind of finding to the query that finds the same: ``n`` and every value by its name."""

LEFT_OUT: Final = {
    ("device-relative-speed", TOYS): f"""{_COMMON}
        select count(*) as n from measured where starts_with(lower(model), 'test_')""",
    ("device-relative-speed", "other profiles"): f"""{_COMMON}
        select (select count(*) from benchmarks) - count(*) as n from measured""",
    ("device-relative-speed", "models not chosen"): f"""{_COMMON}
        select count(*) as n from meant where (profile, name) not in (select (profile, name) from cells)""",
}
"""Chart and reason to the query that counts what the chart leaves out."""

SHOWN: Final = {"device-relative-speed": f"{_COMMON} select count(*) as n from cells"}
"""Chart to the query that counts its rows."""
