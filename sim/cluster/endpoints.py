"""Endpoints: what each proxy believes of each pod, a lag behind the truth.

A pod is an endpoint while it is ready and not told to go (Kubernetes' EndpointSlice). Each change reaches each proxy
after a lag of its own, looked up at the change's address; a change that is overtaken by a later one is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.pod import Pod
from sim.draws import Key, Purpose, draw
from sim.versions import STABLE
from sim.world import Pool, Rank, World

_POOLS_OF = ((Pool.STABLE, Pool.ALL), (Pool.NEW, Pool.ALL))
"""The pools a version's pods stand in, its own first."""
_PROXIES = 4096
"""Room for proxies in an address: change * 4096 + proxy, pod * 4096 + proxy."""


class Endpoints:
    """Every proxy's view, kept in the world's endpoint lists."""

    def __init__(
        self, *, proxies: int, lag: Any, world: World, clock: Clock, key: Key, changed: Callable[[], None]
    ) -> None:
        self._lag, self._world, self._clock, self._key, self._changed = lag, world, clock, key, changed
        self._views: tuple[dict[Pod, None], ...] = tuple({} for _ in range(proxies))
        self._known: tuple[dict[Pod, int], ...] = tuple({} for _ in range(proxies))  # newest change by pod
        self._should: tuple[dict[Pod, None], dict[Pod, None]] = ({}, {})  # by version: the truth

    def announce(self, pod: Pod) -> None:
        """The pod's readiness, or its being told to go, may have made it an endpoint or ended that."""
        serves = pod.ready and not pod.deleted
        if serves == pod.announced:
            return
        self._take_note(pod, serves)
        for proxy in range(len(self._views)):
            lag = self._lag_of(pod, proxy)
            learn = partial(self._learn, proxy, pod, pod.announcements, serves)
            self._clock.at(int(self._clock.now) + lag, Rank.ENDPOINT, pod.address * _PROXIES + proxy).callbacks.append(
                learn
            )

    def known_from_the_start(self, pods: list[Pod]) -> None:
        """Pods that were ready long before the play begins stand in every view."""
        for pod in pods:
            self._take_note(pod, serves=True)
        for proxy, view in enumerate(self._views):
            view.update(dict.fromkeys(pods))
            for pool in _POOLS_OF[STABLE]:
                self._write(proxy, pool)

    def listed(self, version: int, proxy: int = 0) -> int:
        """How many endpoints of a version a proxy knows."""
        return int(self._world.columns.routes.listed[proxy, _POOLS_OF[version][0]])

    def serving(self, version: int) -> int:
        """How many pods of a version are endpoints in truth."""
        return len(self._should[version])

    def unknown_somewhere(self, version: int) -> list[Pod]:
        """The pods of a version that are endpoints in truth and of which some proxy does not know yet."""
        return [pod for pod in self._should[version] if any(pod not in view for view in self._views)]

    def _take_note(self, pod: Pod, serves: bool) -> None:
        pod.announced, pod.announcements = serves, pod.announcements + 1
        if serves:
            self._should[pod.version][pod] = None
        else:
            self._should[pod.version].pop(pod, None)

    def _lag_of(self, pod: Pod, proxy: int) -> int:
        luck = draw(self._key, Purpose.ENDPOINT, pod.address, pod.announcements * _PROXIES + proxy)[0]
        drawn: float = self._lag.quantile(luck)
        return max(0, round(drawn))

    def _learn(self, proxy: int, pod: Pod, change: int, serves: bool, _: Event) -> None:
        """A change reaches a proxy, unless a later one has been there."""
        if change < self._known[proxy].get(pod, 0):
            return
        self._known[proxy][pod] = change
        view = self._views[proxy]
        if serves == (pod in view):
            return
        if serves:
            view[pod] = None
        else:
            del view[pod]
        for pool in _POOLS_OF[pod.version]:
            self._write(proxy, pool)
        self._changed()

    def _write(self, proxy: int, pool: Pool) -> None:
        """Bring one of a proxy's lists in the world up to date with its view."""
        self._world.list_endpoints(
            proxy, pool, [pod.place for pod in self._views[proxy] if pool in _POOLS_OF[pod.version]]
        )
