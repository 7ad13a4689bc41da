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
from sim.versions import NEVER
from sim.world import Rank

OnFail = Callable[[Verdict], None]
OnPause = Callable[[Callable[[], None]], None]
"""Asks a person to look at a rollout that has paused; is handed what to call when the person resumes it."""


class GateWatch:
    """A gate at work: looks when it wants to look, keeps its memory, and says once that the release is to stop.

    ``start`` begins a hold of the rollout, ``stop`` ends it, ``finish`` ends the watch; ``ends`` says until when the
    gate wants the hold to last, ``paused`` whether the rollout waits for a person: then ``resumed`` is the event to
    wait for. Its metrics are scraped from the moment it is made, so that a window can reach back before the first hold.
    A gate that lasts for the release looks on between two holds, unless it says otherwise. A ``dry`` gate judges as if
    it were asked and stops nothing. ``place`` orders the looks of one instant; ``luck`` decides whether its queries
    select the wrong series, where that is left to chance.
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
        self._reads, self._luck = gate.reads(luck), luck
        self._reach = gate.reach + gate.delay
        self._on_fail: OnFail | None = None
        self._on_pause: OnPause | None = None
        self._held_from = self._prolonged = self._held_until = 0
        self.paused = False
        self.resumed = clock.event()
        self._memory: Any = gate.begin()
        self._started: int | None = None
        self._over = False
        self._next: Event | None = None
        self._listens = True
        observer.listen(self._reach, latency=gate.needs_latency)

    def start(self, on_fail: OnFail, on_pause: OnPause | None = None) -> None:
        """A hold begins: judge until told to stop or until the gate fails; then ``on_fail`` is called, once.

        ``on_pause`` is called when the rollout has to wait for a person; without it nothing ever pauses.
        """
        self.stop()
        now, looking = int(self._clock.now), self._next is not None or self.paused
        self._held_from, self._prolonged, self._held_until = now, 0, now
        if self._started is None or not self._gate.goes_on:
            self._memory, self._over, self._started = self._gate.begin(), False, now
            self._tell_of_wiring()
        if self._over or not self._listens:
            return
        self._on_fail, self._on_pause = on_fail, on_pause
        self._held_until = now + self._gate.least_hold
        if not looking:
            self._expect(self._gate.first_in)

    def stop(self) -> None:
        """The hold ends; a gate that looks between holds looks on. Without effect when the gate is not at work."""
        if not self._gate.looks_between_holds:
            self._rest()

    def finish(self) -> None:
        """The rollout is over: look no more, and need no more scrapes."""
        self._rest()
        if self._listens:
            self._observer.forget(self._reach, latency=self._gate.needs_latency)
        self._listens = False

    def _rest(self) -> None:
        self._on_fail = self._next = None
        self.paused = False

    @property
    def insists(self) -> bool:
        """Whether the gate wants every hold to last for a while."""
        return self._gate.least_hold > 0

    def ends(self, duration: int) -> int:
        """When the present hold may end if it was to last so long, ns."""
        return max(self._held_from + duration + self._prolonged, self._held_until)

    def _expect(self, after: int) -> None:
        self._next = self._clock.at(int(self._clock.now) + after, Rank.GATE, self._place)
        self._next.callbacks.append(self._judge)

    def _judge(self, event: Event) -> None:
        on_fail, now = self._on_fail, int(self._clock.now)
        if event is not self._next or on_fail is None:
            return  # stopped, or started anew, since this judgement was put on the agenda
        view = View(
            at=now,
            started=now if self._started is None else self._started,
            delay=self._gate.delay,
            metrics=self._observer,
            reads=self._reads,
            luck=self._luck,
        )
        judgement = self._gate.look(view, self._memory)
        self._memory = judgement.memory
        self._note(now, judgement)
        self._prolonged += judgement.prolong
        self._held_until = now + judgement.at_least
        if judgement.pause and self._on_pause is not None and not self._dry:
            self._pause(self._on_pause, now, judgement)
        elif judgement.stop or judgement.next_in is None:
            self._over = True
            self._rest()
        else:
            self._expect(judgement.next_in)
        if judgement.stop and not self._dry:
            on_fail(judgement.verdict)

    def _pause(self, on_pause: OnPause, now: int, judgement: Judgement) -> None:
        """Look no more until a person has resumed the rollout; give it up where there is a limit to that."""
        self.paused, self.resumed = True, self._clock.event()
        self._next = None
        self._journal.tell(now, "verdict", self._name, "the rollout is paused until a person resumes it")
        if judgement.pause_limit < NEVER:
            pause = self.resumed
            limit = self._clock.at(now + judgement.pause_limit, Rank.GATE, self._place)
            limit.callbacks.append(lambda _: self._give_up(pause, judgement.verdict))
        on_pause(self._resume)

    def _resume(self) -> None:
        """A person says that it may go on: the gate begins anew, and so does the hold."""
        if not self.paused:
            return
        self.paused, self._memory, self._prolonged = False, self._gate.begin(), 0
        self._held_from = int(self._clock.now)
        self._held_until = self._held_from + self._gate.least_hold
        self._expect(self._gate.first_in)
        self.resumed.succeed()

    def _give_up(self, pause: Event, verdict: Verdict) -> None:
        """The pause has lasted too long."""
        on_fail = self._on_fail
        if not self.paused or pause is not self.resumed or on_fail is None:
            return
        self._journal.tell(int(self._clock.now), "verdict", self._name, "paused for too long, given up")
        self._over = True
        self._rest()
        on_fail(verdict)

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
            would = "stopped the release" if judgement.stop else "paused the rollout" if judgement.pause else ""
            told = f"dry: {told}{f'; it would have {would} here' if would else ''}"
        self._journal.tell(now, "verdict", self._name, told, **verdict.figures)


class GateWatches:
    """The acting gate and those that judge dry beside it, started and stopped as one."""

    def __init__(self, acting: GateWatch | None, dry: tuple[GateWatch, ...]) -> None:
        self._acting = acting
        self._watches = (*((acting,) if acting else ()), *dry)

    def start(self, on_fail: OnFail, on_pause: OnPause | None = None) -> None:
        """A hold begins."""
        for watch in self._watches:
            watch.start(on_fail, on_pause)

    def stop(self) -> None:
        """It ends."""
        for watch in self._watches:
            watch.stop()

    def finish(self) -> None:
        """The rollout is over."""
        for watch in self._watches:
            watch.finish()

    def ends(self, now: int, duration: int) -> int:
        """When a hold that was to last so long may end, ns; ``now`` where no gate acts."""
        return now if self._acting is None else self._acting.ends(duration)

    @property
    def insists(self) -> bool:
        """Whether the acting gate judges where the strategy does not mean to hold at all."""
        return self._acting is not None and self._acting.insists

    @property
    def pause(self) -> Event | None:
        """The end of the acting gate's pause; None while it does not pause."""
        return self._acting.resumed if self._acting is not None and self._acting.paused else None
