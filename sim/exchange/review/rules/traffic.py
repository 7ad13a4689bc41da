"""Traffic that is not what was meant."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.exchange.argo import router, strategy_of
from sim.exchange.fields import Field
from sim.exchange.flagger import Canary
from sim.exchange.review.rule import Fault, Rule, percent
from sim.exchange.review.rules.asked import holds_of
from sim.exchange.rolling import surge_of
from sim.exchange.workloads import Target
from sim.replica_split import nearest_split

POINTS = 0.05
"""How far a share may be from its weight."""
LAST = 0.5
"""From a lower weight the last jump is more than half of the users."""
HOTTER = 1.5
"""How many times the load of a stable pod a canary pod may have."""


def weight_by_pods(target: Target) -> Iterator[Fault]:
    """A weight that so few pods cannot have."""
    way, strategy = strategy_of(target.owner.spec)
    if target.tool != "Rollout" or way != "canary" or router(strategy):
        return
    replicas, _ = target.replicas
    surge, _ = surge_of(strategy, replicas)
    for hold in holds_of(target):
        if not 0 < hold.weight < 1 or replicas < 1:
            continue
        split = nearest_split(replicas, hold.weight, surge)
        share = split.canary / max(1, sum(split))
        if abs(share - hold.weight) > POINTS:
            yield Fault(
                hold.field,
                f"without a router pods are the weight: {percent(hold.weight)} of {replicas} pods is"
                f" {split.canary} of {sum(split)}, {percent(share)} of the users",
                "run more pods, or split by a router (trafficRouting)",
            )
            return


def hot_canary(target: Target) -> Iterator[Fault]:
    """Few pods under a large weight."""
    way, strategy = strategy_of(target.owner.spec)
    replicas, _ = target.replicas
    if target.tool != "Rollout" or way != "canary" or not router(strategy) or replicas < 1:
        return
    for hold in holds_of(target):
        if hold.scale is None or hold.weight <= 0:
            continue
        pods = hold.scale if isinstance(hold.scale, int) else math.ceil(hold.scale * replicas - 1e-9)
        if pods == 0:
            yield Fault(
                hold.field,
                f"sends {percent(hold.weight)} of the traffic to a canary that setCanaryScale keeps at 0 pods",
                "write setCanaryScale: {matchTrafficWeight: true} before it",
            )
            return
        times = hold.weight * replicas / pods
        if times > HOTTER:
            yield Fault(
                hold.field,
                f"{percent(hold.weight)} of the traffic goes to {pods} pod{'s' if pods > 1 else ''} of"
                f" {replicas}, which setCanaryScale keeps: each has {times:.1f} times the load of a pod today",
                "write setCanaryScale: {matchTrafficWeight: true} before it",
            )
            return


def last_jump(target: Target) -> Iterator[Fault]:
    """Most users meet the new version at once."""
    last: tuple[float, Field] | None = None
    if target.tool == "Rollout":
        weights = [(each.weight, each.field) for each in holds_of(target) if each.weight > 0]
        last = max(weights, key=lambda pair: pair[0], default=None)
    elif target.tool == "Canary":
        last = max(Canary(target.found, target.owner).weights(), key=lambda pair: pair[0], default=None)
    if last is not None and last[0] < LAST:
        yield Fault(
            last[1],
            f"the last weight is {percent(last[0])}: the next {percent(1 - last[0])} of the users meet the new"
            f" version"
            " all at once, and what shows only under load shows with them",
            "add a weight of 50 or more",
        )


RULES = (
    Rule(
        "weight-by-pods",
        "risk",
        "a weight that so few pods cannot have",
        "argo-rollouts v1.10, utils/replicaset/canary.go (approximateWeightedCanaryStableReplicaCounts)",
        weight_by_pods,
    ),
    Rule(
        "hot-canary",
        "risk",
        "a canary with fewer pods than its weight needs",
        "argo-rollouts v1.10, docs/features/canary.md (setCanaryScale)",
        hot_canary,
    ),
    Rule(
        "last-jump",
        "risk",
        "a last jump of more than half of the users",
        "Google SRE workbook, chapter 16: canary populations",
        last_jump,
    ),
)
