"""What the failures in force do: edits folded into the versions' columns, and asked for pod by pod.

The columns are folded anew from their base values, in the order conditions (as listed), then the defect, whenever an
edit begins or ends, or the versions begin or cease to serve side by side. Nothing is ever undone by division.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sim.clock import Clock
from sim.cluster.damage import Spoilage
from sim.cluster.folding import fold
from sim.cluster.pod import Pod
from sim.draws import Key, Purpose, draw
from sim.failures import Luck, bad_answers
from sim.journal import Journal
from sim.scenario.resolved import Condition, Defect, Scenario
from sim.scenario.weather import entity_of, strikes
from sim.steps import Damage, Edit, Effect
from sim.units import show_duration
from sim.versions import NEVER, NEW, STABLE, VERSIONS
from sim.world import Rank, World


class Effects:
    """The edits of one replication; keeps the world's ``Versions`` up to date."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        defect: Defect | None,
        key: Key,
        world: World,
        clock: Clock,
        journal: Journal,
        changed: Callable[[], None],
    ) -> None:
        self._world, self._clock, self._key, self._changed = world, clock, key, changed
        self._streams = tuple(stream.swells or stream.name for stream in scenario.traffic.played)
        self._base_error = scenario.release.baseline_errors
        self._base_factor = {STABLE: 1.0, NEW: scenario.release.service_factor}
        self._base_calls = _base_calls(scenario)
        self._mixed = False
        edits = (*_weather(scenario, key, journal, clock), *_flaws(defect, key, journal, int(clock.now)))
        self.edits = tuple(edit for edit in edits if edit.effect is not Effect.SURGE)  # places name the luck of others
        damages = [edit.value for edit in self.edits if isinstance(edit.value, Damage)]
        self._spoilt = dict.fromkeys(damages, Spoilage())
        self._fold()
        for moment in sorted({moment for edit in self.edits for moment in (edit.start, edit.end)}):
            if int(clock.now) < moment < NEVER:
                clock.at(moment, Rank.CONDITION, 0).callbacks.append(lambda _: self._turn())

    def serve_side_by_side(self, mixed: bool) -> None:
        """Say whether users can reach both versions; edits that need it follow."""
        if mixed != self._mixed:
            self._mixed = mixed
            self._fold()

    def on_pods(self, version: int, *effects: Effect) -> Iterator[tuple[int, Edit]]:
        """The edits in force of these effects on a version's pods, each with its place among all edits."""
        for place, edit in enumerate(self.edits):
            if edit.version == version and edit.effect in effects and self._in_force(edit):
                yield place, edit

    def on_machines(self, *effects: Effect) -> tuple[Edit, ...]:
        """The edits of these effects, in force or not, each once: a machine has no version."""
        found = (replace(edit, version=STABLE) for edit in self.edits if edit.effect in effects)
        return tuple(dict.fromkeys(found))

    def never_ready(self, pod: Pod) -> bool:
        """Whether the pod's readiness probe cannot pass; an edit may hit a share of the pods only."""
        return any(self._hits(pod, place, edit) for place, edit in self.on_pods(pod.version, Effect.NEVER_READY))

    def pull_fails(self, version: int) -> bool:
        """Whether images of the version that a node lacks cannot be pulled."""
        return any(True for _ in self.on_pods(version, Effect.PULL_FAILURE))

    def metrics_out(self) -> bool:
        """Whether nobody can see any metric."""
        return any(edit.effect is Effect.METRICS_OUT and self._in_force(edit) for edit in self.edits)

    def new_version_serves(self, share: float) -> None:
        """Say which share of the users the new version serves from now on; what it spoils follows."""
        now = int(self._clock.now)
        for damage, spoilt in self._spoilt.items():
            if share != spoilt.share:
                self._spoilt[damage] = spoilt.serving(share, now, damage)
                self._fold()
                self._watch(damage)

    def _watch(self, damage: Damage) -> None:
        """Fold anew whenever a damage has grown enough, or is repaired."""
        spoilt = self._spoilt[damage]
        due = spoilt.look_at(int(self._clock.now), damage)
        if due < NEVER:
            self._clock.at(due, Rank.CONDITION, 1).callbacks.append(lambda _: self._look_at(damage, spoilt))

    def _look_at(self, damage: Damage, spoilt: Spoilage) -> None:
        if self._spoilt[damage] is spoilt:
            self._fold()
            if spoilt.share > 0.0:
                self._watch(damage)

    def _hits(self, pod: Pod, place: int, edit: Edit) -> bool:
        """Whether an edit on a share of the pods hits this one."""
        return edit.cohort >= 1.0 or draw(self._key, Purpose.POD_HIT, pod.address, place)[0] < edit.cohort

    def _in_force(self, edit: Edit) -> bool:
        return edit.start <= self._clock.now < edit.end and (self._mixed or not edit.mixed)

    def _turn(self) -> None:
        self._fold()
        self._changed()

    def _fold(self) -> None:
        """Write every column of both versions anew."""
        columns = self._world.columns.versions
        in_force = [each for edit in self.edits if self._in_force(edit) for each in self._answers_of(edit)]
        for version in range(VERSIONS):
            for place, stream in enumerate(self._streams):
                edits = [edit for edit in in_force if edit.version == version and _meets(edit, stream)]
                calls = self._base_calls[version][place]
                columns[version, place] = tuple(fold(self._base_error, self._base_factor[version], edits, calls))

    def _answers_of(self, edit: Edit) -> tuple[Edit, ...]:
        """The edit, or the bad answers that the data it has spoilt so far makes."""
        if not isinstance(edit.value, Damage):
            return (edit,)
        damage = edit.value
        rate = damage.rate * self._spoilt[damage].at(int(self._clock.now), damage)
        return bad_answers(rate=rate, visible=damage.visible, streams=edit.streams, version=edit.version)


def _weather(scenario: Scenario, key: Key, journal: Journal, clock: Clock) -> Iterator[Edit]:
    """The edits of the conditions that strike, in their order; their beginning and end are put into the story."""
    for condition in scenario.conditions:
        if strikes(condition, key):
            told = f"will strike at {show_duration(condition.at)}"
            journal.tell(int(clock.now), "condition", condition.name, told)
            edits = tuple(_on_both_versions(condition, _weather_luck(key, condition)))
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


def _base_calls(scenario: Scenario) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Calls per request to the stream's dependency, by version and stream."""
    streams = scenario.traffic.played
    stable = tuple(sum(stream.calls.values()) for stream in streams)
    changed = scenario.release.calls
    return stable, tuple(
        changed.get(stream.swells or stream.name, calls) for stream, calls in zip(streams, stable, strict=True)
    )


def _flaws(defect: Defect | None, key: Key, journal: Journal, now: int) -> Iterator[Edit]:
    """The edits of the release's defect, if it has one."""
    if defect is not None:
        edits = defect.failure.edits(_luck_of(key, Purpose.CASE, entity_of(defect.name), first=0))
        for edit in edits:
            figures = {"value": float(edit.value)} if isinstance(edit.value, int | float) else {}
            journal.tell(max(now, 0), "defect", defect.name, f"the release brings: {edit.effect}", **figures)
        yield from edits


def _on_both_versions(condition: Condition, luck: Luck) -> Iterator[Edit]:
    """A condition's edits from the moment it strikes, on whatever version runs."""
    shifted = [_later(edit, condition.at) for edit in condition.failure.edits(luck)]
    yield from dict.fromkeys(replace(edit, version=version) for edit in shifted for version in (STABLE, NEW))


def _later(edit: Edit, by: int) -> Edit:
    return replace(edit, start=edit.start + by, end=edit.end if edit.end == NEVER else edit.end + by)


def _weather_luck(key: Key, condition: Condition) -> Luck:
    return _luck_of(key, Purpose.CONDITION, entity_of(condition.name), first=1)


def _luck_of(key: Key, purpose: Purpose, entity: int, *, first: int) -> Luck:
    return lambda number: draw(key, purpose, entity, first + number)[0]


def _meets(edit: Edit, stream: str) -> bool:
    return not edit.streams or stream in edit.streams
