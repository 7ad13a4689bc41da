"""What each step of a strategy does to pods and routes, written once.

Traffic goes onto a version only when every proxy knows the pods of it that are available at that moment (a router makes
before it breaks). While a rollout waits for pods it watches the progress deadline, which every step forward that a
Deployment's status shows starts anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeAlias

from simpy.events import Event

from sim import steps
from sim.clock import Clock
from sim.cluster.availability import full_second_before
from sim.cluster.basic_canary import has_arrived, reconcile_split
from sim.cluster.endpoints import Endpoints
from sim.cluster.fleet import Fleet
from sim.cluster.judging import GateWatches
from sim.cluster.pod import REVISIONS
from sim.cluster.progress import Status, has_progressed, timed_out, wakes_at
from sim.cluster.replicasets import forgotten, old_pods_run
from sim.cluster.rolling import Limits, Sized, reconcile_each
from sim.cluster.routes import Routes
from sim.cluster.sizing import Sizing
from sim.draws import Key, Purpose, draw
from sim.journal import Journal
from sim.moments import Moment
from sim.replica_split import Pair, nearest_split
from sim.steps import FIXED, Detector, Step
from sim.units import show_duration, show_share
from sim.versions import NEVER, NEW, STABLE
from sim.world import Rank

Doing: TypeAlias = Generator[Event, Any, Detector]
"""A step under way; ends with who found fault, if anybody did."""

ACTS = 1
"""Entity of the controller's own events: it acts after the look that follows the changes of an instant."""


class Performer:
    """Performs steps, one at a time.

    ``patient``: the steps are a rollback's, which has no deadline. ``on_gate_failure`` is called when the gate fails,
    ``on_pause`` (with what resumes it) when the rollout is to wait for a person.
    """

    def __init__(
        self,
        *,
        name: str,
        case: str | None,
        sizing: Sizing,
        deadline: int,
        full_second: int,
        fleets: tuple[Fleet, ...],
        routes: Routes,
        endpoints: Endpoints,
        watch: GateWatches | None,
        key: Key,
        clock: Clock,
        journal: Journal,
        happens: Callable[[Moment], None],
        changed: Callable[[], None],
    ) -> None:
        self.patient = False
        self.full_second = full_second
        self.on_gate_failure: Callable[[], None] = lambda: None
        self.on_pause: Callable[[Callable[[], None]], None] = lambda _: None
        self._name, self._case, self._sizing, self._deadline = name, case, sizing, deadline
        self._fleets, self._routes, self._endpoints, self._watch = fleets, routes, endpoints, watch
        self._key, self._clock, self._journal, self._changed = key, clock, journal, changed
        self._happens = happens
        self._wake: Event = clock.event()
        self._progress_at = 0
        self._history = [fleet.revision for fleet in fleets]  # that a Deployment remembers, the oldest first

    def nudge(self) -> None:
        """Something changed in the cluster: whoever waits for it looks again."""
        wake, self._wake = self._wake, self._clock.event()
        wake.succeed()

    def do(self, step: Step) -> Doing:
        """Perform one step, for as long as it takes; who found fault is the value."""
        match step:
            case steps.Scale():
                self._scale(step)
            case steps.Spread():
                self._spread()
            case steps.Replace():
                return (yield from self._replace(step))
            case steps.Divide():
                return (yield from self._divide(step))
            case steps.Weight() | steps.Cohort() | steps.Mirror() | steps.Switch():
                yield from self._route(step)
            case steps.Publish():
                self._endpoints.publish(step.version, step.published, self._fleets[step.version].pods.values())
            case steps.Wait():
                return (yield from self._wait(step))
            case steps.Judge():
                yield from self._judge(step)
            case steps.Ask():
                yield from self._ask()
            case steps.SmokeTest():
                return (yield from self._smoke_test(step))
        return Detector.NOBODY

    def watch_no_more(self) -> None:
        """The rollout is over, or taken back: its gates look no more."""
        if self._watch is not None:
            self._watch.finish()

    def tell(self, what: str, **figures: float) -> None:
        """A line of the story, under the strategy's name."""
        self._journal.tell(self._now, "step", self._name, what, **figures)

    def _scale(self, step: steps.Scale) -> None:
        wanted = self._sizing.of(step.replicas)
        if self._fleets[step.version].replicas != wanted:
            self.tell(f"scale {REVISIONS[step.version]} to {wanted}")
        self._sizing.ask(step.version, step.replicas)

    def _spread(self) -> None:
        self._routes.by_pod()
        self.tell("one Service over the pods of both versions")
        self._changed()

    def _route(self, step: steps.Weight | steps.Cohort | steps.Mirror | steps.Switch) -> Generator[Event, Any, None]:
        """Ask the router for something, once the pods that gain by it are known to every proxy."""
        if _brings_users(step):
            self._happens(Moment.SWITCH)
        match step:
            case steps.Weight():
                yield from self._shift(step.share)
                self.tell(f"weight of the new version {show_share(step.share)}", share=step.share)
            case steps.Cohort():
                yield from self._reveal(step.share)
                self._routes.by_header(step.share)
                self.tell(f"users with the header on the new version, {show_share(step.share)} of all")
            case steps.Mirror():
                yield from self._reveal(step.share)
                self._routes.mirror(step.share)
                self.tell(f"requests copied to the new version {show_share(step.share)}")
            case steps.Switch():
                share = 1.0 if step.version == NEW else 0.0
                if step.at_once:
                    self._routes.by_weight(share)
                else:
                    yield from self._shift(share)
                self.tell(f"everything to the {REVISIONS[step.version]} version")
        self._changed()

    def _shift(self, share: float) -> Generator[Event, Any, None]:
        """Traffic onto the new version, or off it, once the pods that gain it are known to every proxy."""
        yield from self._known(NEW if share > self._routes.heading_for() else STABLE)
        self._routes.by_weight(share)

    def _reveal(self, share: float) -> Generator[Event, Any, None]:
        """Before any of the new version is sent something, its pods are known to every proxy."""
        if share > 0.0:
            yield from self._known(NEW)

    def _known(self, version: int) -> Generator[Event, Any, None]:
        """Until every proxy knows the version's pods that are endpoints now."""
        awaited = set(self._endpoints.unknown_somewhere(version))
        while any(pod in awaited for pod in self._endpoints.unknown_somewhere(version)):
            yield self._wake

    def _wait(self, step: steps.Wait) -> Doing:
        if step.duration is not None:
            self.tell(f"wait for {show_duration(step.duration)}")
            yield self._after(step.duration)
        elif step.gone is not None:
            old = self._fleets[step.gone]
            while old_pods_run([old.replicas], (pod.phase for pod in old.pods.values())):
                yield self._wake
        elif step.ready is not None:
            fleet, least = self._fleets[step.ready], step.least
            if least is None:
                return (yield from self._until(lambda: fleet.complete, step.ready))
            if fleet.available < self._sizing.of(least):
                self.tell(f"waits until {self._sizing.of(least)} {REVISIONS[step.ready]} pods are available")
            return (yield from self._until(lambda: fleet.available >= self._sizing.of(least), step.ready))
        return Detector.NOBODY

    def _replace(self, step: steps.Replace) -> Doing:
        """Reconcile whenever something changes, until only the wanted version is left and fully available."""
        more, fewer = step.room(self._sizing.size)
        what = f"replace pods by {REVISIONS[step.version]} ones, {more} more and {fewer} fewer at most"
        self.tell(what)
        self._sizing.replacing(step.version, lambda size: step.room(size)[0])
        found = yield from self._until(lambda: self._replaced(step), step.version)
        if found is Detector.NOBODY:
            self._sizing.replaced_by(step.version)
            self._trim_history(step)
        return found

    def _trim_history(self, step: steps.Replace) -> None:
        """A Deployment that is complete forgets the oldest of its empty ReplicaSets; only the story tells of it."""
        self._history = [each for each in self._history if each != step.version]
        old = [self._fleets[revision] for revision in self._history if self._fleets[revision].created]
        for place in forgotten([(fleet.replicas, fleet.existing) for fleet in old], step.history):
            self._history.remove(old[place].revision)
            self.tell(f"forget the {REVISIONS[old[place].revision]} ReplicaSet: nothing is left to undo to")
        self._history.append(step.version)

    def _replaced(self, step: steps.Replace) -> bool:
        """Do what can be done now; whether nothing is left to do."""
        version, limits = step.version, Limits(self._sizing.size, *step.room(self._sizing.size))
        new, old = self._fleets[version], [fleet for fleet in self._fleets if fleet.revision != version]
        while True:
            asked = [fleet.replicas for fleet in (*old, new)]
            terminating = sum(len(each.pods) - each.existing for each in self._fleets) if step.after_the_end else 0
            sets = [Sized(each.replicas, each.available) for each in (*old, new)]
            wanted = reconcile_each(sets, limits, terminating=terminating)
            if wanted == asked:
                return new.replicas == limits.replicas and new.complete and not sum(asked[:-1])
            sizes = zip((*old, new), wanted, strict=True)
            changes = [(fleet, size) for fleet, size in sizes if fleet.replicas or size or fleet.revision != FIXED]
            self.tell("scale " + ", ".join(f"{REVISIONS[fleet.revision]} to {size}" for fleet, size in changes))
            for fleet, size in changes:
                fleet.scale(size)
            self._progress_at = self._now

    def _divide(self, step: steps.Divide) -> Doing:
        """Reconcile whenever something changes, until both fleets have the pods that come nearest to the share."""
        toward = self._split(step, self._sizing.size)
        surge, unavailable = step.room(self._sizing.size)
        self.tell(f"new pods for {show_share(step.share)} of the traffic, {surge} more and {unavailable} fewer at most")
        self._sizing.replacing(NEW, lambda size: step.room(size)[0])
        version = NEW if toward.canary >= self._fleets[NEW].replicas else STABLE
        found = yield from self._until(lambda: self._has_divided(step), version)
        if found is Detector.NOBODY:
            self._sizing.divided(lambda size: self._split(step, size)[::-1])
        return found

    def _has_divided(self, step: steps.Divide) -> bool:
        """Do what can be done now; whether nothing is left to do."""
        stable, new, *others = self._fleets
        limits, target = Limits(self._sizing.size, *step.room(self._sizing.size)), self._split(step, self._sizing.size)
        while True:
            both = Sized(new.replicas, new.available), Sized(stable.replicas, stable.available)
            wanted = reconcile_split(*both, target, limits, older=sum(each.replicas for each in others))
            if wanted == (new.replicas, stable.replicas):
                left = sum(each.available for each in others)
                return has_arrived(*both, target, stable_exists=stable.existing, older=left)
            self.tell(f"scale stable to {wanted.stable}, new to {wanted.canary}")
            new.scale(wanted.canary)
            stable.scale(wanted.stable)
            self._progress_at = self._now

    def _split(self, step: steps.Divide, size: int) -> Pair:
        return nearest_split(size, step.share, step.room(size)[0])

    def _until(self, holds: Callable[[], bool], version: int) -> Doing:
        """Wait until something holds, or no progress towards a version has been seen for as long as the deadline."""
        self._progress_at, status = self._now, self._status(version)
        due, deadline = NEVER, self._clock.event()
        while not holds():
            before, status = status, self._status(version)
            if has_progressed(before, status):
                self._progress_at = self._now
            if self.patient:
                yield self._wake
                continue
            if timed_out(self._now, self._progress_at, self._deadline):
                self.tell(f"no progress for {show_duration(self._deadline)}")
                return Detector.DEADLINE
            if due != wakes_at(self._progress_at, self._deadline):
                due = wakes_at(self._progress_at, self._deadline)
                deadline = self._clock.at(due, Rank.CONTROLLER, ACTS)
            yield self._wake | deadline
        return Detector.NOBODY

    def _status(self, version: int) -> Status:
        """What a Deployment on its way to a version counts."""
        return Status(
            replicas=sum(fleet.existing for fleet in self._fleets),
            updated=self._fleets[version].existing,
            ready=sum(fleet.ready for fleet in self._fleets),
            available=sum(fleet.available for fleet in self._fleets),
        )

    def _judge(self, step: steps.Judge) -> Generator[Event, Any, None]:
        """Hold, with the gate at work; a gate that fails stops the release, and so ends the hold."""
        watch = self._watch
        if step.duration <= 0 and not step.ask and not (watch and watch.insists):
            return
        self.tell(f"hold for {show_duration(step.duration)}" if step.duration > 0 else "hold")
        if watch is not None:
            watch.start(lambda _: self.on_gate_failure(), self.on_pause)
        try:
            began = full_second_before(self._now, self.full_second) if step.whole_seconds and not watch else self._now
            yield self._after(began + step.duration - self._now)
            yield from self._held_longer(step.duration)
            if step.ask:
                yield from self._ask()
                yield from self._held_longer(step.duration)
        finally:
            if watch is not None:
                watch.stop()

    def _ask(self) -> Generator[Event, Any, None]:
        """Until a person has let the rollout go on; one who sees trouble takes the release back instead."""
        self.tell("waits for a person to let it go on")
        answer = self._clock.event()
        self.on_pause(partial(_come, answer))
        yield answer

    def _held_longer(self, duration: int) -> Generator[Event, Any, None]:
        """A gate may want the weight to stay where it is: for longer, or until a person has resumed the rollout."""
        watch = self._watch
        if watch is None:
            return
        while (pause := watch.pause) is not None or watch.ends(self._now, duration) > self._now:
            if pause is not None:
                yield pause
            else:
                yield self._after(watch.ends(self._now, duration) - self._now)

    def _smoke_test(self, step: steps.SmokeTest) -> Doing:
        self.tell(f"smoke test for {show_duration(step.duration)}")
        yield self._after(step.duration)
        chance = step.catches.get(self._case, 0.0) if self._case is not None else 0.0
        caught = draw(self._key, Purpose.SMOKE_TEST, 0)[0] < chance
        self.tell("smoke test found fault" if caught else "smoke test passed", chance=chance)
        return Detector.SMOKE_TEST if caught else Detector.NOBODY

    def _after(self, duration: int) -> Event:
        return self._clock.at(self._now + duration, Rank.CONTROLLER, ACTS)

    @property
    def _now(self) -> int:
        return int(self._clock.now)


def _brings_users(step: Step) -> bool:
    """Whether the step sends users to the new version."""
    match step:
        case steps.Weight() | steps.Cohort():
            return step.share > 0.0
        case steps.Switch():
            return step.version == NEW
    return False


def _come(answer: Event) -> None:
    """What was waited for has come."""
    answer.succeed()
