"""What makes Flagger stall, go beyond what is written, or judge by nothing.

Source: flagger v1.44, ``pkg/controller/scheduler.go`` (nextStepWeight) and ``scheduler_metrics.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.flagger import Canary
from sim.exchange.review.rule import Fault, Rule
from sim.exchange.workloads import Target

_SCHEDULER = "flagger v1.44, pkg/controller/scheduler.go (nextStepWeight)"


def never_ends(target: Target) -> Iterator[Fault]:
    """Steps that come to no end."""
    if target.tool != "Canary" or target.owner.spec["skipAnalysis"].flag():
        return
    canary = Canary(target.found, target.owner)
    weights = [weight for weight, _ in canary.weights()]
    listed = canary.analysis["stepWeights"]
    if listed.there and len(weights) > 1 and weights[-1] <= weights[-2]:
        yield Fault(
            listed,
            "the last weight does not grow: Flagger stays there for ever, neither promoted nor rolled back",
            "let every weight be greater than the one before",
        )
    if not weights and not canary.iterations:
        yield Fault(
            canary.analysis,
            "has neither stepWeight, stepWeights nor iterations: the analysis never ends",
            "write stepWeight: 10 and maxWeight: 50",
        )


def goes_beyond(target: Target) -> Iterator[Fault]:
    """A greatest weight that is passed."""
    if target.tool != "Canary":
        return
    canary = Canary(target.found, target.owner)
    most = canary.analysis["maxWeight"].whole()
    weights = [weight for weight, _ in canary.weights()]
    if most and weights and not canary.analysis["stepWeights"].there and 100 * weights[-1] > most:
        yield Fault(
            canary.analysis["stepWeight"],
            f"steps of {round(100 * weights[0])} do not meet maxWeight {most}:"
            f" the last"
            f" weight is {round(100 * weights[-1])} %",
            "choose a step that divides maxWeight",
        )


def check_without_bound(target: Target) -> Iterator[Fault]:
    """A check that always passes, or always fails."""
    if target.tool != "Canary":
        return
    for check in Canary(target.found, target.owner).checks():
        if check.field["thresholdRange"].there or check.field["threshold"].there:
            continue
        always = (
            "passes, whatever it measures" if check.name == "request-success-rate" else "fails: any value is above 0"
        )
        yield Fault(
            check.field,
            f"has no thresholdRange: the check always {always}",
            "write thresholdRange: {min: 99} for a success ratio, {max: 500} for milliseconds",
        )


def no_metrics(target: Target) -> Iterator[Fault]:
    """An analysis without any check."""
    if target.tool != "Canary" or target.owner.spec["skipAnalysis"].flag():
        return
    canary = Canary(target.found, target.owner)
    if not any(canary.checks()) and not any(canary.webhooks("rollout", "pre-rollout", "confirm-traffic-increase")):
        yield Fault(
            canary.analysis,
            "has neither metrics nor hooks: every release that turns ready is promoted",
            "add the metric request-success-rate",
        )


def weights_without_router(target: Target) -> Iterator[Fault]:
    """Weights for a provider that has none."""
    canary = Canary(target.found, target.owner)
    provider = target.owner.spec["provider"]
    if target.tool == "Canary" and provider.text() == "kubernetes" and canary.weights():
        yield Fault(
            provider,
            "the provider kubernetes shifts no traffic: the weights have no effect",
            "write iterations, or another provider",
        )


RULES = (
    Rule("flagger-never-ends", "error", "an analysis that is neither promoted nor rolled back", _SCHEDULER, never_ends),
    Rule(
        "flagger-check-without-bound",
        "error",
        "a check without a range",
        "flagger v1.44, pkg/controller/scheduler_metrics.go; issue 1581",
        check_without_bound,
    ),
    Rule(
        "flagger-weights-without-router",
        "error",
        "weights with the provider kubernetes",
        "flagger v1.44, docs: Kubernetes CNI supports blue/green only",
        weights_without_router,
    ),
    Rule(
        "flagger-no-metrics",
        "risk",
        "an analysis that checks nothing",
        "flagger v1.44, pkg/controller/scheduler_metrics.go",
        no_metrics,
    ),
    Rule("flagger-goes-beyond-max-weight", "note", "a last weight above maxWeight", _SCHEDULER, goes_beyond),
)
