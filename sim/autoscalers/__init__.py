"""Autoscalers: who changes the size of the service, from what it measures of its pods. One file each.

An autoscaler is a frozen :class:`sim.doors.Kind`. It is asked every ``every`` ns with the pods it can see and what each
of them used, remembers what it is handed back, and never looks at the ledger. What a pod *uses* is told by the kind
too (:meth:`Autoscaler.cpu_used`), since the request plane knows busy slots and not CPU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from sim.hpa.pods import Metric, PodSeen
from sim.hpa.reconcile import Memory, Pass


class Spent(NamedTuple):
    """How a pod's process has spent its time since it started, ns."""

    starting: int  # until it could serve
    alive: int  # starting included
    busy: int  # slots at work, over all slots: full use of one slot of four counts a quarter


class Autoscaler(Protocol):
    """What the cluster asks of an autoscaler."""

    every: int
    """ns between two looks."""
    scrape: int
    """ns between two samples of a pod's CPU."""

    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest size."""

    def remembers(self) -> int:
        """ns that a decision may look back: so long a warm-up must last at least."""

    def cpu_used(self, request: int, spent: Spent) -> int:
        """CPU a pod has used since its start, in thousandths of a core times ns; ``request`` in thousandths."""

    def first_sight(self, current: int, now: int) -> Memory:
        """What to remember on first seeing the service."""

    def decide(
        self,
        memory: Memory,
        pods: Sequence[PodSeen],
        metrics: Mapping[str, Metric] | None,
        *,
        current: int,
        now: int,
        kubernetes: str = "newest",
    ) -> Pass:
        """The size wanted now; ``metrics`` is None while no metric can be had at all.

        ``kubernetes`` is "1.28" or "newest", where they differ.
        """
