"""Findings in words: the one place where numbers become sentences.

A sentence is a template without a digit of its own; each field is ``n``, or a value of the finding, with the
form its number takes. To add one: a line in `SENTENCES`, and the same numbers from SQL in
``tests/findings/``, without which the tests fail.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, Final

from tasks.tables.finding import Finding, Value

# pairs of profiles: what is said of one, with its name before it and where a heading names it
_PAIR: Final = {
    "pair-comparable": "{median:times}, median of {n:count} comparable of {rows:count}",
    "pair-alike": "{median:times}, median of all {n:count}, all comparable",
    "pair-all": "{median:times}, median of all {n:count}, of which {differing:count} differ in {differs}",
    "pair-unlike": "{median:times}, median of all {n:count}, which all differ in {differs}",
}
_BEYOND: Final = {
    "pair-beyond": "{slower:count_or_none} slower, {faster:count_or_none} faster by more than {noise:whole}",
    "pair-even": "{slower:count_or_none} slower, {faster:count_or_none} faster by more than {noise:whole}; "
    "the median by less",
}

SENTENCES: Final[Mapping[str, str]] = {
    # any chart
    "rows-shown": "{n:count} {unit} shown",
    "rows-left-out": "{n:count} left out: {reason}",
    "frontier-ties": "≈: {n:count} of the {steps:count} steps of the frontier gain no more than one standard "
    "error of the accuracy, so the two models are a tie",
    # charts of one profile
    "dots": "{n:count} dots.",
    "dots-in-two-panels": "{n:count} dots in each of two panels.",
    "parameters-and-time": "{n:count} dots; rank correlation of parameters and time per image: "
    "{rank:correlation}.",
    "compute-and-time": "{n:count} dots in each of two panels; rank correlation with time per image: "
    "{gmacs:correlation} for GMACs, {macts:correlation} for activations.",
    "best-size": "{n:count} dots; most accurate: {best} at {best_size:count} pixels with {best_top1:percent} "
    "top-1.",
    "larger-image": "The same model at its next larger size ({n:count} pairs): median {gain:points} points "
    "of top-1 for {side:times} the side of the image and {time:times} the time per image; {gaining:share} "
    "of them gain.",
    "compute-borrowed": "{n:count} rows have their GMACs or activations from other benchmark files",
    "largest-family": "{n:count} bars; the largest family is {largest} with {models:count} merged rows.",
    "models-of-rest": "{n:count} merged rows are of families left out",
    "toys-not-counted": "{n:count} merged rows of toy models of timm's tests are in no family",
    "families-fitted": "{n:count} dots in {families:count} families, a fitted line for {fitted:count} of "
    "them.",
    "steepest-family": "Of the {n:count} with at least {fewest:count} models and times that span a doubling, "
    "{steepest} gains most for twice the time per image: {gain:points} points of top-1 (n {members:count}, "
    "R² {r2:correlation}).",
    "family-fit-short": "{family} spans no doubling (n {n:count}, R² {r2:correlation})",
    "family-fit": "{family} {gain:points} (n {n:count}, R² {r2:correlation})",
    "no-fit": "no line for {families}: fewer than {fewest:count} different times to fit",
    "frontier-ends": "{n:count} dots; {steps:count} are on the dashed Pareto frontier, from {fastest} "
    "({fastest_top1:percent} top-1 at {fastest_speed:plain} images/s) to {best} ({best_top1:percent} at "
    "{best_speed:plain} images/s).",
    # charts of test sets
    "models-in-panels": "{n:count} models, a dot in each panel.",
    "gap": "{n:count} models, median gap {gap:points} points",
    "gap-ranks": "rank correlation {rank:correlation}",
    "best-on": "best {best} with {top1:percent}",
    "ranked-among": "Rank among the {n:count} models evaluated on all these test sets, each at its best "
    "image size on ImageNet",
    "first-elsewhere": "{n:count} models; the most accurate on ImageNet, {best}, is first on {leads:count} "
    "of the {others:count} other test sets.",
    "largest-loss": "Largest loss: {model} from rank {before:count} on ImageNet to rank {after:count} on "
    "{words}.",
    "no-place-lost": "No model loses a place.",
    # relative speed
    "models-on-devices": "{n:count} models on {devices:count} devices.",
    "ranks-compared": "Rank correlation with {reference} over all {n:count} models measured on every device "
    "shown",
    "device-ranks": "{rank:correlation} on {device}",
    "gains-most": "Of the models shown, {model} gains most on {device}: {places:places}.",
    "loses-most": "Of the models shown, {model} loses most on {device}: {places:places}.",
    "no-place-changed": "No model shown changes its place.",
    "relative-to": "Images per second in percent of {base} on the same device; in brackets: places won or "
    "lost against {reference}",
    "cells-starred": "* {n:count} not strictly comparable (another batch size than {base}, or parameters or "
    "GMACs that differ between devices)",
    # pairs of profiles
    **{kind: f"{{pair}}: {words}." for kind, words in _PAIR.items()},
    **{kind: f"Of these {words}." for kind, words in _BEYOND.items()},
    **{f"{kind}-short": words for kind, words in {**_PAIR, **_BEYOND}.items()},
    "pair-median": "{median:times}",
    "pair-median-even": "{median:times} (noise)",
    "pair-families": "Medians of its {n:count} families: from {lowest} {lowest_median:times} "
    "({lowest_rows:count} of the rows) to {highest} {highest_median:times} ({highest_rows:count}).",
    "pairs-marked": "hollow: {n:count} in which something else differs too, such as the batch size",
    "pairs-without": "{n:count} pairs of devices not compared: no profiles that differ in the device alone",
    # pick
    "pick-profile": "{profile}: {n:count} rows",
    "pick-at-most": "at most {limit:typed} {unit}: {n:count} of {rows:count} rows",
    "pick-at-least": "at least {limit:typed} {unit}: {n:count} of {rows:count} rows",
    "pick-rows": "{n:count} models at an image size, each with its fastest row; {fitting:count} fit, "
    "{frontier:count} on the Pareto frontier, {shown:count} shown",
    "pick-ties": "Ties: {n:count} of {frontier:count} rows on the frontier, each at most one standard error "
    "of top-1 below the next more accurate one. Over {images:count} images that is {error:plain} points at "
    "{top1:accuracy}.",
    "pick-most-accurate": "most accurate that fits",
    "pick-fastest": "fastest that fits",
    "pick-step": "{times:times} as fast as rank {above:typed} for {less:plain} points less",
    "pick-step-slight": "{faster:plain} % faster than rank {above:typed} for {less:plain} points less",
    "pick-twin": "as fast and as accurate as {twin}",
    "pick-tie": "a tie, one standard error is {error:plain} points",
    "pick-alone-less": "{setting}: {rows:count} of {frontier:count} frontier rows; alone, {n:count} fit, "
    "and the most accurate is {best} at {img_size:pixels} px with {top1:accuracy}, {less:plain} points less",
    "pick-alone-slower": "{setting}: {rows:count} of {frontier:count} frontier rows; alone, {n:count} fit, "
    "and the most accurate is as accurate, but takes {slower:plain} % more time",
    "pick-alone-same": "{setting}: {rows:count} of {frontier:count} frontier rows; alone, {n:count} fit, "
    "and the most accurate is the same",
    "pick-alone-nothing": "{setting}: alone, nothing fits",
    "pick-relax": "{option} {limit:typed} (now {now:typed})",
    # changes and summary
    "snapshot-size": "{n:count} merged rows, benchmark profiles with rows in them: {profiles:count}.",
    "charts-in-build": "{n:count} charts, {drawn:count} drawn by this run, {kept:count} as they were.",
    "csv-rows": "| {n:count} | {used:count} | {rejected:count} |",
    "csv-rows-rejected": "`{file}`: {rejected:count} of {n:count} rejected",
    "coverage-of-profile": "| {profile} | {n:count} | {benchmark_only:count} | {evaluation_only:count} "
    "| {left_out:count} |",
    "changes-of-kind": "**{title}: {n:count}.**",
    "changes-not-named": "and {n:count} more",
    "changes-of-toys": "Of timm's toy models, in the table and not named here: {n:count}.",
    "profile-added": "`{subject}`",
    "profile-removed": "`{subject}`",
    "profile-replaced": "`{previous_name}` by `{subject}`",
    "test-set-added": "`{subject}`",
    "test-set-removed": "`{subject}`",
    "columns-changed": "`{subject}`",
    "model-added": "`{model}` at {img_size:pixels}",
    "model-removed": "`{model}` at {img_size:pixels}",
    "model-renamed": "`{previous_name}` is `{model}` at {img_size:pixels}",
    "accuracy-moved": "`{model}` at {img_size:pixels} on {subject} {before:thousandths} → "
    "{after:thousandths} %",
    "speed-moved": "{n:count} in `{profile}`, now {median:times} of before at the median "
    "({lowest:times} to {highest:times}), {other_batch:count} with another batch size",
    "frontier-entered": "`{model}` at {img_size:pixels} in `{subject}`",
    "frontier-left": "`{model}` at {img_size:pixels} in `{subject}`",
    "published": "{n:count} merged rows, {charts:count} charts, {kept:count} of them as they were; "
    "CSV rows {read:count} read, {used:count} used, {rejected:count} rejected",
    "taken-away": "shows {n:count} benchmark profiles and {charts:count} charts, and this run would leave "
    "{left:count} of these profiles and {left_charts:count} of these charts",
}
"""Kind of finding to its sentence."""


def say(finding: Finding) -> str:
    """Return a finding in words.

    Raises:
        KeyError: A kind without a sentence, a field without a value or a form that is not known.
    """
    return _Words().vformat(SENTENCES[finding.kind], (), {**finding.over, **finding.values, "n": finding.n})


def count(number: float) -> str:
    """Write a whole number: 1,627."""
    return f"{number:,.0f}"


def count_or_none(number: float) -> str:
    """Write a whole number, and none for zero."""
    return count(number) if number else "none"


def plain(number: float) -> str:
    """Write a number with three significant digits, no exponent: 114,000, 103, 0.384."""
    rounded = float(f"{number:.3g}")
    digits = max(0, 2 - math.floor(math.log10(abs(rounded)))) if rounded else 0
    return f"{rounded:,.{digits}f}"


def times(ratio: float) -> str:
    """Write a ratio with three digits: 1.08x, 255x."""
    return f"{plain(ratio)}x"


def seconds(time: float) -> str:
    """Write a time with three digits and its unit: 114 µs, 1.38 ms, 2.1 s."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if float(f"{time * factor:.3g}") >= 1 or unit == "µs":
            return f"{float(f'{time * factor:.3g}'):g} {unit}"
    raise AssertionError


def share(part: float) -> str:
    """Write a share so that some is never called none or all: none, under 1 %, 12.3 %, over 99.9 %, all."""
    if part in {0, 1}:
        return "all" if part else "none"
    number = 100 * part
    return "under 1 %" if number < 1 else "over 99.9 %" if number >= 99.95 else f"{number:.1f} %"


def whole(part: float) -> str:
    """Write a share that is a round number of percent: 3 %."""
    return f"{100 * part:.0f} %"


def places(number: float) -> str:
    """Write places won or lost: 1 place, 3 places."""
    return f"{number:,.0f} {'place' if number == 1 else 'places'}"


def typed(number: float) -> str:
    """Write a number as a person would type it, with every digit that counts: 0.89, 1020."""
    return f"{number:.15g}"


def correlation(number: float) -> str:
    """Write a correlation or an R2 with two decimals: 0.93; 1.00 only where it is exactly that."""
    text = f"{number:.2f}"
    return f"over {'-' if number < 0 else ''}0.99" if text in {"1.00", "-1.00"} and abs(number) < 1 else text


_PATTERNS: Final = {
    "percent": "{:.1f} %",  # 86.1 %
    "accuracy": "{:.2f} %",  # 86.86 %
    "thousandths": "{:.3f}",  # percent as precisely as upstream writes it: 86.086
    "points": "{:+.2f}",  # a difference of percentages: +0.80
    "pixels": "{:.0f}",  # the side of an image: 1024
}
FORMS: Final[Mapping[str, Callable[[Any], str]]] = {
    **{name: pattern.format for name, pattern in _PATTERNS.items()},
    "count": count,
    "count_or_none": count_or_none,
    "plain": plain,
    "times": times,
    "seconds": seconds,
    "share": share,
    "whole": whole,
    "places": places,
    "typed": typed,
    "correlation": correlation,
}


class _Words(Formatter):
    def format_field(self, value: Value, format_spec: str) -> str:
        if format_spec:
            return FORMS[format_spec](value)
        if not isinstance(value, str):
            msg = f"a number needs the form it takes, one of {', '.join(FORMS)}: {value!r}"
            raise TypeError(msg)
        return value
