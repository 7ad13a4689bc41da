"""Releases reduced to what a gate can see: counts per scrape, drawn by address from rates, weights and error ratios.

Requests of an interval are Poisson (or as bursty or even as the stream's arrivals are), errors among them binomial,
both by inversion of their own uniform: a release with a higher error ratio has the same requests and no fewer errors,
so trials of graded badness are coupled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import Purpose, block, draw, replication_key, uniform
from sim.metric_faults import Faults
from sim.scraping import Course, Noise, wiring_luck
from sim.telemetry import SEEN_BUCKETS, seen_upper_bounds
from sim.versions import NEVER, NEW, NO_VERSION, STABLE
from sim.whatif.bench import Scraped
from sim.whatif.births import as_rates_see
from sim.whatif.bursts import is_poisson, renewal_counts
from sim.whatif.rehearsal import Hold

Floats = NDArray[np.float64]

_BOUNDS = seen_upper_bounds()
_LATENCIES, _ARRIVALS, _BIRTHS = 1 << 40, 2 << 40, 3 << 40
"""Addresses of all latencies of a trial, of the gaps between its requests and of first samples, beyond any interval."""
_BEFORE = 1 << 30
"""Addresses of intervals before the release, beyond any after it."""
QUANTILES = 2000
"""By so many points of its law an answer's time is put into buckets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a gate is tried: who asks how often, what is held how long, and how metrics are scraped.

    ``rate`` gives requests per second by stream at a moment (ns from the release). ``errors`` is the error ratio of the
    version running now.
    """

    streams: tuple[str, ...]
    rate: Callable[[int], Sequence[float]]
    holds: tuple[Hold, ...]
    errors: float
    scrape: int  # ns
    seed: int
    work: tuple[Any, ...] = ()  # by stream, the law of ns an answer takes; empty: latencies are not played
    service_factor: float = 1.0  # of the new version's work, on purpose
    faults: Faults = field(default_factory=Faults)  # of the metrics
    variations: tuple[float, ...] = ()  # by stream, squared, of the gaps between requests; empty: all Poisson
    horizon: int = NEVER  # ns from the release: no gate holds the weight beyond it
    lag: int = 0  # ns until a scrape can be queried
    lead: int = 0  # ns before the release from which on there are scrapes, for windows that reach back

    @property
    def before(self) -> int:
        """How many scrapes there are before the release."""
        return -(-self.lead // self.scrape)

    @property
    def times(self) -> range:
        """The moments of the scrapes, to the end of the last hold."""
        return range(-self.before * self.scrape, self.holds[-1].end + 1, self.scrape)


class Trial:
    """All uniforms of one release; turned into counts for any error ratio of the new version."""

    def __init__(self, setting: Setting, index: int) -> None:
        from scipy.stats import poisson

        self.setting = setting
        means = _means(setting)
        intervals, _, streams = means.shape
        key = replication_key(setting.seed, index)
        numbers = np.arange(intervals, dtype=np.int64) - setting.before
        entity = np.where(numbers >= 0, numbers, _BEFORE - numbers)[:, None, None]
        nth = np.arange(2 * streams, dtype=np.int64).reshape(1, 2, streams)
        words = block(key.low, key.high, int(Purpose.GATE_TRIAL), entity, nth)
        counts = np.asarray(poisson.ppf(uniform(words[0]), means))
        self._requests = np.where(means > 0, counts, 0).astype(np.int64)
        for stream, variation in enumerate(setting.variations):
            if not is_poisson(variation):
                seed = block(key.low, key.high, int(Purpose.GATE_TRIAL), _ARRIVALS, stream)
                luck = np.asarray(uniform(words[0])[:, NEW, stream], dtype=np.float64)
                self._requests[:, :, stream] = _split(means[:, :, stream], variation, luck, seed)
        self._seed = block(key.low, key.high, int(Purpose.GATE_TRIAL), _LATENCIES, 2 * streams)
        self._births = block(key.low, key.high, int(Purpose.GATE_TRIAL), _BIRTHS, 2 * streams)
        self._luck = np.asarray(uniform(words[1]), dtype=np.float64)
        self._key, self._index = key, index

    def under(self, holds: tuple[Hold, ...]) -> Trial:
        """The same release with other holds; up to the first that differs all is the same."""
        return Trial(replace(self.setting, holds=holds), self._index)

    def wiring(self, number: int) -> float:
        """The uniform that decides whether the gate of this number reads the wrong series."""
        return wiring_luck(self._key, number)

    def luck_of_page(self, number: int) -> float:
        """The uniform of how long the person on call takes to react to the page of this number."""
        return draw(self._key, Purpose.ON_CALL, 0, number)[0]

    def seen(self, truth: Scraped) -> Scraped:
        """The scrapes as queries show them: without first samples, with gaps, noise and old answers if any."""
        faults, pods = self.setting.faults, _pods(self.setting)
        if pods.any():
            luck = np.random.Generator(np.random.PCG64([int(word) for word in self._births]))
            truth = as_rates_see(truth, pods, luck, errors_before=self.setting.errors > 0)
        if not faults.any:
            return truth
        last = self.setting.times[-1]
        course = Course(faults, self._key, every=self.setting.scrape, first=self.setting.times[0], last=last)
        kept = [place for place, at in enumerate(truth.times) if not course.missed(at)]
        times = [truth.times[place] for place in kept]
        requests, errors = truth.requests[kept], truth.errors[kept]
        latency, good, bad = (None if each is None else each[kept] for each in (truth.latency, truth.good, truth.bad))
        if faults.noisy:
            noise, shown = Noise(course), []
            for place, at in enumerate(times):
                counts = None if latency is None else latency[place]
                shown.append(noise.shown(at, requests[place], errors[place], counts))
            errors = np.array([each for each, _ in shown])
            latency = None if latency is None else np.array([each for _, each in shown])
        return replace(
            truth,
            times=times,
            requests=requests,
            errors=errors,
            latency=latency,
            good=good,
            bad=bad,
            course=course,
        )

    def scraped(self, new_errors: float, stable_errors: float | None = None, *, slower: float = 1.0) -> Scraped:
        """The scrapes of this release if the new version answers so large a share badly, and so many times slower.

        ``stable_errors`` in place of the setting's says that the running version does not behave as it always has.
        Answers take their work and nothing else: nobody queues.
        """
        stable = self.setting.errors if stable_errors is None else stable_errors
        ratios = np.array([stable, new_errors])[None, :, None]
        bad = _binomial(self._luck, self._requests, ratios)
        return Scraped(
            times=self.setting.times,
            requests=_cumulated(self._requests),
            errors=_cumulated(bad),
            streams=self.setting.streams,
            latency=self._latencies(slower) if self.setting.work else None,
            lag=self.setting.lag,
        )

    def _latencies(self, slower: float) -> NDArray[np.int64]:
        """Counters by latency bucket, of all requests."""
        chances = _bucket_chances(self.setting, slower)
        luck = np.random.Generator(np.random.PCG64([int(word) for word in self._seed]))
        return _cumulated(luck.multinomial(self._requests, chances[None]))


def _binomial(luck: Floats, number: NDArray[np.int64], ratios: Floats) -> NDArray[np.int64]:
    """The binomial quantile, by adding up probabilities from zero: exact, and quick for the small ratios of errors."""
    ratios = np.broadcast_to(ratios, luck.shape)
    found = np.zeros(luck.shape, dtype=np.int64)
    todo = (ratios > 0) & (number > 0)
    large = todo & (number * ratios > 30)
    if large.any():
        from scipy.stats import binom

        found[large] = np.asarray(binom.ppf(luck[large], number[large], ratios[large])).astype(np.int64)
    small = todo & ~large
    n, p, u = number[small].astype(np.float64), ratios[small], luck[small]
    p = np.minimum(p, 1.0)
    sure = p >= 1.0
    term = np.where(sure, 0.0, (1.0 - np.where(sure, 0.5, p)) ** n)
    below, k = term.copy(), np.zeros(len(n))
    while True:
        more = (below < u) & (k < n) & ~sure
        if not more.any():
            break
        k = np.where(more, k + 1, k)
        step = term * (n - k + 1) / np.maximum(k, 1) * p / np.where(sure, 1.0, 1.0 - p)
        term = np.where(more, step, term)
        below = np.where(more, below + term, below)
    found[small] = np.where(sure, n, k).astype(np.int64)
    return found


def _split(means: Floats, variation: float, luck: Floats, seed: Any) -> NDArray[np.int64]:
    """Requests by interval and version of a stream that is not Poisson: all of them first, then each by itself."""
    from scipy.stats import binom

    total = means.sum(axis=1)
    counts = renewal_counts(total, variation, np.random.Generator(np.random.PCG64([int(word) for word in seed])))
    shares = np.divide(means[:, NEW], total, out=np.zeros_like(total), where=total > 0)
    new = np.asarray(binom.ppf(luck, counts, shares)).astype(np.int64)
    return np.stack([counts - new, new], axis=1)  # in the order of STABLE and NEW


def _means(setting: Setting) -> Floats:
    """Expected requests per scrape interval, of the stable and the new version, by stream; shares as they change."""
    times = np.array(setting.times[:-1], dtype=np.int64)
    means = np.zeros((len(times), 2, len(setting.streams)))
    for place, since in enumerate(times):
        until = int(since) + setting.scrape
        rate = np.asarray(setting.rate(int(since) + setting.scrape // 2), dtype=np.float64)
        held = sum(hold.share * max(0, min(until, hold.end) - max(int(since), hold.start)) for hold in setting.holds)
        share = held / setting.scrape
        means[place, NEW], means[place, STABLE] = share * rate, (1.0 - share) * rate
    return means * setting.scrape / 1e9


def _pods(setting: Setting) -> NDArray[np.int64]:
    """How many pods the new version has in each interval; none ever leave."""
    ends = np.array(setting.times[1:], dtype=np.int64)
    pods = np.zeros(len(ends), dtype=np.int64)
    for hold in setting.holds:
        pods[ends > hold.start] = np.maximum(pods[ends > hold.start], hold.pods)
    return pods


def _bucket_chances(setting: Setting, slower: float) -> Floats:
    """The chance of each of the operator's latency buckets; shape [version, stream, bucket]."""
    quantiles = (np.arange(QUANTILES) + 0.5) / QUANTILES
    chances = np.zeros((2, len(setting.work), SEEN_BUCKETS))
    for stream, law in enumerate(setting.work):
        work = np.array([law.quantile(float(each)) for each in quantiles])
        for version, factor in ((STABLE, 1.0), (NEW, setting.service_factor * slower)):
            buckets = np.minimum(np.searchsorted(_BOUNDS, work * factor, side="right"), SEEN_BUCKETS - 1)
            chances[version, stream] = np.bincount(buckets, minlength=SEEN_BUCKETS) / QUANTILES
    return chances


def _cumulated(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts per interval as counters, with a row for requests of no version."""
    intervals, versions, *rest = counts.shape
    total = np.zeros((intervals + 1, NO_VERSION + 1, *rest), dtype=np.int64)
    total[1:, :versions] = counts.cumsum(axis=0)
    return total
