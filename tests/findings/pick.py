"""What ``pick`` states once more, in SQL over the tables ``merged`` and ``evaluations``."""

from __future__ import annotations

from typing import Final

_ROWS: Final = """
    with of_profiles as (
        select * from merged where list_contains(string_split($profiles, ' '), profile)),
    evaluated as (
        select m.* exclude (top1, top5), e.top1, 1000 / m.samples_per_sec as ms
        from of_profiles m join evaluations e on e.model = m.model and e.img_size = m.img_size and e.test_set = $test_set
        where not starts_with(lower(m.model), 'test_')),
    """
_FASTEST: Final = """
    {name} as (
        select * from evaluated where {where} qualify row_number() over (
            partition by model, img_size
            order by samples_per_sec desc, list_position(string_split($profiles, ' '), profile)) = 1),
    {name}_fitting as (
        select * from {name} where ($max_ms::double is null or ms <= $max_ms)
        and ($max_params::double is null or param_count <= $max_params)
        and ($min_top1::double is null or top1 >= $min_top1)),
    {name}_front as (
        select *, row_number() over (order by top1 desc, ms, model, img_size) as place from {name}_fitting s
        where not exists (select 1 from {name}_fitting o
            where o.ms <= s.ms and o.top1 >= s.top1 and (o.ms < s.ms or o.top1 > s.top1)))
    """
_ALL: Final = _ROWS + _FASTEST.format(name="fastest", where="true")
_IMAGES: Final = (
    "(case $test_set when 'imagenet' then 50000 when 'sketch' then 50889 when 'imagenet-a' then 7500 end)"
)
_ERROR: Final = "100 * sqrt(better / 100 * (1 - better / 100) / images)"
_STEPS: Final = f"""{_ALL}, steps as (
        select *, lag(top1) over (order by place) as better, lag(ms) over (order by place) as slower,
            lag(model) over (order by place) as above_it, {_IMAGES} as images from fastest_front)
    """
_N: Final = "(select count(*) from fastest_fitting) as n"
_OF_RANK: Final = f"select {_N}, * from steps where place = $rank"
_ALONE: Final = (
    _ALL
    + ","
    + _FASTEST.format(
        name="alone",
        where="""case $column when 'compiler' then compiler when 'layout' then layout
            when 'precision' then precision when 'torch' then torch end is not distinct from $value""",
    )
    + """, setting as (
        select (select count(*) from alone_fitting) as n, (select count(*) from fastest_front) as frontier,
            (select count(*) from fastest_front f join evaluated e using (model, img_size, profile)
             where case $column when 'compiler' then e.compiler when 'layout' then e.layout
                when 'precision' then e.precision when 'torch' then e.torch end is not distinct from $value) as rows,
            a.model as best, a.img_size as img_size, a.top1 as top1, b.top1 - a.top1 as less, 100 * (a.ms / b.ms - 1) as slower
        from (select * from fastest_front where place = 1) b
        left join (select * from alone_front where place = 1) a on true)
    """
)
_IS: Final = "list_contains(string_split($relaxed, ' '), '{}')"
_WITHIN: Final = f"""ms <= coalesce(if({_IS.format("max_ms")}, {{}}, $max_ms::double), ms)
    and param_count <= coalesce(if({_IS.format("max_params")}, {{}}, $max_params::double), param_count)
    and top1 >= coalesce(if({_IS.format("min_top1")}, {{}}, $min_top1::double), top1)"""
_ROUNDED: Final = (
    "round({0}(round({1} / pow(10, floor(log10({1})) - 2), 6)) * pow(10, floor(log10({1})) - 2), 9)"
)

SQL: Final = {
    "pick-profile": f"{_ALL} select count(*) as n from evaluated where profile = $profile",
    "pick-at-most": f"""{_ALL} select count(*) as n, (select count(*) from fastest) as rows from fastest
        where case $column when 'max_ms' then ms else param_count end
            <= case $column when 'max_ms' then $max_ms::double else $max_params::double end""",
    "pick-at-least": f"""{_ALL} select count(*) as n, (select count(*) from fastest) as rows from fastest
        where top1 >= $min_top1""",
    "pick-rows": f"""{_ALL} select (select count(*) from fastest) as n, (select count(*) from fastest_fitting) as fitting,
        (select count(*) from fastest_front) as frontier, least((select count(*) from fastest_front), $top) as shown""",
    "pick-ties": f"""{_STEPS} select count(*) filter (better - top1 <= {_ERROR}) as n, count(*) as frontier,
        any_value(images) as images, max(top1) as top1,
        100 * sqrt(max(top1) / 100 * (1 - max(top1) / 100) / any_value(images)) as error from steps""",
    "pick-most-accurate": f"""{_STEPS} select {_N} from steps s where place = $rank and not exists (
        select 1 from fastest_fitting o where o.top1 > s.top1)""",
    "pick-fastest": f"""{_STEPS} select {_N} from steps s where place = $rank and not exists (
        select 1 from fastest_fitting o where o.ms < s.ms)""",
    "pick-step": f"""{_STEPS} select n, slower / ms as times, better - top1 as less, place - 1 as above
        from ({_OF_RANK}) where slower / ms >= 1.01""",
    "pick-step-slight": f"""{_STEPS} select n, 100 * (slower / ms - 1) as faster, better - top1 as less,
        place - 1 as above from ({_OF_RANK}) where slower / ms < 1.01""",
    "pick-twin": f"{_STEPS} select n, above_it as twin from ({_OF_RANK}) where (better, slower) = (top1, ms)",
    "pick-tie": f"""{_STEPS} select n, {_ERROR} as error from ({_OF_RANK}) where better - top1 <= {_ERROR}""",
    "pick-alone-less": f"{_ALONE} select * from setting where less > 0",
    "pick-alone-slower": f"{_ALONE} select * from setting where less = 0 and slower > 0",
    "pick-alone-same": f"{_ALONE} select * from setting where less = 0 and slower = 0",
    "pick-alone-nothing": f"{_ALONE} select n from setting where n = 0",
    "pick-relax": f"""{_ALL}, short as (
            select *, if({_IS.format("max_ms")}, greatest(ms - $max_ms::double, 0) / $max_ms::double, 0)
                + if({_IS.format("max_params")}, greatest(param_count - $max_params::double, 0) / $max_params::double, 0)
                + if({_IS.format("min_top1")}, greatest($min_top1::double - top1, 0) / $min_top1::double, 0) as need
            from fastest where {_WITHIN.format("null", "null", "null")}),
        nearest as (select * from short order by need, model, img_size limit 1),
        enough as (select *, {_ROUNDED.format("ceil", "ms")} as ms_enough, {_ROUNDED.format("ceil", "param_count")} as params_enough,
            {_ROUNDED.format("floor", "top1")} as top1_enough from nearest)
        select model, img_size,
            case $column when 'max_ms' then ms when 'max_params' then param_count else top1 end as needed,
            case $column when 'max_ms' then ms_enough when 'max_params' then params_enough else top1_enough end as limit,
            case $column when 'max_ms' then $max_ms::double when 'max_params' then $max_params::double
                else $min_top1::double end as now,
            (select count(*) from fastest where {_WITHIN.format("e.ms_enough", "e.params_enough", "e.top1_enough")}) as n
        from enough e""",
}
"""Kind of finding to the query that finds the same: ``n`` and every value by its name."""

LEFT_OUT: Final = {
    "without an evaluation on this test set": f"""{_ALL} select count(*) - (select count(*) from fastest) as n from (
        select distinct model, img_size from of_profiles where not starts_with(lower(model), 'test_'))""",
    "toy models of timm's tests": f"""{_ALL} select count(*) as n from (
        select distinct model, img_size from of_profiles where starts_with(lower(model), 'test_'))""",
}
"""Reason to the query that counts what is left out."""
