"""Latency along the time axis of one replication, for its story: the ledger keeps only the histogram of the whole.

At the end of every window the histogram so far is compared with the one a window earlier; what came in between are the
successes of that window, by when they were answered. It only reads, so that a replication told as a story is the same
in every bit as one that is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.ledger import Ledger, bucket_middles
from sim.rows import Ints
from sim.versions import NEW, STABLE
from sim.world import Rank

if TYPE_CHECKING:
    from simpy.events import Event

    from sim.clock import Clock

SHARE = 0.95
LEAST = 20
"""Successes of a window below which its 95th percentile would be no more than its slowest."""
VERSIONS = (STABLE, NEW)
LAST = 2**30
"""An entity after all others of the same rank and instant."""

_MIDDLES = bucket_middles()


@dataclass(slots=True)
class LatencyCourse:
    """The 95th percentile of the successes of each window, in seconds; nan where a version had too few."""

    every: int  # ns
    p95: dict[int, list[float]] = field(default_factory=lambda: {version: [] for version in VERSIONS})

    def watch(self, clock: Clock, ledger: Ledger, until: int) -> None:
        """Read the ledger at the end of every window up to ``until`` (ns)."""
        before = ledger.latency.sum(axis=0)

        def read(_: Event) -> None:
            nonlocal before
            now = ledger.latency.sum(axis=0)
            for version in VERSIONS:
                self.p95[version].append(_quantile(now[version] - before[version]))
            before = now
            wait(int(clock.now) + self.every)

        def wait(moment: int) -> None:
            if moment <= until:
                event = clock.at(moment, Rank.SCRAPE, LAST)
                assert event.callbacks is not None, "a new event has no callbacks yet"
                event.callbacks.append(read)

        wait(self.every)


def _quantile(counts: Ints) -> float:
    """The smallest latency that the share did not exceed, as for the measures.

    >>> counts = np.zeros(len(_MIDDLES), dtype=np.int64); counts[10] = 99; counts[2000] = 1
    >>> _quantile(counts) < 0.001
    True
    """
    below = np.cumsum(counts)
    total = int(below[-1])
    return float(_MIDDLES[np.searchsorted(below, SHARE * total)]) / 1e9 if total >= LEAST else float("nan")
