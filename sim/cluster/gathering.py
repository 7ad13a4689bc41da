"""Which edits a replication knows: of the conditions that strike, the defect, and what the release does to everybody.

Those of a condition, and those of a defect on the new version from the start on, have times of their own. All others
wait for a moment of the release, which the twin never sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from sim.clock import Clock
from sim.draws import Key, Purpose, draw
from sim.failures import Luck
from sim.journal import Journal
from sim.moments import Moment
from sim.scenario.resolved import Condition, Defect, Planned, Scenario
from sim.scenario.weather import entity_of, strikes
from sim.steps import Edit, Effect
from sim.units import show_duration
from sim.versions import NEVER, NEW, STABLE
from sim.world import Rank

SHOWN_BY_DEATHS = (
    Effect.CRASH_AFTER,
    Effect.MEMORY_LEAK,
    Effect.KERNEL_PANIC,
    Effect.REQUEST_LEAK,
    Effect.POISON,
)
"""A defect of these sleeps until it has killed the first process; all others act as soon as their edit is in force."""


class Known(NamedTuple):
    """An edit, and what it waits for: then its times count from there. ``who`` brings it."""

    edit: Edit
    awaits: Moment | None = None
    who: str = ""


def gather(scenario: Scenario, defect: Defect | None, key: Key, journal: Journal, clock: Clock) -> Iterator[Known]:
    """All edits, in the order in which they are folded: conditions as listed, the defect, the release's effects."""
    yield from (Known(edit) for edit in _weather(scenario, key, journal, clock))
    if defect is not None:
        yield from _flaws(defect, key, journal, int(clock.now))
    for planned in scenario.release.effects:
        yield from _brought(planned, key)


def _weather(scenario: Scenario, key: Key, journal: Journal, clock: Clock) -> Iterator[Edit]:
    """The edits of the conditions that strike, in their order; their beginning and end are put into the story."""
    for condition in scenario.conditions:
        if strikes(condition, key):
            told = f"will strike at {show_duration(condition.at)}"
            journal.tell(int(clock.now), "condition", condition.name, told)
            shifted = [_later(edit, condition.at) for edit in condition.failure.edits(_weather_luck(key, condition))]
            edits = tuple(on_both_versions(shifted))
            if edits:
                _tell_of(condition, edits, scenario, clock, journal)
            yield from edits


def _tell_of(condition: Condition, edits: Sequence[Edit], scenario: Scenario, clock: Clock, journal: Journal) -> None:
    """Put the beginning and the end of a condition into the story."""
    begin, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
    what = ", ".join(dict.fromkeys(str(edit.effect) for edit in edits))
    if any(edit.effect is Effect.SURGE for edit in edits):
        swollen = (each.swells or "" for each in scenario.traffic.surges if each.condition == condition.name)
        what = f"up to {condition.failure.factor:g} times as many requests: {', '.join(swollen)}"
    _tell_at(begin, "weather", condition.name, f"brings {what}", clock, journal)
    if end < NEVER:
        _tell_at(end, "calm", condition.name, "is over", clock, journal)


def _tell_at(moment: int, kind: str, who: str, what: str, clock: Clock, journal: Journal) -> None:
    clock.at(moment, Rank.CONDITION, 2).callbacks.append(lambda _: journal.tell(moment, kind, who, what))


def _flaws(defect: Defect, key: Key, journal: Journal, now: int) -> Iterator[Known]:
    """The edits of the release's defect."""
    for known in _brought(defect, key):
        if known.edit.effect not in SHOWN_BY_DEATHS:
            journal.wake(max(known.edit.start, 0))
        if known.awaits is Moment.START and known.edit.version == NEW:
            value = known.edit.value
            figures = {"value": float(value)} if isinstance(value, int | float) else {}
            journal.tell(max(now, 0), "defect", defect.name, f"the release brings: {known.edit.effect}", **figures)
            yield Known(known.edit)
        else:
            yield known


def _brought(brought: Defect | Planned, key: Key) -> Iterator[Known]:
    """What a release brings, from its moment on: to the new version, or to both."""
    edits = brought.failure.edits(_luck_of(key, Purpose.CASE, entity_of(brought.name), first=0))
    for edit in edits if brought.on == "new" else on_both_versions(edits):
        yield Known(edit, Moment(brought.at), brought.name)


def on_both_versions(edits: Sequence[Edit]) -> Iterator[Edit]:
    """Each edit on whatever version runs, once."""
    yield from dict.fromkeys(replace(edit, version=version) for edit in edits for version in (STABLE, NEW))


def _later(edit: Edit, by: int) -> Edit:
    return replace(edit, start=edit.start + by, end=edit.end if edit.end == NEVER else edit.end + by)


def _weather_luck(key: Key, condition: Condition) -> Luck:
    return _luck_of(key, Purpose.CONDITION, entity_of(condition.name), first=1)


def _luck_of(key: Key, purpose: Purpose, entity: int, *, first: int) -> Luck:
    return lambda number: draw(key, purpose, entity, first + number)[0]
