"""Pods that drop requests."""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.exchange.argo import router, strategy_of
from sim.exchange.pods import SECOND
from sim.exchange.review.rule import Fault, Rule
from sim.exchange.rolling import surge_of
from sim.exchange.workloads import Target

LAG = 1
"""Seconds until a proxy knows that an endpoint has gone, in the middle; one in a hundred needs five."""
RATE = 100
SMALL = 1 / 3
"""From this share of the fleet on missing pods are said."""


def _serves(target: Target) -> bool:
    """Whether requests come to these pods: by a Service, a Canary's, or at a port they name."""
    if not target.pod.there:
        return False
    return bool(target.services) or target.tool == "Canary" or target.pod.main().field["ports"].there


def no_pre_stop(target: Target) -> Iterator[Fault]:
    """A process that ends while proxies still send to it: where pods go that are still in a Service."""
    way, strategy = strategy_of(target.owner.spec)
    if not _serves(target) or (target.tool == "Rollout" and (way == "blueGreen" or router(strategy))):
        return  # their old pods go when no request is sent to them any more
    main = target.pod.main(target.ports)
    hook = main.field.at("lifecycle", "preStop")
    if not hook.there:
        yield Fault(
            hook,
            f"no preStop hook: a pod is told to end at the moment proxies are told, who take about"
            f" {LAG} s (up"
            f" to 5 s). Unless the process goes on accepting, each rollout fails about {RATE * LAG} requests at"
            f" {RATE} a second",
            "write lifecycle.preStop: {sleep: {seconds: 5}}",
        )


def pre_stop_over_grace(target: Target) -> Iterator[Fault]:
    """A hook that leaves the server no time."""
    if not target.pod.there:
        return
    grace, _ = target.pod.grace()
    main = target.pod.main(target.ports)
    sleeps, hook = main.pre_stop()
    if sleeps and sleeps >= grace:
        yield Fault(
            hook,
            f"preStop takes {units.show_duration(sleeps)} of a grace of {units.show_duration(grace)}:"
            f" the server"
            " is killed 2 s after its SIGTERM, with all it works on",
            f"write terminationGracePeriodSeconds: {sleeps // SECOND + 30}",
        )


def no_readiness_probe(target: Target) -> Iterator[Fault]:
    """Pods that get requests before they can serve."""
    if not _serves(target):
        return
    probe = target.pod.main(target.ports).probe("readiness")
    if not probe.there:
        yield Fault(
            probe,
            "no readiness probe: a pod gets its share of the requests as soon as its process runs, and"
            " they"
            " fail until it can serve; a version that never can is rolled out to the end",
            "write a readinessProbe",
        )


def few_left(target: Target) -> Iterator[Fault]:
    """A rolling update that takes a large part of a small fleet away."""
    holder = target.owner.spec.at("strategy", "rollingUpdate")
    replicas, _ = target.replicas
    if target.tool == "Rollout":
        way, holder = strategy_of(target.owner.spec)
        if way != "canary" or holder["trafficRouting"].there:
            return
    elif target.tool != "Deployment" or target.owner.spec.at("strategy", "type").text() == "Recreate":
        return
    _, missing = surge_of(holder, replicas)
    if replicas >= 1 and missing >= 1 and missing / replicas >= SMALL:
        place = holder["maxUnavailable"]
        left = replicas - missing
        yield Fault(
            place,
            f"{missing} of {replicas} pods may be missing during a rollout: the others have"
            f" {replicas / left:.1f} times their load"
            if left
            else f"all {replicas} pods may be missing during a rollout: nobody serves",
            "write maxUnavailable: 0 and maxSurge: 1",
        )


def recreate(target: Target) -> Iterator[Fault]:
    """A Deployment that is down in between."""
    kind = target.owner.spec.at("strategy", "type")
    if target.tool == "Deployment" and kind.text() == "Recreate" and target.services:
        yield Fault(
            kind,
            "Recreate stops every old pod before the first new one starts: the service is down for the"
            " pods' end,"
            " image pull and start, and for a rollback once more",
            "write type: RollingUpdate",
        )


RULES = (
    Rule(
        "no-readiness-probe",
        "risk",
        "no readiness probe",
        "kubernetes.io/docs, Configure Liveness, Readiness and Startup Probes",
        no_readiness_probe,
    ),
    Rule(
        "no-pre-stop",
        "risk",
        "no preStop hook while endpoints lag",
        "kubernetes issues 43576, 86280; istio issue 58514; zalando/skipper issue 652",
        no_pre_stop,
    ),
    Rule(
        "pre-stop-over-grace",
        "risk",
        "a preStop hook that takes the whole grace",
        "kubernetes, pkg/kubelet/kuberuntime/kuberuntime_container.go (2 s at least)",
        pre_stop_over_grace,
    ),
    Rule(
        "few-pods-left",
        "risk",
        "a large part of a small fleet may be missing",
        "kubernetes, pkg/controller/deployment/util (ResolveFenceposts)",
        few_left,
    ),
    Rule(
        "recreate-is-down",
        "risk",
        "a strategy that is down in between",
        "kubernetes, pkg/controller/deployment/recreate.go",
        recreate,
    ),
)
