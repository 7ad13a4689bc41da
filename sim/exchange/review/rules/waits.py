"""How long is waited, and who must come."""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.exchange.argo import SCALE_DOWN_DELAY, strategy_of
from sim.exchange.flagger import Canary
from sim.exchange.review.rule import Fault, Rule, percent
from sim.exchange.review.rules.asked import analysed, holds_of
from sim.exchange.workloads import Target

LONG = 5 * 60 * 10**9
"""From this time on a bad release stays long enough to be said."""


def endless_pause(target: Target) -> Iterator[Fault]:
    """A weight that nobody ends."""
    way, strategy = strategy_of(target.owner.spec)
    if target.tool != "Rollout" or way != "canary":
        return
    for hold in holds_of(target):
        if hold.endless and hold.weight > 0:
            pause = next(
                step["pause"] for step in hold.fields if step["pause"].there and not step.at("pause", "duration").there
            )
            judged = strategy["analysis"].there
            shown = "" if judged else ", and nothing judges meanwhile"
            yield Fault(
                pause,
                f"waits at {percent(hold.weight)} for a person without end{shown}",
                "say who is told, or write a duration",
            )


def confirmed_by_hook(target: Target) -> Iterator[Fault]:
    """A hook that may keep a release where it is."""
    if target.tool == "Canary":
        for hook in Canary(target.found, target.owner).webhooks("confirm-traffic-increase", "confirm-promotion"):
            yield Fault(
                hook["type"],
                "a hook that does not agree holds the weight without end; failed checks add up"
                " meanwhile and"
                " a rollback may wait for it too",
                "alert on a rollout that stands still",
            )


def slow_rollback(target: Target) -> Iterator[Fault]:
    """Thresholds times interval."""
    if target.tool != "Canary" or target.owner.spec["skipAnalysis"].flag():
        return
    canary = Canary(target.found, target.owner)
    lasts = canary.threshold * canary.interval
    if lasts >= LONG and (canary.weights() or canary.iterations):
        yield Fault(
            canary.analysis["threshold"],
            f"{canary.threshold} failed checks, one in"
            f" {units.show_duration(canary.interval)}:"
            f" a bad release keeps its users for {units.show_duration(lasts)} and the tick after",
            "write a lower threshold, or a shorter interval",
        )


def cold_rollback(target: Target) -> Iterator[Fault]:
    """An old fleet that goes before the analysis after the switch ends."""
    way, strategy = strategy_of(target.owner.spec)
    delay = strategy["scaleDownDelaySeconds"]
    if target.tool != "Rollout" or way != "blueGreen" or not delay.there:
        return
    keeps = delay.seconds() if delay.whole() is not None else SCALE_DOWN_DELAY
    for when, metric in analysed(target):
        if when == "after" and metric.lasts() > (keeps or 0):
            yield Fault(
                delay,
                f"the old fleet goes {units.show_duration(keeps or 0)} after the switch, the analysis"
                f" takes"
                f" {units.show_duration(metric.lasts())}: when it fails there is nothing to switch back to,"
                f" and a whole fleet"
                " has to start first",
                f"write scaleDownDelaySeconds: {metric.lasts() // 10**9 + 60}, or leave it out",
            )
            return


RULES = (
    Rule(
        "cold-rollback",
        "risk",
        "an old fleet that goes before the analysis ends",
        "argo-rollouts v1.10, rollout/bluegreen.go (scaleDownDelaySeconds with postPromotionAnalysis)",
        cold_rollback,
    ),
    Rule(
        "slow-rollback",
        "note",
        "failed checks that take long to add up",
        "flagger v1.44, docs: rollback after interval * threshold",
        slow_rollback,
    ),
    Rule(
        "endless-pause",
        "note",
        "a pause without a duration",
        "argo-rollouts v1.10, docs/features/canary.md",
        endless_pause,
    ),
    Rule(
        "confirmed-by-hook",
        "note",
        "a hook that holds a release without a deadline",
        "flagger issues 1801, 1248",
        confirmed_by_hook,
    ),
)
