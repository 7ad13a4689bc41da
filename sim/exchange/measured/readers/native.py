"""Prometheus' native histograms, as its HTTP API writes them: buckets that are empty are left out.

Source: prometheus/prometheus, ``util/jsonutil/marshal.go``: each bucket is [which ends belong to it, low, high, count].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.exchange.measured.data import Floats


def bounds_of(histograms: Sequence[Mapping[str, Any]]) -> Floats:
    """Upper ends that hold for every histogram, the last infinite: a bound inside another's bucket holds for none.

    >>> fine = {"buckets": [[0, "0.5", "0.7", "3"], [0, "0.7", "1", "2"]]}
    >>> coarse = {"buckets": [[0, "0.5", "1", "5"], [0, "1", "2", "1"]]}
    >>> bounds_of([fine, coarse]).tolist()
    [0.5, 1.0, 2.0, inf]
    """
    ranges = {(float(low), float(high)) for each in histograms for _, low, high, _ in each.get("buckets", ())}
    ends = np.array(sorted({end for pair in ranges for end in pair if 0 < end < np.inf}))
    kept = np.ones(len(ends), dtype=np.bool_)
    for low, high in ranges:
        kept &= ~((ends > low) & (ends < high))
    return np.append(ends[kept], np.inf)


def counts_in(histogram: Mapping[str, Any], bounds: Floats) -> Floats:
    """Observations per bucket of ``bounds``; shape [bucket]."""
    counts = np.zeros(len(bounds))
    for _, _, high, count in histogram.get("buckets", ()):
        place = int(np.searchsorted(bounds, float(high) * (1 - 1e-12)))
        counts[min(place, len(bounds) - 1)] += float(count)
    return counts
