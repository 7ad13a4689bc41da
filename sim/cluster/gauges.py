"""The step functions kept for the report and for peaks."""

from __future__ import annotations

from collections.abc import Callable

from sim.cluster.endpoints import Endpoints
from sim.cluster.fleet import Fleet
from sim.cluster.nodes import NodePool
from sim.cluster.pools import Pools
from sim.cluster.routes import Routes
from sim.journal import Gauge, Journal
from sim.scenario.resolved import Dependency
from sim.versions import NEW, STABLE


class Gauges:
    """Writes every gauge of the journal; repeats cost nothing.

    Pods are those that exist, pending and terminating ones among them. Connections are those to the dependency that
    runs out first: every running process holds its own until it ends, or asks for them, so that they may be more than
    there are.
    """

    def __init__(
        self,
        *,
        fleets: tuple[Fleet, ...],
        nodes: NodePool,
        endpoints: Endpoints,
        routes: Routes,
        pools: Pools,
        tightest: Dependency | None,
        journal: Journal,
    ) -> None:
        self._fleets, self._nodes, self._pools, self._tightest = fleets, nodes, pools, tightest
        self._endpoints, self._routes, self._journal = endpoints, routes, journal
        self._dark = False

    def note(self, now: int) -> None:
        """Write what is true now."""
        stable, new = self._count(lambda fleet: len(fleet.pods))
        ready = self._count(lambda fleet: fleet.ready)
        dark = self._routes.dark()
        values = {
            Gauge.PODS: stable + new,
            Gauge.PODS_STABLE: stable,
            Gauge.PODS_NEW: new,
            Gauge.READY_STABLE: ready[STABLE],
            Gauge.READY_NEW: ready[NEW],
            Gauge.LISTED_STABLE: self._endpoints.listed(STABLE),
            Gauge.LISTED_NEW: self._endpoints.listed(NEW),
            Gauge.NEW_SHARE: self._routes.new_share(),
            Gauge.NODES: self._nodes.in_use(),
            Gauge.CONNECTIONS: self._pools.wanted(self._tightest) if self._tightest else 0,
            Gauge.BLACKOUT: dark,
        }
        for gauge, value in values.items():
            self._journal.gauge(gauge, now, float(value))
        self._tell_of_blackout(now, dark)

    def _count(self, of: Callable[[Fleet], int]) -> tuple[int, int]:
        """Something of the fleets, by the version as which their pods answer."""
        stable, new = (sum(of(fleet) for fleet in self._fleets if fleet.version == each) for each in (STABLE, NEW))
        return stable, new

    def _tell_of_blackout(self, now: int, dark: bool) -> None:
        if dark != self._dark:
            self._dark = dark
            what = "blackout: requests are sent where no endpoint is known" if dark else "blackout over"
            self._journal.tell(now, "endpoint", "routes", what)
