"""The answer of ``pick`` as a table for a terminal and as one JSON object."""

from __future__ import annotations

import json
import math
import textwrap
from dataclasses import asdict, dataclass
from typing import Final

from tasks.pick.pick import Limits, Pick, Picks, Relaxation, create_call, plain
from tasks.tables.source import snapshot_in_words

_UNITS: Final = {"max_ms": "ms per image", "max_params": "million parameters", "min_top1": "% top-1"}
_HEADER: Final = ("#", "model", "px", "top-1 %", "ms/image", "img/s", "batch", "params M")
_LEFT: Final = 1  # the model's name; everything else is a number
_WIDTH: Final = 100


@dataclass(frozen=True)
class Question:
    """What was asked and of which numbers."""

    snapshot: str
    commit: str
    upstream: str
    sample: bool
    preset: str | None
    profile: str
    profile_in_words: str
    other_profiles: tuple[str, ...]
    test_set: str
    test_set_in_words: str
    no_evaluation: int
    toys: int  # rows of timm's toy models, left aside
    limits: Limits


def as_json(question: Question, picks: Picks) -> str:
    """Return question and answer as one JSON object, numbers in full."""
    return json.dumps(asdict(question) | asdict(picks), indent=1, ensure_ascii=False, allow_nan=False)


def as_text(question: Question, picks: Picks) -> str:
    """Return question and answer for a terminal."""
    lines = ["SAMPLE: made-up numbers, not results of any model"] if question.sample else []
    lines += [
        f"device    {question.profile_in_words}",
        f"profile   {question.profile}",
        f"accuracy  top-1 on {question.test_set_in_words}",
        f"snapshot  {snapshot_in_words(question.snapshot)}"
        + (f", preset {question.preset}" if question.preset else ""),
        f"limits    {_limits(question.limits)}",
        f"{picks.considered:,} rows (models at an image size), {picks.fitting:,} fit, "
        f"{picks.on_frontier:,} on the Pareto frontier, {len(picks.models):,} shown",
        *_left_out(question),
        "",
    ]
    lines += _table(picks.models) if picks.models else _nothing(question.limits, picks.relax)
    lines += [
        "",
        "ms/image is 1000 / throughput at that batch size: not a latency, not the time of a batch.",
    ]
    if question.other_profiles:
        others = f"other profiles of this device (--profile): {', '.join(question.other_profiles)}"
        # A profile id is there to be copied: never cut at its dashes.
        lines += textwrap.wrap(
            others, _WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
        )
    return "\n".join(lines)


def _left_out(question: Question) -> list[str]:
    counts = {
        "without an evaluation on this test set": question.no_evaluation,
        "of timm's toy models": question.toys,
    }
    told = [f"{count:,} {why}" for why, count in counts.items() if count]
    return [f"left out  {'; '.join(told)}"] if told else []


def _limits(limits: Limits) -> str:
    words = [
        f"{'at least' if name == 'min_top1' else 'at most'} {plain(getattr(limits, name))} {_UNITS[name]}"
        for name in limits.given
    ]
    return ", ".join(words) or "none"


def _table(models: tuple[Pick, ...]) -> list[str]:
    cells = [_HEADER, *map(_cells, models)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(_HEADER))]
    rows = [
        "  ".join(
            cell.ljust(width) if i == _LEFT else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    indent = " " * (widths[0] + 2)
    lines = [rows[0]]
    for row, model in zip(rows[1:], models, strict=True):
        lines += [row, f"{indent}{model.reason}", f"{indent}{model.create}"]
    return lines


def _cells(model: Pick) -> tuple[str, ...]:
    return (
        str(model.rank),
        model.model,
        str(model.img_size),
        f"{model.top1:.3f}",
        _figures(model.ms_per_image),
        _figures(model.samples_per_sec),
        str(model.batch_size),
        f"{model.param_count:,.2f}",
    )


def _figures(value: float) -> str:
    """Write a positive number with four significant digits, never with an exponent."""
    return f"{value:,.{max(0, 3 - math.floor(math.log10(value)))}f}"


def _nothing(limits: Limits, relax: tuple[Relaxation, ...]) -> list[str]:
    if not relax:
        return ["Nothing fits: there is no row to choose from."]
    lines = [f"Nothing fits. {'Any one of these' if len(relax) > 1 else 'This'} would let a model in:"]
    for relaxation in relax:
        changes = " and ".join(
            f"--{name.replace('_', '-')} {plain(value)} (now {plain(getattr(limits, name))})"
            for name, value in relaxation.limits.items()
        )
        lines += [f"  {changes}", f"    {create_call(relaxation.model)} at {relaxation.img_size} px"]
    return lines
