"""Net figures: a replication joined with its twin, which had the same luck and weather and no release."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.measures.catalogue import measure_named
from sim.measures.loops import never_made


def net(
    cell: Mapping[str, float],
    cell_down: Mapping[str, bytes],
    twin: Mapping[str, float],
    twin_down: Mapping[str, bytes],
    window: int,
) -> dict[str, float]:
    """The measures of a cell, those that are net by definition minus the twin's; ``window`` is the ledger's, ns.

    Net downtime is also given as its two one-sided parts: ``down_99_added``, seconds down here and not in the twin, and
    ``down_99_removed``, seconds down in the twin only (``down_99_added.pay`` for a stream). Where users ask in a closed
    loop, ``requests_never_made`` are those that they made in the twin and not here.

    >>> net({"failed_requests": 7.0, "duration": 60.0}, {}, {"failed_requests": 5.0, "duration": 0.0}, {}, 10**10)
    {'failed_requests': 2.0, 'duration': 60.0}
    """
    values = {name: value - twin[name] if measure_named(name).net else value for name, value in cell.items()}
    values |= never_made(cell, twin)
    for key in cell_down:
        level, _, stream = key.partition("/")
        part = f".{stream}" if stream else ""
        values[f"down_{level}_added{part}"] = _only_first(cell_down[key], twin_down[key]) * window / 1e9
        values[f"down_{level}_removed{part}"] = _only_first(twin_down[key], cell_down[key]) * window / 1e9
    return values


def _only_first(first: bytes, second: bytes) -> int:
    """How many bits are set in the first and not in the second.

    >>> _only_first(bytes([0b1100]), bytes([0b0100]))
    1
    """
    ours, theirs = np.frombuffer(first, dtype=np.uint8), np.frombuffer(second, dtype=np.uint8)
    return int(np.bitwise_count(ours & ~theirs).sum())
