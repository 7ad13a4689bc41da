"""How many pods a rolling update may add and miss, before any scenario is loaded."""

from __future__ import annotations

import math

from sim.exchange.fields import Field

QUARTER = "25%"
"""Of both, where nothing is written: Kubernetes and Argo Rollouts alike."""


def surge_of(holder: Field, replicas: int) -> tuple[int, int]:
    """Extra and missing pods: surge is rounded up, unavailable down; if both are 0, one pod may be missing.

    The rule of Kubernetes' ``ResolveFenceposts``, as :func:`sim.quantities.fenceposts` has it for scenarios.
    """
    surge, missing = (holder[key].count_or_percent() for key in ("maxSurge", "maxUnavailable"))
    extra = _of(QUARTER if surge is None else surge, replicas, up=True)
    fewer = _of(QUARTER if missing is None else missing, replicas, up=False)
    return (extra, fewer) if extra or fewer else (0, 1)


def _of(written: int | str, total: int, *, up: bool) -> int:
    if isinstance(written, int):
        return max(0, written)
    part = int(written[:-1]) * total / 100
    return math.ceil(part - 1e-9) if up else math.floor(part + 1e-9)
