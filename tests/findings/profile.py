"""The findings of the charts of one profile once more, in SQL over the table ``merged``."""

from __future__ import annotations

from typing import Final

from tests.findings.tables import average_rank

_SHOWN: Final = """
    with shown as (select * from merged where profile = $profile and not starts_with(lower(model), 'test_'))"""
_FRONT: Final = f"""{_SHOWN},
    front as (
        select * from shown s where not exists (
            select * from shown o
            where o.secs <= s.secs and o.top1 >= s.top1 and (o.secs < s.secs or o.top1 > s.top1)))"""
_CHOSEN: Final = """
    with chosen as (
        select * from merged
        where profile = $profile
            and regexp_full_match(family, 'levit|resnetd?|regnetx|vgg|convnext.*|efficientnetv2|beit')),
    fits as (
        select family, regr_slope(top1, ln(secs)) * ln(2) as gain, regr_r2(top1, ln(secs)) as r2,
            count(*) as members, max(secs) >= 2 * min(secs) as doubles
        from chosen group by family having count(distinct secs) >= 3)"""
_ONCE: Final = f"""{_SHOWN},
    once as (
        select * from shown
        qualify row_number() over (partition by architecture, img_size order by secs, model) = 1),
    ranked as (
        select {average_rank("benchmark_param_count")} as p,
            {average_rank("secs")} as t
        from once)"""
_COMPUTE: Final = f"""{_SHOWN},
    known as (
        select architecture, img_size,
            case when max(gmacs) <= 1.01 * min(gmacs) then median(gmacs) end as gmacs,
            case when max(macts) <= 1.01 * min(macts) then median(macts) end as macts
        from benchmarks group by all),
    filled as (
        select secs, coalesce(s.gmacs, k.gmacs) as g, coalesce(s.macts, k.macts) as m,
            (s.gmacs is null and k.gmacs is not null) or (s.macts is null and k.macts is not null) as borrowed
        from shown s left join known k using (architecture, img_size)),
    computed as (select * from filled where g > 0 and m > 0),
    ranked as (
        select {average_rank("g")} as g,
            {average_rank("m")} as m,
            {average_rank("secs")} as t
        from computed)"""
_PAIRS: Final = f"""{_SHOWN},
    pairs as (
        select lead(top1) over w - top1 as gain, lead(img_size) over w / img_size as side,
            lead(secs) over w / secs as time
        from shown window w as (partition by model order by img_size)
        qualify gain is not null)"""
_FAMILIES: Final = f"{_SHOWN}, families as (select family, count(*) as models from shown group by family)"
_DRAWN: Final = "(select family from families order by models desc, family limit 40)"

SQL: Final = {
    "frontier-ends": f"""{_FRONT}
        select
            (select count(*) from shown) as n,
            (select count(*) from front) as steps,
            arg_max(model, samples_per_sec) as fastest, arg_max(top1, samples_per_sec) as fastest_top1,
            max(samples_per_sec) as fastest_speed,
            arg_max(model, top1) as best, max(top1) as best_top1, arg_max(samples_per_sec, top1) as best_speed
        from front""",
    "frontier-ties": f"""{_FRONT},
        steps as (
            select top1, lag(top1) over (order by secs, top1, model) as before, lag(secs) over (order by secs, top1, model) as faster
            from front qualify faster is not null)
        select count(*) filter (top1 - before <= 100 * sqrt(top1 / 100 * (1 - top1 / 100) / 50000)) as n,
            count(*) as steps
        from steps""",
    "families-fitted": f"""{_CHOSEN}
        select count(*) as n, count(distinct family) as families, (select count(*) from fits) as fitted
        from chosen""",
    "steepest-family": f"""{_CHOSEN}
        select count(*) as n, 10 as fewest, arg_max(family, gain) as steepest, max(gain) as gain,
            arg_max(members, gain) as members, arg_max(r2, gain) as r2
        from fits where doubles and members >= 10""",
    "family-fit": f"{_CHOSEN} select gain, r2, members as n from fits where family = $family and doubles",
    "family-fit-short": f"{_CHOSEN} select r2, members as n from fits where family = $family and not doubles",
    "no-fit": f"""{_CHOSEN}
        select count(*) as n, 3 as fewest
        from (select distinct family from chosen except select family from fits)
        where family in (select unnest(string_split($families, ', ')))""",
    "dots": f"{_ONCE} select count(*) as n from once",
    "parameters-and-time": f"{_ONCE} select count(*) as n, corr(p, t) as rank from ranked",
    "compute-and-time": f"{_COMPUTE} select count(*) as n, corr(g, t) as gmacs, corr(m, t) as macts from ranked",
    "dots-in-two-panels": f"{_COMPUTE} select count(*) as n from computed",
    "compute-borrowed": f"{_COMPUTE} select count(*) as n from computed where borrowed",
    "best-size": f"""{_SHOWN}
        select count(*) as n, arg_max(model, top1) as best, arg_max(img_size, top1) as best_size,
            max(top1) as best_top1
        from shown""",
    "larger-image": f"""{_PAIRS}
        select count(*) as n, median(gain) as gain, median(side) as side, median(time) as time,
            avg((gain > 0)::int) as gaining
        from pairs""",
    "largest-family": f"""{_FAMILIES}
        select least(count(*), 40) as n, max(models) as models, arg_max(family, (models, -ascii(family))) as largest
        from families""",
    "models-of-rest": f"{_FAMILIES} select sum(models)::int as n from families where family not in {_DRAWN}",
    "toys-not-counted": """
        select count(*) as n from merged where profile = $profile and starts_with(lower(model), 'test_')""",
}
"""Kind of finding to the query that finds the same: ``n`` and every value by its name."""

TOYS: Final = "toy models of timm's tests"
_TOYS: Final = SQL["toys-not-counted"]
LEFT_OUT: Final = {
    ("benchmark", TOYS): _TOYS,
    ("parameters-vs-time", TOYS): _TOYS,
    ("accuracy-vs-size", TOYS): _TOYS,
    ("compute-vs-time", TOYS): _TOYS,
    ("subset-benchmark", "models of other families"): f"""{_CHOSEN}
        select (select count(*) from merged where profile = $profile) - count(*) as n from chosen""",
    ("parameters-vs-time", "other weights of an architecture shown"): f"""{_ONCE}
        select (select count(*) from shown) - count(*) as n from once""",
    ("compute-vs-time", "GMACs or activations not known, or files disagree on them"): f"""{_COMPUTE}
        select (select count(*) from shown) - count(*) as n from computed""",
    ("family-counts", "families with fewer models"): f"{_FAMILIES} select count(*) - 40 as n from families",
}
"""Chart and reason to the query that counts what the chart leaves out."""

SHOWN: Final = {
    "benchmark": f"{_SHOWN} select count(*) as n from shown",
    "accuracy-vs-size": f"{_SHOWN} select count(*) as n from shown",
    "subset-benchmark": f"{_CHOSEN} select count(*) as n from chosen",
    "parameters-vs-time": f"{_ONCE} select count(*) as n from once",
    "compute-vs-time": f"{_COMPUTE} select count(*) as n from computed",
    "family-counts": f"{_FAMILIES} select least(count(*), 40) as n from families",
}
"""Chart to the query that counts its rows."""
