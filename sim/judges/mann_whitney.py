"""The rank test of Kayenta's judge: an interval and an estimate for the shift between two samples.

``faithful`` is what Kayenta computes (spinnaker/kayenta v2.46, MannWhitney.scala and BrentSolver.java): the roots, in
the shift, of the standardised rank statistic, found by Brent's method (R. Brent, Algorithms for Minimization without
Derivatives, 1973, chapter 4) to an absolute 1e-4, as R's wilcox.test once did. For error ratios that is no precision
at all: bounds come out as noise of the solver, even reversed. ``exact`` has no solver: Hodges and Lehmann's estimate,
and order statistics of the pairwise differences (M. Hollander, D. Wolfe, Nonparametric Statistical Methods, 4.3).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

ABSOLUTE_TOLERANCE = 1e-4
MOST_ITERATIONS = 1000
_EPSILON = 2.0**-52


class AllTiedError(ArithmeticError):
    """All numbers are the same under a shift: the statistic has no deviation, and Kayenta gives the metric up."""


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much one sample lies above another: an interval and an estimate."""

    low: float
    high: float
    estimate: float


def faithful(experiment: Sequence[float], control: Sequence[float], confidence: float) -> Shift:
    """The shift as Kayenta finds it; raises AllTiedError where it finds none, as for one point against one.

    >>> shift = faithful([10, 20, 30, 40], [1, 2, 3, 4], 0.95)
    >>> round(shift.low), round(shift.high), round(shift.estimate, 1)
    (6, 39, 22.5)
    """
    ordered = sorted(control)
    least, most = min(experiment) - ordered[-1], max(experiment) - ordered[0]
    z = NormalDist().inv_cdf((1 + confidence) / 2)

    def root(quantile: float) -> float:
        def excess(shift: float) -> float:
            return statistic(experiment, ordered, shift) - quantile

        at_least, at_most = excess(least), excess(most)
        if at_least <= 0:
            return least
        if at_most >= 0:
            return most
        return brent_root(excess, least, most, at_least, at_most, ABSOLUTE_TOLERANCE)

    return Shift(low=root(z), high=root(-z), estimate=root(0.0))


def exact(experiment: Sequence[float], control: Sequence[float], confidence: float) -> Shift:
    """The shift without a solver, at the same approximate confidence.

    >>> exact([10, 20, 30, 40], [1, 2, 3, 4], 0.95)
    Shift(low=6, high=39, estimate=22.5)
    """
    differences = sorted(x - y for x in experiment for y in control)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    reach = z * _deviation(experiment, sorted(control), 0.0) + 0.5
    left_out = max(0, math.floor(len(differences) / 2 - reach))
    return Shift(low=differences[left_out], high=differences[-1 - left_out], estimate=median(differences))


def statistic(experiment: Sequence[float], control: Sequence[float], shift: float) -> float:
    """The standardised rank sum of the experiment less a shift, corrected for ties and continuity.

    ``control`` is sorted. Raises AllTiedError where all numbers are the same.
    """
    m, n = len(experiment), len(control)
    above = sum(bisect_left(control, x - shift) + bisect_right(control, x - shift) for x in experiment) / 2
    difference = above - m * n / 2
    deviation = _deviation(experiment, control, shift)
    if deviation == 0.0:
        raise AllTiedError
    return (difference - math.copysign(0.5, difference) * (difference != 0)) / deviation


def _deviation(experiment: Sequence[float], control: Sequence[float], shift: float) -> float:
    """The statistic's standard deviation under no shift, corrected for ties."""
    m, n = len(experiment), len(control)
    counts: dict[float, int] = {}
    for number in (*(x - shift for x in experiment), *control):
        counts[number] = counts.get(number, 0) + 1
    ties = sum(count**3 - count for count in counts.values())
    return math.sqrt(max(0.0, m * n / 12 * ((m + n + 1) - ties / ((m + n) * (m + n - 1)))))


def brent_root(
    function: Callable[[float], float], low: float, high: float, at_low: float, at_high: float, tolerance: float
) -> float:
    """A root between two points of opposite sign, by inverse interpolation guarded by bisection.

    >>> round(brent_root(lambda x: x * x - 2, 0.0, 2.0, -2.0, 2.0, 1e-12), 9)
    1.414213562
    """
    before, best, other = low, high, low
    f_before, f_best, f_other = at_low, at_high, at_low
    for _ in range(MOST_ITERATIONS):
        step_before = best - before
        if abs(f_other) < abs(f_best):
            before, best, other = best, other, best
            f_before, f_best, f_other = f_best, f_other, f_best
        reach = 2 * _EPSILON * abs(best) + tolerance / 2
        step = (other - best) / 2
        if abs(step) <= reach or f_best == 0.0:
            break
        if abs(step_before) >= reach and abs(f_before) > abs(f_best):
            step = _interpolated((before, f_before), (best, f_best), (other, f_other), step_before, reach) or step
        if abs(step) < reach:
            step = math.copysign(reach, step)
        before, f_before = best, f_best
        best += step
        f_best = function(best)
        if f_best * f_other > 0:
            other, f_other = before, f_before
    return best


def _interpolated(
    before: tuple[float, float],
    best: tuple[float, float],
    other: tuple[float, float],
    step_before: float,
    reach: float,
) -> float | None:
    """The step to the root by a line or a parabola through the points; None where it is not to be trusted."""
    width, slope = other[0] - best[0], best[1] / before[1]
    if before[0] == other[0]:
        over, under = width * slope, 1.0 - slope
    else:
        q, t = before[1] / other[1], best[1] / other[1]
        over = slope * (width * q * (q - t) - (best[0] - before[0]) * (t - 1.0))
        under = (q - 1.0) * (t - 1.0) * (slope - 1.0)
    if over > 0:
        under = -under
    else:
        over = -over
    trusted = over < 0.75 * width * under - abs(reach * under) / 2 and over < abs(step_before * under / 2)
    return over / under if trusted else None
