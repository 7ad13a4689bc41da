"""The reference request engine behind the contract: streams, users, and the life of a request.

A stream is a process that lets requests arrive. A request is a process that makes attempts until one is its last. An
attempt finds a pod and waits there for its answer, or until its client loses patience. A pod works on as many
attempts as it has slots and queues a few more, first come first served.

The engine has an agenda of its own, so the cluster's never holds a request. State changes are single calls; only
waiting goes through the agenda. Coinciding events are ordered by rank and address, see :class:`sim.clock.Clock`.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator
from typing import Any

from simpy.events import Event

from sim.clock import Clock
from sim.draws import block, uniform
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import book, note_attempt
from sim.requests.choices import WAIT
from sim.requests.contract import Stop
from sim.requests.luck import ANSWER, USER, WORK, entity, request_luck
from sim.requests.reference.attempt import Request
from sim.requests.reference.part import Part
from sim.requests.reference.pods import Pods
from sim.requests.reference.proxies import Proxies
from sim.requests.rules import (
    REQUEST,
    RETRY,
    USER_SHIFT,
    address,
    earn_retry,
    expect_next_arrival,
    may_retry,
    patience,
    user_arrives_at,
    user_of,
)
from sim.versions import NEVER
from sim.world import Rank, Reason, World


class ReferenceEngine(Part):
    """Plays requests as SimPy processes; see :class:`sim.requests.contract.RequestEngine`."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        super().__init__(world, Clock(initial_time=-world.columns.settings.warm_up))
        self.ledger = ledger
        self.open_requests = 0
        self.open_streams = len(world.columns.streams.timeout)
        self.open_users = 0
        self.pods = Pods(world, ledger, self.clock)
        self.proxies = Proxies(world, self.clock, self.pods)
        for stream, users in enumerate(world.columns.streams.users.tolist()):
            self.open_users += users
            if users == 0:
                self.clock.process(self.arrivals(stream))
            for user in range(users):
                self.clock.process(self.session(stream, user))
        self.open_streams -= int((world.columns.streams.users > 0).sum())

    # The contract

    def advance(self, until: int) -> Stop:
        """Play every event before ``until``, or up to the first reason to come back."""
        while not self.is_finished(until):
            if self.clock.next_at() >= until:
                return Stop(until, Reason.REACHED)
            self.clock.step()
            self.settle()
            if self.pods.news is not None:
                (reason, pod), self.pods.news = self.pods.news, None
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
        for attempt in self.pods.inside_of(pod):
            self.pods.leave(attempt)
            if attempt.waited_for:
                attempt.answered.succeed(Outcome.LOST)
            elif attempt.is_copy:
                self.proxies.unanswered(attempt)
            self.settle()

    def silence(self, pod: int, now: int) -> None:
        """Every attempt in the pod hangs until its client gives up, after a minute at the latest."""
        self.clock.move_to(now)
        for attempt in self.pods.inside_of(pod):
            self.pods.leave(attempt)
            stream = attempt.request.stream
            if attempt.is_copy:
                self.proxies.unanswered(attempt)
            if attempt.waited_for and patience(self.columns, pod, stream) != self.columns.streams.timeout[stream]:
                self.clock.process(self.proxies.hang(attempt))
        self.settle()

    # The life of streams and requests

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
            earn_retry(self.columns, stream)
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
        self.proxies.mirror(request)
        while True:
            outcome, version, pod = yield from self.proxies.attempt(request, nth)
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
