"""From usage to a wish: how many replicas one metric asks for (``replica_calculator.go``).

A ratio within the tolerance asks for nothing. Pods without a metric, and on the way up pods that are not ready, are put
in at the value that argues against the change; a change that this turns round is not made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from sim.hpa.pods import Metric, Patience, PodPhase, PodSeen, group_pods

TOLERANCE = 0.1


class Tolerances(NamedTuple):
    """How far a ratio may be below and above 1 without a change: the rule since each direction has its own (1.33).

    The edge itself is within, where the older rule is at the mercy of a subtraction.

    >>> Tolerances(0.1, 0.1).hold(55 / 50), is_steady(55 / 50, 0.1)
    (True, False)
    """

    down: float = TOLERANCE
    up: float = TOLERANCE

    def hold(self, ratio: float) -> bool:
        """Whether the ratio asks for nothing."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


def is_steady(ratio: float, tolerance: float | Tolerances) -> bool:
    """Whether a ratio asks for nothing; a bare number is the rule of Kubernetes 1.28, one distance for both ways."""
    return tolerance.hold(ratio) if isinstance(tolerance, Tolerances) else abs(1.0 - ratio) <= tolerance


class NoMetricError(Exception):
    """The metric cannot be judged now; the autoscaler leaves the size as it is."""


class Wish(NamedTuple):
    """What one metric asks for, and what it rests on."""

    replicas: int
    level: int  # utilisation in whole percent, or the average in thousandths
    average: int  # mean usage of a counted pod


class Level(NamedTuple):
    """Usage against its target."""

    ratio: float
    level: int
    average: int


_Measure: TypeAlias = Callable[[Mapping[str, int]], Level]


def for_utilisation(
    pods: Sequence[PodSeen],
    metrics: Mapping[str, Metric],
    *,
    current: int,
    target: int,
    now: int = 0,
    tolerance: float | Tolerances = TOLERANCE,
    is_cpu: bool = True,
    patience: Patience | None = None,
) -> Wish:
    """Replicas for a target in percent of the request; raises NoMetricError.

    The utilisation is cut to a whole percent before the ratio is formed.

    >>> pods = [PodSeen(name, request=1000) for name in "abc"]
    >>> for_utilisation(pods, {"a": Metric(300), "b": Metric(500), "c": Metric(700)}, current=3, target=30)
    Wish(replicas=5, level=50, average=500)
    """
    counted = _Counted.among(pods, metrics, now, is_cpu, patience or Patience())
    lacks = [pod.name for pod in pods if pod.request is None]
    if lacks:
        raise NoMetricError(f"{lacks[0]} requests none of the resource")
    requests = {pod.name: pod.request or 0 for pod in pods}
    fallback = max(100, target)
    stand_in = {name: requests[name] * fallback // 100 for name in counted.missing}
    return _wish(counted, lambda usage: utilisation(usage, requests, target), stand_in, current, tolerance)


def for_average(
    pods: Sequence[PodSeen],
    metrics: Mapping[str, Metric],
    *,
    current: int,
    target: int,
    now: int = 0,
    tolerance: float | Tolerances = TOLERANCE,
) -> Wish:
    """Replicas for a target mean of a metric the pods report; raises NoMetricError."""
    counted = _Counted.among(pods, metrics, now, False, Patience())
    stand_in = dict.fromkeys(counted.missing, target)
    return _wish(counted, lambda usage: mean_level(usage, target), stand_in, current, tolerance)


def for_value(
    pods: Sequence[PodSeen], usage: int, *, current: int, target: int, tolerance: float | Tolerances = TOLERANCE
) -> Wish:
    """Replicas for a metric of the whole (an object's, or one from outside) and its target; raises NoMetricError.

    >>> for_value([PodSeen("a"), PodSeen("b")], 90, current=2, target=60)
    Wish(replicas=3, level=90, average=90)
    """
    ratio = usage / target
    if current == 0:
        return Wish(math.ceil(ratio), usage, usage)
    if is_steady(ratio, tolerance):
        return Wish(current, usage, usage)
    if not pods:
        raise NoMetricError("there is no pod")
    ready = sum(pod.phase is PodPhase.RUNNING and pod.ready is True for pod in pods)
    return Wish(math.ceil(ratio * ready), usage, usage)


def for_value_per_pod(usage: int, *, current: int, target: int, tolerance: float | Tolerances = TOLERANCE) -> Wish:
    """Replicas for a metric of the whole and a target for each pod.

    >>> for_value_per_pod(20000, current=3, target=5000)
    Wish(replicas=4, level=6667, average=6667)
    """
    ratio = usage / (target * current) if current else math.inf
    replicas = math.ceil(usage / target) if not is_steady(ratio, tolerance) else current
    level = math.ceil(usage / current) if current else usage
    return Wish(replicas, level, level)


def utilisation(usage: Mapping[str, int], requests: Mapping[str, int], target: int) -> Level:
    """Usage in whole percent of the requests against a target; usage of unknown pods does not count."""
    known = [name for name in usage if name in requests]
    total, requested = sum(usage[name] for name in known), sum(requests[name] for name in known)
    if requested == 0:
        raise NoMetricError("no metric belongs to a pod with a request")
    percent = 100 * total // requested
    return Level(percent / target, percent, total // len(known))


def mean_level(usage: Mapping[str, int], target: int) -> Level:
    """Mean usage, cut to a whole number, against a target."""
    mean = sum(usage.values()) // len(usage)
    return Level(mean / target, mean, mean)


class _Counted(NamedTuple):
    """Usage of the pods that count, and the pods that may be put in."""

    usage: dict[str, int]
    ready: int
    unready: tuple[str, ...]
    missing: tuple[str, ...]

    @classmethod
    def among(
        cls, pods: Sequence[PodSeen], metrics: Mapping[str, Metric], now: int, is_cpu: bool, patience: Patience
    ) -> _Counted:
        if not pods:
            raise NoMetricError("there is no pod")
        groups = group_pods(pods, metrics, now=now, is_cpu=is_cpu, patience=patience)
        left_out = {*groups.ignored, *groups.unready}
        usage = {name: metric.value for name, metric in metrics.items() if name not in left_out}
        if not usage:
            raise NoMetricError("no metric of a pod that counts")
        return cls(usage, len(groups.ready), groups.unready, groups.missing)


def _wish(
    counted: _Counted, measure: _Measure, stand_in: Mapping[str, int], current: int, tolerance: float | Tolerances
) -> Wish:
    """The common rule of both kinds of target."""
    ratio, level, average = measure(counted.usage)
    put_in = dict(_put_in(counted, ratio, stand_in))
    if not put_in and not counted.missing:
        steady = is_steady(ratio, tolerance)
        return Wish(current if steady else math.ceil(ratio * counted.ready), level, average)
    usage = counted.usage | put_in
    checked = measure(usage).ratio
    turned = (ratio < 1.0 < checked) or (checked < 1.0 < ratio)
    if turned or is_steady(checked, tolerance):
        return Wish(current, level, average)
    replicas = math.ceil(checked * len(usage))
    against = (checked < 1.0 and replicas > current) or (checked > 1.0 and replicas < current)
    return Wish(current if against else replicas, level, average)


def _put_in(counted: _Counted, ratio: float, stand_in: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    """Pods to be assumed, each at the value that argues against the change."""
    if ratio > 1.0:
        return [(name, 0) for name in (*counted.missing, *counted.unready)]
    if ratio < 1.0:
        return [(name, stand_in[name]) for name in counted.missing]
    return []
