"""The router: which version is sent how much, and who can be reached at all.

A weight or a switch takes hold on all proxies at once. Routers make before they break (Envoy's rule: endpoints first,
then routes), so the controller lets traffic onto a version only when its endpoints are known; see the controller.
"""

from __future__ import annotations

from sim.cluster.endpoints import Endpoints
from sim.versions import NEW, STABLE
from sim.world import Routing, World

_BY_POD = int(Routing.BY_POD)


class Routes:
    """Writes the mode and the weights of the world's ``Routes``; says what follows from them and the views."""

    def __init__(self, *, proxies: int, world: World, endpoints: Endpoints) -> None:
        self._proxies, self._world, self._endpoints = range(proxies), world, endpoints

    def by_weight(self, share: float) -> None:
        """The router sends this share to the new version."""
        routes = self._world.columns.routes
        routes.mode[0] = Routing.BY_WEIGHT
        routes.new_share[:] = share

    def by_pod(self) -> None:
        """One Service over the pods of both versions."""
        self._world.columns.routes.mode[0] = Routing.BY_POD

    def new_share(self, proxy: int = 0) -> float:
        """The share that goes to the new version: its weight, or its part of the endpoints."""
        if not self._is_by_pod:
            return float(self._world.columns.routes.new_share[proxy])
        new, stable = self._endpoints.listed(NEW, proxy), self._endpoints.listed(STABLE, proxy)
        return new / (new + stable) if new + stable else 0.0

    def reaches(self, version: int, proxy: int) -> bool:
        """Whether a proxy may send a request to a pod of the version."""
        return self._is_sent(version, proxy) and self._endpoints.listed(version, proxy) > 0

    def reachable(self, version: int) -> bool:
        """Whether any proxy may."""
        return any(self.reaches(version, proxy) for proxy in self._proxies)

    def mixed(self) -> bool:
        """Whether users of some proxy meet both versions."""
        return any(self.reaches(STABLE, proxy) and self.reaches(NEW, proxy) for proxy in self._proxies)

    def dark(self) -> bool:
        """Whether requests of some proxy go to a version, or a Service, of which it knows no endpoint."""
        return any(self._is_dark(proxy) for proxy in self._proxies)

    @property
    def _is_by_pod(self) -> bool:
        return bool(self._world.columns.routes.mode[0] == _BY_POD)

    def _is_sent(self, version: int, proxy: int) -> bool:
        if self._is_by_pod:
            return True
        share = self._world.columns.routes.new_share[proxy]
        return bool(share > 0.0 if version == NEW else share < 1.0)

    def _is_dark(self, proxy: int) -> bool:
        listed = {version: self._endpoints.listed(version, proxy) for version in (STABLE, NEW)}
        if self._is_by_pod:
            return not any(listed.values())
        return any(self._is_sent(version, proxy) and not listed[version] for version in listed)
