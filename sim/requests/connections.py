"""Connections that clients hold open to pods, where no proxy routes each request by itself.

Behind a balancer of layer 4 (kube-proxy, a network load balancer) a connection is balanced once, when it is opened;
every request on it goes to the same pod, whatever selectors, weights or endpoints say since. It ends when it has been
idle or open for too long, when the pod's process dies or stops listening, or when a client gives up on it.
"""

from __future__ import annotations

from sim.jit import rule
from sim.outcomes import Outcome
from sim.rows import NOT_HELD
from sim.versions import NEVER
from sim.world import Answers, Columns

REFUSES = int(Answers.REFUSES)
SUCCEEDED, ERROR, UNSEEN_ERROR = int(Outcome.SUCCEEDED), int(Outcome.ERROR), int(Outcome.UNSEEN_ERROR)
REJECTED = int(Outcome.REJECTED)


@rule
def held_pod(columns: Columns, user: int, now: int) -> int:
    """The pod to which the user's connection leads, NOT_HELD when there is none that still works."""
    settings, pods = columns.settings, columns.pods
    if settings.keep_alive == 0:
        return NOT_HELD
    held = columns.held
    pod = held.pod[user]
    if pod == NOT_HELD or now >= held.until[user]:
        return NOT_HELD
    if settings.connection_age > 0 and now - held.opened[user] >= settings.connection_age:
        return NOT_HELD
    if pods.answers[pod] == REFUSES or pods.deaths[pod] != held.deaths[user]:
        return NOT_HELD
    return pod  # type: ignore[no-any-return]


@rule
def hold(columns: Columns, user: int, pod: int, now: int) -> None:
    """The user's attempt is on its way to the pod, on a new connection or on the one it holds."""
    if columns.settings.keep_alive == 0:
        return
    held = columns.held
    if held_pod(columns, user, now) != pod:
        held.pod[user], held.deaths[user], held.opened[user] = pod, columns.pods.deaths[pod], now
    held.until[user] = NEVER


@rule
def rest(columns: Columns, user: int, pod: int, outcome: int, now: int) -> None:
    """The attempt has ended: the connection rests, or is closed where the client got no answer on it."""
    if columns.settings.keep_alive == 0 or columns.held.pod[user] != pod:
        return
    if outcome in (SUCCEEDED, ERROR, UNSEEN_ERROR, REJECTED):
        columns.held.until[user] = now + columns.settings.keep_alive
    else:
        columns.held.pod[user] = NOT_HELD
