"""When a gate judges, and when its failing is final."""

from __future__ import annotations

from collections.abc import Callable

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.observer import Observer
from sim.gates import Gate
from sim.journal import Journal
from sim.steps import Answer, Verdict
from sim.world import Rank


class GateWatch:
    """A gate at work: judges on its own grid, counts failures in a row, and says once that it fails.

    The first judgement comes one ``every`` after the start. As long as the window begins before the start, its answer
    is "wait": it is not yet all of this step. A passed judgement ends a row of failures; one that waits is no judgement
    and leaves the row as it was.
    """

    def __init__(self, *, gate: Gate, name: str, observer: Observer, clock: Clock, journal: Journal) -> None:
        self._gate, self._name = gate, name
        self._observer, self._clock, self._journal = observer, clock, journal
        self._reach = gate.window + gate.delay
        self._on_fail: Callable[[Verdict], None] | None = None
        self._started = 0
        self._failed_in_row = 0
        self._next: Event | None = None

    def start(self, on_fail: Callable[[Verdict], None]) -> None:
        """Judge from now on, until told to stop or until the gate fails; then ``on_fail`` is called, once."""
        self.stop()
        self._on_fail, self._failed_in_row, self._started = on_fail, 0, int(self._clock.now)
        self._observer.listen(self._reach, latency=self._gate.needs_latency)
        self._expect_next()

    def stop(self) -> None:
        """Judge no more; without effect when the gate is not at work."""
        if self._on_fail is not None:
            self._observer.forget(self._reach, latency=self._gate.needs_latency)
        self._on_fail = self._next = None

    def _expect_next(self) -> None:
        self._next = self._clock.at(int(self._clock.now) + self._gate.every, Rank.GATE, 0)
        self._next.callbacks.append(self._judge)

    def _judge(self, event: Event) -> None:
        on_fail = self._on_fail
        if event is not self._next or on_fail is None:
            return  # stopped, or started anew, since this judgement was put on the agenda
        verdict = self._verdict()
        self._note(verdict)
        if self._failed_in_row >= self._gate.fails:
            self.stop()
            on_fail(verdict)
        else:
            self._expect_next()

    def _verdict(self) -> Verdict:
        seen = self._observer.seen(self._gate.window, self._gate.delay)
        if seen is None or seen.since < self._started:
            return Verdict(answer=Answer.WAIT, reason="too early: the window reaches back before this step")
        return self._gate.judge(seen)

    def _note(self, verdict: Verdict) -> None:
        """Count failures in a row, and write the verdict down."""
        if verdict.answer == Answer.FAIL:
            self._failed_in_row += 1
        elif verdict.answer == Answer.PASS:
            self._failed_in_row = 0
        now = int(self._clock.now)
        self._journal.verdicts.append((now, self._name, verdict))
        row = f" ({self._failed_in_row} of {self._gate.fails})" if verdict.answer == Answer.FAIL else ""
        self._journal.tell(now, "verdict", self._name, f"{verdict.answer}{row}: {verdict.reason}", **verdict.figures)
