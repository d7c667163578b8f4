"""What a run would take away from the outputs because less is asked of it than of the build they show. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from tasks.outputs.manifest import Asked, Manifest, profiles_in_words
from tasks.tables.finding import Finding
from tasks.tables.sentences import say
from tasks.tables.snapshot import is_asked_for


def taken_away(before: Manifest, asked: Asked, profiles: Iterable[str]) -> str | None:
    """Say what a run takes away from the build before; None where it asks for all that was asked for then.

    What upstream took away itself is not meant: that is the news.

    Args:
        before: The build.
        asked: What the run is asked for.
        profiles: All benchmark profiles of the results commit of the run.
    """
    narrower = any(is_asked_for(p, before.profiles) and not is_asked_for(p, asked.profiles) for p in profiles)
    if not narrower and not has_other_rules(before, asked):
        return None
    of_preset = f", by the rules of preset {asked.preset}" if has_other_rules(before, asked) else ""
    return f"{say(left_over(before, asked))}: it is of {profiles_in_words(asked.profiles)}{of_preset}"


def has_other_rules(before: Manifest, asked: Asked) -> bool:
    """Tell whether a run has a preset that the build before was not made by; without one nothing is left out."""
    return asked.preset is not None and asked.preset != before.preset


def left_over(before: Manifest, asked: Asked) -> Finding:
    """Return how many profiles a build shows and how many charts, and how many of them a run is asked for too."""
    shown = {file.subject or "" for file in before.source.files if file.kind == "benchmarks" and not file.error}
    # By other rules every chart is another one.
    same_rules = not has_other_rules(before, asked)
    left = {profile for profile in shown if same_rules and is_asked_for(profile, asked.profiles)}
    values = {
        "charts": len(before.charts),
        "left": len(left),
        "left_charts": sum(chart.profile in left for chart in before.charts),
    }
    return Finding("taken-away", len(shown), values=values)
