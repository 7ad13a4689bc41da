"""Counts of requests that come more, booked as those of the stream they swell.

Both engines play a surge as a stream of its own, after all others. Whoever looks at counts sees the streams that the
scenario names: an operator's metrics know no other, nor does a promise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.ledger import Ledger
from sim.rows import Ints


def booked(counts: Ints, places: Sequence[int], axis: int) -> Ints:
    """Counts with the entries of an axis added up by the place they belong to.

    ``places`` has one number per entry, from 0 on without gaps; the very array comes back where each has its own.

    >>> booked(np.array([[1, 2, 10], [3, 4, 20]]), (0, 1, 0), axis=1).tolist()
    [[11, 2], [23, 4]]
    """
    kept = max(places) + 1
    if kept == len(places):
        return counts
    moved = np.moveaxis(counts, axis, 0)
    sums = np.zeros((kept, *moved.shape[1:]), dtype=counts.dtype)
    np.add.at(sums, np.asarray(places), moved)
    return np.moveaxis(sums, 0, axis)


def ledger_of_named(ledger: Ledger, places: Sequence[int]) -> Ledger:
    """The ledger by the streams that have a name; the rows of single requests, and the digest, stay as they are."""
    return ledger._replace(
        requests=booked(ledger.requests, places, axis=1),
        in_flight=booked(ledger.in_flight, places, axis=1),
        slow=booked(ledger.slow, places, axis=1),
        latency=booked(ledger.latency, places, axis=0),
        cut=booked(ledger.cut, places, axis=0),
        made_again=booked(ledger.made_again, places, axis=0),
        open_at_end=booked(ledger.open_at_end, places, axis=0),
        attempts=booked(ledger.attempts, places, axis=0),
    )
