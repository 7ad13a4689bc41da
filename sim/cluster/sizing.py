"""The size of the service, and each fleet's part of it.

Strategies speak in pods of the size the service had when it was released: "a canary of 2" of 10 is a fifth. When an
autoscaler changes the size, each fleet keeps its part, rounded up; while one version replaces the other pod by pod, the
two share the change in proportion, as a Deployment's ReplicaSets do, and the next reconcile goes on from there. Where
pods are the weight, both are divided anew.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.cluster.fleet import Fleet
from sim.cluster.proportional import Sized, Wanted, resized
from sim.versions import NEW


class Sizing:
    """``size`` is what the whole service is meant to have; ``planned`` is what it had at the release."""

    def __init__(self, *, replicas: int, fleets: tuple[Fleet, ...], changed: Callable[[], None]) -> None:
        self.planned = self.size = replicas
        self._parts = [replicas, *(0 for _ in fleets[1:])]
        self._fleets, self._changed = fleets, changed
        self._replacing, self._wanted = False, NEW
        self._surge: Callable[[int], int] = lambda size: 0
        self._divided: Callable[[int], tuple[int, int]] | None = None

    def of(self, part: int) -> int:
        """So many pods of the planned size, in pods of today's; some stay some.

        The whole stays the whole: ``of(planned) == size``.
        """
        return -(-part * self.size // self.planned)

    def ask(self, version: int, part: int) -> None:
        """Let a fleet have this part, given in pods of the planned size."""
        self._parts[version], self._replacing, self._divided = part, False, None
        self._fleets[version].scale(self.of(part))

    def replacing(self, version: int, surge: Callable[[int], int]) -> None:
        """From now on a version replaces the other, pod by pod; who does it sets the fleets' sizes.

        ``surge`` is how many pods more there may be of a service of so many.
        """
        self._replacing, self._wanted, self._surge, self._divided = True, version, surge, None

    def divided(self, pods: Callable[[int], tuple[int, int]]) -> None:
        """From now on so many pods are stable ones and new ones, of a service of a size."""
        self._parts = [*pods(self.planned), *(0 for _ in self._fleets[2:])]
        self._replacing, self._divided = False, pods

    def replaced_by(self, version: int) -> None:
        """A version has replaced the other wholly."""
        self._parts = [0 for _ in self._fleets]
        self._parts[version] = self.planned
        self._replacing = False

    def resize(self, size: int) -> None:
        """Another size for the whole."""
        before, self.size = self.size, size
        if self._replacing:
            self._share_out(before)
        elif self._divided:
            for version, pods in enumerate(self._divided(size)):
                self._fleets[version].scale(pods)
        else:
            for version, part in enumerate(self._parts):
                self._fleets[version].scale(self.of(part))
        self._changed()

    def _share_out(self, before: int) -> None:
        """Each ReplicaSet keeps its share of what may be asked for in all, as the Deployment controller does it."""
        sets = [
            Sized(str(version), fleet.replicas, age=int(version != self._wanted), largest=before + self._surge(before))
            for version, fleet in enumerate(self._fleets)
        ]
        new = sets.pop(self._wanted)
        for version, size in resized(Wanted(self.size, self._surge(self.size)), new, sets).items():
            self._fleets[int(version)].scale(size)
