"""After a rollback has begun: when the harm ends, and when the service is whole again."""

from __future__ import annotations

from sim.clock import Clock
from sim.cluster.endpoints import Endpoints
from sim.cluster.fleet import Fleet
from sim.cluster.routes import Routes
from sim.cluster.sizing import Sizing
from sim.journal import Journal, Milestone
from sim.versions import NEW, STABLE
from sim.world import World


class Recovery:
    """Notes two milestones of a rollback.

    Mitigated: no proxy can send a request to the new version, and none is in flight in its pods. Restored: the stable
    fleet is fully available, every proxy knows it, and nothing but it is reached.
    """

    def __init__(
        self,
        *,
        fleets: tuple[Fleet, ...],
        sizing: Sizing,
        routes: Routes,
        endpoints: Endpoints,
        world: World,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._fleets, self._sizing, self._routes, self._endpoints = fleets, sizing, routes, endpoints
        self._world, self._clock, self._journal = world, clock, journal
        self._awaiting = False

    def begin(self) -> None:
        """A rollback starts now."""
        self._awaiting = True
        self.look()

    def look(self) -> None:
        """Something changed: it may have been the end of the harm."""
        if not self._awaiting or self._routes.reachable(NEW):
            return
        self._ask_to_be_told()
        if self._fleets[NEW].work():
            return
        self._reach(Milestone.MITIGATED, "no request can meet the new version")
        if self._is_whole():
            self._reach(Milestone.RESTORED, "the stable fleet carries everything")
            self._awaiting = False

    def _ask_to_be_told(self) -> None:
        """Let the request plane say when the last request leaves one of the new version's pods."""
        for pod in self._fleets[NEW].pods.values():
            self._world.columns.pods.draining[pod.place] = 1

    def _is_whole(self) -> bool:
        available = sum(fleet.available for fleet in self._fleets if fleet.version == STABLE)
        return available >= self._sizing.size and not self._endpoints.unknown_somewhere(STABLE)

    def _reach(self, milestone: Milestone, why: str) -> None:
        if milestone not in self._journal.milestones:
            now = int(self._clock.now)
            self._journal.reach(milestone, now)
            self._journal.tell(now, "rollout", milestone, why)
