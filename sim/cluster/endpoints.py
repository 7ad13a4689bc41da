"""Endpoints: what each proxy believes of each pod, a lag behind the truth.

A pod is an endpoint while it is ready and not told to go (Kubernetes' EndpointSlice). Each change reaches each proxy
after a lag of its own, looked up at the change's address; a change that is overtaken by a later one is dropped. A proxy
that knows no ready pod sends to those that are on their way out and still serve (``ProxyTerminatingEndpoints``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.endpoint_conditions import NOTHING, Conditions, conditions
from sim.cluster.pod import Phase, Pod
from sim.cluster.view import View
from sim.draws import Key, Purpose, draw
from sim.rows import Ints
from sim.versions import STABLE, VERSIONS
from sim.world import POOLS, Pool, Rank, World

_POOLS_OF = ((Pool.STABLE, Pool.ALL), (Pool.NEW, Pool.ALL))
"""The pools a version's pods stand in, its own first."""
_PROXIES = 4096
"""Room for proxies in an address: change * 4096 + proxy, pod * 4096 + proxy."""


class Endpoints:
    """Every proxy's view, kept in the world's endpoint lists."""

    def __init__(
        self,
        *,
        proxies: int,
        lag: Any,
        publish_not_ready: bool,
        world: World,
        clock: Clock,
        key: Key,
        changed: Callable[[], None],
    ) -> None:
        self._lag, self._publish, self._world, self._clock = lag, publish_not_ready, world, clock
        self._key, self._changed = key, changed
        self._views = tuple(tuple(View(world, proxy, pool) for pool in range(POOLS)) for proxy in range(proxies))
        self._known: tuple[dict[Pod, tuple[int, Conditions]], ...] = tuple({} for _ in range(proxies))  # newest change
        self._withheld: set[int] = set()  # revisions whose pods stand behind no Service yet
        self._knowing: dict[Pod, int] = {}  # how many proxies hold a pod for ready
        self._should: tuple[dict[Pod, None], ...] = tuple({} for _ in range(VERSIONS))  # the truth
        self._unknown: tuple[dict[Pod, None], ...] = tuple({} for _ in range(VERSIONS))  # to some proxy

    def announce(self, pod: Pod) -> None:
        """The pod's readiness, its being told to go or its end may have changed what proxies are told."""
        now_true = self._conditions(pod)
        if now_true == pod.announced:
            return
        self._take_note(pod, now_true)
        for proxy in range(len(self._views)):
            lag = self._lag_of(pod, proxy)
            learn = partial(self._learn, proxy, pod, pod.announcements, now_true)
            self._clock.at(int(self._clock.now) + lag, Rank.ENDPOINT, pod.address * _PROXIES + proxy).callbacks.append(
                learn
            )

    def publish(self, revision: int, published: bool, pods: Iterable[Pod]) -> None:
        """Proxies are told of a revision's pods from now on, or no more."""
        (self._withheld.discard if published else self._withheld.add)(revision)
        for pod in list(pods):
            self.announce(pod)

    def known_from_the_start(self, pods: list[Pod]) -> None:
        """Pods that were ready long before the play begins stand in every view."""
        for pod in pods:
            self._take_note(pod, self._conditions(pod))
            for proxy in range(len(self._views)):
                self._known[proxy][pod] = (pod.announcements, pod.announced)
            self._know(pod, len(self._views))
        for views in self._views:
            for pool in _POOLS_OF[STABLE]:
                views[pool].fill(pods)

    def listed(self, version: int, proxy: int = 0) -> int:
        """How many endpoints of a version a proxy sends to."""
        return int(self._world.columns.routes.known[proxy, _POOLS_OF[version][0]])

    def listed_by_proxy(self, version: int) -> Ints:
        """The same of every proxy at once."""
        return self._world.columns.routes.known[:, _POOLS_OF[version][0]]

    def serving(self, version: int) -> int:
        """How many pods of a version are endpoints in truth."""
        return len(self._should[version])

    def unknown_somewhere(self, version: int) -> Collection[Pod]:
        """The pods of a version that are endpoints in truth and of which some proxy does not know yet."""
        return self._unknown[version].keys()

    def _conditions(self, pod: Pod) -> Conditions:
        """What is true of a pod now; without a node it has no address."""
        if pod.node is None or pod.phase is Phase.GONE or pod.revision in self._withheld:
            return NOTHING
        found = conditions(pod_ready=pod.ready, terminating=pod.deleted, publish_not_ready=self._publish)
        return found if found.ready or found.serving else NOTHING

    def _take_note(self, pod: Pod, now_true: Conditions) -> None:
        pod.announced, pod.announcements = now_true, pod.announcements + 1
        if now_true.ready:
            self._should[pod.version][pod] = None
        else:
            self._should[pod.version].pop(pod, None)
        self._know(pod, 0)

    def _know(self, pod: Pod, more: int) -> None:
        """So many more proxies hold the pod for ready."""
        self._knowing[pod] = self._knowing.get(pod, 0) + more
        if pod.announced.ready and self._knowing[pod] < len(self._views):
            self._unknown[pod.version][pod] = None
        else:
            self._unknown[pod.version].pop(pod, None)
            if not self._knowing[pod]:
                del self._knowing[pod]

    def _lag_of(self, pod: Pod, proxy: int) -> int:
        luck = draw(self._key, Purpose.ENDPOINT, pod.address, pod.announcements * _PROXIES + proxy)[0]
        drawn: float = self._lag.quantile(luck)
        return max(0, round(drawn))

    def _learn(self, proxy: int, pod: Pod, change: int, told: Conditions, _: Event) -> None:
        """A change reaches a proxy, unless a later one has been there."""
        newest, believed = self._known[proxy].get(pod, (0, NOTHING))
        if change < newest:
            return
        self._known[proxy][pod] = (change, told)
        if told == believed:
            return
        if told.ready != believed.ready:
            self._know(pod, 1 if told.ready else -1)
        if told.ready and not believed.ready:
            self._world.note_listed(proxy, pod.place, int(self._clock.now))
        for pool in _POOLS_OF[pod.version]:
            self._views[proxy][pool].learn(pod, believed, told)
        self._changed()
