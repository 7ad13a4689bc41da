"""Capacity that is not there when a rollout needs it."""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.argo import strategy_of
from sim.exchange.fields import Field
from sim.exchange.flagger import Canary
from sim.exchange.kubernetes_units import byte_count, millicores
from sim.exchange.review.rule import Fault, Rule, percent
from sim.exchange.workloads import Target, scaled_between
from sim.units import show_cpu, show_size


def second_fleet_over_quota(target: Target) -> Iterator[Fault]:
    """Blue/green for which there is no room."""
    way, _ = strategy_of(target.owner.spec)
    if target.quota is None or target.tool != "Rollout" or way != "blueGreen":
        return
    replicas, _ = target.replicas
    cpu, memory = target.pod.requested()
    hard = target.quota.spec["hard"]
    limits = (
        (("requests.cpu", "cpu"), cpu, millicores, show_cpu),
        (("requests.memory", "memory"), memory, byte_count, show_size),
        (("pods",), 1, _plain, str),
    )
    for keys, one, read, show in limits:
        place = next((hard[key] for key in keys if hard[key].there), None)
        limit = None if place is None else read(place.text() or "")
        if place is not None and limit is not None and 2 * replicas * one > limit:
            yield Fault(
                place,
                f"two fleets of {replicas} pods request {show(2 * replicas * one)} and the quota is"
                f" {show(limit)}: the new fleet never comes up, and no release is switched to",
                "raise the quota, run fewer pods, or release by canary",
            )
            return


def _plain(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def autoscaler_without_requests(target: Target) -> Iterator[Fault]:
    """A use of nothing."""
    if target.autoscaler is None or not target.pod.there:
        return
    if not any(_is_cpu_use(each) for each in _cpu_places(target)):
        return
    for each in target.pod.containers():
        amount, place = each.request("cpu")
        if amount is None and not each.init:
            yield Fault(
                place,
                f"container {each.name} requests no CPU, and the autoscaler steers by CPU use, a share"
                f" of the"
                " request: Kubernetes cannot work it out, and never scales",
                "write resources.requests.cpu",
            )
            return


def _cpu_places(target: Target) -> Iterator[Field]:
    assert target.autoscaler is not None
    spec = target.autoscaler.spec
    yield spec["targetCPUUtilizationPercentage"]
    for metric in spec["metrics"].items():
        if metric.at("resource", "name").text() == "cpu":
            yield metric.at("resource", "target", "averageUtilization")
            yield metric.at("resource", "targetAverageUtilization")


def _is_cpu_use(place: Field) -> bool:
    return bool(place.whole())


def replicas_beside_autoscaler(target: Target) -> Iterator[Fault]:
    """Two who write one number."""
    place = (target.workload or target.owner).spec["replicas"]
    if target.autoscaler is None or place.whole() is None:
        return
    least, most = scaled_between(target.autoscaler)
    yield Fault(
        place,
        f"replicas: {place.whole()} stands beside an autoscaler of {least} to {most}: every apply sets"
        f" the fleet"
        " back to it until the autoscaler acts, in the middle of a peak too",
        "leave replicas out",
    )


def primary_shrinks(target: Target) -> Iterator[Fault]:
    """A primary sized for what the canary left it."""
    if target.tool != "Canary" or target.autoscaler is None or not target.owner.spec["autoscalerRef"].there:
        return
    canary = Canary(target.found, target.owner)
    weights = canary.weights()
    if not weights or canary.analysis["stepWeightPromotion"].whole():
        return
    last = weights[-1][0]
    if last < 0.5:
        return
    left = 1 - last
    least, _ = scaled_between(target.autoscaler)
    more = f"{1 / left:.1f} times what it was sized for" if left > 0 else f"all of it, on {least} pods (minReplicas)"
    yield Fault(
        canary.analysis["maxWeight"],
        f"while the canary has {percent(last)} of the traffic, the primary's"
        f" autoscaler may"
        f" shrink it to the rest; the promotion sends it {more} in one write",
        "write stepWeightPromotion: 20, or primaryScalerReplicas with a higher minReplicas",
    )


RULES = (
    Rule(
        "second-fleet-over-quota",
        "error",
        "blue/green in a quota with room for one fleet",
        "kubernetes issue 89209; argo-rollouts v1.10, rollout/bluegreen.go (the new fleet comes whole)",
        second_fleet_over_quota,
    ),
    Rule(
        "autoscaler-without-requests",
        "error",
        "an autoscaler by CPU use where no CPU is requested",
        "kubernetes, pkg/controller/podautoscaler/replica_calculator.go (missing request for cpu)",
        autoscaler_without_requests,
    ),
    Rule(
        "primary-shrinks",
        "risk",
        "a primary that its autoscaler shrinks before the promotion",
        "flagger issues 1600, 869, 381",
        primary_shrinks,
    ),
    Rule(
        "replicas-beside-autoscaler",
        "note",
        "replicas written beside an autoscaler",
        "kubernetes.io/docs, Horizontal Pod Autoscaling, migrating; argo-rollouts issue 3565",
        replicas_beside_autoscaler,
    ),
)
