"""The insides of pods, in SimPy: slots, queues, the work, and those who leave before its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from simpy.events import Event

from sim.clock import Clock
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import note_served, pod_answered
from sim.requests.long_lived import has_room, is_held, length_of, note_open, opens_at_once, slots_taken
from sim.requests.reference.attempt import Attempt
from sim.requests.reference.downstream import Downstream
from sim.requests.reference.part import Part
from sim.requests.rules import answer, calls_of, compute, is_poison, leave_memory, lock_ends, service_time
from sim.world import ClientGone, Rank, Reason, World


@dataclass(slots=True)
class Inside:
    """What is in a pod."""

    working: list[Attempt] = field(default_factory=list)
    queue: deque[Attempt] = field(default_factory=deque)


class Pods(Part):
    """Every pod's inside; ``news`` is what the cluster must know of one of them."""

    def __init__(self, world: World, ledger: Ledger, clock: Clock) -> None:
        super().__init__(world, clock)
        self.ledger = ledger
        self.downstream = Downstream(world, clock)
        self.inside: dict[int, Inside] = {}
        self.news: tuple[Reason, int] | None = None

    def inside_of(self, pod: int) -> list[Attempt]:
        """Every attempt in the pod, by address."""
        inside = self.inside.get(pod, Inside())
        return sorted([*inside.working, *inside.queue], key=lambda attempt: attempt.address)

    def admit(self, attempt: Attempt) -> bool:
        """Give the attempt a slot or a place in the queue; false when both are full."""
        pods, pod = self.columns.pods, attempt.pod
        inside = self.inside.setdefault(pod, Inside())
        request = attempt.request
        if not has_room(self.columns, pod, request.stream):
            return False
        if opens_at_once(self.columns, request.stream, request.number, attempt.nth):
            pods.in_flight[pod] += 1
            inside.working.append(attempt)
            self.open(attempt)
        elif slots_taken(self.columns, pod) < pods.slots[pod]:
            self.begin(attempt, inside)
        elif pods.queued[pod] < pods.queue_limit[pod]:
            pods.queued[pod] += 1
            inside.queue.append(attempt)
        else:
            return False
        if not attempt.is_copy:
            note_served(self.ledger, attempt.version, self.now)
        return True

    def begin(self, attempt: Attempt, inside: Inside) -> None:
        """Take a slot; the work begins now, or when a lock is released."""
        self.columns.pods.in_flight[attempt.pod] += 1
        inside.working.append(attempt)
        if self.locked_until(attempt) > self.now:
            attempt.locked = True
            self.clock.process(self.wait_for_lock(attempt))
        else:
            self.begin_work(attempt)

    def locked_until(self, attempt: Attempt) -> int:
        """Until when a lock keeps the attempt's work from beginning, ns."""
        return int(lock_ends(self.columns, attempt.version, attempt.request.stream))

    def wait_for_lock(self, attempt: Attempt) -> Generator[Event, Any, None]:
        """The attempt holds its slot and does nothing until no lock is held any more."""
        while self.locked_until(attempt) > self.now:
            yield self.clock.at(self.locked_until(attempt), Rank.COMPLETION, attempt.address)
            if not attempt.inside:
                return
        attempt.locked = False
        self.begin_work(attempt)

    def begin_work(self, attempt: Attempt) -> None:
        """How long the pod works and what will be answered is fixed now."""
        request, pod = attempt.request, attempt.pod
        compute(self.columns, pod, +1, self.now)
        attempt.calls_left = int(calls_of(self.columns, attempt.version, request.stream))
        outcome = answer(self.columns, pod, request.stream, request.user, request.answer_luck, attempt.own_luck)
        duration = service_time(self.columns, pod, request.stream, request.number, attempt.work_luck)
        self.clock.process(self.work(attempt, duration, outcome))

    def work(self, attempt: Attempt, duration: int, outcome: int) -> Generator[Event, Any, None]:
        """Work in the pod, then call the dependency, then answer if anybody still waits."""
        stream, pod = attempt.request.stream, attempt.pod
        yield self.clock.at(self.now + duration, Rank.COMPLETION, attempt.address)
        if not attempt.inside:
            return
        if is_poison(self.columns, attempt.version, stream, attempt.request.answer_luck):
            self.news = Reason.POD_CRASHED, pod
            return
        compute(self.columns, pod, -1, self.now)
        attempt.calling = attempt.calls_left > 0
        while attempt.calls_left > 0:
            attempt.calls_left -= 1
            yield from self.downstream.call(attempt)
            if not attempt.inside:
                return
            self.downstream.hang_up(attempt)
        self.finish(attempt, outcome)

    def finish(self, attempt: Attempt, outcome: int) -> None:
        """Answer, give the slot to the next in the queue, and tell what the cluster must know."""
        pod = attempt.pod
        if is_held(self.columns, attempt.request.stream) and attempt.waited_for and outcome == Outcome.SUCCEEDED:
            self.stay_open(attempt)
            return
        self.inside[pod].working.remove(attempt)
        self.columns.pods.in_flight[pod] -= 1
        attempt.inside = False
        if attempt.waited_for:
            attempt.answered.succeed(outcome)
        elif attempt.is_copy:
            duration = self.now - attempt.called
            pod_answered(self.world.telemetry, pod, attempt.request.stream, outcome, duration)
        if leave_memory(self.columns, pod, attempt.request.stream):
            self.news = Reason.OUT_OF_MEMORY, pod
        self.begin_next(pod)

    def stay_open(self, attempt: Attempt) -> None:
        """The handshake is done: the connection gives its slot back and stays."""
        stream, pod = attempt.request.stream, attempt.pod
        pod_answered(self.world.telemetry, pod, stream, Outcome.SUCCEEDED, self.now - attempt.called)
        if leave_memory(self.columns, pod, stream):
            self.news = Reason.OUT_OF_MEMORY, pod
        self.open(attempt)
        self.begin_next(pod)

    def open(self, attempt: Attempt) -> None:
        """The connection is open from now on, until its client ends it."""
        request, attempt.is_open = attempt.request, True
        self.columns.pods.open[attempt.pod] += 1
        if request.left is None:
            request.left = int(length_of(self.columns, request.stream, request.number))
        request.opened = self.now
        note_open(
            self.columns,
            self.ledger,
            request.stream,
            attempt.version,
            request.arrived,
            request.first_try,
            self.now,
        )
        self.clock.process(self.until_closed(attempt, self.now + request.left))

    def until_closed(self, attempt: Attempt, closes: int) -> Generator[Event, Any, None]:
        """The client ends its connection, unless it is cut before."""
        yield self.clock.at(closes, Rank.COMPLETION, attempt.address)
        if attempt.inside:
            self.inside[attempt.pod].working.remove(attempt)
            self.columns.pods.in_flight[attempt.pod] -= 1
            self.columns.pods.open[attempt.pod] -= 1
            attempt.inside = False
            attempt.answered.succeed(Outcome.SUCCEEDED)
            self.begin_next(attempt.pod)

    def begin_next(self, pod: int) -> None:
        """Give a free slot to the head of the queue; a draining pod with nothing left in it is news."""
        pods, inside = self.columns.pods, self.inside[pod]
        if inside.queue and slots_taken(self.columns, pod) < pods.slots[pod]:
            pods.queued[pod] -= 1
            self.begin(inside.queue.popleft(), inside)
        if pods.draining[pod] == 1 and pods.in_flight[pod] == 0 and pods.queued[pod] == 0:
            self.news = Reason.POD_DRAINED, pod

    def leave(self, attempt: Attempt) -> None:
        """Take an attempt out of its pod: out of the queue, the slot, and the dependency."""
        pods, pod, inside = self.columns.pods, attempt.pod, self.inside[attempt.pod]
        attempt.inside = False
        if attempt in inside.queue:
            inside.queue.remove(attempt)
            pods.queued[pod] -= 1
            return
        inside.working.remove(attempt)
        pods.in_flight[pod] -= 1
        if attempt.is_open:
            pods.open[pod] -= 1
            request = attempt.request
            assert request.opened is not None
            assert request.left is not None
            request.left -= self.now - request.opened
        elif attempt.calling:
            self.downstream.hang_up(attempt)
        elif not attempt.locked:
            compute(self.columns, pod, -1, self.now)

    def abandon(self, attempt: Attempt) -> None:
        """The client has left: what becomes of its attempt is a setting."""
        gone = self.columns.settings.client_gone
        queued = attempt.inside and attempt in self.inside[attempt.pod].queue
        if attempt.inside and (gone == ClientGone.CANCEL or (gone == ClientGone.LEAVE_QUEUE and queued)):
            self.leave(attempt)
            self.begin_next(attempt.pod)
