"""What a rate never sees of new pods, on the test bench: the first sample of each of their series.

The rule is that of ``sim/cluster/series.py``, for pods that are ready at once, live on, and share their version's
requests evenly. Only counts by version are drawn; who of the pods had the first of them is settled here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.versions import NEW, STABLE
from sim.whatif.bench import Scraped

Ints = NDArray[np.int64]


def as_rates_see(truth: Scraped, pods: Ints, luck: np.random.Generator, *, errors_before: bool) -> Scraped:
    """The counters without the first samples, and when series had two samples in a row.

    ``pods``: how many the new version has in each interval. The stable version's series are there from before, those of
    its errors if it has always had some (``errors_before``).
    """
    requests, errors = (np.diff(each[:, NEW], axis=0) for each in (truth.requests, truth.errors))
    shown_good, shown_bad = np.zeros_like(errors), np.zeros_like(errors)
    good, bad = np.zeros_like(truth.requests), np.zeros_like(truth.requests)
    good[1:, STABLE] = np.arange(1, len(good))[:, None]
    bad[1:, STABLE] = good[1:, STABLE] * errors_before
    for stream in range(requests.shape[1]):
        for shown, pairs, counts in (
            (shown_good, good, requests[:, stream] - errors[:, stream]),
            (shown_bad, bad, errors[:, stream]),
        ):
            shown[:, stream], alive = _after_first_samples(counts, pods, luck)
            pairs[1:, NEW, stream] = np.cumsum(alive)
    seen_requests, seen_errors = truth.requests.copy(), truth.errors.copy()
    seen_requests[1:, NEW] = np.cumsum(shown_good + shown_bad, axis=0)
    seen_errors[1:, NEW] = np.cumsum(shown_bad, axis=0)
    latency = None if truth.latency is None else _timed(truth.latency, requests, shown_good + shown_bad)
    return replace(truth, requests=seen_requests, errors=seen_errors, latency=latency, good=good, bad=bad)


def _after_first_samples(counts: Ints, pods: Ints, luck: np.random.Generator) -> tuple[Ints, NDArray[np.bool_]]:
    """What rates see of counts by interval, and in which intervals any series has a sample at both ends."""
    shown, most = counts.copy(), int(pods.max(initial=0))
    unborn = np.ones(most, dtype=np.bool_)
    first = len(counts)
    for place in np.flatnonzero(counts > 0).tolist():
        number = max(1, int(pods[place]))
        if not unborn[:number].any():
            if number == most:
                break
            continue
        parts = luck.multinomial(int(counts[place]), np.full(number, 1.0 / number))
        shown[place] -= int(parts[unborn[:number]].sum())
        unborn[:number] &= parts <= 0
        first = min(first, place)
    return shown, np.arange(len(counts)) > first


def _timed(latency: Ints, requests: Ints, shown: Ints) -> Ints:
    """Latency counters of as many answers of the new version as are seen."""
    more = np.diff(latency[:, NEW], axis=0)
    share = np.divide(shown, requests, out=np.zeros(shown.shape), where=requests > 0)
    seen = latency.copy()
    seen[1:, NEW] = np.cumsum(np.floor(more * share[:, :, None] + 1e-9).astype(np.int64), axis=0)
    return seen
