"""How often a gate stops a release, by arithmetic: for the few gates and settings where that is possible.

Requests come at a constant rate, and first samples of new pods are counted, which a rate never sees. What depends on
counts since the beginning is computed with the expected number of requests between looks in place of the Poisson
number, which changes little; windows are computed with Poisson numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.gates import Gate
from sim.gates.cusum import Cusum
from sim.gates.fisher import Fisher, one_sided_p
from sim.gates.mixture import Mixture
from sim.gates.sprt import Sprt
from sim.gates.threshold import Threshold
from sim.stats.cusum import Cusum as Sum
from sim.stats.evidence import against_known_rate
from sim.stats.sprt import Boundaries
from sim.units import SECOND
from sim.whatif.bursts import is_poisson
from sim.whatif.trials import Setting


def chance_to_stop(gate: Gate, setting: Setting, ratio: float) -> float | None:
    """The chance that the gate stops a release with this error ratio; None where arithmetic does not reach."""
    poisson = all(is_poisson(variation) for variation in setting.variations)
    if setting.faults.any or gate.wrong_series is not None or not poisson:
        return None
    rates = {sum(setting.rate(at)) for at in range(0, setting.holds[-1].end, max(1, setting.holds[-1].end // 16))}
    if max(rates) - min(rates) > 1e-9 * max(rates):
        return None
    rate = rates.pop()
    if isinstance(gate, Threshold):
        return _threshold(gate, setting, ratio, rate)
    if len(setting.holds) > 1 or not isinstance(gate, Sprt | Mixture | Fisher | Cusum):
        return None
    hold = setting.holds[0]
    looks = _scraped_between_looks(gate.every, gate.delay + setting.lag, hold.end - hold.start, setting.scrape)
    return _since_the_beginning(gate, looks, (hold.share * rate, (1 - hold.share) * rate), ratio, setting.errors)


def _since_the_beginning(
    gate: Sprt | Mixture | Fisher | Cusum,
    looks: list[float],
    per_second: tuple[float, float],
    ratio: float,
    base: float,
) -> float | None:
    """For gates that judge all there has been in one hold; requests per second are the new and the stable version's."""
    if isinstance(gate, Sprt):
        test = Boundaries(good=gate.good, bad=gate.bad, alpha=gate.alpha, beta=gate.beta)
        return _counting(looks, per_second[0], ratio, test.least_errors_to_reject, test.most_errors_to_accept)
    if isinstance(gate, Cusum):
        total = Sum(good=gate.good, bad=gate.bad, alarm_at=gate.alarm_at)
        return total.chance_of_alarm(_batches(looks, per_second[0]), ratio)
    if isinstance(gate, Mixture):
        return _counting(looks, per_second[0], ratio, _least_evidence(gate), lambda _: -1)
    return None if gate.peek else _fisher(gate, looks, *per_second, ratio, base)


def _scraped_between_looks(every: int, delay: int, length: int, scrape: int) -> list[float]:
    """Seconds of metrics that are new at each look of a hold that begins on the scraping grid."""
    newest = [max(0, (at - delay) // scrape * scrape) for at in range(every, length + 1, every)]
    return [(after - before) / SECOND for before, after in zip([0, *newest], newest, strict=False)]


def _threshold(gate: Threshold, setting: Setting, ratio: float, rate: float) -> float | None:
    """Windows that do not overlap are independent: a Markov chain over failures in a row."""
    success = gate.success
    whole = gate.per == "version" or (gate.per == "stream" and len(setting.streams) == 1)
    if success is None or gate.latency is not None or not whole or gate.window > gate.every:
        return None
    row = np.zeros(gate.fails)
    row[0] = 1.0
    chances: dict[float, tuple[float, float]] = {}
    for at in range(setting.holds[0].start + gate.every, setting.holds[-1].end + 1, gate.every):
        until = at - gate.delay - setting.lag
        expected = _expected(setting, rate, -(-(until - gate.window) // setting.scrape), until // setting.scrape)
        if expected not in chances:
            chances[expected] = _window_chances(expected, ratio, gate, success)
        fails, passes = chances[expected]
        longer = np.concatenate([[row.sum() * passes], row[:-1] * fails])
        row = row * (1.0 - fails - passes) + longer
    return 1.0 - float(row.sum())


def _expected(setting: Setting, rate: float, first: int, last: int) -> float:
    """Requests of the new version between two scrapes, by their numbers."""
    since, until = first * setting.scrape, last * setting.scrape
    served = sum(hold.share * max(0, min(until, hold.end) - max(since, hold.start)) for hold in setting.holds)
    return round(served * rate / SECOND, 9)


def _window_chances(expected: float, ratio: float, gate: Threshold, success: float) -> tuple[float, float]:
    """The chances that one window fails and that it passes; else it waits, or is what ``no_data`` says."""
    from scipy.stats import binom, poisson

    most = int(poisson.isf(1e-12, expected)) + 2
    numbers = np.arange(most)
    weights = poisson.pmf(numbers, expected)
    allowed = np.array([_errors_that_pass(int(n), success) for n in numbers])
    fails_at = np.where(numbers > 0, binom.sf(allowed, numbers, ratio), 0.0)
    enough = numbers >= gate.min_requests
    fails = float((weights * fails_at)[enough].sum())
    passes = float((weights * (1.0 - fails_at))[enough].sum())
    starved = float(weights[~enough].sum())
    return fails + starved * (gate.no_data == "fail"), passes + starved * (gate.no_data == "pass")


def _errors_that_pass(requests: int, success: float) -> int:
    """The most errors whose success ratio is not below a bound, with the gate's own comparison.

    >>> _errors_that_pass(300, 0.99), _errors_that_pass(299, 0.99)
    (3, 2)
    """
    errors = max(0, int((1.0 - success) * requests) - 1)
    while errors < requests and (requests - errors - 1) / requests >= success:
        errors += 1
    return errors


def _counting(
    looks: list[float],
    per_second: float,
    ratio: float,
    least_to_stop: Callable[[int], int],
    most_to_pass: Callable[[int], int],
) -> float:
    """All paths of the number of errors, look by look, for a gate that judges all there has been."""
    from scipy.stats import binom

    chances, stopped, seen, counted = np.array([1.0]), 0.0, 0.0, 0
    for seconds in looks:
        seen += seconds * per_second
        more = round(seen) - counted
        if more <= 0:
            continue
        counted += more
        most = int(binom.isf(1e-13, more, ratio)) + 1 if ratio < 1.0 else more
        chances = np.convolve(chances, binom.pmf(np.arange(most + 1), more, ratio))
        bad, good = least_to_stop(counted), most_to_pass(counted)
        stopped += float(chances[bad:].sum())
        chances = chances[:bad].copy()
        chances[: good + 1] = 0.0
    return stopped


def _batches(looks: list[float], per_second: float) -> list[int]:
    """Whole requests that are new at each look.

    >>> _batches([1.0, 1.0, 1.0], 2.5)
    [2, 3, 3]
    """
    ends = np.rint(np.cumsum(looks) * per_second).astype(np.int64)
    return [int(each) for each in np.diff(ends, prepend=0) if each > 0]


def _least_evidence(gate: Mixture) -> Callable[[int], int]:
    """The least number of errors that is evidence enough, by number of requests; it never falls."""
    prior, needed = 1.0 / gate.expects - 1.0, -math.log(gate.alpha)
    least = 0

    def least_errors(requests: int) -> int:
        nonlocal least
        while least <= requests and against_known_rate(least, requests, rate=gate.base, a=1.0, b=prior) < needed:
            least += 1
        return least

    return least_errors


def _fisher(gate: Fisher, looks: list[float], new_rate: float, stable_rate: float, ratio: float, base: float) -> float:
    """One look: all tables that the numbers of requests allow, with both versions' errors binomial."""
    from scipy.stats import binom

    watched = 0.0
    for seconds in looks:
        watched += seconds
        if watched * SECOND >= gate.after:
            break
    else:
        return 0.0
    new, stable = round(new_rate * watched), round(stable_rate * watched)
    stopped = 0.0
    for errors in range(int(binom.isf(1e-12, stable, base)) + 2 if base < 1 else stable + 1):
        least = 0
        while least <= new and one_sided_p((new, least), (stable, errors)) > gate.alpha:
            least += 1
        stopped += float(binom.pmf(errors, stable, base) * binom.sf(least - 1, new, ratio))
    return stopped
