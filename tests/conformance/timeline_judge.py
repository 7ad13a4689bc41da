"""Says whether a played timeline agrees with a recording of the real controllers, field by field.

Each compared field is a step function of time. Values that held for less than a second are left out: they are one
decision cut into single steps, and luck. What remains passes through the same values, with instants at most a second
apart (Flagger 1.5). Where the two takes of a recording differ themselves, either is right, or the same last value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

TOLERANCE = {"Flagger": 1.5}
HELD = 1.0
"""Seconds a value must hold to count."""
COMPARED = (
    ("ReplicaSet .*", r"spec\.replicas|available"),
    ("Deployment .*", r"spec\.replicas|paused|image|condition Progressing"),
    ("Rollout .*", r"spec\.replicas|phase|step|abort|stable|active|preview|weight canary|weight stable"),
    ("Service .*", "selects"),
    ("VirtualService .*", ".*"),
    ("Canary .*", "phase|weight|failed checks|iterations"),
    ("HPA .*", "desired"),
    ("AnalysisRun .*", "phase|.* (count|successful|failed|inconclusive|error)"),
    ("Experiment .*", "phase"),
)
Event = Sequence[Any]
"""[second, thing, field, old, new]"""
Field = tuple[str, str]
Steps = list[tuple[float, Any]]


class Difference(NamedTuple):
    """A field that does not agree, and how."""

    field: Field
    how: str


class Judged(NamedTuple):
    """What became of a comparison."""

    fields: int
    differences: tuple[Difference, ...]
    largest_gap: float
    """Seconds between an instant played and the recorded one, of the fields that pass through the same values."""


def judged(recording: Mapping[str, Any], events: Iterable[Event]) -> Judged:
    """Compare played events with a recording."""
    tolerance = TOLERANCE.get(recording["controller"], 1.0)
    start, until = recording["start"], recording["until"]
    real, again, ours = (
        steps(each, start, until) for each in (recording["events"], recording.get("again", recording["events"]), events)
    )
    found: list[Difference] = []
    gaps = [0.0]
    fields = [each for each in sorted({*real, *ours}) if " ".join(each) not in recording.get("flaps", {})]
    for field in fields:
        before: Steps = [(float("-inf"), start.get(field[0], {}).get(field[1]))]
        wanted, other, played = (each.get(field, before) for each in (real, again, ours))
        if _values(played) == _values(wanted):
            apart = [x - y for (x, _), (y, _) in zip(played[1:], wanted[1:], strict=True)]
            gaps += map(abs, apart)
            late = [each for each in apart if abs(each) > tolerance]
            if late:
                found.append(Difference(field, f"{late[0]:+.1f} s"))
        elif _values(wanted) == _values(other) or not (
            _values(played) == _values(other) or _values(played)[-1:] == _values(wanted)[-1:]
        ):
            found.append(Difference(field, f"passes through {_values(played)}, really {_values(wanted)}"))
    return Judged(len(fields), tuple(found), max(gaps))


def steps(events: Iterable[Event], start: Mapping[str, Mapping[str, Any]], until: float) -> dict[Field, Steps]:
    """The compared fields as steps, without what held for less than :data:`HELD`."""
    lines: dict[Field, Steps] = {}
    for second, thing, field, _, new in events:
        if any(re.fullmatch(one, thing) and re.fullmatch(other, field) for one, other in COMPARED):
            line = lines.setdefault((thing, field), [(float("-inf"), start.get(thing, {}).get(field))])
            line.append((second, new))
    return {field: _thin(line, until) for field, line in lines.items()}


def _thin(line: Steps, until: float) -> Steps:
    ends = [*(at for at, _ in line[1:]), until]
    kept = [each for place, each in enumerate(line) if ends[place] - each[0] >= HELD or place == len(line) - 1]
    thin: Steps = []
    for at, value in kept:
        if not thin or thin[-1][1] != value:
            thin.append((at, value))
    return thin


def _values(line: Steps) -> list[Any]:
    return [value for _, value in line]
