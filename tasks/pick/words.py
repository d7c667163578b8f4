"""The answer of ``pick`` as a table for a terminal and as one JSON object."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from config.vocabulary import TEST_SET_IMAGES
from tasks.pick.pick import Limits, Pick, Picks, Relaxation
from tasks.tables.call import TRANSFORM
from tasks.tables.finding import Finding, Value
from tasks.tables.sentences import say
from tasks.tables.source import snapshot_in_words

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
    device: str
    device_label: str
    mode: str
    profiles: tuple[str, ...]  # looked at, in the order in which the first of equally fast ones counts
    other_profiles: tuple[str, ...]
    other_devices: tuple[str, ...]
    test_set: str
    test_set_in_words: str
    limits: Limits

    @property
    def over(self) -> dict[str, Value]:
        """Return which rows of the tables the answer is about."""
        return {"profiles": " ".join(self.profiles), "test_set": self.test_set, **vars(self.limits)}


@dataclass(frozen=True)
class Answer:
    """A question with its picks and what is stated about the rows they were chosen from."""

    question: Question
    picks: Picks
    about: tuple[Finding, ...]

    @property
    def findings(self) -> list[Finding]:
        """Return everything with a number that the answer states, in the order of the text."""
        of_models = [finding for model in self.picks.models for finding in model.reasons]
        relax = [finding for relaxation in self.picks.relax for finding in _relax(relaxation, self.question)]
        found = [*self.about, _rows(self.picks), *of_models, *relax, *_ties(self.picks, self.question)]
        return [finding.about(**self.question.over) for finding in found]


def as_json(answer: Answer) -> str:
    """Return question and answer as one JSON object, numbers in full."""
    whole = asdict(answer.question) | _plain_picks(answer.picks) | {"transform": TRANSFORM}
    whole["findings"] = [finding.plain() | {"words": say(finding)} for finding in answer.findings]
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)


def _plain_picks(picks: Picks) -> dict[str, Any]:
    """Return the picks as plain values, with the reason of each in words."""
    models = []
    for model in picks.models:
        values = {name: value for name, value in vars(model).items() if name != "reasons"}
        models.append(values | {"reason": _reason(model)})
    return vars(picks) | {"models": models, "relax": [asdict(relaxation) for relaxation in picks.relax]}


def as_text(answer: Answer) -> str:
    """Return question and answer for a terminal."""
    question, picks = answer.question, answer.picks
    lines = ["SAMPLE: made-up numbers, not results of any model"] if question.sample else []
    lines += [*_asked(answer), ""]
    lines += _table(picks.models) if picks.models else _nothing(answer)
    lines += ["", *(line for words in _below(answer) for line in _wrapped(words))]
    return "\n".join(lines)


def _asked(answer: Answer) -> Iterator[str]:
    """Yield what was asked, of which numbers, and how many rows there are."""
    question = answer.question
    also = (
        f" (first of this name; also {', '.join(question.other_devices)})" if question.other_devices else ""
    )
    yield f"device    {question.device_label}, {_MODES[question.mode]}{also}"
    for i, words in enumerate(_said(answer, "pick-profile")):
        yield f"{'' if i else 'profiles':10}{words}"
    yield f"accuracy  top-1 on {question.test_set_in_words}"
    yield f"snapshot  {snapshot_in_words(question.snapshot)}" + (
        f", preset {question.preset}" if question.preset else ""
    )
    limits = [*_said(answer, "pick-at-most"), *_said(answer, "pick-at-least")]
    for i, words in enumerate(limits or ["none"]):
        yield f"{'' if i else 'limits':10}{words}"
    yield from _wrapped(f"rows      {say(_rows(answer.picks))}", indent=10)
    yield from (f"          {words}" for words in _said(answer, "rows-left-out"))


_MODES: Final = {"infer": "inference", "train": "training"}


def _said(answer: Answer, kind: str) -> list[str]:
    return [say(finding) for finding in answer.about if finding.kind == kind]


def _rows(picks: Picks) -> Finding:
    values = {"fitting": picks.fitting, "frontier": picks.on_frontier, "shown": len(picks.models)}
    return Finding("pick-rows", picks.considered, values=values)


def _ties(picks: Picks, question: Question) -> list[Finding]:
    """State how many ties there are; nothing where the number of images is not known."""
    if not picks.models or picks.models[0].top1_error is None:
        return []
    best = picks.models[0]
    values: dict[str, Value] = {
        "frontier": picks.on_frontier,
        "images": TEST_SET_IMAGES[question.test_set],
        "error": best.top1_error,
        "top1": best.top1,
    }
    return [Finding("pick-ties", picks.ties, values=values)]


def _below(answer: Answer) -> Iterator[str]:
    """Yield what is said under the table."""
    alone = [say(finding) for finding in answer.about if finding.kind.startswith("pick-alone")]
    if alone:
        yield "What one setting gives:"
        yield from (f"  {words}" for words in alone)
    if answer.picks.models:
        ties = _ties(answer.picks, answer.question)
        yield from map(say, ties)
        if not ties:
            yield "How many images this test set has is not known, so it can't be said which rows are a tie."
        yield f"Each call has the size and crop of its row; its images go through {TRANSFORM}."
    yield "ms/image is one over throughput at that batch size: not a latency, not the time of a batch."
    if answer.question.other_profiles:
        yield f"other profiles of this device (--profile): {', '.join(answer.question.other_profiles)}"


def _wrapped(words: str, indent: int = 4) -> list[str]:
    # A profile id is there to be copied: never cut at its dashes.
    return textwrap.wrap(
        words, _WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False, break_long_words=False
    )


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
        lines += [row, f"{indent}{_reason(model)}", f"{indent}{model.profile}"]
        lines += [f"{indent}{part}" for part in _call_lines(model.create)]
    return lines


def _reason(model: Pick) -> str:
    return "; ".join(map(say, model.reasons))


def _call_lines(call: str) -> list[str]:
    """Return a call on two lines, which is Python as well."""
    start, argument = call.split(" pretrained_cfg_overlay=", 1)
    return [start, f"    pretrained_cfg_overlay={argument}"]


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


def _nothing(answer: Answer) -> list[str]:
    relax = answer.picks.relax
    if not relax:
        return ["Nothing fits: there is no row to choose from."]
    lines = [f"Nothing fits. {'Any one of these' if len(relax) > 1 else 'This'} would let a model in:"]
    for relaxation in relax:
        lines += [f"  {' and '.join(map(say, _relax(relaxation, answer.question)))}"]
        lines += [f"    {part}" for part in _call_lines(relaxation.create)]
    return lines


def _relax(relaxation: Relaxation, question: Question) -> list[Finding]:
    """State each limit that has to change, all of one relaxation together."""
    over: dict[str, Value] = {"relaxed": " ".join(relaxation.limits), "model": relaxation.model}
    return [
        Finding(
            "pick-relax",
            relaxation.fitting,
            over | {"column": name, "option": f"--{name.replace('_', '-')}", "img_size": relaxation.img_size},
            {"limit": limit, "needed": relaxation.needed[name], "now": getattr(question.limits, name)},
        )
        for name, limit in relaxation.limits.items()
    ]
