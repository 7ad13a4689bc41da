"""What goes wrong on the way from the counters to those who read them: gaps, old answers, noise.

A scrape may be missing; the store may answer with what it knew some while ago; and what is counted may swing around the
truth, more slowly than from scrape to scrape. All of it is looked up by address: every strategy, every release case and
the twin see the same gaps and the same noise at the same moment. The ledger never does.
"""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from sim.draws import Key, Purpose, block, draw, uniform
from sim.metric_faults import Faults
from sim.telemetry import seen_upper_bounds
from sim.versions import NO_VERSION

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MINUTE = 60 * 10**9
ROWS = NO_VERSION + 1
_FIRST_ADDRESS = 1 << 31
"""Points of the grid are numbered from the release; this keeps the addresses of the warm-up above zero."""
_BOUNDS = np.concatenate([[0], seen_upper_bounds()]).astype(np.float64)


class Course:
    """What becomes of the scrapes of one replication, on a grid from one moment to another (both inclusive, ns)."""

    def __init__(self, faults: Faults, key: Key, *, every: int, first: int, last: int) -> None:
        self.faults = faults
        self._every, self._first = every, -(-first // every)
        numbers = np.arange(self._first, last // every + 1, dtype=np.int64)
        words = block(key.low, key.high, int(Purpose.SCRAPE), numbers + _FIRST_ADDRESS, 0)
        self._missed = np.asarray(uniform(words[0])) < faults.missing
        self._stale = _spans(np.asarray(uniform(words[1])), numbers * every, every, faults)
        noises = _noises(faults, key, numbers, every)
        self._error_factors = _factors(noises[0], faults.errors)
        self._latency_factors = _factors(noises[1], faults.latency)

    def missed(self, at: int) -> bool:
        """Whether the scrape of a moment on the grid is not there."""
        return bool(self._missed[self._place(at)])

    def asked_at(self, now: int) -> int:
        """The moment as of which queries are answered now: now itself, or when answers began to be old."""
        place = bisect_right(self._stale, (now, math.inf)) - 1
        return self._stale[place][0] if place >= 0 and now < self._stale[place][1] else now

    def error_factors(self, at: int) -> Floats:
        """By how much more errors are counted than there were, in the interval that ends with a scrape; [version]."""
        found: Floats = self._error_factors[self._place(at)]
        return found

    def latency_factors(self, at: int) -> Floats:
        """By how much longer answers seem to take in the interval that ends with a scrape; [version]."""
        found: Floats = self._latency_factors[self._place(at)]
        return found

    def _place(self, at: int) -> int:
        return at // self._every - self._first


class Noise:
    """Counters as they are shown: what each interval added, turned by its factors, added up again.

    Fractions are carried over, so that nothing is lost by rounding; no more errors are shown than requests.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._requests: Ints | None = None  # what the counters truly were at the last scrape
        self._errors: Ints | None = None
        self._latency: Ints | None = None
        self._shown_errors: Floats | None = None
        self._shown_latency: Floats | None = None

    def shown(self, at: int, requests: Ints, errors: Ints, latency: Ints | None) -> tuple[Ints, Ints | None]:
        """Errors [version, stream] and latencies [version, stream, bucket] as scraped, from the true counters."""
        course = self._course
        if self._errors is None or self._requests is None or self._shown_errors is None:
            self._shown_errors = errors.astype(np.float64)
        else:
            asked, bad = requests - self._requests, errors - self._errors
            self._shown_errors = self._shown_errors + noisy_errors(asked, bad, course.error_factors(at)[:, None])
        if latency is None:
            self._shown_latency = None
        elif self._latency is None or self._shown_latency is None:
            self._shown_latency = latency.astype(np.float64)
        else:
            more = (latency - self._latency).astype(np.float64)
            self._shown_latency = self._shown_latency + slower(more, course.latency_factors(at))
        self._requests, self._errors, self._latency = requests, errors, latency
        return whole(self._shown_errors), None if self._shown_latency is None else whole(self._shown_latency)


def wiring_luck(key: Key, number: int) -> float:
    """The uniform that decides, in one replication, whether the gate of this number reads the wrong series."""
    return draw(key, Purpose.SCRAPE, 0, number)[0]


def whole(counts: Floats) -> Ints:
    """Counters without their fractions.

    >>> whole(np.array([2.9999999999, 3.2])).tolist()
    [3, 3]
    """
    return np.floor(counts + 1e-6).astype(np.int64)


def noisy_errors(requests: Ints, errors: Ints, factors: Floats) -> Floats:
    """The errors an interval seems to have had; factors are broadcast over the counts.

    >>> noisy_errors(np.array([10, 10]), np.array([2, 8]), np.array(1.5)).tolist()
    [3.0, 10.0]
    """
    found: Floats = np.minimum(errors * factors, requests)
    return found


def slower(histogram: Floats, factors: Floats) -> Floats:
    """Counts by latency bucket if all latencies were so many times longer; the version is the first axis.

    Inside a bucket answers are spread evenly; how many there are does not change.
    """
    found = np.zeros_like(histogram)
    for version, factor in enumerate(factors):
        if factor == 1.0:
            found[version] = histogram[version]
            continue
        for stream, counts in enumerate(histogram[version]):
            below = np.concatenate([[0.0], counts.cumsum()])
            moved = np.interp(_BOUNDS / factor, _BOUNDS, below)
            moved[-1] = below[-1]
            found[version, stream] = np.diff(moved)
    return found


def _spans(luck: Floats, moments: Ints, every: int, faults: Faults) -> list[tuple[int, int]]:
    """When answers are old: from when to when, ns; a new trouble during an old one changes nothing."""
    if not faults.stale_every or not faults.stale_lasts:
        return []
    spans: list[tuple[int, int]] = []
    for moment in moments[luck < -math.expm1(-every / faults.stale_every)].tolist():
        if not spans or moment >= spans[-1][1]:
            spans.append((moment, moment + faults.stale_lasts))
    return spans


def _noises(faults: Faults, key: Key, numbers: Ints, every: int) -> tuple[Floats, Floats]:
    """Two standard normal sequences by version, each with the same correlation from minute to minute."""
    if not faults.noisy:
        return np.zeros((len(numbers), ROWS)), np.zeros((len(numbers), ROWS))
    from scipy.special import ndtri

    nth = np.arange(1, ROWS + 1, dtype=np.int64)[None, :]
    words = block(key.low, key.high, int(Purpose.SCRAPE), (numbers + _FIRST_ADDRESS)[:, None], nth)
    again = faults.correlation ** (every / MINUTE)
    fresh = math.sqrt(1.0 - again * again)
    found = []
    for word in words[:2]:
        sequence = np.asarray(ndtri(uniform(word)), dtype=np.float64)
        for place in range(1, len(sequence)):
            sequence[place] = again * sequence[place - 1] + fresh * sequence[place]
        found.append(sequence)
    return found[0], found[1]


def _factors(noise: Floats, deviation: float) -> Floats:
    """Lognormal factors of mean 1 with this standard deviation."""
    variance = math.log1p(deviation * deviation)
    found: Floats = np.exp(math.sqrt(variance) * noise - variance / 2)
    return found
