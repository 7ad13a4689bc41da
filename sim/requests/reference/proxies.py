"""Proxies, in SimPy: an attempt finds its pod and waits there for its answer, while its client's patience lasts."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast

from simpy.events import Event

from sim.clock import Clock
from sim.health import note_health, return_address, take_back
from sim.outcomes import Outcome
from sim.requests.booking import pod_answered, proxy_unanswered
from sim.requests.connections import held_pod, hold, rest
from sim.requests.luck import attempt_luck
from sim.requests.picking import (
    POOL_NEW,
    count_outstanding,
    is_broken,
    is_mirrored,
    pick_another,
    pool_of,
    pool_of_pod,
    proxy_of,
    version_of_pool,
)
from sim.requests.reference.attempt import NOBODY, Attempt, Request
from sim.requests.reference.part import Part
from sim.requests.reference.pods import Pods
from sim.requests.retrying import MIRRORED, is_again, is_cut, own_luck, patience, policy_of
from sim.rows import CLIENT, NOT_HELD, PROXY
from sim.versions import NEVER
from sim.world import SILENCE_LIMIT, Answers, Rank, World


class Proxies(Part):
    """What stands between clients and pods."""

    def __init__(self, world: World, clock: Clock, pods: Pods) -> None:
        super().__init__(world, clock)
        self.pods = pods

    def attempt(self, request: Request, nth: int) -> Generator[Event, Any, tuple[int, int, int]]:
        """One try: find a pod, wait for its answer. Gives the outcome, the version and the pod (-1 for none)."""
        luck = attempt_luck(self.columns, request.stream, request.number, nth)
        pod = int(held_pod(self.columns, request.user, self.now))
        if pod == NOT_HELD and is_again(nth) and self.policy(request).keeps:
            pool = request.last_pool
        elif pod == NOT_HELD:
            pool = pool_of(self.columns, proxy_of(self.columns, request.number), request.user, luck[0])
        else:
            pool = pool_of_pod(self.columns, pod)
        attempt = self.aim(request, nth, luck, pool, pod)
        request.last_pool, request.last_pod = pool, attempt.pod
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
            work_luck=request.work_luck,
            own_luck=own_luck(columns, request.stream, nth, luck[3]),
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
            elsewhere = is_again(nth) and self.policy(request).elsewhere
            avoided = request.last_pod if elsewhere else NOBODY
            attempt.pod = (
                pod
                if pod != NOT_HELD
                else int(pick_another(columns, proxy, pool, *address_of_request, luck[1], luck[2], self.now, avoided))
            )
            attempt.version = int(columns.pods.version[attempt.pod])
            return attempt
        self.unanswered(attempt)
        return attempt

    def policy(self, request: Request) -> Any:
        """By whose rule a retry is made: the proxy's, or the client's whose new call it begins."""
        return self.columns.retries[policy_of(request.stream, PROXY if request.tries > 0 else CLIENT)]

    def knock(self, attempt: Attempt) -> int | None:
        """The attempt stands before its pod: its outcome, or None when it is inside or hangs."""
        pod, stream = attempt.pod, attempt.request.stream
        answers = self.columns.pods.answers[pod]
        if answers == Answers.REFUSES or (attempt.is_copy and answers != Answers.ACCEPTS):
            self.unanswered(attempt)
            outcome = Outcome.REFUSED
        elif answers == Answers.ACCEPTS and not self.pods.admit(attempt):
            pod_answered(self.world.telemetry, pod, stream, Outcome.REJECTED, 0)
            outcome = Outcome.REJECTED
        else:
            attempt.inside = bool(answers == Answers.ACCEPTS)
            return None
        if not attempt.is_copy:
            self.remember(attempt, outcome)
        return outcome

    def answer_of(self, attempt: Attempt) -> Generator[Event, Any, int]:
        """Wait for the pod's answer, or until the patience of whoever asks is over."""
        columns, pod, stream = self.columns, attempt.pod, attempt.request.stream
        count_outstanding(columns, attempt.proxy, attempt.pool, +1)
        hold(columns, attempt.request.user, pod, self.now)
        wait = int(patience(columns, pod, stream))
        if is_cut(wait, self.now, attempt.request.call_ends):
            wait = attempt.request.call_ends - self.now
        if wait == 0:
            yield attempt.answered
        else:
            deadline = self.clock.at(self.now + wait, Rank.DEADLINE, attempt.address)
            yield attempt.answered | deadline
        if not attempt.answered.triggered and attempt.is_open:
            yield attempt.answered  # the patience was for the handshake
        if not attempt.answered.triggered:
            attempt.waited_for = False
            self.pods.abandon(attempt)
            outcome = int(Outcome.TIMEOUT)
        else:
            outcome = int(cast(int, attempt.answered.value))
        if outcome in (Outcome.LOST, Outcome.TIMEOUT):
            self.unanswered(attempt)
        elif not attempt.is_open:
            pod_answered(self.world.telemetry, pod, stream, outcome, self.now - attempt.called)
        count_outstanding(self.columns, attempt.proxy, attempt.pool, -1)
        self.remember(attempt, outcome)
        return outcome

    def hang(self, attempt: Attempt) -> Generator[Event, Any, None]:
        """A client without a deadline of its own leaves a silent machine after a minute."""
        yield self.clock.at(self.now + SILENCE_LIMIT, Rank.DEADLINE, attempt.address)
        if attempt.waited_for and not attempt.answered.triggered:
            attempt.waited_for = False
            attempt.answered.succeed(Outcome.TIMEOUT)

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
        yield self.clock.at(returns, Rank.RETURN, return_address(proxy, pod))
        take_back(self.columns, proxy, pod, self.now)
