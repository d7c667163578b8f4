"""Which snapshots of the build before stay, under which id, and what is known of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tasks.outputs.manifest import SnapshotEntry
from tasks.tables.history import Placed


@dataclass(frozen=True)
class Older:
    """A snapshot of the build before."""

    was: str  # its id there
    snapshot_id: str
    entry: SnapshotEntry

    @property
    def is_renamed(self) -> bool:
        """Tell whether it gets the id that this version gives it."""
        return self.was != self.snapshot_id

    @property
    def is_known(self) -> bool:
        """Tell whether the time of its commit is known, which the id of this version needs."""
        return self.entry.committed_at is not None


def commits_to_find(there: Iterable[str], entries: Mapping[str, SnapshotEntry]) -> dict[str, str]:
    """Return for each snapshot whose time no manifest says the commit to ask git for, or its first digits.

    Before version 3 of the manifest snapshots were named by date and hash, and no time was written down.
    """
    commits = {name: _entry(name, entries) for name in there}
    return {name: entry.commit for name, entry in commits.items() if entry.committed_at is None}


def older_snapshots(
    there: Iterable[str], entries: Mapping[str, SnapshotEntry], found: Mapping[str, Placed]
) -> list[Older]:
    """Return each snapshot with the id it is to have and all that is known of it.

    Args:
        there: Ids in the build before.
        entries: What its manifest says of them.
        found: What git says, by commit as `commits_to_find` gives it.
    """
    return [_older(name, _entry(name, entries), found) for name in there]


def _older(name: str, entry: SnapshotEntry, found: Mapping[str, Placed]) -> Older:
    at = found.get(entry.commit) if entry.committed_at is None else None
    if at is None:
        return Older(name, name, entry)
    now_known = {
        "commit": at.commit.sha,
        "committed_at": at.commit.time,
        "previous_snapshot": at.previous.snapshot_id if at.previous else None,
    }
    return Older(name, at.commit.snapshot_id, entry.model_copy(update=now_known))


def _entry(name: str, entries: Mapping[str, SnapshotEntry]) -> SnapshotEntry:
    digits = name.split("-", 3)[-1][:8]
    return entries.get(name) or SnapshotEntry(commit=digits, preset=None, profiles=(), code="")


@dataclass(frozen=True)
class CarriedOver:
    """What becomes of the snapshots of the build before; each is the one made anew, stays, or is in a text."""

    stay: tuple[Older, ...]  # by their ids
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def carry_over(older: Iterable[Older], damaged: Collection[str], current: str) -> CarriedOver:
    """Tell which snapshots stay.

    Args:
        older: All of the build before.
        damaged: Ids there of those with a file that is missing or altered.
        current: Id of the snapshot that the new build makes.
    """
    others = [one for one in older if one.snapshot_id != current]
    sound = sorted((one for one in others if one.was not in damaged), key=lambda one: not one.is_renamed)
    stay = {one.snapshot_id: one for one in sound}  # of two that get the same id the one that had it
    notes, problems = [], []
    for one in others:
        if one.was in damaged:
            problems.append(
                f"snapshot {one.was} is damaged and dropped; "
                f"timm-charts refresh --ref {one.entry.commit[:8]} makes it again, and the current one"
            )
        elif stay[one.snapshot_id] != one:
            notes.append(f"snapshot {one.was} is there as {one.snapshot_id} too, which stays")
        elif one.is_renamed:
            notes.append(f"snapshot {one.was} is called {one.snapshot_id} now: its id has the time too")
        elif not one.is_known:
            problems.append(
                f"snapshot {one.was} stays, but without a time in its id and in table commits: "
                "upstream no longer has its commit"
            )
    return CarriedOver(tuple(stay[name] for name in sorted(stay)), tuple(notes), tuple(problems))
