"""Charts of pairs of profiles: which pairs, what is counted, what is said."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from tasks.charts.chart import Chart, ChartRows, caption, description, spec
from tasks.charts.pairs.findings import FEWEST_COMPARABLE
from tasks.charts.pairs.panels import columns_for, ratio_span, ratio_ticks
from tasks.charts.parts.families import coloured, is_other
from tasks.charts.registry import BY_STEM
from tasks.tables.finding import Finding
from tasks.tables.frames import keys_of, rows_of
from tasks.tables.sentences import say
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


def compiled(*speeds: tuple[float, float], batches: Sequence[int] = ()) -> ChartRows:
    rows = [
        row
        for i, (eager, dynamo) in enumerate(speeds)
        for row in (
            measured(EAGER, f"vit_{i}", speed=eager),
            measured(COMPILED, f"vit_{i}", speed=dynamo, batch_size=batches[i] if batches else 256),
        )
    ]
    return drawn("compiler-speedup", *rows)


@pytest.mark.parametrize("stem", PAIRED)
def test_rows_shown_and_left_out_are_all_keys_of_the_profiles_compared(stem: str) -> None:
    rows = prepared_overview(BY_STEM[stem])
    keys = {name: set(keys_of(rows)) for name, rows in WHOLE_TABLES["benchmarks"].groupby("profile")}
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
        ("precision-speedup", [{"precision"}]),
        ("training-cost", [{"mode", "torch"}]),
        ("torch-versions", [{"torch"}]),
        ("device-speedup", [{"device"}, {"device"}]),
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
            assert line.comparable == sum(not r.caution for r in rows_of(members))
            assert line.rows == len(members)
            assert line.median == pytest.approx(statistics.median(members["ratio"]))
            assert line.median_of_all is None or pd.isna(line.median_of_all)


def told(rows: ChartRows, kind: str) -> list[Finding]:
    return [finding for finding in rows.told if finding.kind == f"{kind}-short"]


def many(models: int, alike: int) -> ChartRows:
    """Return models twice as fast compiled, those at another batch size three times."""
    return compiled(
        *((100.0, 200.0) for _ in range(alike)),
        *((100.0, 300.0) for _ in range(models - alike)),
        batches=[256] * alike + [64] * (models - alike),
    )


def test_one_pair() -> None:
    rows = compiled((100.0, 180.0))
    assert description(BY_STEM["compiler-speedup"], rows) == (
        "torch.compile over eager, GPUA, inference: 1.80x, median of all 1, all comparable."
    )
    assert rows.lines is not None
    assert rows.lines["heading"].tolist() == [
        "1.80x, median of all 1, all comparable\nnone slower, 1 faster by more than 3 %\namp, nchw, PyTorch 2.4.0"
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("models", "alike", "text"),
    [
        (120, 120, "2.00x, median of 120 comparable of 120"),
        (200, 100, "2.00x, median of 100 comparable of 200"),
        (200, 99, "3.00x, median of all 200, of which 101 differ in batch size"),
        (500, 100, "2.00x, median of 100 comparable of 500"),
        (501, 100, "3.00x, median of all 501, of which 401 differ in batch size"),
        (99, 99, "2.00x, median of all 99, all comparable"),
        (3, 0, "3.00x, median of all 3, which all differ in batch size"),
    ],
)
def test_a_headline_is_about_the_comparable_rows_only_if_they_are_many(
    models: int, alike: int, text: str
) -> None:
    rows = many(models, alike)
    assert say(rows.told[0]) == text
    assert f"inference: {text}." in description(BY_STEM["compiler-speedup"], rows)
    (line,) = rows_of(rows.lines)
    based = alike >= FEWEST_COMPARABLE and alike >= 0.2 * models
    assert line.median == (2.0 if based or alike == models else 3.0)
    of_all = statistics.median([2.0] * alike + [3.0] * (models - alike))
    assert line.median_of_all == of_all if based and alike < models else pd.isna(line.median_of_all)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("speeds", "text"),
    [
        ([100.0, 100.0, 100.0], "none slower, none faster by more than 3 %; the median by less"),
        ([97.5, 100.0, 102.5], "none slower, none faster by more than 3 %; the median by less"),
        ([96.5, 97.5, 103.5], "1 slower, 1 faster by more than 3 %; the median by less"),
        ([96.0, 104.0, 150.0], "1 slower, 2 faster by more than 3 %"),
        ([50.0, 60.0, 70.0], "3 slower, none faster by more than 3 %"),
    ],
)
def test_slower_and_faster_is_what_is_more_than_noise(speeds: list[float], text: str) -> None:
    rows = compiled(*((100.0, speed) for speed in speeds))
    assert [say(finding) for finding in rows.told[1:]] == [text]


def test_the_families_at_the_ends_are_those_of_all_families_however_small() -> None:
    rows = drawn(
        "compiler-speedup",
        *(measured(EAGER, name) for name in ("vit_a", "vit_b", "vit_c", "beit_a", "swin_a", "swin_b")),
        *(
            measured(COMPILED, name, speed=speed)
            for name, speed in {
                "vit_a": 150.0, "vit_b": 160.0, "vit_c": 170.0, "beit_a": 50.0, "swin_a": 300.0, "swin_b": 500.0,
            }.items()
        ),
    )  # fmt: skip
    assert description(BY_STEM["compiler-speedup"], rows).endswith(
        "Medians of its 3 families: from beit 0.500x (1 of the rows) to swin 4.00x (2)."
    )
    assert rows.labels is not None
    named = rows.labels[["label", "end", "ratio"]].to_dict("records")
    assert named == [
        {"label": "beit", "end": "lowest", "ratio": 0.5},
        {"label": "swin", "end": "highest", "ratio": 5.0},
    ]


def test_the_specification_carries_what_its_headings_say() -> None:
    chart = BY_STEM["device-speedup"]
    rows, made = prepared_overview(chart), made_overview(chart)
    carried = [Finding(**finding) for finding in made["usermeta"]["findings"]]
    assert rows.told
    for finding in rows.told:
        assert finding.about(chart=chart.stem, profile="overview") in carried
    said = {say(finding) for finding in rows.told}
    assert all(set(panel["title"]["subtitle"][:2]) <= said for panel in made["concat"])


def test_what_is_not_comparable_is_counted() -> None:
    lines = caption(compiled((100.0, 150.0), (100.0, 170.0), batches=[64, 256]), OVERVIEW_CONTEXT)
    assert "hollow: 1 in which something else differs too, such as the batch size" in lines
    assert not any("hollow" in line for line in caption(compiled((100.0, 150.0)), OVERVIEW_CONTEXT))


def test_for_each_device_the_newest_of_equally_comparable_profiles_are_compared() -> None:
    old = [p.replace("pt240-cu124", "pt210-cu121") for p in (EAGER, LAST)]
    other = [p.replace("gpua", "gpub") for p in old]
    rows = drawn("layout-speedup", *(measured(p, "vit_a") for p in (EAGER, LAST, *old, *other)))
    assert panels(rows) == ["nhwc over nchw, GPUA, inference", "nhwc over nchw, GPUB, inference"]
    same = [finding.over["same"] for finding in told(rows, "pair-alike")]
    assert same == ["amp, PyTorch 2.4.0, eager", "amp, PyTorch 2.1.0, eager"]


def test_channels_last_goes_over_the_usual_layout_however_many_have_it() -> None:
    more = [measured(p, "vit_a") for p in (EAGER, LAST, LAST.replace("gpua", "gpub"))]
    assert panels(drawn("layout-speedup", *more)) == ["nhwc over nchw, GPUA, inference"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other", "title"),
    [
        ("fp32", "amp", "amp over fp32"),
        ("float32", "bfloat16", "bfloat16 over float32"),
        ("amp", "bf16", None),
        ("float16", "amp", None),
        ("amp", "int8", "int8 over amp"),
        ("fp32", "posit16", None),
    ],
)
def test_only_a_lower_precision_against_a_higher_one_answers(one: str, other: str, title: str | None) -> None:
    for pair in ((one, other), (other, one)):
        profiles = [EAGER.replace("amp", precision) for precision in pair]
        rows = drawn("precision-speedup", *(measured(p, "vit_a") for p in profiles))
        assert panels(rows) == ([f"{title}, GPUA, inference"] if title else [])


def test_precisions_of_two_devices_are_not_compared_and_it_is_said_why() -> None:
    rows = drawn("precision-speedup", measured(EAGER, "vit_a"), measured(CPU, "vit_a"))
    assert rows.rows.empty
    (reason,) = rows.left_out
    assert "no device was measured with a higher and a lower precision" in reason
    assert rows.left_out == {reason: 2}


NEWEST = {
    device: f"infer-amp-nchw-pt291-cu130-{device}" for device in ("4090", "5090", "pro6000maxq", "rtx3090")
}


def newest(*devices: str, models: int = 200, alike: int = 37) -> ChartRows:
    """Return a 4090, a 5090 and a faster card that has few batch sizes in common with both."""
    speed = {"4090": 100.0, "5090": 142.0, "pro6000maxq": 145.0, "rtx3090": 70.0}
    rows = []
    for device in devices:
        for i in range(models):
            other = device == "pro6000maxq" and i >= alike
            slow = 0.88 if device == "pro6000maxq" and not other else 1.0
            batch = 512 if other else 256
            rows.append(measured(NEWEST[device], f"vit_{i}", speed=slow * speed[device], batch_size=batch))
    return drawn("device-speedup", *rows)


@pytest.mark.slow
def test_every_two_devices_with_like_profiles_are_compared_faster_over_slower_on_one_scale() -> None:
    rows = newest("4090", "5090", "pro6000maxq", "rtx3090")
    assert sorted(panels(rows)) == [
        "RTX 4090 over RTX 3090, inference",
        "RTX 5090 over RTX 3090, inference",
        "RTX 5090 over RTX 4090, inference",
        "RTX PRO 6000 Max-Q over RTX 3090, inference",
        "RTX PRO 6000 Max-Q over RTX 4090, inference",
        "RTX PRO 6000 Max-Q over RTX 5090, inference",
    ]
    lines = {line.panel: line for line in rows_of(rows.lines)}
    assert lines["RTX 5090 over RTX 4090, inference"].median == pytest.approx(1.42)
    made = spec(BY_STEM["device-speedup"], rows, OVERVIEW_CONTEXT)
    for axis in "xy":
        scales = [panel["layer"][-2]["encoding"][axis]["scale"] for panel in made["concat"]]
        assert scales.count(scales[0]) == 6


def test_a_few_rows_with_equal_batches_make_no_headline() -> None:
    rows = newest("5090", "pro6000maxq")
    (headline,) = told(rows, "pair-all")
    assert headline.over["pair"] == "RTX PRO 6000 Max-Q over RTX 5090, inference"
    assert say(headline) == "1.02x, median of all 200, of which 163 differ in batch size"
    (even,) = told(rows, "pair-even")
    assert say(even) == "37 slower, none faster by more than 3 %; the median by less"


def test_devices_without_like_profiles_are_counted() -> None:
    rows = prepared_overview(BY_STEM["device-speedup"])
    assert [title.split(",")[0] for title in panels(rows)] == ["GPUA over GPUB", "CPUC over CPUD"]
    assert "4 pairs of devices not compared: no profiles that differ in the device alone" in caption(
        rows, OVERVIEW_CONTEXT
    )


def test_training_takes_the_inference_of_the_nearest_release() -> None:
    train, near = "train-amp-nchw-pt112-cu113-gpua", "infer-amp-nchw-pt113-cu117-gpua"
    rows = drawn(
        "training-cost", measured(train, "vit_a", speed=50.0), measured(near, "vit_a", speed=200.0),
        measured(EAGER, "vit_a", speed=900.0),
    )  # fmt: skip
    assert rows.rows["ratio"].tolist() == [4.0]
    assert description(BY_STEM["training-cost"], rows) == (
        "inference over training, GPUA: 4.00x, median of all 1, which all differ in PyTorch release (1.13 over 1.12)."
    )


def test_releases_are_compared_with_the_oldest_of_their_series() -> None:
    ids = [EAGER.replace("pt240-cu124", release) for release in ("pt113-cu117", "pt210-cu121", "pt240-cu124")]
    rows = drawn("torch-versions", *(measured(p, "vit_a", speed=100.0 + i) for i, p in enumerate(ids)))
    assert panels(rows) == [
        f"GPUA\ninference, amp\nnchw, eager\nPyTorch {release}\nover 1.13" for release in ("2.1.0", "2.4.0")
    ]
    assert [finding.over["pair"] for finding in told(rows, "pair-alike")] == [
        f"GPUA, inference, amp, nchw, eager, PyTorch {release} over 1.13" for release in ("2.1.0", "2.4.0")
    ]
    by_panel = dict(zip(rows.rows["panel"], rows.rows["ratio"], strict=True))
    assert [by_panel[panel] for panel in panels(rows)] == pytest.approx([1.01, 1.02])
    assert "\n" not in description(BY_STEM["torch-versions"], rows)
    assert rows.lines is not None
    assert rows.lines["text"].tolist() == ["1.01x (noise)", "1.02x (noise)"]


def test_every_pair_is_shown() -> None:
    ids = [EAGER.replace("gpua", f"gpu{c}") for c in "abcdefghi"]
    layouts = [i.replace("nchw", "nhwc") for i in ids]
    rows = drawn("layout-speedup", *(measured(p, "vit_a") for p in (*ids, *layouts)))
    assert len(panels(rows)) == len(ids)
    assert not rows.left_out


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (3, 2), (8, 2), (9, 3), (30, 3)])
def test_many_panels_stand_in_three_columns(count: int, columns: int) -> None:
    assert columns_for(count) == columns


def test_the_families_at_both_ends_get_the_colours() -> None:
    speeds = {f"{family}{i}": 100.0 + 10 * n for n, family in enumerate(MEANT) for i in range(6)}
    rows = drawn(
        "compiler-speedup",
        *(measured(EAGER, name) for name in speeds),
        *(measured(COMPILED, name, speed=speed) for name, speed in speeds.items()),
    )
    others = is_other(rows.rows["group"])
    ends_first = [name for ends in zip(MEANT, reversed(MEANT), strict=True) for name in ends]
    assert set(rows.rows["group"][~others]) == set(coloured(ends_first))
    assert {MEANT[0], MEANT[-1]} < set(coloured(ends_first))
    grey = others.tolist()
    assert grey == sorted(grey, reverse=True)


def test_a_picture_has_a_panel_for_each_pair_in_the_same_colours() -> None:
    made = made_overview(BY_STEM["device-speedup"])
    dots = [panel["layer"][-2] for panel in made["concat"]]
    assert len(made["concat"]) == 2
    assert all(layer["mark"]["type"] == "circle" for layer in dots)
    assert all(layer["encoding"]["color"] == dots[0]["encoding"]["color"] for layer in dots)
    assert all(layer["encoding"]["y"]["scale"]["type"] == "log" for layer in dots)
    filled = dots[0]["encoding"]["fillOpacity"]
    assert filled["condition"]["test"] == "(datum.caution === '')"
    assert filled["value"] == 0
    names = [layer for panel in made["concat"] for layer in panel["layer"][-1]["layer"]]
    assert [layer["mark"]["type"] for layer in names] == ["text"] * 4, "each with its outline"
    assert all(len(panel["title"]["subtitle"]) == 3 for panel in made["concat"])


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
