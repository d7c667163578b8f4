"""The findings of the summary and of what changed once more, in SQL over the Parquet files of two snapshots.

Tables of the older one have names that begin with ``old_``. What no table has (headers, and the rows of
metadata files) is read from the CSV files themselves.
"""

from __future__ import annotations

from typing import Final

CANDIDATES: Final = """
    with old as (select * from old_evaluations where test_set = 'imagenet'),
        new as (select * from evaluations where test_set = 'imagenet'),
        gone as (select * from old anti join new using (model, img_size)),
        fresh as (select * from new anti join old using (model, img_size))
    select g.model as was, f.model as now, img_size
    from gone g join fresh f using (img_size)
    where abs(g.top1 - f.top1) <= 0.1 and abs(g.top5 - f.top5) <= 0.1
        and abs(g.param_count - f.param_count) <= if(g.architecture = f.architecture, 0.02, 0.005)
    order by g.architecture != f.architecture, round(abs(g.top1 - f.top1) + abs(g.top5 - f.top5), 6),
        least(g.model, f.model), img_size, greatest(g.model, f.model), g.model"""
"""Pairs of names that can be the same weights, the likelier ones first; each name is used once."""

_REPLACED: Final = """
    create table replaced as
    with gone as (select distinct on (profile) * from old_benchmarks anti join benchmarks using (profile)),
        fresh as (select distinct on (profile) * from benchmarks anti join old_benchmarks using (profile)),
        {ranked}
    select g.profile as was, f.profile as now, g.torch is not distinct from f.torch
        and g.cuda is not distinct from f.cuda as same_software
    from gone_ranked g join fresh_ranked f using (device, mode, precision, layout, compiler, place)"""
_RANKED: Final = """{name}_ranked as (
    select *, row_number() over (
        partition by device, mode, precision, layout, compiler
        order by string_split(coalesce(torch, '0'), '.')::int[] desc, profile desc) as place
    from {name})"""

_CHANGED: Final = """
    create view changed as
    with old as (select * from old_evaluations where test_set = 'imagenet'),
        new as (select * from evaluations where test_set = 'imagenet'),
        kept as (
            select e.* replace (coalesce(r.now, e.model) as model)
            from old_evaluations e left join renamed r on e.model = r.was and e.img_size = r.img_size),
        noise as (
            select test_set, 0.05 * sqrt(50000 / coalesce(i.images, 50000)) as points
            from (select distinct test_set from evaluations) left join images i using (test_set)),
        named_anew as (
            select b.* replace (coalesce(r.now, b.profile) as profile)
            from old_benchmarks b left join replaced r on b.profile = r.was and r.same_software),
        old_front as (
            select m.profile, coalesce(r.now, m.model) as model, m.img_size
            from old_merged m left join renamed r on m.model = r.was and m.img_size = r.img_size
            where is_pareto and profile in (select profile from merged)),
        front as (
            select profile, model, img_size from merged
            where is_pareto and profile in (select profile from old_merged))
    select 'model-renamed' as kind, 'imagenet' as subject, r.now as model, r.img_size, r.was as previous_name,
        null::double as before, null::double as after, false as other_batch
    from renamed r
    union all by name select 'model-added' as kind, 'imagenet' as subject, model, img_size
    from new anti join old using (model, img_size) where (model, img_size) not in (select (now, img_size) from renamed)
    union all by name select 'model-removed' as kind, 'imagenet' as subject, model, img_size
    from old anti join new using (model, img_size) where (model, img_size) not in (select (was, img_size) from renamed)
    union all by name select 'accuracy-moved' as kind, test_set as subject, model, img_size, k.top1 as before,
        e.top1 as after
    from kept k join evaluations e using (test_set, model, img_size) join noise using (test_set)
    where round(abs(e.top1 - k.top1), 6) > points
    union all by name select 'speed-moved' as kind, profile as subject, model, img_size,
        o.samples_per_sec as before, n.samples_per_sec as after, o.batch_size != n.batch_size as other_batch
    from named_anew o join benchmarks n using (profile, model, img_size)
    where greatest(n.samples_per_sec / o.samples_per_sec, o.samples_per_sec / n.samples_per_sec) > 1.05
    union all by name select 'frontier-entered' as kind, profile as subject, model, img_size
    from front anti join old_front using (profile, model, img_size)
    union all by name select 'frontier-left' as kind, profile as subject, model, img_size
    from old_front anti join front using (profile, model, img_size)
    union all by name select 'profile-replaced' as kind, now as subject, was as previous_name from replaced
    union all by name select distinct 'profile-added' as kind, profile as subject
    from benchmarks anti join old_benchmarks using (profile) where profile not in (select now from replaced)
    union all by name select distinct 'profile-removed' as kind, profile as subject
    from old_benchmarks anti join benchmarks using (profile) where profile not in (select was from replaced)
    union all by name select distinct 'test-set-added' as kind, test_set as subject
    from evaluations anti join old_evaluations using (test_set)
    union all by name select distinct 'test-set-removed' as kind, test_set as subject
    from old_evaluations anti join evaluations using (test_set)
    union all by name select 'columns-changed' as kind, file as subject
    from old_headers o join headers h using (file) where o.header != h.header"""

VIEWS: Final = (
    _REPLACED.format(ranked=", ".join(_RANKED.format(name=name) for name in ("gone", "fresh"))),
    _CHANGED,
)
"""What makes the view ``changed`` of two snapshots; needs ``renamed``, ``images`` and the headers."""

_TOY: Final = "starts_with(lower(coalesce(model, '')), 'test_')"
_OF_FILE: Final = "select count(*) as n from changed where kind = '{kind}' and subject = $subject"
_OF_MODEL: Final = f"{_OF_FILE} and model = $model and img_size = $img_size"
_MATCHED: Final = """
    with e as (select * from evaluations where test_set = 'imagenet'),
        b as (select * from benchmarks where profile = $profile)"""

SQL: Final = {
    "changes-of-kind": f"select count(*) as n from changed where kind = $change and not {_TOY}",
    "changes-not-named": f"""
        select count(distinct if(kind = 'speed-moved', subject, subject || '/' || coalesce(model || '/' || img_size, '')))
            - 10 as n
        from changed where kind = $change and not {_TOY}""",
    "changes-of-toys": f"select count(*) as n from changed where {_TOY}",
    **{
        kind: _OF_FILE.format(kind=kind)
        for kind in (
            "profile-added", "profile-removed", "test-set-added", "test-set-removed", "columns-changed",
        )
    },
    "profile-replaced": _OF_FILE.format(kind="profile-replaced") + " and previous_name = $previous_name",
    **{
        kind: _OF_MODEL.format(kind=kind)
        for kind in ("model-added", "model-removed", "frontier-entered", "frontier-left")
    },
    "model-renamed": _OF_MODEL.format(kind="model-renamed") + " and previous_name = $previous_name",
    "accuracy-moved": """
        select count(*) as n, min(before) as before, min(after) as after from changed
        where kind = 'accuracy-moved' and subject = $subject and model = $model and img_size = $img_size""",
    "speed-moved": f"""
        select count(*) as n, median(after / before) as median, min(after / before) as lowest,
            max(after / before) as highest, count(*) filter (other_batch) as other_batch
        from changed where kind = 'speed-moved' and subject = $profile and not {_TOY}""",
    "snapshot-size": "select count(*) as n, count(distinct profile) as profiles from merged",
    "charts-in-build": """
        select len(charts) as n, len(charts) - $kept as drawn, $kept as kept from manifest""",
    "csv-rows": """
        with u as (select (select count(*) from evaluations) + (select count(*) from benchmarks)
                + (select count(*) from metadata) as used),
            r as (select count(distinct (source_file, line)) as rejected from rejects)
        select used + rejected as n, used, rejected from u, r""",
    "csv-rows-rejected": """
        with u as (select source_file from evaluations union all select source_file from benchmarks),
            r as (select count(distinct line) as rejected from rejects where source_file = $file)
        select count(*) + any_value(rejected) as n, any_value(rejected) as rejected
        from u, r where source_file = $file""",
    "coverage-of-profile": f"""{_MATCHED}
        select (select count(*) from e join b using (architecture, img_size)) as n,
            (select count(*) from b anti join e using (architecture, img_size)) as benchmark_only,
            (select count(*) from e anti join b using (architecture, img_size)) as evaluation_only,
            (select count(*) from e join b using (architecture, img_size))
                - (select count(*) from merged where profile = $profile) as left_out""",
}  # fmt: skip
"""Kind of finding to the query that finds the same: ``n`` and every value by its name."""
