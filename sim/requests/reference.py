"""The reference request engine, in SimPy: the specification of the request plane, written to be read.

A stream is a process that lets requests arrive. A request is a process that makes attempts until one is its last. An
attempt finds a pod and waits there for its answer, or until its client loses patience. A pod works on as many
attempts as it has slots and queues a few more, first come first served.

The engine has an agenda of its own, so the cluster's never holds a request. State changes are single calls; only
waiting goes through the agenda. Coinciding events are ordered by rank and address, see :class:`sim.clock.Clock`.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, cast

from simpy.events import Event

from sim.clock import Clock
from sim.draws import block, uniform
from sim.health import note_health, take_back
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import book, note_attempt, note_served, pod_answered, proxy_unanswered
from sim.requests.choices import WAIT
from sim.requests.connections import held_pod, hold, rest
from sim.requests.contract import Stop
from sim.requests.luck import ANSWER, USER, WORK, attempt_luck, entity, request_luck
from sim.requests.picking import (
    POOL_NEW,
    count_outstanding,
    is_broken,
    is_mirrored,
    pick,
    pool_of,
    pool_of_pod,
    proxy_of,
    version_of_pool,
)
from sim.requests.rules import (
    MIRRORED,
    REQUEST,
    RETRY,
    USER_SHIFT,
    address,
    answer,
    call_time,
    calls_of,
    compute,
    expect_next_arrival,
    is_poison,
    leave_memory,
    may_retry,
    patience,
    service_time,
    user_arrives_at,
    user_of,
)
from sim.rows import NOT_HELD
from sim.versions import NEVER
from sim.world import SILENCE_LIMIT, Answers, ClientGone, Columns, Rank, Reason, World

NOBODY = -1
PROXY_SHIFT = 32
"""The entity of an ejected pod's return: the proxy, and in the lower bits the pod."""


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """A user's intention, with all the luck it brings."""

    stream: int
    number: int
    arrived: int
    user: int
    work_luck: float
    answer_luck: float


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One try, from the client's call to the pod's answer."""

    request: Request
    nth: int
    proxy: int
    pool: int
    version: int
    answer_luck: float
    called: int
    answered: Event
    pod: int = NOBODY
    outcome: int | None = None  # of an attempt that found no pod
    calls_left: int = 0  # to the dependency, after the work in the pod
    calling: bool = False  # a dependency works on it
    waited_for: bool = True  # the client is still there; nobody waits for a mirrored copy
    inside: bool = True  # … the pod, in its queue or a slot

    @property
    def address(self) -> int:
        """Its name, which orders coinciding events."""
        return address(self.request.stream, self.request.number, self.nth)

    @property
    def is_copy(self) -> bool:
        """Whether it is the copy that a mirror made."""
        return self.nth == MIRRORED


@dataclass(slots=True)
class Inside:
    """What is in a pod."""

    working: list[Attempt] = field(default_factory=list)
    queue: deque[Attempt] = field(default_factory=deque)


@dataclass(slots=True)
class Line:
    """Attempts that wait for a dependency, each with the event that lets it begin."""

    waiting: deque[tuple[Attempt, Event]] = field(default_factory=deque)


class ReferenceEngine:
    """Plays requests as SimPy processes; see :class:`sim.requests.contract.RequestEngine`."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        self.clock = Clock(initial_time=-world.columns.settings.warm_up)
        self.open_requests = 0
        self.open_streams = len(world.columns.streams.timeout)
        self.open_users = 0
        self.inside: dict[int, Inside] = {}
        self.lines = [Line() for _ in world.columns.dependencies]
        self.news: tuple[Reason, int] | None = None
        for stream, users in enumerate(world.columns.streams.users.tolist()):
            self.open_users += users
            if users == 0:
                self.clock.process(self.arrivals(stream))
            for user in range(users):
                self.clock.process(self.session(stream, user))
        self.open_streams -= int((world.columns.streams.users > 0).sum())

    @property
    def columns(self) -> Columns:
        """The columns as they are now; the cluster may have made room for more pods."""
        return self.world.columns

    # The contract

    def advance(self, until: int) -> Stop:
        """Play every event before ``until``, or up to the first reason to come back."""
        while not self.is_finished(until):
            if self.clock.next_at() >= until:
                return Stop(until, Reason.REACHED)
            self.clock.step()
            self.settle()
            if self.news is not None:
                (reason, pod), self.news = self.news, None
                return Stop(self.now, reason, pod)
        return Stop(self.now, Reason.FINISHED)

    def is_finished(self, until: int) -> bool:
        """Whether every outcome is known and the cluster has nothing left to do before the horizon."""
        played = self.open_streams == 0 and self.open_users == 0 and self.open_requests == 0
        return played and until > self.columns.settings.horizon

    def reset(self, pod: int, now: int) -> None:
        """Every attempt in the pod ends as lost, in the order of their addresses."""
        self.clock.move_to(now)
        self.columns.pods.deaths[pod] += 1
        for attempt in self.inside_of(pod):
            self.leave(attempt)
            if attempt.waited_for:
                attempt.answered.succeed(Outcome.LOST)
            elif attempt.is_copy:
                self.unanswered(attempt)
            self.settle()

    def silence(self, pod: int, now: int) -> None:
        """Every attempt in the pod hangs until its client gives up, after a minute at the latest."""
        self.clock.move_to(now)
        for attempt in self.inside_of(pod):
            self.leave(attempt)
            stream = attempt.request.stream
            if attempt.is_copy:
                self.unanswered(attempt)
            if attempt.waited_for and patience(self.columns, pod, stream) != self.columns.streams.timeout[stream]:
                self.clock.process(self.hang(attempt))
        self.settle()

    # The life of streams and requests

    @property
    def now(self) -> int:
        """The instant played last."""
        return int(self.clock.now)

    def settle(self) -> None:
        """Let everyone whom the last event concerns take note of it, before anything else happens."""
        while self.clock.next_is_internal():
            self.clock.step()

    def arrivals(self, stream: int) -> Generator[Event, Any, None]:
        """A stream: requests arrive until the horizon."""
        streams = self.columns.streams
        while True:
            expect_next_arrival(self.columns, stream)
            arrives = int(streams.next_at[stream])
            if arrives == NEVER:
                self.open_streams -= 1
                return
            number = int(streams.number[stream])
            yield self.clock.at(arrives, Rank.ARRIVAL, address(stream, number, 0))
            self.open_requests += 1
            request = Request(
                stream=stream,
                number=number,
                arrived=arrives,
                user=user_of(self.columns, request_luck(self.columns, stream, number, USER)),
                work_luck=request_luck(self.columns, stream, number, WORK),
                answer_luck=request_luck(self.columns, stream, number, ANSWER),
            )
            streams.number[stream] += 1
            self.clock.process(self.life(request))

    def session(self, stream: int, user: int) -> Generator[Event, Any, None]:
        """A user of a closed loop: think, ask, wait for the outcome, think again, until the horizon."""
        settings, free_since = self.columns.settings, -self.columns.settings.warm_up
        for number in itertools.count(user << USER_SHIFT):
            arrives = user_arrives_at(self.columns, stream, number, free_since)
            if arrives == NEVER:
                self.open_users -= 1
                return
            yield self.clock.at(arrives, Rank.ARRIVAL, address(stream, number, 0))
            self.open_requests += 1
            words = block(settings.key_low, settings.key_high, REQUEST, entity(stream, number), 0)
            request = Request(
                stream=stream,
                number=number,
                arrived=arrives,
                user=user,
                work_luck=uniform(words[WORK]),
                answer_luck=uniform(words[ANSWER]),
            )
            self.columns.streams.number[stream] += 1
            yield from self.life(request)
            free_since = self.now

    def life(self, request: Request) -> Generator[Event, Any, None]:
        """A request: attempts until one is the last, then its outcome is booked."""
        settings, nth = self.columns.settings, 0
        self.mirror(request)
        while True:
            outcome, version, pod = yield from self.attempt(request, nth)
            note_attempt(self.ledger, request.stream, version, outcome, self.now)
            if not may_retry(self.columns, request.stream, nth, outcome):
                break
            key = settings.key_low, settings.key_high
            luck = uniform(block(*key, RETRY, entity(request.stream, request.number), nth)[0])
            pause = WAIT(int(self.columns.streams.retry_rule[request.stream]), self.columns, request.stream, nth, luck)
            nth += 1
            yield self.clock.at(self.now + pause, Rank.RETRY, address(request.stream, request.number, nth))
        self.open_requests -= 1
        book(
            self.columns,
            self.ledger,
            request.stream,
            request.number,
            request.arrived,
            self.now,
            outcome,
            nth + 1,
            version,
            pod,
            request.user,
        )

    def attempt(self, request: Request, nth: int) -> Generator[Event, Any, tuple[int, int, int]]:
        """One try: find a pod, wait for its answer. Gives the outcome, the version and the pod (-1 for none)."""
        luck = attempt_luck(self.columns, request.stream, request.number, nth)
        pod = int(held_pod(self.columns, request.user, self.now))
        if pod == NOT_HELD:
            pool = pool_of(self.columns, proxy_of(self.columns, request.number), request.user, luck[0])
        else:
            pool = pool_of_pod(self.columns, pod)
        attempt = self.aim(request, nth, luck, pool, pod)
        outcome = self.knock(attempt) if attempt.pod != NOBODY else attempt.outcome
        if outcome is None:
            outcome = yield from self.answer_of(attempt)
        return outcome, attempt.version, attempt.pod

    def aim(self, request: Request, nth: int, luck: Any, pool: int, pod: int) -> Attempt:
        """Choose the attempt's pod, unless a held connection has; without one it has its outcome."""
        columns, proxy = self.columns, proxy_of(self.columns, request.number)
        attempt = Attempt(
            request=request,
            nth=nth,
            proxy=proxy,
            pool=pool,
            version=int(version_of_pool(pool)),
            answer_luck=luck[3] if columns.settings.answer_per_attempt else request.answer_luck,
            called=self.now,
            answered=self.clock.event(),
            waited_for=nth != MIRRORED,
        )
        if pod == NOT_HELD and columns.routes.listed[proxy, pool] == 0:
            attempt.outcome = Outcome.NO_ENDPOINT
        elif is_broken(columns, proxy, pool):
            attempt.outcome = Outcome.REJECTED
        else:
            address_of_request = request.stream, request.number, nth, request.user
            attempt.pod = (
                pod
                if pod != NOT_HELD
                else int(pick(columns, proxy, pool, *address_of_request, luck[1], luck[2], self.now))
            )
            attempt.version = int(columns.pods.version[attempt.pod])
            return attempt
        self.unanswered(attempt)
        return attempt

    def knock(self, attempt: Attempt) -> int | None:
        """The attempt stands before its pod: its outcome, or None when it is inside or hangs."""
        pod, stream = attempt.pod, attempt.request.stream
        answers = self.columns.pods.answers[pod]
        if answers == Answers.REFUSES or (attempt.is_copy and answers != Answers.ACCEPTS):
            self.unanswered(attempt)
            outcome = Outcome.REFUSED
        elif answers == Answers.ACCEPTS and not self.admit(attempt):
            pod_answered(self.world.telemetry, pod, stream, Outcome.REJECTED, 0)
            outcome = Outcome.REJECTED
        else:
            attempt.inside = bool(answers == Answers.ACCEPTS)
            return None
        if not attempt.is_copy:
            self.remember(attempt, outcome)
        return outcome

    def answer_of(self, attempt: Attempt) -> Generator[Event, Any, int]:
        """Wait for the pod's answer, or until the client's patience is over."""
        columns, pod, stream = self.columns, attempt.pod, attempt.request.stream
        count_outstanding(columns, attempt.proxy, attempt.pool, +1)
        hold(columns, attempt.request.user, pod, self.now)
        wait = int(patience(columns, pod, stream))
        if wait == 0:
            yield attempt.answered
        else:
            deadline = self.clock.at(self.now + wait, Rank.DEADLINE, attempt.address)
            yield attempt.answered | deadline
        if not attempt.answered.triggered:
            attempt.waited_for = False
            self.abandon(attempt)
            outcome = int(Outcome.TIMEOUT)
        else:
            outcome = int(cast(int, attempt.answered.value))
        if outcome in (Outcome.LOST, Outcome.TIMEOUT):
            self.unanswered(attempt)
        else:
            pod_answered(self.world.telemetry, pod, stream, outcome, self.now - attempt.called)
        count_outstanding(self.columns, attempt.proxy, attempt.pool, -1)
        self.remember(attempt, outcome)
        return outcome

    def mirror(self, request: Request) -> None:
        """Send a copy of a request for the stable version to the new one, if the router says so."""
        proxy = proxy_of(self.columns, request.number)
        if self.columns.routes.mirror_share[proxy] == 0.0:
            return
        version_luck = attempt_luck(self.columns, request.stream, request.number, 0)[0]
        luck = attempt_luck(self.columns, request.stream, request.number, MIRRORED)
        if is_mirrored(self.columns, proxy, request.user, version_luck, luck[0]):
            attempt = self.aim(request, MIRRORED, luck, POOL_NEW, NOT_HELD)
            if attempt.pod != NOBODY:
                self.knock(attempt)

    # What a proxy does beside

    def unanswered(self, attempt: Attempt) -> None:
        """The proxy sees an attempt end without any pod's answer."""
        proxy_unanswered(self.world.telemetry, attempt.proxy, attempt.request.stream, attempt.version)

    def remember(self, attempt: Attempt, outcome: int) -> None:
        """The attempt's connection rests or is closed; its pod may be ejected for a while."""
        columns, proxy, pod = self.columns, attempt.proxy, attempt.pod
        rest(columns, attempt.request.user, pod, outcome, self.now)
        if columns.settings.eject_after > 0:
            returns = int(note_health(columns, proxy, attempt.pool, pod, outcome, self.now))
            if returns != NEVER:
                self.clock.process(self.ejection(proxy, pod, returns))

    def ejection(self, proxy: int, pod: int, returns: int) -> Generator[Event, Any, None]:
        """The proxy sends nothing to the pod until then."""
        yield self.clock.at(returns, Rank.RETURN, (proxy << PROXY_SHIFT) | pod)
        take_back(self.columns, proxy, pod, self.now)

    # The inside of a pod

    def admit(self, attempt: Attempt) -> bool:
        """Give the attempt a slot or a place in the queue; false when both are full."""
        pods, pod = self.columns.pods, attempt.pod
        inside = self.inside.setdefault(pod, Inside())
        if pods.in_flight[pod] < pods.slots[pod]:
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
        """Take a slot: how long the pod works and what will be answered is fixed now."""
        request, pod = attempt.request, attempt.pod
        self.columns.pods.in_flight[pod] += 1
        compute(self.columns, pod, +1, self.now)
        inside.working.append(attempt)
        attempt.calls_left = int(calls_of(self.columns, attempt.version, request.stream))
        outcome = answer(self.columns, pod, request.stream, request.user, attempt.answer_luck)
        duration = service_time(self.columns, pod, request.stream, request.work_luck)
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
            yield from self.call(attempt)
            if not attempt.inside:
                return
            self.hang_up(attempt)
        self.finish(attempt, outcome)

    def finish(self, attempt: Attempt, outcome: int) -> None:
        """Answer, give the slot to the next in the queue, and tell what the cluster must know."""
        pod = attempt.pod
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

    def begin_next(self, pod: int) -> None:
        """Give a free slot to the head of the queue; a draining pod with nothing left in it is news."""
        pods, inside = self.columns.pods, self.inside[pod]
        if inside.queue and pods.in_flight[pod] < pods.slots[pod]:
            pods.queued[pod] -= 1
            self.begin(inside.queue.popleft(), inside)
        if pods.draining[pod] == 1 and pods.in_flight[pod] == 0 and pods.queued[pod] == 0:
            self.news = Reason.POD_DRAINED, pod

    # Attempts that leave before their end

    def inside_of(self, pod: int) -> list[Attempt]:
        """Every attempt in the pod, by address."""
        inside = self.inside.get(pod, Inside())
        return sorted([*inside.working, *inside.queue], key=lambda attempt: attempt.address)

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
        if attempt.calling:
            self.hang_up(attempt)
        else:
            compute(self.columns, pod, -1, self.now)

    def abandon(self, attempt: Attempt) -> None:
        """The client has left: what becomes of its attempt is a setting."""
        gone = self.columns.settings.client_gone
        queued = attempt.inside and attempt in self.inside[attempt.pod].queue
        if attempt.inside and (gone == ClientGone.CANCEL or (gone == ClientGone.LEAVE_QUEUE and queued)):
            self.leave(attempt)
            self.begin_next(attempt.pod)

    def hang(self, attempt: Attempt) -> Generator[Event, Any, None]:
        """A client without a deadline of its own leaves a silent machine after a minute."""
        yield self.clock.at(self.now + SILENCE_LIMIT, Rank.DEADLINE, attempt.address)
        if attempt.waited_for and not attempt.answered.triggered:
            attempt.waited_for = False
            attempt.answered.succeed(Outcome.TIMEOUT)

    # Dependencies

    def call(self, attempt: Attempt) -> Generator[Event, Any, None]:
        """A call to the stream's dependency: wait in line for one of its slots, then for its work."""
        request = attempt.request
        which = int(self.columns.streams.dependency[request.stream])
        dependencies, line = self.columns.dependencies, self.lines[which].waiting
        if dependencies.busy[which] < dependencies.slots[which]:
            dependencies.busy[which] += 1
        else:
            dependencies.waiting[which] += 1
            begins = self.clock.event()
            line.append((attempt, begins))
            yield begins
        if attempt.inside:
            duration = call_time(self.columns, request.stream, request.number, attempt.nth, attempt.calls_left)
            yield self.clock.at(self.now + duration, Rank.COMPLETION, attempt.address)

    def hang_up(self, attempt: Attempt) -> None:
        """The attempt's call is over, or given up, in the dependency or in line; the next in line begins."""
        which = int(self.columns.streams.dependency[attempt.request.stream])
        dependencies, line = self.columns.dependencies, self.lines[which].waiting
        for waiting in line:
            if waiting[0] is attempt:
                line.remove(waiting)
                dependencies.waiting[which] -= 1
                return
        dependencies.busy[which] -= 1
        if line:
            dependencies.waiting[which] -= 1
            dependencies.busy[which] += 1
            line.popleft()[1].succeed()
