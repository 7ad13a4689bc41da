"""What an operator can see: cumulative counters per pod and per proxy, by completed attempt.

The request plane only ever adds to these; the cluster plane's scraper takes snapshots. What a pod had counted since
its last scrape dies with it. An attempt that reached no pod (no endpoint, connection refused, connection lost) stands
only in the proxy's series. A failed answer that telemetry cannot see is counted as a success: that is the point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.jit import rule
from sim.octaves import octaves_above

Ints = NDArray[np.int64]

SEEN_BUCKETS = 192
"""Latency buckets of the operator's histogram: 8 per doubling from 65 µs, at most 6 % wide of the mark."""


class Telemetry(NamedTuple):
    """Counters since the start of the replication."""

    answered: Ints  # [pod, stream] attempts the pod completed, good or bad
    errors: Ints  # [pod, stream] … of which visibly bad (errors and rejections)
    latency: Ints  # [pod, stream, bucket] time from the attempt's arrival at the pod to its answer
    unanswered: Ints  # [proxy, stream, version] attempts that no pod completed, all of them errors


@rule
def seen_bucket(duration: int) -> int:
    """The operator's bucket of a latency in nanoseconds.

    >>> seen_bucket(0), seen_bucket(65536), seen_bucket(10**9)
    (0, 1, 94)
    """
    units = duration >> 16
    if units < 8:
        return units
    shift = octaves_above(units, 16)
    bucket = 8 * (shift + 1) + (units >> shift) - 8
    return min(bucket, 191)


def seen_upper_bounds() -> Ints:
    """The upper bound of each of the operator's buckets, ns; shape [SEEN_BUCKETS]."""
    bucket = np.arange(SEEN_BUCKETS, dtype=np.int64)
    shift = np.maximum(bucket // 8 - 1, 0)
    low = np.where(bucket < 8, bucket, (8 + bucket % 8) << shift)
    bounds: Ints = (low + (np.int64(1) << shift)) << 16
    return bounds


def empty_telemetry(*, pods: int, streams: int, proxies: int) -> Telemetry:
    """Counters at zero."""
    return Telemetry(
        answered=np.zeros((pods, streams), dtype=np.int64),
        errors=np.zeros((pods, streams), dtype=np.int64),
        latency=np.zeros((pods, streams, SEEN_BUCKETS), dtype=np.int64),
        unanswered=np.zeros((proxies, streams, 3), dtype=np.int64),
    )


def grown_telemetry(telemetry: Telemetry, pods: int) -> Telemetry:
    """The same counters with room for so many pods."""
    more = pods - len(telemetry.answered)
    if more <= 0:
        return telemetry
    padded = [
        np.concatenate([column, np.zeros((more, *column.shape[1:]), dtype=np.int64)])
        for column in (telemetry.answered, telemetry.errors, telemetry.latency)
    ]
    return telemetry._replace(answered=padded[0], errors=padded[1], latency=padded[2])
