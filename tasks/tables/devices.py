"""What a benchmark was measured on: one device for each card or processor, however a file name spells it.

The rules are data, in ``config/devices.toml``. A spelling that no rule knows is a device of its own, so that
cards to come need no change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, cast, get_args

from config.vocabulary import data_file

Kind = Literal["gpu", "cpu"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_FIELD: Final = re.compile(r"\{(\d)(:upper)?\}")
_GAP: Final = re.compile(r"(?<=[a-z]{4})(?=\d)|(?<=\d)(?=[a-z]{3})")  # XEON 8480, H100 PCIE, but MI300X
_NUMBER: Final = re.compile(r"\d{4,}")  # fewer say little: a100 and h100 are no look-alikes


@dataclass(frozen=True, order=True)
class Device:
    """What the numbers were measured on."""

    id: str  # such as rtx4090
    label: str  # for people, such as RTX 4090
    kind: Kind


def kind_of(runtime: str | None) -> Kind:
    """Return the kind of device that a benchmark file's runtime tells: ``cpu``, or any other."""
    return "cpu" if runtime == "cpu" else "gpu"


@cache
def device_of(spelling: str, kind: Kind) -> Device:
    """Return the device that a spelling means."""
    key = _key(spelling)
    for rule in _rules(kind):
        if match := re.fullmatch(rule["found"], key):
            groups = [group or "" for group in match.groups()]
            return Device(_filled(rule["id"], groups), _label(rule["label"], groups), kind)
    return Device(key, _GAP.sub(" ", key).upper(), kind)


def is_known(device: Device) -> bool:
    """Tell whether a rule knows the device, so that it is no look-alike by mistake."""
    key = _key(device.id)
    return any(re.fullmatch(rule["found"], key) for kind in KINDS for rule in _rules(kind))


def named(asked: str, there: Iterable[Device]) -> list[Device]:
    """Return which of the devices somebody means by a name.

    A name is an id, a label, any spelling that a file name could have, or a kind; letters and spaces do not
    matter. An id or label comes before a kind of that name.
    """
    devices = sorted(set(there))
    plain = " ".join(asked.lower().split())
    exact = [device for device in devices if plain in (device.id, device.label.lower())]
    spelled = [device for device in devices if device == device_of(asked, device.kind)]
    of_kind = [device for device in devices if plain == device.kind]
    return exact or spelled or of_kind


def look_alikes(there: Iterable[Device]) -> list[str]:
    """Say which devices no rule knows and yet share their number with another: one card spelled anew?"""
    devices = sorted(set(there))
    return [
        f"device {device.id} counts as another one than {other.id} ({other.label}); if it is the same, add a "
        "rule to config/devices.toml"
        for device in devices
        if not is_known(device)
        for other in devices
        if other != device and _numbers(other) & _numbers(device)
    ]


def _key(spelling: str) -> str:
    """Return what of a spelling counts."""
    return re.sub(r"[^a-z0-9]", "", spelling.lower()) or "unnamed"


def _numbers(device: Device) -> set[str]:
    return set(_NUMBER.findall(device.id))


def _rules(kind: Kind) -> list[dict[str, Any]]:
    return [rule for rule in data_file("devices.toml")["rule"] if cast("Kind", rule["kind"]) == kind]


def _filled(template: str, groups: list[str]) -> str:
    def value(field: re.Match[str]) -> str:
        text = groups[int(field[1]) - 1]
        return text.upper() if field[2] else text

    return _FIELD.sub(value, template)


def _label(template: str, groups: list[str]) -> str:
    """Fill a label in: words such as ``super`` as people write them, and no gap for an empty one."""
    words = data_file("devices.toml")["words"]
    return " ".join(_filled(template, [words.get(group, group) for group in groups]).split())
