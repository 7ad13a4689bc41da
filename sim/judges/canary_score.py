"""Kayenta's score of a whole canary, what it is classified as, and the windows it is judged on.

Source: spinnaker/kayenta v2.46, WeightedSumScorer, ThresholdScoreClassifier, kayenta-standalone-canary-analysis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from sim.judges.metric_label import Label

_FAILING = (Label.HIGH, Label.LOW, Label.NODATA_FAIL)


class Rating(StrEnum):
    """What a score is worth."""

    PASS = "Pass"
    MARGINAL = "Marginal"
    FAIL = "Fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One metric's label and the groups it counts in; ``critical`` is the label's, not the metric's.

    A critical metric that is High by less than its critical effect size is not critically so.
    """

    label: Label
    groups: tuple[str, ...]
    critical: bool = False
    muted: bool = False


def score(metrics: Sequence[Scored], weights: Mapping[str, float]) -> float:
    """The summary score, 0 to 100, to two decimals, halves up; weights are percent.

    Groups without a weight share what all weights leave of 100, also those of groups that no metric is in.

    >>> passing, failing = Scored(label=Label.PASS, groups=("g",)), Scored(label=Label.HIGH, groups=("g",))
    >>> score([passing, failing], {}), score([passing, passing, passing, failing], {})
    (50.0, 75.0)
    """
    counted = [metric for metric in metrics if not metric.muted]
    if any(metric.critical and metric.label != Label.PASS for metric in counted):
        return 0.0
    if not counted or 2 * sum(metric.label == Label.NODATA for metric in counted) >= len(counted):
        return 0.0
    groups = list(dict.fromkeys(group for metric in counted for group in metric.groups))
    unnamed = [group for group in groups if group not in weights]
    left = 100.0 - sum(weights.values())
    total = 0.0
    for group in groups:
        weight = weights[group] if group in weights else left / len(unnamed)
        total += _group_score([metric for metric in counted if group in metric.groups]) * (weight / 100.0)
    return float(Decimal(repr(total)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _group_score(metrics: Sequence[Scored]) -> float:
    """The share of passing metrics among those that were judged; a group without any does not pull the score down."""
    passed = sum(metric.label == Label.PASS for metric in metrics)
    judged = passed + sum(metric.label in _FAILING for metric in metrics)
    return 100.0 * passed / judged if judged else 100.0


def rating(value: float, *, marginal: float, good: float) -> Rating:
    """What the judge calls a score.

    >>> str(rating(75, marginal=75, good=95))
    'Marginal'
    """
    if value >= good:
        return Rating.PASS
    return Rating.MARGINAL if value >= marginal else Rating.FAIL


def aborts(value: float, marginal: float | None) -> bool:
    """Whether a canary analysis ends at once after a judgement; a score of exactly marginal does."""
    return marginal is not None and value <= marginal


def passes(value: float, *, marginal: float | None, good: float | None) -> bool:
    """Whether the last judgement of a canary analysis passes it."""
    return not aborts(value, marginal) and (good is None or value >= good)


def window(
    number: int, *, interval: int, begin_after: int = 0, lookback: int | None = None, fixed_start: int | None = None
) -> tuple[int, int]:
    """From when to when the judgement of a number (from 1) looks: growing, or sliding with a lookback (0 is none).

    >>> window(3, interval=5), window(3, interval=5, lookback=5)
    ((0, 15), (10, 15))
    """
    start = begin_after if fixed_start is None else fixed_start
    end = start + number * interval
    return (end - lookback, end) if lookback else (start, end)
