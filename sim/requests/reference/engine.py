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
from sim.requests.contract import Stop
from sim.requests.long_lived import is_held, is_long
from sim.requests.luck import ANSWER, UNDER_WAY, USER, WORK, entity, request_luck
from sim.requests.parts import plays_long_streams
from sim.requests.reference.attempt import Request
from sim.requests.reference.long_lived import LongLived
from sim.requests.reference.part import Part
from sim.requests.reference.pods import Pods
from sim.requests.reference.proxies import Proxies
from sim.requests.retrying import (
    NOBODY_AGAIN,
    earn_retries,
    limit_from,
    patience,
    pause_before,
    policy_of,
    who_tries_again,
    work_luck_of_next,
)
from sim.requests.rules import (
    REQUEST,
    USER_SHIFT,
    address,
    expect_next_arrival,
    user_arrives_at,
    user_of,
)
from sim.rows import CLIENT, PROXY
from sim.versions import NEVER
from sim.world import Rank, Reason, World


class ReferenceEngine(Part):
    """Plays requests as SimPy processes; see :class:`sim.requests.contract.RequestEngine`."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        super().__init__(world, Clock(initial_time=-world.columns.settings.warm_up))
        self.ledger = ledger
        self.open_requests = 0
        self.long_lived = LongLived(world, ledger, self.clock)
        self.open_streams = len(world.columns.streams.timeout)
        self.open_users = 0
        self.pods = Pods(world, ledger, self.clock)
        self.proxies = self.long_lived.proxies = Proxies(world, self.clock, self.pods)
        for stream, users in enumerate(world.columns.streams.users.tolist()):
            self.open_users += 0 if is_long(world.columns, stream) else users
            if users == 0:
                self.clock.process(self.arrivals(stream))
            for place in range(int(world.columns.streams.under_way[stream])):
                self.clock.process(self.under_way(stream, UNDER_WAY + place))
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
        self.long_lived.leave_open()
        return Stop(self.now, Reason.FINISHED)

    def is_finished(self, until: int) -> bool:
        """Whether every outcome is known and the cluster has nothing left to do before the horizon."""
        played = self.open_streams == 0 and self.open_users == 0 and self.open_requests == 0
        horizon = self.columns.settings.horizon
        none_ends_before = not plays_long_streams(self.columns) or self.clock.next_at() >= horizon
        return played and until > horizon and none_ends_before

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
            hangs = attempt.is_open or patience(self.columns, pod, stream) != self.columns.streams.timeout[stream]
            if attempt.waited_for and hangs:
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
                self.open_users -= 0 if is_long(self.columns, stream) else 1
                return
            yield self.clock.at(arrives, Rank.ARRIVAL, address(stream, number, 0))
            earn_retries(self.columns, stream)
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

    def under_way(self, stream: int, number: int) -> Generator[Event, Any, None]:
        """A request that is under way when the warm-up begins finds its pod at that moment."""
        settings = self.columns.settings
        yield self.clock.at(-settings.warm_up, Rank.ARRIVAL, address(stream, number, 0))
        earn_retries(self.columns, stream)
        words = block(settings.key_low, settings.key_high, REQUEST, entity(stream, number), 0)
        request = Request(
            stream=stream,
            number=number,
            arrived=-settings.warm_up,
            user=user_of(self.columns, uniform(words[USER])),
            work_luck=uniform(words[WORK]),
            answer_luck=uniform(words[ANSWER]),
        )
        yield from self.life(request)

    def life(self, request: Request) -> Generator[Event, Any, None]:
        """A request from its arrival to its outcome; those of long streams may still be open at the horizon."""
        if is_long(self.columns, request.stream):
            self.long_lived.begins(request)
        else:
            self.open_requests += 1
        if is_held(self.columns, request.stream):
            yield from self.long_lived.connection(request)
        else:
            yield from self.tries(request)
        if is_long(self.columns, request.stream):
            self.long_lived.ends(request)
        else:
            self.open_requests -= 1

    def tries(self, request: Request) -> Generator[Event, Any, None]:
        """Attempts until one is the last, then the outcome is booked."""
        made, goes_on = 0, True
        self.begin_call(request, self.now)
        self.proxies.mirror(request)
        while goes_on:
            outcome, version, pod = yield from self.proxies.attempt(request, made)
            note_attempt(self.ledger, request.stream, version, outcome, self.now)
            made += 1
            outcome, goes_on = yield from self.another(request, outcome, made)
        book(
            self.columns,
            self.ledger,
            request.stream,
            request.number,
            request.arrived,
            self.now,
            outcome,
            made,
            version,
            pod,
            request.user,
        )

    def begin_call(self, request: Request, now: int) -> None:
        """The client calls (again): until when it waits for its proxy, and from the first call on, in all.

        Where nobody tries again a call is one attempt, which has its own patience.
        """
        streams = self.columns.streams
        if streams.retry_on[request.stream] == 0:
            return
        if request.calls == 0:
            request.ends = int(limit_from(int(streams.limit[request.stream]), now))
        request.call_ends = min(request.ends, int(limit_from(int(streams.call_limit[request.stream]), now)))

    def another(self, request: Request, outcome: int, made: int) -> Generator[Event, Any, tuple[int, bool]]:
        """Wait for the next try, if somebody makes one: the outcome so far, and whether it goes on.

        Whose time is over during the wait has a timeout; after a proxy's wait the client may still call again.
        """
        columns, stream, number = self.columns, request.stream, request.number
        again = address(stream, number, made)
        while True:
            so_far = request.calls, request.tries, request.call_ends, request.ends
            who = int(who_tries_again(columns, stream, outcome, self.now, *so_far))
            if who == NOBODY_AGAIN:
                return outcome, False
            policy = policy_of(stream, who)
            before, over = (request.tries, request.call_ends) if who == PROXY else (request.calls, request.ends)
            begins = self.now + int(pause_before(columns, policy, stream, number, made - 1, before))
            luck = work_luck_of_next(columns, policy, stream, number, made - 1, outcome, request.work_luck)
            request.work_luck = luck
            if who == CLIENT:
                request.calls, request.tries = request.calls + 1, 0
                self.begin_call(request, begins)
            else:
                request.tries += 1
            if begins < over:
                yield self.clock.at(begins, Rank.RETRY, again)
                return outcome, True
            yield self.clock.at(over, Rank.DEADLINE, again)
            outcome = int(Outcome.TIMEOUT)
