"""What truly happened to every request: windows by intended arrival, latencies, users hit, and a rolling digest.

A request that arrived before t = 0 and ends at or after it was under way when the release began: it is counted like all
others, in the window in which it ends, and stands in a block of its own besides.

Nobody inside the simulation reads this: gates, autoscalers and the person on call see :mod:`sim.telemetry`.
Every request has exactly one outcome. Requests that ended in the warm-up (t < 0) are played and never booked.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.jit import rule
from sim.octaves import octaves_above
from sim.outcomes import OUTCOMES
from sim.rows import Floats, Ints

OCTAVE = 64
"""Latency buckets per doubling: a bucket's middle is within 1/128 = 0.8 % of every value in it."""
LATENCY_BUCKETS = 43 * OCTAVE
"""Up to 2**43 units of 1.024 µs: 104 days, longer than any latency here."""


class Ledger(NamedTuple):
    """Counts of one replication. Versions: stable, new, none (no version could be chosen)."""

    requests: Ints  # [window, stream, version of the last attempt, outcome]
    in_flight: Ints  # [window, stream, version, outcome] those of them that were under way at t = 0
    slow: Ints  # [window, stream, version] successes above the latency objective
    latency: Ints  # [stream, version, bucket] of successes
    attempts: Ints  # [stream, version, outcome]
    served: Ints  # [version] attempts that were given to a pod of the version since t = 0
    first_served: Ints  # [version] ns of the first such attempt since t = 0, NEVER for none
    users_hit: NDArray[np.uint8]  # [user] 1: at least one failed request
    cut: Ints  # [stream] long-lived connections that were cut since t = 0
    made_again: Ints  # [stream] of those, connections that their clients have made again
    reconnects: Ints  # [second] tries to make one again
    open_at_end: Ints  # [stream] requests still open at the horizon, of streams of long ones
    digest: Ints  # [1] rolling digest over all final outcomes, warm-up included
    finished: Ints  # [1] requests whose outcome is known, warm-up included
    record: Ints  # [request, field] when records are kept, else no rows

    @property
    def arrived(self) -> Ints:
        """The requests that arrived since t = 0: [window, stream, version of the last attempt, outcome]."""
        return self.requests - self.in_flight


RECORD_FIELDS = ("stream", "number", "arrived", "finished", "outcome", "attempts", "version", "pod", "user")


@rule
def latency_bucket(duration: int) -> int:
    """The bucket of a latency in nanoseconds: linear inside each doubling.

    >>> latency_bucket(0), latency_bucket(1023), latency_bucket(1024)
    (0, 0, 1)
    """
    units = duration >> 10
    if units < 64:
        return units
    shift = octaves_above(units, 128)
    return 64 * (shift + 1) + (units >> shift) - 64


def bucket_middles() -> Floats:
    """The latency each bucket stands for, ns; shape [LATENCY_BUCKETS]."""
    bucket = np.arange(LATENCY_BUCKETS, dtype=np.float64)
    shift = np.maximum(np.floor(bucket / 64) - 1, 0)
    low = np.where(bucket < 64, bucket, (64 + bucket % 64) * 2.0**shift)
    middles: Floats = (low + 0.5 * 2.0**shift) * 1024.0
    return middles


def empty_ledger(*, windows: int, streams: int, users: int, records: int, never: int, seconds: int = 1) -> Ledger:
    """A ledger in which nothing has happened yet; ``seconds`` of reconnects, the last of which takes what is later."""
    return Ledger(
        requests=np.zeros((windows, streams, 3, OUTCOMES), dtype=np.int64),
        in_flight=np.zeros((windows, streams, 3, OUTCOMES), dtype=np.int64),
        slow=np.zeros((windows, streams, 3), dtype=np.int64),
        latency=np.zeros((streams, 3, LATENCY_BUCKETS), dtype=np.int64),
        attempts=np.zeros((streams, 3, OUTCOMES), dtype=np.int64),
        served=np.zeros(3, dtype=np.int64),
        first_served=np.full(3, never, dtype=np.int64),
        users_hit=np.zeros(users, dtype=np.uint8),
        cut=np.zeros(streams, dtype=np.int64),
        made_again=np.zeros(streams, dtype=np.int64),
        reconnects=np.zeros(seconds, dtype=np.int64),
        open_at_end=np.zeros(streams, dtype=np.int64),
        digest=np.zeros(1, dtype=np.int64),
        finished=np.zeros(1, dtype=np.int64),
        record=np.zeros((records, len(RECORD_FIELDS)), dtype=np.int64),
    )
