"""A small site on disk: every chart of one made-up profile, the gallery and the shared files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from config.contracts import CHANGES, COVERAGE, REJECTS
from tasks.charts.registry import OVERVIEW_CHARTS, PROFILE_CHARTS
from tasks.pages.draw import draw_chart
from tasks.pages.gallery import Gallery, Heading, write_gallery
from tasks.pages.render import write_assets
from tasks.tables.contract import as_table, empty_table
from tasks.tables.filenames import BenchmarkProfile, classify
from tests.frames import PROFILE, SNAPSHOT, SNAPSHOT_IN_WORDS, a_profile, context, draw_job
from tests.overview_tables import OVERVIEW_CONTEXT, a_benchmark_table, an_evaluation_table

OTHER_PROFILE = "train-amp-nchw-pt112-cu113-rtx3090"
PROFILE_PAGES = tuple(f"charts/{PROFILE}/inference-{chart.stem}.html" for chart in PROFILE_CHARTS)
OVERVIEW_PAGES = tuple(f"charts/overview/{chart.stem}.html" for chart in OVERVIEW_CHARTS)
ALL_CHARTS = 2 * len(PROFILE_CHARTS) + len(OVERVIEW_CHARTS)


def make_site(folder: Path) -> Path:
    drawn = [
        draw_chart(draw_job(chart.stem, a_profile(), context(profile=profile, mode=mode)), folder)
        for profile, mode in ((PROFILE, "infer"), (OTHER_PROFILE, "train"))
        for chart in PROFILE_CHARTS
    ]  # fmt: skip
    whole = {"benchmarks": a_benchmark_table(), "evaluations": an_evaluation_table()}
    drawn += [
        draw_chart(draw_job(chart.stem, whole[chart.table], OVERVIEW_CONTEXT), folder)
        for chart in OVERVIEW_CHARTS
    ]
    assert not [chart.name for chart in drawn if chart.reason]
    kinds = {name: classify(f"benchmark-{name}.csv") for name in (PROFILE, OTHER_PROFILE)}
    heading = Heading(
        SNAPSHOT, SNAPSHOT_IN_WORDS, "ee5b1e82", "2024-09-05", None, None, "ImageNet validation", False
    )
    moved = {
        "kind": "accuracy-moved",
        "subject": "imagenet",
        "changed_model": "vit.a",
        "changed_img_size": 224,
        "before": 80.0,
        "after": 81.0,
    }
    gallery = Gallery(
        heading=heading,
        charts=drawn,
        profiles={name: kind for name, kind in kinds.items() if isinstance(kind, BenchmarkProfile)},
        changes=as_table(pd.DataFrame([moved]), CHANGES),
        coverage=empty_table(COVERAGE),
        rejects=empty_table(REJECTS),
        problems=("results-sketch.csv@ee5b1e82: no column top1",),
        not_drawn=(),
    )  # fmt: skip
    write_gallery(gallery, folder)
    write_assets(folder / "assets", folder / "cache")
    return folder
