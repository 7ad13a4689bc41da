"""Whether the service had settled when the release began: the steady state is asserted, not assumed.

The warm-up starts with empty queues under a constant rate. In the steady state requests of its third quarter take as
long as those of its last, whatever the luck; a system that is still filling up, or is overloaded, shows itself by a
difference that does not vanish in the mean over twins.
"""

from __future__ import annotations

from sim.ledger import RECORD_FIELDS
from sim.rows import Ints

ARRIVED, FINISHED = (RECORD_FIELDS.index(name) for name in ("arrived", "finished"))


def drift(record: Ints, warm_up: int) -> float:
    """How much longer requests take in the last quarter of the warm-up than in the third, as a share of both's mean.

    From rows of requests, times in ns with the release at 0; nan where a quarter saw no request.

    >>> import numpy as np
    >>> rows = np.array([[0, 0, -40, -30], [0, 1, -10, 2]])
    >>> round(drift(rows, 100), 3)
    0.182
    """
    arrived, took = record[:, ARRIVED], record[:, FINISHED] - record[:, ARRIVED]
    third = took[(arrived >= -warm_up // 2) & (arrived < -warm_up // 4)]
    last = took[(arrived >= -warm_up // 4) & (arrived < 0)]
    if not len(third) or not len(last):
        return float("nan")
    before, after = float(third.mean()), float(last.mean())
    return 2 * (after - before) / (after + before) if after + before > 0 else float("nan")
