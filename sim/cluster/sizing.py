"""The size of the service, and each fleet's part of it.

Strategies speak in pods of the size the service had when it was released: "a canary of 2" of 10 is a fifth. When an
autoscaler changes the size, each fleet keeps its part, rounded up; while one version replaces the other pod by pod, the
two share the change in proportion, as a Deployment's ReplicaSets do, and the next reconcile goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.cluster.fleet import Fleet
from sim.versions import NEW, STABLE


class Sizing:
    """``size`` is what the whole service is meant to have; ``planned`` is what it had at the release."""

    def __init__(self, *, replicas: int, fleets: tuple[Fleet, Fleet], changed: Callable[[], None]) -> None:
        self.planned = self.size = replicas
        self._parts = [replicas, 0]
        self._fleets, self._changed = fleets, changed
        self._replacing = False

    def of(self, part: int) -> int:
        """So many pods of the planned size, in pods of today's; some stay some.

        The whole stays the whole: ``of(planned) == size``.
        """
        return -(-part * self.size // self.planned)

    def ask(self, version: int, part: int) -> None:
        """Let a fleet have this part, given in pods of the planned size."""
        self._parts[version], self._replacing = part, False
        self._fleets[version].scale(self.of(part))

    def replacing(self) -> None:
        """From now on one version replaces the other, pod by pod; who does it sets the fleets' sizes."""
        self._replacing = True

    def replaced_by(self, version: int) -> None:
        """A version has replaced the other wholly."""
        self._parts = [0, 0]
        self._parts[version] = self.planned
        self._replacing = False

    def resize(self, size: int) -> None:
        """Another size for the whole."""
        before, self.size = self.size, size
        if self._replacing:
            self._share_out(size - before)
        else:
            for version, part in enumerate(self._parts):
                self._fleets[version].scale(self.of(part))
        self._changed()

    def _share_out(self, change: int) -> None:
        """The larger fleet takes its rounded part of a change first, the other the rest."""
        sizes = [fleet.replicas for fleet in self._fleets]
        whole = sum(sizes)
        first = STABLE if sizes[STABLE] >= sizes[NEW] else NEW
        part = round(change * sizes[first] / whole) if whole else change
        for version, share in ((first, part), (1 - first, change - part)):
            self._fleets[version].scale(max(0, sizes[version] + share))
