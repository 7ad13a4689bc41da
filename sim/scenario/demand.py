"""What the traffic asks: how much comes when, and how long it holds the slots of pods and of dependencies."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sim import units
from sim.scenario.resolved import Dependency, Scenario, Stream

Profile: TypeAlias = tuple[tuple[int, float], ...]
"""Moments (ns) and shares of the peak."""
Rates: TypeAlias = Sequence[tuple[Stream, float]]
"""Streams, each with its requests per second."""

REQUESTS_PER_SECOND = 2.5e6
"""Played by one core of an ordinary machine, the cluster's events included; measured, rough."""


def profile_at(profile: Profile, when: int) -> float:
    """The profile's share at a moment: straight between points, level outside.

    >>> profile_at(((0, 0.5), (10, 1.0)), 5), profile_at(((0, 0.5), (10, 1.0)), 99)
    (0.75, 1.0)
    """
    before = [point for point in profile if point[0] <= when]
    after = [point for point in profile if point[0] > when]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (start, low), (end, high) = before[-1], after[0]
    return low + (high - low) * (when - start) / (end - start)


def highest_rate(scenario: Scenario, stream: Stream) -> float:
    """Requests per second of a stream at the height of its profile."""
    return stream.peak * max(share for _, share in scenario.traffic.profile_of(stream))


def lowest_rate(scenario: Scenario, stream: Stream) -> float:
    """Requests per second of a stream at the foot of its profile."""
    return stream.peak * min(share for _, share in scenario.traffic.profile_of(stream))


def asked_by_one(arrivals: Any, length: int) -> float:
    """Requests in so many ns of a user of a closed loop who never waits for an answer; refused users come near it.

    The expected number is at most twice this, whatever the law of the time a user thinks: where thoughts are cut off at
    ``length``, those that pass it come to at most twice ``length`` (A. Wald's equation, Annals of Mathematical
    Statistics 15, 1944).
    """
    return float(length / max(1.0, arrivals.gap().mean_up_to(float(length))))


def recorded_until(stream: Stream, length: int) -> int | None:
    """How many requests a recording holds in its first so many ns; None of a stream that is none."""
    instants = stream.arrivals.instants()
    return None if instants is None else bisect_left(instants, length)


def slot_time(scenario: Scenario, stream: Stream) -> float:
    """Mean ns for which a request holds a slot: the pod's own work and its calls, where none waits for the others."""
    each = {dependency.name: dependency.work.mean() for dependency in scenario.dependencies if dependency.work}
    return float(stream.work.mean() + sum(count * each.get(name, 0.0) for name, count in stream.calls.items()))


def outlasts(stream: Stream, warm_up: int) -> bool:
    """Whether requests of a stream may have been going on since before the warm-up: one in a hundred is longer.

    Long-lived connections always count as such. Their stream begins in its stationary state, and what of it is open at
    the horizon is not played on; requests for which the warm-up is long enough begin with an empty service.
    """
    return stream.long_lived is not None or stream.work.quantile(0.99) > warm_up


def has_long_streams(scenario: Scenario) -> bool:
    """Whether some stream is such a one."""
    return any(outlasts(stream, scenario.study.warm_up) for stream in scenario.traffic.played)


def under_way(scenario: Scenario, stream: Stream) -> float:
    """Mean requests or connections of a long stream under way when the warm-up begins (M/G/inf); 0 of other streams."""
    warm_up = scenario.study.warm_up
    if stream.arrivals.population() or not outlasts(stream, warm_up):
        return 0.0
    lasting = stream.work if stream.long_lived is None else stream.long_lived.length
    rate = stream.peak * profile_at(scenario.traffic.profile_of(stream), -warm_up)
    return float(rate * lasting.mean() / units.SECOND)


def fleet_use(scenario: Scenario, rates: Rates, *, pods: int) -> float:
    """The share of so many pods' slots in use at these rates; inf where there is none."""
    busy = sum(rate * slot_time(scenario, stream) for stream, rate in rates) / units.SECOND
    return busy / (pods * scenario.service.concurrency) if pods > 0 else math.inf


def dependency_use(dependency: Dependency, rates: Rates) -> float | None:
    """The share of a dependency's slots in use at these rates; None where it takes all that come."""
    if dependency.concurrency is None or dependency.work is None:
        return None
    calls = sum(rate * stream.calls.get(dependency.name, 0) for stream, rate in rates)
    return float(calls * dependency.work.mean() / units.SECOND / dependency.concurrency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """What a surge asks when it is highest, of a fleet as large as today's."""

    surge: str
    rate: float  # requests per second of all streams
    fleet: float  # share of the slots in use
    dependencies: tuple[tuple[str, float], ...]  # each of bounded concurrency, with the share of its slots in use


def surge_heights(scenario: Scenario) -> Iterator[Height]:
    """Every surge at its height; of two at once each by itself."""
    traffic = scenario.traffic
    for name in dict.fromkeys(stream.condition for stream in traffic.surges if stream.condition):
        coming = (*traffic.streams, *(stream for stream in traffic.surges if stream.condition == name))
        rates = max(
            (
                [(stream, stream.peak * profile_at(traffic.profile_of(stream), when)) for stream in coming]
                for when, _ in traffic.profile_of(coming[-1])
            ),
            key=lambda each: fleet_use(scenario, each, pods=scenario.service.replicas),
        )
        uses = [(each.name, dependency_use(each, rates)) for each in scenario.dependencies]
        yield Height(
            surge=name,
            rate=sum(rate for _, rate in rates),
            fleet=fleet_use(scenario, rates, pods=scenario.service.replicas),
            dependencies=tuple((called, use) for called, use in uses if use is not None),
        )


def requests_played(scenario: Scenario) -> float:
    """Expected from the release to the horizon; of a surge as often as it strikes."""
    traffic, horizon, warm_up = scenario.traffic, scenario.study.horizon, scenario.study.warm_up
    chances = {each.name: each.chance for each in scenario.conditions}
    total = 0.0
    for stream in traffic.played:
        recorded = recorded_until(stream, warm_up + horizon)
        if recorded is not None:
            total += recorded - (recorded_until(stream, warm_up) or 0)
        else:
            seconds = _seconds_at_peak(traffic.profile_of(stream), horizon)
            total += stream.peak * seconds * chances.get(stream.condition or "", 1.0)
    return total


def _seconds_at_peak(profile: Profile, horizon: int) -> float:
    """A profile's area from the release to the horizon: seconds of full traffic."""
    moments = sorted({0, horizon, *(when for when, _ in profile if 0 < when < horizon)})
    shares = [profile_at(profile, moment) for moment in moments]
    pieces = zip(moments, moments[1:], shares, shares[1:], strict=False)
    return sum((end - start) * (low + high) / 2 for start, end, low, high in pieces) / units.SECOND
