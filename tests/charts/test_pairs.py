"""Charts of pairs of profiles: which pairs, what is counted, what is said."""

from __future__ import annotations

import statistics
from typing import Any

import pandas as pd
import pytest

from tasks.charts.chart import Chart, ChartRows, caption, spec
from tasks.charts.pairs.findings import findings
from tasks.charts.pairs.panels import ratio_span, ratio_ticks
from tasks.charts.pairs.rows import FURTHER, MOST_PANELS
from tasks.charts.parts.encodings import OTHER
from tasks.charts.registry import BY_STEM
from tasks.charts.theme import COLOURS
from tasks.tables.frames import rows_of
from tests.charts.specs import WHOLE_TABLES, made_overview, prepared_overview
from tests.frames import FAMILIES, benchmarks
from tests.overview_tables import OVERVIEW_CONTEXT, differences, measured, profiles_of_panels

EAGER = "infer-amp-nchw-pt240-cu124-gpua"
COMPILED, LAST = f"{EAGER}-dynamo", EAGER.replace("nchw", "nhwc")
MEANT = [family for family in FAMILIES if not family.startswith("test")]
FP32, CPU = EAGER.replace("amp", "fp32"), "infer-fp32-nchw-pt240-cpu-cpuc"
PAIRED = [
    "device-speedup", "compiler-speedup", "layout-speedup", "precision-speedup", "training-cost",
    "torch-versions",
]  # fmt: skip


def drawn(stem: str, *rows: dict[str, Any]) -> ChartRows:
    return BY_STEM[stem].prepare(benchmarks(*rows), OVERVIEW_CONTEXT)


def panels(rows: ChartRows) -> list[str]:
    return [] if rows.lines is None else list(rows.lines["panel"])


def compiled(*speeds: tuple[float, float], **more: Any) -> ChartRows:  # noqa: ANN401 - any cell
    rows = [
        row
        for i, (eager, dynamo) in enumerate(speeds)
        for row in (
            measured(EAGER, f"vit_{i}", speed=eager),
            measured(COMPILED, f"vit_{i}", speed=dynamo, **more),
        )
    ]
    return drawn("compiler-speedup", *rows)


@pytest.mark.parametrize("stem", PAIRED)
def test_rows_shown_and_left_out_are_all_keys_of_the_profiles_compared(stem: str) -> None:
    rows = prepared_overview(BY_STEM[stem])
    keys = WHOLE_TABLES["benchmarks"].groupby("profile").apply(
        lambda p: set(zip(p["architecture"], p["img_size"], strict=True))
    )  # fmt: skip
    total = 0
    for base, other in pairs_shown(BY_STEM[stem]):
        total += len(keys[base] | keys[other])
    assert len(rows.rows) + sum(rows.left_out.values()) == total
    assert len(rows.rows) == rows.lines["rows"].sum() if rows.lines is not None else not len(rows.rows)


def pairs_shown(chart: Chart) -> list[tuple[str, str]]:
    return profiles_of_panels(WHOLE_TABLES["benchmarks"], prepared_overview(chart).rows)


@pytest.mark.parametrize(
    ("stem", "differ"),
    [
        ("compiler-speedup", [{"compiler"}]),
        ("layout-speedup", [{"layout"}]),
        ("precision-speedup", [{"precision", "device"}]),
        ("training-cost", [{"mode", "torch"}]),
        ("torch-versions", [{"torch"}]),
        ("device-speedup", [{"device"}, {"device"}, {"device", "precision"}, {"device", "precision"}]),
    ],
)
def test_profiles_differ_in_what_the_chart_says_and_no_more(stem: str, differ: list[set[str]]) -> None:
    table = WHOLE_TABLES["benchmarks"]
    different = [differences(table, base, other) for base, other in pairs_shown(BY_STEM[stem])]
    assert sorted(different, key=sorted) == sorted(differ, key=sorted)


def test_medians_are_those_of_the_rows() -> None:
    for stem in PAIRED:
        rows = prepared_overview(BY_STEM[stem])
        assert rows.lines is not None
        for line in rows_of(rows.lines):
            members = rows.rows[rows.rows["panel"] == line.panel]
            ratios = list(members["ratio"])
            sure = [r.ratio for r in rows_of(members) if not r.caution]
            assert line.median_of_all == pytest.approx(statistics.median(ratios))
            assert line.slower_of_all == sum(r < 1 for r in ratios)
            assert line.comparable == len(sure)
            assert line.slower == sum(r < 1 for r in sure)
            if sure:
                assert line.median == pytest.approx(statistics.median(sure))


def test_one_pair() -> None:
    rows = compiled((100.0, 180.0))
    assert BY_STEM["compiler-speedup"].describe(rows) == (
        "1 dot. torch.compile over eager, GPUA, inference: all 1, all comparable: median 1.80x, none slower."
    )


def test_equal_speeds_are_not_slower() -> None:
    assert "median 1.00x, none slower" in BY_STEM["compiler-speedup"].describe(
        compiled((5.0, 5.0), (7.0, 7.0))
    )


@pytest.mark.parametrize(
    ("slower", "of", "text"),
    [
        (0, 3, "none slower"), (3, 3, "all slower"), (1, 3, "33 % slower"), (1, 300, "1 slower (under 1 %)"),
        (299, 300, "99 % slower"), (1, 100, "1 % slower"),
    ],
)  # fmt: skip
def test_a_share_is_neither_none_nor_all_unless_it_is(slower: int, of: int, text: str) -> None:
    speeds = [(100.0, 90.0 if i < slower else 110.0) for i in range(of)]
    rows = compiled(*speeds)
    assert rows.lines is not None
    assert findings(next(rows_of(rows.lines)))[0].endswith(text)


def test_without_a_comparable_row_only_all_of_them_are_told() -> None:
    rows = compiled((100.0, 150.0), (100.0, 170.0), batch_size=64)
    text = BY_STEM["compiler-speedup"].describe(rows)
    assert "all 2: median 1.60x, none slower; none strictly comparable" in text
    assert "usual batch size: 64 over 256" in text
    assert set(rows.rows["caution"]) == {"another batch size"}
    assert "hollow: 2 not strictly comparable (another batch size: 2)" in caption(rows, OVERVIEW_CONTEXT)


def test_the_median_of_the_comparable_is_kept_apart() -> None:
    rows = drawn(
        "compiler-speedup", measured(EAGER, "vit_a"), measured(COMPILED, "vit_a", speed=120.0),
        measured(EAGER, "vit_b"), measured(COMPILED, "vit_b", speed=300.0, batch_size=64),
    )  # fmt: skip
    text = BY_STEM["compiler-speedup"].describe(rows)
    assert "1 comparable: median 1.20x, none slower; all 2: median 2.10x, none slower" in text


def test_for_each_device_the_newest_profiles_are_compared() -> None:
    old = [p.replace("pt240-cu124", "pt210-cu121") for p in (EAGER, LAST)]
    other = [p.replace("gpua", "gpub") for p in old]
    rows = drawn("layout-speedup", *(measured(p, "vit_a") for p in (EAGER, LAST, *old, *other)))
    assert panels(rows) == ["nhwc over nchw, GPUA, inference", "nhwc over nchw, GPUB, inference"]
    assert rows.lines is not None
    assert rows.lines["same"].tolist() == [
        "both: amp, PyTorch 2.4.0, eager",
        "both: amp, PyTorch 2.1.0, eager",
    ]


def test_precisions_of_one_device_are_preferred_to_two_devices() -> None:
    both = [measured(p, "vit_a", speed=s) for p, s in ((EAGER, 100.0), (FP32, 50.0), (CPU, 1.0))]
    assert panels(drawn("precision-speedup", *both)) == ["amp over fp32, GPUA, inference"]
    two = drawn("precision-speedup", both[0], both[2])
    assert panels(two) == ["amp on GPUA over fp32 on CPUC, inference"]
    assert two.rows["caution"].tolist() == ["another device"]
    assert "mostly the devices differ" in " ".join(caption(two, OVERVIEW_CONTEXT))
    assert two.rows["ratio"].tolist() == [100.0]


def test_devices_are_compared_with_the_one_that_has_most_rows_and_with_their_like() -> None:
    found = panels(prepared_overview(BY_STEM["device-speedup"]))
    assert len(found) == 4
    pairs = [set(title.split(",")[0].split(" over ")) for title in found]
    (reference,) = set.intersection(*pairs[:3])
    assert {frozenset(pair - {reference}) for pair in pairs[:3]} == {
        frozenset({d}) for d in {"GPUA", "GPUB", "CPUC", "CPUD"} - {reference}
    }
    assert reference not in pairs[3]


def test_training_takes_the_inference_of_the_nearest_release() -> None:
    train, near = "train-amp-nchw-pt112-cu113-gpua", "infer-amp-nchw-pt113-cu117-gpua"
    rows = drawn(
        "training-cost", measured(train, "vit_a", speed=50.0), measured(near, "vit_a", speed=200.0),
        measured(EAGER, "vit_a", speed=900.0),
    )  # fmt: skip
    assert rows.rows["ratio"].tolist() == [4.0]
    text = BY_STEM["training-cost"].describe(rows)
    assert "inference over training, GPUA" in text
    assert "differs too: PyTorch 1.13 over PyTorch 1.12" in text


def test_releases_are_compared_with_the_oldest_of_their_series() -> None:
    ids = [EAGER.replace("pt240-cu124", release) for release in ("pt113-cu117", "pt210-cu121", "pt240-cu124")]
    rows = drawn("torch-versions", *(measured(p, "vit_a", speed=100.0 + i) for i, p in enumerate(ids)))
    releases = [panel.split("\n")[2] for panel in panels(rows)]
    assert releases == ["PyTorch 2.1.0 over 1.13", "PyTorch 2.4.0 over 1.13"]
    by_panel = dict(zip(rows.rows["panel"], rows.rows["ratio"], strict=True))
    assert [by_panel[panel] for panel in panels(rows)] == pytest.approx([1.01, 1.02])
    assert "\n" not in BY_STEM["torch-versions"].describe(rows)


def test_panels_beyond_those_shown_are_counted() -> None:
    ids = [EAGER.replace("gpua", f"gpu{c}") for c in "abcdefgh"]
    layouts = [i.replace("nchw", "nhwc") for i in ids]
    rows = drawn("layout-speedup", *(measured(p, "vit_a") for p in (*ids, *layouts)))
    assert len(panels(rows)) == MOST_PANELS
    assert rows.left_out == {FURTHER: 2}
    assert len(spec(BY_STEM["layout-speedup"], rows, OVERVIEW_CONTEXT)["concat"]) == MOST_PANELS


def test_the_families_at_both_ends_get_the_colours() -> None:
    speeds = {f"{family}{i}": 100.0 + 10 * n for n, family in enumerate(MEANT) for i in range(6)}
    rows = drawn(
        "compiler-speedup",
        *(measured(EAGER, name) for name in speeds),
        *(measured(COMPILED, name, speed=speed) for name, speed in speeds.items()),
    )
    named = set(rows.rows["group"]) - {OTHER}
    assert named == {*MEANT[:4], *MEANT[-4:]}
    assert len(named) == len(COLOURS)
    grey = (rows.rows["group"] == OTHER).tolist()
    assert grey == sorted(grey, reverse=True)
    assert rows.lines is not None
    assert rows.lines["families"].tolist() == [f"medians of families: {MEANT[0]} 1.00x to {MEANT[-1]} 2.00x"]


def test_a_picture_has_a_panel_for_each_pair_in_the_same_colours() -> None:
    made = made_overview(BY_STEM["device-speedup"])
    dots = [panel["layer"][-1] for panel in made["concat"]]
    assert len(made["concat"]) == 4
    assert all(layer["mark"]["type"] == "circle" for layer in dots)
    assert all(layer["encoding"]["color"] == dots[0]["encoding"]["color"] for layer in dots)
    assert all(layer["encoding"]["y"]["scale"]["type"] == "log" for layer in dots)
    filled = dots[0]["encoding"]["fillOpacity"]
    assert filled["condition"]["test"] == "(datum.caution === '')"
    assert filled["value"] == 0
    headings = {len(panel["title"]["subtitle"]) for panel in made["concat"]}
    assert len(headings) == 1


@pytest.mark.parametrize(
    ("low", "high"), [(0.9, 1.1), (0.43, 1.57), (0.2, 2.2), (50.0, 1000.0), (1e-4, 1e4), (1.0, 1.0)]
)
def test_ticks_of_ratios_are_few_plain_and_in_the_axis(low: float, high: float) -> None:
    axis = ratio_span(pd.Series([low, high]), 500)
    ticks = ratio_ticks(axis.low, axis.high)
    assert 1 <= len(ticks) <= 10
    assert ticks == sorted(set(ticks))
    assert all(axis.low <= tick <= axis.high for tick in ticks)
    assert axis.low < low <= high < axis.high


def test_the_axis_goes_to_one_if_that_is_near() -> None:
    assert ratio_span(pd.Series([1.4, 2.0]), 500).low < 1
    assert ratio_span(pd.Series([100.0, 200.0]), 500).low > 90
