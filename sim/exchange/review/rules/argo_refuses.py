"""What Argo Rollouts refuses or ignores.

Source: argo-rollouts v1.10, ``pkg/apis/rollouts/validation/validation.go``, ``utils/analysis/factory.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.argo import router, strategy_of
from sim.exchange.review.rule import Fault, Rule
from sim.exchange.review.rules.asked import analysed
from sim.exchange.workloads import Target
from sim.judges.analysis_run import Limits, problems

_VALIDATION = "argo-rollouts v1.10, pkg/apis/rollouts/validation/validation.go"
_FACTORY = "argo-rollouts v1.10, utils/analysis/factory.go (ValidateMetric)"


def two_strategies(target: Target) -> Iterator[Fault]:
    """Canary and blue/green at once."""
    strategy = target.owner.spec["strategy"]
    if target.tool == "Rollout" and strategy["canary"].there and strategy["blueGreen"].there:
        yield Fault(
            strategy,
            "canary and blueGreen are both written: the Rollout is invalid and nothing is rolled out",
            "keep one of them",
        )


def dynamic_scale_without_router(target: Target) -> Iterator[Fault]:
    """A stable fleet that shrinks by a weight that nobody routes."""
    way, strategy = strategy_of(target.owner.spec)
    place = strategy["dynamicStableScale"]
    if target.tool == "Rollout" and way == "canary" and place.flag() and not router(strategy):
        yield Fault(
            place,
            "dynamicStableScale needs trafficRouting: the Rollout is invalid and nothing is rolled out",
            "add trafficRouting, or leave dynamicStableScale out",
        )


def router_steps_without_router(target: Target) -> Iterator[Fault]:
    """Steps that only a router can do."""
    way, strategy = strategy_of(target.owner.spec)
    if target.tool != "Rollout" or way != "canary" or router(strategy):
        return
    for step in strategy["steps"].items():
        for key in ("setCanaryScale", "setHeaderRoute", "setMirrorRoute"):
            if step[key].there:
                yield Fault(
                    step[key],
                    f"{key} needs trafficRouting: the Rollout is invalid and nothing is rolled out",
                    f"add trafficRouting, or leave {key} out",
                )


def endless_metric(target: Target) -> Iterator[Fault]:
    """A metric that a rollout would wait for without end."""
    for when, metric in analysed(target):
        if when != "background" and not metric.ends_by_itself:
            waits = {"step": "the step", "before": "the switch", "after": "the promotion"}[when]
            yield Fault(
                metric.field["interval"],
                f"has an interval and no count, and {waits} waits for its end: Argo"
                " Rollouts refuses the Rollout, because the analysis would run for ever",
                "write count: 5, or run the analysis in the background",
            )


def count_without_interval(target: Target) -> Iterator[Fault]:
    """Several measurements without a time between them."""
    for _, metric in analysed(target):
        count = metric.whole("count") or 0
        if count > 1 and not metric.field["interval"].there:
            yield Fault(
                metric.field["count"],
                f"count: {count} needs an interval; the analysis ends with an error and aborts the release",
                "write interval: 1m",
            )


def metric_limits(target: Target) -> Iterator[Fault]:
    """Limits that cannot all be kept."""
    for _, metric in analysed(target):
        interval = metric.duration("interval") if metric.field["interval"].there else None
        if metric.field["interval"].there and interval is None:
            continue
        limits = Limits(
            count=metric.whole("count"),
            interval=interval or (1 if metric.field["interval"].there else None),
            failure_limit=metric.whole("failureLimit") or 0,
            inconclusive_limit=metric.whole("inconclusiveLimit") or 0,
            consecutive_success_limit=metric.whole("consecutiveSuccessLimit") or 0,
        )
        refused = [each for each in problems(limits) if "interval" not in each]
        if refused:
            words = "; ".join(refused)
            for ours, its in (("failure_limit", "failureLimit"), ("inconclusive_limit", "inconclusiveLimit"),
                              ("consecutive_success_limit", "consecutiveSuccessLimit")):  # fmt: skip
                words = words.replace(ours, its)
            yield Fault(
                metric.field,
                f"{words}; the analysis ends with an error and aborts the release",
                "write limits that fit the count",
            )


def misplaced_rollback_window(target: Target) -> Iterator[Fault]:
    """A field one level too deep."""
    strategy = target.owner.spec["strategy"]
    for place in (strategy["rollbackWindow"], strategy.at("canary", "rollbackWindow"),
                  strategy.at("blueGreen", "rollbackWindow")):  # fmt: skip
        if target.tool == "Rollout" and place.there:
            yield Fault(
                place,
                "rollbackWindow has no effect here: a rollback walks through all steps again",
                "move it to spec.rollbackWindow",
            )


def promotion_seconds_ignored(target: Target) -> Iterator[Fault]:
    """A time after which nothing happens."""
    blue_green = target.owner.spec.at("strategy", "blueGreen")
    seconds = blue_green["autoPromotionSeconds"]
    if target.tool == "Rollout" and (seconds.whole() or 0) > 0 and blue_green["autoPromotionEnabled"].flag() is False:
        yield Fault(
            seconds,
            f"autoPromotionSeconds: {seconds.whole()} has no effect while autoPromotionEnabled is"
            f" false:"
            " the switch waits for a person without end",
            "leave out autoPromotionEnabled: false",
        )


RULES = (
    Rule("argo-two-strategies", "error", "canary and blueGreen at once", _VALIDATION, two_strategies),
    Rule(
        "argo-dynamic-scale-without-router",
        "error",
        "dynamicStableScale without trafficRouting",
        _VALIDATION,
        dynamic_scale_without_router,
    ),
    Rule(
        "argo-router-steps-without-router",
        "error",
        "steps that need a router, and there is none",
        _VALIDATION,
        router_steps_without_router,
    ),
    Rule("argo-endless-metric", "error", "a rollout waits for a metric that never ends", _VALIDATION, endless_metric),
    Rule(
        "argo-count-without-interval",
        "error",
        "several measurements without an interval",
        _FACTORY,
        count_without_interval,
    ),
    Rule("argo-metric-limits", "error", "limits of a metric that Argo Rollouts refuses", _FACTORY, metric_limits),
    Rule(
        "argo-rollback-window-misplaced",
        "error",
        "rollbackWindow inside the strategy",
        "argo-rollouts v1.10, pkg/apis/rollouts/v1alpha1/types.go (RolloutSpec.RollbackWindow)",
        misplaced_rollback_window,
    ),
    Rule(
        "argo-promotion-seconds-ignored",
        "error",
        "autoPromotionSeconds while autoPromotionEnabled is false",
        "recorded from the real controller (blue/green by hand); argo-rollouts v1.10, rollout/pause.go",
        promotion_seconds_ignored,
    ),
)
