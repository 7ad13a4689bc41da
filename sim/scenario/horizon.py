"""What is computed when the author leaves it out: the horizon, the SLO's requests, the zone of indifference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sim import units
from sim.failures import Serving
from sim.scenario.model.written import Written

UNKNOWN_ROLLOUT = 30 * units.MINUTE
"""Assumed of a strategy that does not say how long it holds."""
PER_WAVE = 2 * units.MINUTE
"""Scheduling, pulling and readiness of one wave of pods, on top of its start-up."""
SETTLING = 10 * units.MINUTE
"""After the last decision, until every request and pod has settled."""
NO_ONE_REACTS = 30 * units.MINUTE
"""Tail where nobody is on call."""
GRID = 5 * units.MINUTE
FURTHEST = units.DAY
"""The horizon follows a late defect, or what happens anyway, so far and no further."""
SOONEST, LATEST = 0.05, 0.95
"""Of releases, or of pods, in which a late defect shows: when it may be worth while to follow it, and how far."""
INDIFFERENT_SHARE = 0.0005
"""Of the error budget: a difference nobody would choose a strategy for."""


def horizon(written: Written) -> tuple[int, str]:
    """Long enough for the slowest rollout, and for what shows late, and for a person to react (95 %): in ns, in words.

    What shows later than :data:`FURTHEST` is not followed.
    """
    reaction = round(written.oncall.reacts.quantile(0.95)) if written.oncall else NO_ONE_REACTS
    longest, slowest = max(
        (_rollout(written, name) + _waits(written, name, reaction), name) for name in written.strategies
    )
    begins, what = longest, f"slowest rollout {units.show_duration(longest, units.MINUTE)} ({slowest})"
    for name, late in _late(written, longest):
        if late > begins:
            begins, what = late, f"{name} shows by {units.show_duration(late, units.MINUTE)}"
    total = begins + reaction + SETTLING
    rounded = -(-total // GRID) * GRID
    if begins > longest and rounded > FURTHEST:
        return FURTHEST, f"computed: {what}; a late defect is followed for {units.show_duration(FURTHEST)} at most"
    words = (
        f"computed: {what}"
        f" + reaction {units.show_duration(reaction, units.MINUTE)} + settling {units.show_duration(SETTLING)}"
    )
    return rounded, words


def _late(written: Written, rollout: int) -> Iterator[tuple[str, int]]:
    """What is worth following, with ns from the release by which it has mostly shown, at most :data:`FURTHEST`."""
    serving = Serving(since=rollout, per_pod=_per_pod(written))
    for name, defect in written.release.defects.items():
        if defect.share > 0.0 and defect.failure.shows(SOONEST, serving) < FURTHEST:
            yield name, min(FURTHEST, defect.failure.shows(LATEST, serving))
    for name, condition in written.conditions.items():
        shows = condition.at + condition.failure.shows(LATEST, Serving(per_pod=serving.per_pod))
        if condition.chance > 0.0 and condition.at < FURTHEST:
            yield name, min(FURTHEST, shows)


def _per_pod(written: Written) -> float:
    """Requests a second that a pod gets, by the profile's mean."""
    return _mean_rate(written) / written.service.replicas


def _rollout(written: Written, name: str) -> int:
    """What a rollout holds on purpose, and time for its pods to start."""
    strategy, service = written.strategies[name], written.service
    planned = getattr(strategy, "planned", None)
    held = planned(service.replicas) if planned else UNKNOWN_ROLLOUT
    start = max(round(container.start.quantile(0.95)) for container in service.pod.values())
    waves = max(4, len(getattr(strategy, "steps", ())) + 1)
    return int(held + waves * (start + PER_WAVE))


def _waits(written: Written, name: str, reaction: int) -> int:
    """What a rollout waits beyond its holds: for persons who have to let it go on, for a gate that insists."""
    strategy = written.strategies[name]
    steps = tuple(getattr(strategy, "steps", ()))
    asked = sum(bool(getattr(each, "approve", False)) for each in (strategy, *steps))
    gate = written.gates.get(getattr(strategy, "gate", None) or "")
    least: int = gate.least_hold if gate is not None else 0
    holds: list[int] = [step.hold for step in steps] + [bake for bake in [getattr(strategy, "bake", 0)] if bake]
    holds += [strategy.keep_old] if hasattr(strategy, "keep_old") else []
    return asked * reaction + sum(max(0, least - hold) for hold in holds)


def mean_share(points: Sequence[tuple[int, float]]) -> float:
    """The mean of a profile between its first and its last point.

    >>> mean_share([(0, 0.5), (10, 1.0)]), mean_share([(0, 1.0)])
    (0.75, 1.0)
    """
    if len(points) == 1:
        return points[0][1]
    area = sum((later - when) * (share + next_share) / 2 for (when, share), (later, next_share) in pairwise(points))
    return area / (points[-1][0] - points[0][0])


def slo_requests(written: Written) -> float:
    """Requests in the SLO's window at the profile's mean rate; an assumption, since nights are not evenings."""
    return float(round(_mean_rate(written) * written.slo.window / units.SECOND))


def _mean_rate(written: Written) -> float:
    """Requests a second at the profile's mean."""
    share = mean_share(written.traffic.profile.points)
    streams = written.traffic.streams.values()
    return sum(stream.rate * (1.0 if stream.peak is None else share) for stream in streams)


def indifferent(written: Written, requests: float) -> float:
    """The smallest difference that matters, in failed requests or their price; 0 where another measure decides."""
    if written.study.decide_by == "loss":
        worth = written.prices.failed_request if written.prices else 0.0
    else:
        worth = 1.0 if written.study.decide_by.startswith("failed_requests") else 0.0
    return units.two_figures(worth * INDIFFERENT_SHARE * (1.0 - written.slo.success) * requests)
