"""What the failures in force do: edits folded into the versions' columns, and asked for pod by pod.

The columns are folded anew from their base values, in the order conditions (as listed), the defect, the release's
effects, whenever an edit begins or ends, users are split otherwise between the versions, or a dependency turns
connections away. Nothing is ever undone by division.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sim.clock import Clock
from sim.cluster.damage import Spoilage
from sim.cluster.folding import fold
from sim.cluster.gathering import gather
from sim.cluster.pod import Pod
from sim.cluster.sessions import Course
from sim.draws import Key, Purpose, draw
from sim.failures import bad_answers
from sim.journal import Journal
from sim.moments import Moment
from sim.scenario.resolved import Defect, Dependency, Scenario
from sim.steps import Damage, Edit, Effect, Session, Split
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
        self._base_error = {STABLE: scenario.release.baseline_errors, NEW: scenario.release.new_errors}
        self._base_repeats = scenario.release.baseline_repeats
        self._base_factor = {STABLE: 1.0, NEW: scenario.release.service_factor}
        self._base_calls = _base_calls(scenario)
        self._mixed = False
        self._journal = journal
        known = [each for each in gather(scenario, defect, key, journal, clock) if each.edit.effect is not Effect.SURGE]
        self._awaiting = {place: each for place, each in enumerate(known) if each.awaits is not None}
        self._past: set[Moment] = set()
        self.edits = [_asleep(each.edit) if each.awaits else each.edit for each in known]  # places name luck
        self._sessions = Course()
        self.follows_sessions = any(edit.effect is Effect.SESSION for edit in self.edits)
        self._callers = _callers(scenario)
        self._refused: dict[str, float] = {}  # by dependency: the share of calls it turns away
        damages = [edit.value for edit in self.edits if isinstance(edit.value, Damage)]
        self._spoilt = dict.fromkeys(damages, Spoilage())
        self._fold()
        for moment in sorted({moment for edit in self.edits for moment in (edit.start, edit.end)}):
            if int(clock.now) < moment < NEVER:
                clock.at(moment, Rank.CONDITION, 0).callbacks.append(lambda _: self._turn())

    def happens(self, moment: Moment) -> None:
        """A moment of the release has come: what waits for it begins, or begins anew where ``EACH_POD`` comes again."""
        if moment in self._past and moment is not Moment.EACH_POD:
            return
        self._past.add(moment)
        begun = {place: known for place, known in self._awaiting.items() if known.awaits is moment}
        for place, known in begun.items():
            self._begin(place, known.edit)
        for who in dict.fromkeys(known.who for known in begun.values()):
            what = ", ".join(dict.fromkeys(str(known.edit.effect) for known in begun.values() if known.who == who))
            self._journal.tell(int(self._clock.now), "defect", who, f"the release brings: {what}")
        if begun:
            self._turn()

    def _begin(self, place: int, edit: Edit) -> None:
        """An edit that has waited begins now: its times count from here."""
        now = int(self._clock.now)
        start, end = now + edit.start, NEVER if edit.end == NEVER else now + edit.end
        self.edits[place] = replace(edit, start=start, end=end)
        for due in {start, end}:
            if now < due < NEVER:
                self._clock.at(due, Rank.CONDITION, 0).callbacks.append(lambda _: self._turn())

    def users_are_split(self, split: Split, *, kept: bool) -> None:
        """Say how users are split between the versions from now on, and whether they keep to theirs."""
        now = int(self._clock.now)
        if self._sessions.turn(now, split, kept=kept):
            self._fold()
            for pause in {edit.value.pause for edit in self.edits if isinstance(edit.value, Session)} - {0}:
                self._clock.at(now + pause, Rank.CONDITION, 0).callbacks.append(lambda _: self._fold())

    def turns_away(self, dependency: Dependency, share: float) -> None:
        """Say which share of all calls a dependency refuses from now on, for want of connections."""
        if share != self._refused.get(dependency.name, 0.0):
            self._refused[dependency.name] = share
            self._fold()

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
        in_force += [edit for name, share in self._refused.items() for edit in self._refusals(name, share)]
        for version in range(VERSIONS):
            for place, stream in enumerate(self._streams):
                edits = [edit for edit in in_force if edit.version == version and _meets(edit, stream)]
                calls = self._base_calls[version][place]
                folded = fold(self._base_error[version], self._base_factor[version], edits, calls, self._base_repeats)
                columns[version, place] = tuple(folded)

    def _answers_of(self, edit: Edit) -> tuple[Edit, ...]:
        """The edit, or the bad answers that spoilt data, or sessions of the other version, make now."""
        now, value = int(self._clock.now), edit.value
        match value:
            case Damage():
                rate = value.rate * self._spoilt[value].at(now, value)
            case Session():
                rate = value.rate * self._sessions.meets_other(edit.version, now, value.pause)
            case _:
                return (edit,)
        return bad_answers(
            rate=rate, visible=value.visible, streams=edit.streams, version=edit.version, repeats=value.repeats
        )

    def _refusals(self, name: str, share: float) -> Iterator[Edit]:
        """The bad answers of both versions while a dependency turns away a share of calls; each try has its luck."""
        streams = self._callers.get(name, ())
        for version in (STABLE, NEW):
            yield from bad_answers(rate=share, visible=1.0, streams=streams, version=version, repeats=0.0)


def _asleep(edit: Edit) -> Edit:
    """The edit before its moment has come."""
    return replace(edit, start=NEVER, end=NEVER)


def _callers(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """By dependency, the streams that say they call it; where none does, all are taken to."""
    called = {name for stream in scenario.traffic.streams for name in stream.calls}
    return {name: tuple(stream.name for stream in scenario.traffic.streams if name in stream.calls) for name in called}


def _base_calls(scenario: Scenario) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Calls per request to the stream's dependency, by version and stream."""
    streams = scenario.traffic.played
    stable = tuple(sum(stream.calls.values()) for stream in streams)
    changed = scenario.release.calls
    return stable, tuple(
        changed.get(stream.swells or stream.name, calls) for stream, calls in zip(streams, stable, strict=True)
    )


def _meets(edit: Edit, stream: str) -> bool:
    return not edit.streams or stream in edit.streams
