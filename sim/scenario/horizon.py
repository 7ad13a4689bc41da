"""What is computed when the author leaves it out: the horizon, the SLO's requests, the zone of indifference."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sim import units
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
INDIFFERENT_SHARE = 0.0005
"""Of the error budget: a difference nobody would choose a strategy for."""


def horizon(written: Written) -> tuple[int, str]:
    """Long enough for the slowest rollout and for a person to react (95 %), in ns, and the sum in words."""
    reaction = round(written.oncall.reacts.quantile(0.95)) if written.oncall else NO_ONE_REACTS
    longest, slowest = max(
        (_rollout(written, name) + _waits(written, name, reaction), name) for name in written.strategies
    )
    total = longest + reaction + SETTLING
    rounded = -(-total // GRID) * GRID
    words = (
        f"computed: slowest rollout {units.show_duration(longest, units.MINUTE)} ({slowest})"
        f" + reaction {units.show_duration(reaction, units.MINUTE)} + settling {units.show_duration(SETTLING)}"
    )
    return rounded, words


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
    share = mean_share(written.traffic.profile.points)
    streams = written.traffic.streams.values()
    mean = sum(stream.rate * (1.0 if stream.peak is None else share) for stream in streams)
    return float(round(mean * written.slo.window / units.SECOND))


def indifferent(written: Written, requests: float) -> float:
    """The smallest difference that matters, in failed requests or their price; 0 where another measure decides."""
    if written.study.decide_by == "loss":
        worth = written.prices.failed_request if written.prices else 0.0
    else:
        worth = 1.0 if written.study.decide_by.startswith("failed_requests") else 0.0
    return float(f"{worth * INDIFFERENT_SHARE * (1.0 - written.slo.success) * requests:.2g}")
