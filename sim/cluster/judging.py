"""When a gate looks, what it remembers from look to look, and when its failing is final."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.observer import Observer
from sim.gates import Gate, Judgement
from sim.journal import Journal
from sim.observation import View
from sim.steps import Verdict
from sim.world import Rank

OnFail = Callable[[Verdict], None]


class GateWatch:
    """A gate at work: looks when it wants to look, keeps its memory, and says once that the release is to stop.

    ``start`` begins a hold of the rollout, ``stop`` ends it. A gate that lasts for the release goes on at the next hold
    with what it remembers; what was scraped between two holds, and what had not reached it when a hold ended, it never
    sees. A ``dry`` gate judges as if it were asked and stops nothing. ``place`` orders the looks of one instant;
    ``luck`` decides whether its queries select the wrong series, where that is left to chance.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        name: str,
        observer: Observer,
        clock: Clock,
        journal: Journal,
        place: int = 0,
        dry: bool = False,
        luck: float = 0.0,
    ) -> None:
        self._gate, self._name, self._place, self._dry = gate, name, place, dry
        self._observer, self._clock, self._journal = observer, clock, journal
        self._reads = gate.reads(luck)
        self._reach = gate.reach + gate.delay
        self._on_fail: OnFail | None = None
        self._memory: Any = gate.begin()
        self._started = 0
        self._over = False
        self._next: Event | None = None

    def start(self, on_fail: OnFail) -> None:
        """Judge from now on, until told to stop or until the gate fails; then ``on_fail`` is called, once."""
        self.stop()
        self._started = int(self._clock.now)
        if not self._gate.goes_on:
            self._memory, self._over = self._gate.begin(), False
        if self._over:
            return
        self._on_fail = on_fail
        self._tell_of_wiring()
        self._observer.listen(self._reach, latency=self._gate.needs_latency)
        self._expect(self._gate.first_in)

    def stop(self) -> None:
        """Judge no more; without effect when the gate is not at work."""
        if self._on_fail is not None:
            self._observer.forget(self._reach, latency=self._gate.needs_latency)
        self._on_fail = self._next = None

    def _expect(self, after: int) -> None:
        self._next = self._clock.at(int(self._clock.now) + after, Rank.GATE, self._place)
        self._next.callbacks.append(self._judge)

    def _judge(self, event: Event) -> None:
        on_fail, now = self._on_fail, int(self._clock.now)
        if event is not self._next or on_fail is None:
            return  # stopped, or started anew, since this judgement was put on the agenda
        view = View(at=now, started=self._started, delay=self._gate.delay, metrics=self._observer, reads=self._reads)
        judgement = self._gate.look(view, self._memory)
        self._memory = judgement.memory
        self._note(now, judgement)
        if judgement.stop or judgement.next_in is None:
            self._over = True
            self.stop()
        else:
            self._expect(judgement.next_in)
        if judgement.stop and not self._dry:
            on_fail(judgement.verdict)

    def _tell_of_wiring(self) -> None:
        """A reader of the story is told what the gate does not know."""
        wrong = {"stable": "the running version", "service": "the whole service", "nothing": "nothing there is"}
        if self._reads in wrong:
            what = f"its queries for the new version select {wrong[self._reads]}"
            self._journal.tell(int(self._clock.now), "verdict", self._name, what)

    def _note(self, now: int, judgement: Judgement) -> None:
        """Write the verdict down."""
        verdict, tally = judgement.verdict, f" ({judgement.tally})" if judgement.tally else ""
        if not self._dry:
            self._journal.verdicts.append((now, self._name, verdict))
        told = f"{verdict.answer}{tally}: {verdict.reason}"
        if self._dry:
            told = f"dry: {told}{'; it would have stopped the release here' if judgement.stop else ''}"
        self._journal.tell(now, "verdict", self._name, told, **verdict.figures)


class GateWatches:
    """The acting gate and those that judge dry beside it, started and stopped as one."""

    def __init__(self, acting: GateWatch | None, dry: tuple[GateWatch, ...]) -> None:
        self._watches = (*((acting,) if acting else ()), *dry)

    def start(self, on_fail: OnFail) -> None:
        """A hold begins."""
        for watch in self._watches:
            watch.start(on_fail)

    def stop(self) -> None:
        """It ends."""
        for watch in self._watches:
            watch.stop()
