"""Kayenta's verdict on one metric: Pass, High, Low or no data, from a canary's and a baseline's points.

Source: spinnaker/kayenta v2.46, kayenta-judge: NetflixACAJudge, MannWhitneyClassifier, MeanInequalityClassifier,
EffectSizes, OutlierRemoval. The tolerance is a share of the estimated shift itself, not of the baseline: it asks for a
precise estimate, not for one that matters. What matters is the effect size's business.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist, fmean, pstdev
from typing import Literal

from sim.judges.mann_whitney import AllTiedError, Shift, exact, faithful

TOLERANCE = 0.25
CONFIDENCE = 0.98
NOISE = 1e-5
OUTLIER_FACTOR = 3.0

Direction = Literal["increase", "decrease", "either"]
NaNs = Literal["remove", "replace"]


class Label(StrEnum):
    """What the judge makes of one metric."""

    PASS = "Pass"
    HIGH = "High"
    LOW = "Low"
    NODATA = "Nodata"
    NODATA_FAIL = "NodataFailMetric"
    ERROR = "Error"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRule:
    """How a metric is judged; pairs are (decrease, increase)."""

    direction: Direction = "either"
    critical: bool = False
    must_have_data: bool = False
    nans: NaNs = "remove"
    effect: Literal["mean_ratio", "cles"] = "mean_ratio"
    allowed: tuple[float, float] = (1.0, 1.0)
    critical_effect: tuple[float, float] = (1.0, 1.0)
    tolerance: float = TOLERANCE
    confidence: float = CONFIDENCE
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A label, whether it is critical, and the figures it rests on (nan where there are none)."""

    label: Label
    critical: bool = False
    effect: float = math.nan
    shift: Shift | None = None


def label(experiment: Sequence[float], control: Sequence[float], rule: MetricRule) -> Labelled:
    """The rank test's label of two cleaned samples."""
    if not experiment or not control:
        return _without_data(rule)
    if sorted(experiment) == sorted(control) or len({*experiment, *control}) == 1:
        return Labelled(label=Label.PASS)
    if len(set(experiment)) == 1 and len(set(control)) == 1:
        experiment, control = _spread(experiment), _spread(control)
    try:
        shift = (exact if rule.exact else faithful)(experiment, control, rule.confidence)
    except AllTiedError:
        return Labelled(label=Label.ERROR)
    effect = (cles if rule.effect == "cles" else mean_ratio)(experiment, control)
    bound, unknown = rule.tolerance * abs(shift.estimate), math.isnan(effect)
    if rule.direction != "decrease" and shift.low > bound and (unknown or effect >= rule.allowed[1]):
        critical = rule.critical and (unknown or effect >= rule.critical_effect[1])
        return Labelled(label=Label.HIGH, critical=critical, effect=effect, shift=shift)
    if rule.direction != "increase" and shift.high < -bound and (unknown or effect <= rule.allowed[0]):
        critical = rule.critical and (unknown or effect <= rule.critical_effect[0])
        return Labelled(label=Label.LOW, critical=critical, effect=effect, shift=shift)
    return Labelled(label=Label.PASS, effect=effect, shift=shift)


def label_by_means(experiment: Sequence[float], control: Sequence[float], rule: MetricRule) -> Labelled:
    """The other classifier: any difference of the means is High or Low."""
    if not experiment or not control:
        return _without_data(rule)
    above, below = fmean(experiment) > fmean(control), fmean(experiment) < fmean(control)
    if above and rule.direction != "decrease":
        return Labelled(label=Label.HIGH, critical=rule.critical)
    if below and rule.direction != "increase":
        return Labelled(label=Label.LOW, critical=rule.critical)
    return Labelled(label=Label.PASS)


def _without_data(rule: MetricRule) -> Labelled:
    if rule.nans == "replace":
        return Labelled(label=Label.PASS)
    if rule.must_have_data and not rule.critical:
        return Labelled(label=Label.NODATA_FAIL)
    return Labelled(label=Label.NODATA, critical=rule.critical)


def _spread(constant: Sequence[float]) -> list[float]:
    """A constant sample with a little noise. Kayenta draws it; evenly spaced quantiles give the same verdict always."""
    n, value = len(constant), constant[0]
    normal = NormalDist()
    return [value + NOISE * abs(value) * normal.inv_cdf((place + 1) / (n + 1)) for place in range(n)]


def clean(
    points: Sequence[float], nans: NaNs, *, outliers: Literal["keep", "remove"] = "keep", factor: float = OUTLIER_FACTOR
) -> list[float]:
    """Points without gaps and, if asked, without outliers.

    >>> clean([1.0, float("nan")], "remove"), clean([1.0, float("nan")], "replace")
    ([1.0], [1.0, 0.0])
    """
    kept = [0.0 if math.isnan(point) else point for point in points if nans == "replace" or not math.isnan(point)]
    if outliers == "keep":
        return kept
    strange = outliers_by_quartiles(kept, factor, widened=True)
    return [point for point, is_strange in zip(kept, strange, strict=True) if not is_strange]


def outliers_by_quartiles(points: Sequence[float], factor: float, *, widened: bool = False) -> list[bool]:
    """Points beyond the quartiles by more than so many times their distance; ``widened``: and beyond 1 and 99 %."""
    if not points:
        return []
    lower, upper = percentile(points, 25), percentile(points, 75)
    low, high = lower - factor * (upper - lower), upper + factor * (upper - lower)
    if widened:
        low, high = min(low, percentile(points, 1)), max(high, percentile(points, 99))
    return [point < low or point > high for point in points]


def outliers_by_deviations(points: Sequence[float], factor: float) -> list[bool]:
    """Which points lie further from the mean than so many (population) standard deviations."""
    if not points:
        return []
    middle, reach = fmean(points), factor * pstdev(points)
    return [abs(point - middle) > reach for point in points]


def percentile(points: Sequence[float], percent: float) -> float:
    """The percentile, linear between points (R's type 7); nan without points.

    >>> round(percentile([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5], 5), 3)
    0.175
    """
    if not points:
        return math.nan
    ordered = sorted(points)
    place = (len(ordered) - 1) * percent / 100
    below = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def mean_ratio(experiment: Sequence[float], control: Sequence[float]) -> float:
    """The canary's mean over the baseline's; nan where either is zero."""
    upper, lower = fmean(experiment), fmean(control)
    return math.nan if upper == 0 or lower == 0 else upper / lower


def cles(experiment: Sequence[float], control: Sequence[float]) -> float:
    """The chance that a point of the canary is above one of the baseline's, ties by half (A. Vargha, H. Delaney)."""
    wins = sum((x > y) + 0.5 * (x == y) for x in experiment for y in control)
    return wins / (len(experiment) * len(control))
