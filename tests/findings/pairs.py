"""The findings of the charts of pairs of profiles once more, in SQL over the table ``benchmarks``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.presets import load_rules
from config.vocabulary import PRECISION_BITS

_RULES: Final = load_rules(None).family


def _family() -> str:
    """Return the rules of families as an SQL expression over ``architecture``."""
    name = "architecture"
    for prefix in _RULES.provenance.prefixes:
        name = f"regexp_replace({name}, '^{prefix}', '')"
    cases = []
    for rule in _RULES.override:
        found = f"regexp_extract({name}, '^(?:{rule.start})')"
        family = found if rule.family == "{match}" else f"'{rule.family}'"
        cases.append(f"when {found} <> '' then {family}")
    plain = f"coalesce(nullif(regexp_extract({name}, '{_RULES.pattern}', 1), ''), 'other')"
    suffixes = [
        f"case when regexp_matches(architecture, '{rule.found}') then '{rule.suffix}' else '' end"
        for rule in _RULES.suffix
    ]
    return " || ".join([f"case {' '.join(cases)} else {plain} end", *suffixes])


_USABLE: Final = """
    usable as (
        select * from benchmarks where not starts_with(lower(model), 'test_')
        qualify count(*) over (partition by profile, architecture, img_size) = 1)"""
_JUDGED: Final = """
    x.architecture, x.img_size, y.samples_per_sec / x.samples_per_sec as ratio,
    x.batch_size <> y.batch_size as batch,
    coalesce(greatest(x.benchmark_param_count, y.benchmark_param_count)
        > 1.01 * least(x.benchmark_param_count, y.benchmark_param_count), false) as parameters,
    x.gmacs is not null and y.gmacs is not null
        and greatest(x.gmacs, y.gmacs) > 1.01 * least(x.gmacs, y.gmacs) as gmacs"""

_PAIR: Final = f"""
    with {_USABLE},
    judged as (
        select {_JUDGED} from usable x join usable y using (architecture, img_size)
        where x.profile = $base and y.profile = $other),
    found as (select *, {_family()} as family, $also = '' and not batch and not parameters and not gmacs as good from judged),
    basis as (
        select count(*) as rows, count(*) filter (good) as good_rows,
            good_rows >= 100 and good_rows >= 0.2 * rows as based,
            concat_ws(', some in ', nullif($also, ''), nullif(concat_ws(' or ',
                case when bool_or(batch) then 'batch size' end,
                case when bool_or(parameters) then 'parameters' end,
                case when bool_or(gmacs) then 'GMACs' end), '')) as differs
        from found),
    about as (select found.* from found, basis where good or not based)"""
"""``about``: the rows that a headline is about; ``basis``: which these are."""

_MEDIAN: Final = f"{_PAIR} select count(*) as n, median(ratio) as median from about"


def _headline(values: str, where: str) -> str:
    return f"""{_PAIR} select (select count(*) from about) as n, (select median(ratio) from about) as median, {values}
        from basis where {where}"""


def _beyond(where: str) -> str:
    return f"""{_PAIR} select count(*) as n, count(*) filter (ratio < 1 - $noise) as slower,
        count(*) filter (ratio > 1 + $noise) as faster from about having abs(median(ratio) - 1) {where}"""


_SPOKEN: Final = {
    "pair-comparable": _headline("rows", "based"),
    "pair-alike": _headline("rows", "not based and good_rows = rows"),
    "pair-all": _headline(
        "rows - good_rows as differing, differs", "not based and 0 < good_rows and good_rows < rows"
    ),
    "pair-unlike": _headline("differs", "good_rows = 0"),
    "pair-beyond": _beyond("> $noise"),
    "pair-even": _beyond("<= $noise"),
}
"""A sentence of the wrong kind finds no row, and so fails."""

_RELEASE: Final = "string_split(torch, '.')::int[]"


def _same(*names: str) -> str:
    return " and ".join(f"a.{name} is not distinct from b.{name}" for name in names)


_BITS: Final = (
    "(case {} " + " ".join(f"when '{name}' then {bits}" for name, bits in PRECISION_BITS.items()) + " end)"
)
_CHARTS: Final[Mapping[str, tuple[str, str]]] = {
    "device-speedup": (
        f"a.mode = 'infer' and a.device <> b.device and {_same('mode', 'precision', 'layout', 'torch', 'compiler')}",
        "[least(a.device, b.device), greatest(a.device, b.device)]",
    ),
    "compiler-speedup": (
        f"a.compiler <> b.compiler and {_same('mode', 'precision', 'layout', 'torch', 'cuda', 'device')}",
        "[a.mode, a.device]",
    ),
    "layout-speedup": (
        f"a.layout <> b.layout and {_same('mode', 'precision', 'compiler', 'torch', 'cuda', 'device')}",
        "[a.mode, a.device, least(a.layout, b.layout), greatest(a.layout, b.layout)]",
    ),
    "precision-speedup": (
        f"{_BITS.format('a.precision')} <> {_BITS.format('b.precision')}"
        f" and {_same('mode', 'layout', 'compiler', 'torch', 'cuda', 'device')}",
        "[a.mode, a.device, least(a.precision, b.precision), greatest(a.precision, b.precision)]",
    ),
    "training-cost": (
        f"a.mode <> b.mode and {_same('precision', 'layout', 'compiler', 'device')}"
        f" and (a.torch is distinct from b.torch or {_same('cuda')})",
        "[a.device]",
    ),
    "torch-versions": (
        f"a.release <> b.release and {_same('mode', 'precision', 'layout', 'compiler', 'device')}"
        " and least(a.release, b.release) = (select min(c.release) from profiles c where c.mode = a.mode"
        " and c.precision = a.precision and c.layout = a.layout and c.compiler = a.compiler and c.device = a.device)",
        "[a.mode, a.precision, a.layout, a.compiler, a.device, greatest(a.release, b.release)::varchar]",
    ),
}
"""Chart to which two profiles it compares, and of which groups of them only the best pair."""


def _chosen(chart: str) -> str:
    """Return tables that hold the pairs a chart shows, and the keys of each profile."""
    alike, group = _CHARTS[chart]
    return f"""
    with {_USABLE},
    profiles as (
        select distinct profile, mode, precision, layout, torch, cuda, device, compiler, {_RELEASE} as release,
            dense_rank() over (order by coalesce({_RELEASE}, [])) as age
        from benchmarks),
    candidates as (
        select a.profile as one, b.profile as two, {group} as grouped, a.torch is distinct from b.torch as unlike,
            abs(a.age - b.age) as apart, a.age + b.age as newness
        from profiles a join profiles b on a.profile < b.profile and {alike}),
    judged as (
        select c.*, {_JUDGED} from candidates c
        join usable x on x.profile = c.one join usable y on y.profile = c.two
            and x.architecture = y.architecture and x.img_size = y.img_size),
    counted as (
        select one, two, grouped, unlike, apart, newness, count(*) as shared,
            count(*) filter (not batch and not parameters and not gmacs
                and not (unlike and '{chart}' = 'training-cost')) as good
        from judged group by all),
    chosen as (
        select * from counted qualify row_number() over (
            partition by grouped order by good desc, unlike, apart, newness desc, one, two) = 1),
    keys as (
        select profile, architecture, img_size, starts_with(lower(any_value(model)), 'test_') as toy, count(*) > 1 as twice
        from benchmarks group by all),
    every as (
        select one, two, architecture, img_size, bool_or(toy) as toy, bool_or(twice) and not bool_or(toy) as twice,
            count(*) = 1 as alone
        from chosen join keys on profile in (one, two) group by all)"""


_WITHOUT: Final = f"""{_chosen("device-speedup")}, devices as (select distinct device from profiles where mode = 'infer')
    select (select count(*) from devices a join devices b on a.device < b.device) - (select count(*) from chosen) as n"""

_MARKED: Final = " union all ".join(
    f"""select '{chart}' as chart, n from ({_chosen(chart)} select count(*) as n from judged join chosen using (one, two)
        where batch or parameters or gmacs or (judged.unlike and '{chart}' = 'training-cost'))"""
    for chart in _CHARTS
)

SQL: Final[Mapping[str, str]] = {
    **_SPOKEN,
    **{f"{kind}-short": query for kind, query in _SPOKEN.items()},
    "pair-median": _MEDIAN + " having abs(median - 1) > 0.03",
    "pair-median-even": _MEDIAN + " having abs(median - 1) <= 0.03",
    "pair-families": f"""{_PAIR}, medians as (
            select family, median(ratio) as middle, count(*) as size from about group by family),
        ranked as (select *, row_number() over (order by middle, family) as place from medians)
        select count(*) as n, arg_min(family, place) as lowest, arg_min(middle, place) as lowest_median,
            arg_min(size, place) as lowest_rows, arg_max(family, place) as highest,
            arg_max(middle, place) as highest_median, arg_max(size, place) as highest_rows from ranked""",
    "pairs-marked": f"select n from ({_MARKED}) where chart = $chart",
    "pairs-without": _WITHOUT,
}
"""Kind of finding to the query that finds the same: ``n`` and every value by its name."""

LEFT_OUT: Final[Mapping[tuple[str, str], str]] = {
    (chart, reason): f"{_chosen(chart)} select count(*) as n from every where {where}"
    for chart in _CHARTS
    for reason, where in (
        (
            "models and image sizes that only one of the two profiles has",
            "alone and not toy and not twice",
        ),
        ("models and image sizes that a profile has twice", "twice"),
        ("toy models of timm's tests", "toy"),
    )
}
"""Chart and reason to the query that counts what the chart leaves out."""

SHOWN: Final[Mapping[str, str]] = {
    chart: f"{_chosen(chart)} select sum(shared) as n from chosen" for chart in _CHARTS
}
"""Chart to the query that counts its rows."""
