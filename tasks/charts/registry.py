"""Every chart, in gallery order. A chart that is not here does not exist."""

from __future__ import annotations

from typing import Final

from tasks.charts.chart import Chart
from tasks.charts.overview import (
    compilers,
    device_speed,
    layouts,
    precisions,
    relative_speed,
    robustness,
    robustness_ranks,
    torch_versions,
    training_cost,
)
from tasks.charts.profile import (
    accuracy_vs_size,
    benchmark,
    compute_vs_time,
    family_counts,
    parameters_vs_time,
    subset_benchmark,
)

PROFILE_CHARTS: Final[tuple[Chart, ...]] = (
    benchmark.CHART,
    subset_benchmark.CHART,
    parameters_vs_time.CHART,
    accuracy_vs_size.CHART,
    compute_vs_time.CHART,
    family_counts.CHART,
)
"""Drawn for each benchmark profile."""
OVERVIEW_CHARTS: Final[tuple[Chart, ...]] = (
    device_speed.CHART,
    relative_speed.CHART,
    compilers.CHART,
    layouts.CHART,
    precisions.CHART,
    training_cost.CHART,
    torch_versions.CHART,
    robustness.CHART,
    robustness_ranks.CHART,
)
"""Drawn once: they compare profiles or test sets."""
BY_STEM: Final = {chart.stem: chart for chart in (*PROFILE_CHARTS, *OVERVIEW_CHARTS)}
