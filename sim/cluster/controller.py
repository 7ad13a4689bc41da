"""The controller: plays a strategy's scripts, and takes a release back when somebody finds fault."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from simpy import Interrupt
from simpy.events import Process

from sim.clock import Clock
from sim.clock import Script as Playing
from sim.cluster.fleet import Fleet
from sim.cluster.oncall import OnCallPerson
from sim.cluster.performer import ACTS, Performer
from sim.cluster.recovery import Recovery
from sim.journal import Journal, Milestone
from sim.moments import Moment
from sim.scenario.resolved import Strategy
from sim.steps import Decision, Detector, Finish, Reading, Script, Step
from sim.world import Rank


class Controller:
    """Plays one rollout, and its rollback if it comes to that.

    Who stops the release stands in a column; the process looks there whenever it is woken, so that a stop is never lost
    to a coincidence. Nothing is found any more once the rollback has begun.
    """

    def __init__(
        self,
        *,
        plan: Strategy,
        replicas: int,
        performer: Performer,
        fleets: tuple[Fleet, ...],
        recovery: Recovery,
        on_call: OnCallPerson,
        clock: Clock,
        journal: Journal,
        happens: Callable[[Moment], None],
    ) -> None:
        self._plan, self._replicas, self._performer = plan, replicas, performer
        self._fleets, self._recovery, self._on_call = fleets, recovery, on_call
        self._clock, self._journal, self._happens = clock, journal, happens
        self._stopped = False
        self._process: Process = clock.process(self._release())
        performer.on_gate_failure = lambda: self.stop(Detector.GATE)
        performer.on_pause = on_call.asked
        on_call.start(lambda: self.stop(Detector.ON_CALL))

    def stop(self, by: Detector) -> None:
        """Take the release back, whatever stage it is in; without effect when that is under way already."""
        if self._stopped:
            return
        self._found_by(by)
        self._stop_by(by)
        if self._process.is_alive:
            self._process.interrupt()
        else:
            self._process = self._clock.process(self._take_back())

    def _release(self) -> Playing:
        """The rollout from t = 0 on, then the rollback if one is asked for."""
        yield self._clock.at(0, Rank.CONTROLLER, ACTS)
        self._journal.reach(Milestone.STARTED, self._now)
        self._performer.tell("the release starts")
        try:
            yield from self._play(self._plan.strategy.rollout(self._replicas), Moment.START)
        except Interrupt:
            assert self._stopped, "only a stop interrupts the rollout"
        self._performer.watch_no_more()
        if self._stopped:
            yield from self._take_back()

    def _take_back(self) -> Playing:
        """The rollback. A promotion that is taken back decided nothing."""
        self._on_call.stop()
        self._journal.decision = Decision.UNFINISHED
        self._journal.milestones.pop(Milestone.DECIDED, None)
        self._journal.reach(Milestone.ROLLBACK, self._now)
        self._performer.tell("the rollback starts")
        self._performer.patient = True
        self._recovery.begin()
        yield from self._play(self._plan.strategy.rollback(self._replicas), Moment.ROLLBACK)

    def _play(self, script: Script, begins: Moment) -> Playing:
        """Step after step, until the script ends, finishes, or fault is found; without a step nothing begins."""
        with closing(script):
            step = next(script, None)
            if step is not None:
                self._happens(begins)
            while step is not None:
                if isinstance(step, Finish):
                    self._finish(step.decision)
                    return
                found = yield from self._performer.do(step)
                if found is Detector.DEADLINE and self._goes_on_regardless():
                    found = yield from self._performer.do(step)
                if found is not Detector.NOBODY:
                    self._fail(found)
                    return
                step = self._after_reading(script)

    def _after_reading(self, script: Script) -> Step | None:
        """Send the script what there is to see; its next step."""
        stable, new = self._fleets[:2]
        reading = Reading(
            at=self._now,
            replicas=(stable.replicas, new.replicas),
            available=(stable.available, new.available),
        )
        try:
            return script.send(reading)
        except StopIteration:
            return None

    def _goes_on_regardless(self) -> bool:
        """A strategy that does nothing about deadlines is stuck from now on, and goes on if something moves again.

        So does a Deployment: the deadline is a word in its status and changes nothing.
        """
        if getattr(self._plan.strategy, "on_deadline", "rollback") != "stop":
            return False
        self._found_by(Detector.DEADLINE)
        self._decide(Decision.STUCK)
        self._performer.patient = True
        return True

    def _fail(self, by: Detector) -> None:
        """A step found fault: stop."""
        self._found_by(by)
        self._stop_by(by)

    def _finish(self, decision: Decision) -> None:
        """The script says it is over; a rollout that ends as aborted asks for its rollback."""
        if decision is Decision.ABORTED and not self._stopped:
            self._stop_by(Detector.NOBODY)
        else:
            self._decide(decision)
            if decision is Decision.PROMOTED:
                self._happens(Moment.PROMOTION)

    def _decide(self, decision: Decision) -> None:
        if self._journal.decision is Decision.STUCK:
            self._journal.milestones.pop(Milestone.DECIDED, None)
        self._journal.decision = decision
        self._journal.reach(Milestone.DECIDED, self._now)
        self._performer.tell(decision)

    def _found_by(self, by: Detector) -> None:
        """Somebody found fault; the first to do so detected it."""
        self._performer.tell(f"fault found by {by}")
        self._journal.reach(Milestone.DETECTED, self._now)
        if self._journal.detected_by is Detector.NOBODY:
            self._journal.detected_by = by

    def _stop_by(self, by: Detector) -> None:
        self._stopped = True
        self._journal.stopped_by = by

    @property
    def _now(self) -> int:
        return int(self._clock.now)
