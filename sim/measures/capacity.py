"""What a strategy costs in capacity: pods, nodes, connections, and how much of the scarcest resource was left.

Headroom is 1 minus the highest use, and the lowest over three resources:

- slots: the work that arrived for a version in a minute (mean work times requests, as the scenario states the work and
  not as a defect stretches it) over the slots of the pods its proxy listed, in the busiest minute with pods listed from
  its first to its last instant;
- nodes: most pods at once over the pods that fit on all nodes;
- connections: most connections held at once over the dependency's limit.

A resource without a limit, or whose limit is not known, is left out (nan). Below zero is asked more than there is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.journal import Gauge, Journal
from sim.ledger import Ledger
from sim.measures.exposure import NOT_SERVED
from sim.measures.stairs import Stairs, stairs
from sim.rows import Floats, Ints
from sim.versions import NEW, STABLE

MINUTE = 60 * 10**9
UNKNOWN = float("nan")


def capacity(
    ledger: Ledger,
    journal: Journal,
    *,
    window: int,
    horizon: int,
    concurrency: int,
    mean_work: Sequence[float],
    pod_room: int,
    connection_limit: int,
) -> dict[str, float]:
    """Peaks, pod-hours and headroom; ``connection_limit`` 0 means that there is none."""
    pods, held = stairs(journal, Gauge.PODS, horizon), stairs(journal, Gauge.CONNECTIONS, horizon)
    left = {
        "slots": _slots_left(ledger, journal, window, horizon, concurrency, mean_work),
        "nodes": 1.0 - pods.peak / pod_room if pod_room else UNKNOWN,
        "connections": 1.0 - held.peak / connection_limit if connection_limit else UNKNOWN,
    }
    known = [share for share in left.values() if not np.isnan(share)]
    return {
        "peak_pods": pods.peak,
        "pod_hours": pods.total / 3600,
        "peak_nodes": stairs(journal, Gauge.NODES, horizon).peak,
        "peak_connections": held.peak,
        "headroom": min(known, default=UNKNOWN),
        **{f"headroom.{resource}": share for resource, share in left.items()},
    }


def _slots_left(
    ledger: Ledger, journal: Journal, window: int, horizon: int, concurrency: int, mean_work: Sequence[float]
) -> float:
    """Slots left in the busiest minute of the busier version; nan when no pod was ever listed for a whole minute."""
    per_minute = max(1, round(MINUTE / window))
    edges = np.append(np.arange(0, len(ledger.requests), per_minute), len(ledger.requests))
    moments = np.minimum(edges * window, horizon)
    work = _work(ledger, mean_work)
    uses = []
    for version, gauge in ((STABLE, Gauge.LISTED_STABLE), (NEW, Gauge.LISTED_NEW)):
        listed = stairs(journal, gauge, horizon)
        whole = _listed_throughout(listed, moments)
        asked = np.add.reduceat(work[:, version], edges[:-1])
        offered = np.diff(listed.up_to(moments)) * concurrency
        uses += (asked[whole] / offered[whole]).tolist()
    return 1.0 - max(uses) if uses else UNKNOWN


def _work(ledger: Ledger, mean_work: Sequence[float]) -> Floats:
    """Slot time asked per window and version, ns; requests that got into no pod ask none."""
    served = np.delete(ledger.arrived, list(NOT_SERVED), axis=3).sum(axis=3)
    return np.tensordot(served, np.asarray(mean_work, dtype=np.float64), axes=([1], [0]))


def _listed_throughout(listed: Stairs, moments: Ints) -> NDArray[np.bool_]:
    """Which of the spans between moments had at least one endpoint all the time."""
    some = Stairs(listed.at, (listed.value > 0).astype(np.float64), listed.end)
    return np.diff(some.up_to(moments)) >= np.diff(moments)
