"""The router: which version is sent how much, and who can be reached at all.

A weight or a switch takes hold on each proxy after a lag of its own (none unless written). Routers make before they
break (Envoy's rule: endpoints first, then routes), so the controller lets traffic onto a version only when its
endpoints are known; see the controller.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simpy.events import Event

from sim.clock import Clock
from sim.cluster.endpoints import Endpoints
from sim.draws import Key, Purpose, draw
from sim.steps import Split
from sim.versions import NEW, STABLE
from sim.world import Rank, Routing, World

_BY_POD = int(Routing.BY_POD)
_ROUTES = 1 << 60
"""Proxies as takers of weights, beside pods in the addresses of luck and of events."""


class Routes:
    """Writes the mode and the weights of the world's ``Routes``; says what follows from them and the views."""

    def __init__(
        self,
        *,
        proxies: int,
        lag: Any,
        world: World,
        endpoints: Endpoints,
        clock: Clock,
        key: Key,
        changed: Callable[[], None],
    ) -> None:
        self._proxies, self._lag, self._world, self._endpoints = range(proxies), lag, world, endpoints
        self._clock, self._key, self._changed = clock, key, changed
        self._changes, self._wanted = 0, Split()

    def by_weight(self, share: float) -> None:
        """The router sends this share to the new version, each proxy as soon as it knows."""
        self._world.columns.routes.mode[0] = Routing.BY_WEIGHT
        self._want(self._wanted._replace(weight=share))

    def by_header(self, share: float) -> None:
        """Users of a cohort are on the new version whatever the weight."""
        self._want(self._wanted._replace(cohort=share))

    def mirror(self, share: float) -> None:
        """Requests of the stable version are copied to the new one."""
        self._want(self._wanted._replace(mirror=share))

    def _want(self, split: Split) -> None:
        """Ask every proxy for it, each after a lag of its own."""
        self._changes, self._wanted = self._changes + 1, split
        for proxy in self._proxies:
            lag = self._lag_of(proxy)
            if lag:
                learn = partial(self._learn, proxy, self._changes, split)
                self._clock.at(int(self._clock.now) + lag, Rank.ENDPOINT, _ROUTES | proxy).callbacks.append(learn)
            else:
                self._write(proxy, split)

    def _write(self, proxy: int, split: Split) -> None:
        routes = self._world.columns.routes
        routes.new_share[proxy], routes.cohort_share[proxy], routes.mirror_share[proxy] = split

    def by_pod(self) -> None:
        """One Service over the pods of both versions."""
        self._world.columns.routes.mode[0] = Routing.BY_POD

    def new_share(self, proxy: int = 0) -> float:
        """The share that goes to the new version: its weight, or its part of the endpoints."""
        if not self._is_by_pod:
            routes = self._world.columns.routes
            return Split(weight=float(routes.new_share[proxy]), cohort=float(routes.cohort_share[proxy])).answered
        new, stable = self._endpoints.listed(NEW, proxy), self._endpoints.listed(STABLE, proxy)
        return new / (new + stable) if new + stable else 0.0

    def split(self) -> Split:
        """How requests part between the versions, over all proxies."""
        if not self.reachable(NEW):
            return Split()
        if self._is_by_pod:
            return Split(weight=sum(self.new_share(proxy) for proxy in self._proxies) / len(self._proxies))
        routes = self._world.columns.routes
        return Split(weight=float(routes.new_share.mean()), cohort=float(routes.cohort_share.mean()))

    @property
    def is_by_pod(self) -> bool:
        """Whether one Service over the pods of both versions takes all requests."""
        return self._is_by_pod

    def heading_for(self) -> float:
        """The share that was asked for last, whatever proxies know of it."""
        return self._wanted.weight if not self._is_by_pod else self.new_share()

    def reaches(self, version: int, proxy: int) -> bool:
        """Whether a proxy may send a request to a pod of the version."""
        return self._is_sent(version, proxy) and self._endpoints.listed(version, proxy) > 0

    def reachable(self, version: int) -> bool:
        """Whether any proxy may."""
        return bool(self._reaching(version).any()) or self._is_held(version)

    def mixed(self) -> bool:
        """Whether users of some proxy meet both versions."""
        if (self._reaching(STABLE) & self._reaching(NEW)).any():
            return True
        held = [version for version in (STABLE, NEW) if self._is_held(version)]
        return any(self.reachable(1 - version) for version in held)

    def dark(self) -> bool:
        """Whether requests of some proxy go to a version, or a Service, of which it knows no endpoint."""
        stable, new = (self._endpoints.listed_by_proxy(version) > 0 for version in (STABLE, NEW))
        if self._is_by_pod:
            return not (stable | new).all()
        return bool(((self._sent(STABLE) & ~stable) | (self._sent(NEW) & ~new)).any())

    def _is_held(self, version: int) -> bool:
        """Whether users hold connections to pods of the version, whatever is routed now."""
        return self._world.holds(version, int(self._clock.now))

    def _lag_of(self, proxy: int) -> int:
        if self._lag is None:
            return 0
        drawn: float = self._lag.quantile(draw(self._key, Purpose.ENDPOINT, _ROUTES | proxy, self._changes)[0])
        return max(0, round(drawn))

    def _learn(self, proxy: int, change: int, split: Split, _: Event) -> None:
        """A split reaches a proxy, unless a later one has been asked for."""
        if change == self._changes:
            self._write(proxy, split)
            self._changed()

    @property
    def _is_by_pod(self) -> bool:
        return bool(self._world.columns.routes.mode[0] == _BY_POD)

    def _is_sent(self, version: int, proxy: int) -> bool:
        if self._is_by_pod:
            return True
        share = self.new_share(proxy)
        return bool(share > 0.0 if version == NEW else share < 1.0)

    def _reaching(self, version: int) -> NDArray[np.bool_]:
        """Of every proxy whether it may send a request to a pod of the version; there may be a thousand of them."""
        listed = self._endpoints.listed_by_proxy(version) > 0
        return listed if self._is_by_pod else self._sent(version) & listed

    def _sent(self, version: int) -> NDArray[np.bool_]:
        """Of every proxy whether its weights send anything to the version."""
        routes = self._world.columns.routes
        share = routes.new_share + routes.cohort_share * (1.0 - routes.new_share)  # as Split.answered
        return share > 0.0 if version == NEW else share < 1.0
