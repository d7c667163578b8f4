"""Speed relative to one model on each device: does the ranking change from device to device?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd

from config.presets import load_rules
from tasks.charts.chart import AnyChart, Chart, ChartContext, ChartRows, Line, without_toys
from tasks.charts.pairs.words import word
from tasks.charts.parts.common_models import choose
from tasks.charts.parts.rank_table import nothing, places_in_words, table, with_colour
from tasks.tables.compute import AGREE, KEY
from tasks.tables.filenames import BenchmarkProfile
from tasks.tables.finding import Finding
from tasks.tables.frames import keys_of, rows_of
from tasks.tables.profiles import newest_of_each_device, profiles_of, rows_by_profile
from tasks.tables.ranks import rank_correlation
from tasks.tables.sentences import plain

MOST_DEVICES: Final = 6
_FEW: Final = 0.5  # share of the reference's rows
COLUMNS: Final = [
    "model", "column", "device", "device_label", "profile", "architecture", "img_size", "samples_per_sec",
    "batch_size", "relative", "rank", "places", "caution", "text", "change", "strength",
]  # fmt: skip


def prepare(benchmarks: pd.DataFrame, context: ChartContext) -> ChartRows:
    """Return a cell for each chosen model on each device, from the newest inference profile of each.

    Rows shown and left out add up to the table.
    """
    devices = _devices(benchmarks)
    if len(devices) < 2:
        return nothing(COLUMNS, "benchmark rows: fewer than two devices measured", len(benchmarks))
    newest, left_out = without_toys(benchmarks[benchmarks["profile"].isin([p.id for p in devices])])
    left_out["other profiles"] = len(benchmarks) - len(newest) - sum(left_out.values())
    # A key that a profile has twice has no one speed, so neither row may stand for it (keep=False).
    clear = newest[~newest.duplicated(["profile", *KEY], keep=False)]
    # From here each profile has a key once: as many rows as devices means measured on every device.
    common = clear.groupby(KEY).filter(lambda rows: len(rows) == len(devices))
    if common.empty:
        return nothing(COLUMNS, "benchmark rows: no model was measured on every device", len(benchmarks))
    models = choose(common[common["profile"] == devices[0].id], benchmarks, load_rules(context.preset).family)
    cells = _cells(common, models, devices)
    base = models[0]
    left_out["models not chosen"] = len(newest) - len(cells)
    starred = int((cells["caution"] != "").sum())
    notes: list[str | Finding] = [
        "one model of each large family: the one most often measured, of several the one with the plainest "
        "name and nearest in compute to the reference"
    ]
    if starred:
        notes.append(Finding("cells-starred", starred, values={"base": base[0]}))
    return ChartRows(
        cells,
        lines=_ranks(common, devices),
        left_out=left_out,
        notes=tuple(notes),
        unit="benchmark rows",
        subject=Finding(
            "relative-to", len(cells), values={"base": _name(base), "reference": devices[0].device_label}
        ),
        over={
            "profiles": ",".join(p.id for p in devices),
            "models": ",".join(_name(key) for key in models),
        },
    )


def _devices(benchmarks: pd.DataFrame) -> list[BenchmarkProfile]:
    """Return the newest inference profile of each device, the reference first.

    A device with few models would leave few to compare, so it is left out if there are two without it.
    """
    inference = [p for p in profiles_of(benchmarks) if p.mode == "infer"]
    rows = rows_by_profile(benchmarks)
    newest = newest_of_each_device(inference, rows)
    large = [p for p in newest if rows[p.id] >= _FEW * rows[newest[0].id]]
    return (large if len(large) > 1 else newest)[:MOST_DEVICES]


def _cells(
    common: pd.DataFrame, models: Sequence[tuple[str, int]], devices: Sequence[BenchmarkProfile]
) -> pd.DataFrame:
    """Return the rows of the chosen models, fastest on the first device first, device by device."""
    rows = common[[key in models for key in keys_of(common)]].reset_index(drop=True)
    rows["model"] = [_name(key) for key in keys_of(rows)]
    keys = keys_of(rows)
    base = rows[[key == models[0] for key in keys]].set_index("profile")
    # Ratios are taken on one device each, so that a device's overall speed cancels out.
    rows["relative"] = 100 * rows["samples_per_sec"] / rows["profile"].map(base["samples_per_sec"])
    rows["rank"] = rows.groupby("profile")["samples_per_sec"].rank(method="min", ascending=False).astype(int)
    reference = rows[rows["profile"] == devices[0].id].set_index("model")["rank"]
    rows["places"] = rows["model"].map(reference) - rows["rank"]
    rows["caution"] = _cautions(rows, base)
    batch = base["batch_size"].to_dict()
    rows["column"] = rows["profile"].map({p.id: _heading(p, batch[p.id]) for p in devices})
    rows["text"] = [
        plain(relative) + ("*" if caution else "") + places_in_words(int(places))
        for relative, caution, places in zip(rows["relative"], rows["caution"], rows["places"], strict=True)
    ]
    order = {p.id: number for number, p in enumerate(devices)}
    ranked = rows.assign(device_order=rows["profile"].map(order), first=rows["model"].map(reference))
    ranked = with_colour(ranked.sort_values(["device_order", "first", "model"]))
    return ranked[COLUMNS].reset_index(drop=True)


def _cautions(rows: pd.DataFrame, base: pd.DataFrame) -> list[str]:
    """Return for each row why its number does not compare strictly."""
    same_batch = rows["batch_size"] == rows["profile"].map(base["batch_size"])
    words = {"another batch size": ~same_batch}
    for column, why in (("benchmark_param_count", "other parameters"), ("gmacs", "files disagree on GMACs")):
        values = rows.groupby(KEY)[column]
        words[why] = values.transform("max") > values.transform("min") * AGREE
    return [
        "; ".join(why for why, on in zip(words, row, strict=True) if on)
        for row in zip(*words.values(), strict=True)
    ]


def _heading(profile: BenchmarkProfile, batch: int) -> str:
    first = ", ".join(word(profile, name) for name in ("precision", "layout"))
    rest = [word(profile, name) for name in ("compiler", "torch")]
    return "\n".join([profile.device_label, first, *rest, f"batch {batch:,}"])


def build(rows: ChartRows, context: ChartContext) -> AnyChart:
    """Return the table, the reference device first."""
    del context
    cells = rows.rows
    return table(
        "model",
        list(dict.fromkeys(cells["model"])),
        list(dict.fromkeys(cells["column"])),
        f"Against {cells['device_label'].iloc[0]}",
        [
            alt.Tooltip("model:N", title="model"),
            alt.Tooltip("profile:N", title="profile"),
            alt.Tooltip("relative:Q", title="relative speed", format=",.3~r"),
            alt.Tooltip("samples_per_sec:Q", title="throughput, images/s", format=",.2f"),
            alt.Tooltip("batch_size:Q", title="batch size"),
            alt.Tooltip("rank:Q", title="rank on the device"),
            alt.Tooltip("caution:N", title="not strictly comparable"),
        ],
    )


def describe(rows: ChartRows) -> list[Finding | Line]:
    """State how well the ranking on the reference device holds on the others, and who moves most."""
    cells = rows.rows
    devices = list(dict.fromkeys(cells["device_label"]))
    on = Finding("models-on-devices", int(cells["model"].nunique()), values={"devices": len(devices)})
    return [on, *_ranks_in_words(rows.lines, devices[0]), *_movers(cells)]


def _ranks_in_words(ranks: pd.DataFrame | None, reference: str) -> list[Line]:
    if ranks is None or ranks.empty:
        return []
    told: list[str | Finding] = [
        Finding("ranks-compared", int(ranks["models"].iloc[0]), values={"reference": reference})
    ]
    for number, line in enumerate(rows_of(ranks)):
        over = {"base": line.base, "other": line.other}
        values = {"rank": line.rank, "device": line.device_label}
        told += [", " if number else ": ", Finding("device-ranks", line.models, over, values)]
    return [(*told, ".")]


def _movers(cells: pd.DataFrame) -> list[Finding]:
    most = cells.sort_values(["places", "device", "model"], ascending=[False, True, True])
    told = [
        Finding(
            "gains-most" if row.places > 0 else "loses-most",
            int(cells["model"].nunique()),
            {"other": row.profile},
            {"model": row.model, "device": row.device_label, "places": abs(int(row.places))},
        )
        for row in (most.iloc[0], most.iloc[-1])
        if row.places
    ]
    return told or [Finding("no-place-changed", int(cells["model"].nunique()))]


def _ranks(common: pd.DataFrame, devices: Sequence[BenchmarkProfile]) -> pd.DataFrame:
    """Return for each other device how well the reference tells its ranking, over all common models."""
    speed = common.pivot(index=KEY, columns="profile", values="samples_per_sec")
    base = devices[0].id
    ranks = [(p, rank_correlation(speed[base], speed[p.id])) for p in devices[1:]]
    told = [
        {"base": base, "other": p.id, "device_label": p.device_label, "models": len(speed), "rank": rank}
        for p, rank in ranks
        if rank is not None
    ]
    return pd.DataFrame(told, columns=["base", "other", "device_label", "models", "rank"])


def _name(key: tuple[str, int]) -> str:
    return f"{key[0]} @ {key[1]}"


CHART = Chart(
    stem="device-relative-speed",
    title="Relative speed of common models, device by device",
    question="Does the ranking of models change from device to device?",
    category="comparison",
    height=None,
    prepare=prepare,
    build=build,
    describe=describe,
    table="benchmarks",
    scope="overview",
)
