"""The findings of the charts of test sets once more, in SQL over the table ``evaluations``."""

from __future__ import annotations

from typing import Final

from tests.findings.profile import TOYS
from tests.findings.tables import average_rank

_MEANT: Final = "with meant as (select * from evaluations where not starts_with(lower(model), 'test_'))"
_BEST: Final = f"""{_MEANT},
    main as (select model, img_size, top1 from meant where test_set = 'imagenet'),
    best as (select * from main qualify row_number() over (partition by model order by top1 desc, img_size) = 1),
    sets as (
        select distinct test_set,
            case when test_set || '-clean' in (select test_set from evaluations)
                then test_set || '-clean' else 'imagenet' end as reference
        from evaluations where test_set != 'imagenet' and not ends_with(test_set, '-clean')),
    gaps as (
        select best.model, s.test_set, t.top1 as y, r.top1 as x
        from best cross join sets s
            join meant t on (t.model, t.img_size, t.test_set) = (best.model, best.img_size, s.test_set)
            join meant r on (r.model, r.img_size, r.test_set) = (best.model, best.img_size, s.reference)),
    panel as (select * from gaps where test_set = $test_set),
    ranked as (
        select {average_rank("x")} as x,
            {average_rank("y")} as y
        from panel)"""
_EVERY_GAP: Final = _BEST[: _BEST.index("    panel as")].rstrip().removesuffix(",")
_RANKS: Final = f"""{_MEANT},
    sets as (select unnest(string_split($test_sets, ',')) as test_set),
    shown as (select * from meant where test_set in (select test_set from sets)),
    everywhere as (
        select model, img_size, max(top1) filter (test_set = 'imagenet') as main
        from shown group by all having count(*) = (select count(*) from sets)),
    best as (
        select * from everywhere qualify row_number() over (partition by model order by main desc, img_size) = 1),
    top as (select * from best order by main desc, model limit 30),
    ranks as (
        select model, img_size, test_set, top1, rank() over (partition by test_set order by top1 desc) as place
        from shown join best using (model, img_size)),
    first as (select * from top order by main desc, model limit 1),
    losses as (
        select r.model, r.test_set, m.place as before, r.place as after
        from ranks r join ranks m on (m.model, m.test_set) = (r.model, 'imagenet')
        where r.model in (select model from top)),
    worst as (select * from losses order by before - after, test_set, model limit 1)"""

SQL: Final = {
    "models-in-panels": f"{_EVERY_GAP} select count(distinct model) as n from gaps",
    "gap": f"{_BEST} select count(*) as n, median(y - x) as gap from panel",
    "gap-ranks": f"{_BEST} select count(*) as n, corr(x, y) as rank from ranked",
    "best-on": f"{_BEST} select count(*) as n, arg_max(model, y) as best, max(y) as top1 from panel",
    "ranked-among": f"{_RANKS} select count(*) as n from best",
    "first-elsewhere": f"""{_RANKS}
        select (select count(*) from top) as n, any_value(model) as best, count(*) filter (place = 1) as leads,
            count(*) as others
        from ranks where model = (select model from first) and test_set != 'imagenet'""",
    "largest-loss": f"""{_RANKS}
        select (select count(*) from top) as n, model, before, after, $words as words from worst
        where test_set = $test_set""",
    "no-place-lost": f"""{_RANKS}
        select count(*) as n from top where (select before - after from worst) >= 0""",
}
"""Kind of finding to the query that finds the same: ``n`` and every value by its name."""

LEFT_OUT: Final = {
    ("robustness", TOYS): """
        select count(distinct (model, img_size)) as n from evaluations where starts_with(lower(model), 'test_')""",
    ("robustness", "not evaluated on ImageNet"): f"""{_EVERY_GAP}
        select count(distinct (model, img_size)) - (select count(*) from main) as n from meant""",
    ("robustness", "other image sizes of models shown"): f"""{_EVERY_GAP}
        select (select count(*) from main) - count(*) as n from best""",
    ("robustness", "evaluated on no other test set"): f"""{_EVERY_GAP}
        select count(*) as n from best where model not in (select model from gaps)""",
    ("robustness-ranks", TOYS): """
        select count(*) as n from evaluations where starts_with(lower(model), 'test_')""",
    ("robustness-ranks", "subsets for comparison"): f"""{_RANKS}
        select (select count(*) from meant) - count(*) as n from shown""",
    ("robustness-ranks", "models not on all test sets"): f"""{_RANKS}
        select count(*) as n from shown
        where (model, img_size) not in (select (model, img_size) from everywhere)""",
    ("robustness-ranks", "other image sizes"): f"""{_RANKS}
        select (select count(*) from sets) * ((select count(*) from everywhere) - count(*)) as n from best""",
    ("robustness-ranks", "less accurate models"): f"""{_RANKS}
        select (select count(*) from sets) * ((select count(*) from best) - count(*)) as n from top""",
}
"""Chart and reason to the query that counts what the chart leaves out."""

SHOWN: Final = {
    "robustness": f"{_EVERY_GAP} select count(distinct model) as n from gaps",
    "robustness-ranks": f"{_RANKS} select (select count(*) from sets) * count(*) as n from top",
}
"""Chart to the query that counts its rows."""
