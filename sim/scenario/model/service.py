"""``service``, ``nodes`` and ``dependencies``: what is released, on what it runs, on what it leans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from sim.laws import DurationLaw
from sim.quantities import Bandwidth, Count, CountOrPart, Cpu, Duration, Period, Size, default
from sim.scenario.model.parts import DurationOrNone, KindOf, OrWord, Part
from sim.scenario.model.proxies import Outliers

AtLeastOne = Annotated[Count, Field(ge=1)]


class Container(Part):
    """One container of the pod; all share its network, volumes and fate."""

    image: Size = default("100MB", origin="a middling service image", trust="low")
    cpu: Cpu = default("100m", origin="as the demo manifests of Online Boutique request", trust="low")
    memory: Size = default("128Mi", origin="as the demo manifests of Online Boutique request", trust="low")
    start: DurationLaw = Field(description="from process start to able to serve; of an init container: its run")
    sidecar: bool = default(False, origin="an application container", trust="high")
    shared: Size = default("0B", origin="the new version's image shares no layer with the old one's", trust="low")
    init: bool = default(False, origin="an application container", trust="high")
    probed: bool = default(True, origin="a sidecar's startup probe holds up what comes after it", trust="medium")
    stop: Duration = default("0s", origin="a sidecar ends at its SIGTERM", trust="medium")

    @model_validator(mode="after")
    def _only_sidecars_end_by_themselves(self) -> Container:
        if self.stop and not self.sidecar:
            raise ValueError("stop is the time a sidecar needs to end; an app ends when its last request has left")
        return self


class Readiness(Part):
    """The readiness probe."""

    every: Period = default("10s", origin="Kubernetes: periodSeconds", trust="high")
    failures: AtLeastOne = default(3, origin="Kubernetes: failureThreshold", trust="high")
    successes: AtLeastOne = default(1, origin="Kubernetes: successThreshold", trust="high")
    initial_delay: Duration = default("0s", origin="Kubernetes: initialDelaySeconds", trust="high")


class Health(Part):
    """A startup or liveness probe: when it fails, the container is killed and started anew."""

    every: Period = default("10s", origin="Kubernetes: periodSeconds", trust="high")
    failures: AtLeastOne = default(3, origin="Kubernetes: failureThreshold", trust="high")
    initial_delay: Duration = default("0s", origin="Kubernetes: initialDelaySeconds", trust="high")
    grace: DurationOrNone = default("none", origin="the pod's own grace", trust="high")


def _health_or_none(written: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return written if written == "none" else read(written)


def _health_written(health: Any) -> Any:
    return health.model_dump() if isinstance(health, Health) else health


HealthOrNone = Annotated[Health, WrapValidator(_health_or_none), PlainSerializer(_health_written), OrWord("none")]
"""A probe, or the word ``none``, which is kept."""


class Restarts(Part):
    """CrashLoopBackOff: the wait doubles with every crash, and is forgotten after ten good minutes."""

    first: Duration = default("10s", origin="Kubernetes; 1s with ReduceDefaultCrashLoopBackOffDecay", trust="high")
    longest: Duration = default("5m", origin="Kubernetes; nodes of newer releases may say less", trust="high")
    late: DurationLaw = default("0s", origin="the kubelet looks at once; up to 90s by its regular look", trust="medium")


class Shutdown(Part):
    """How a pod ends: preStop first, then SIGTERM, and SIGKILL when the grace is over."""

    pre_stop: Duration = default("0s", origin="Kubernetes: no preStop hook", trust="high")
    grace: Duration = default("30s", origin="Kubernetes: terminationGracePeriodSeconds", trust="high")
    on_sigterm: Literal["drain", "exit", "ignore"] = default(
        "drain", origin="a server that refuses new work at SIGTERM and finishes what it has", trust="medium"
    )
    deletion_cost: Literal["none", "busy"] = default(
        "none", origin="Kubernetes: no pod says what its deletion costs (pod-deletion-cost)", trust="high"
    )


class Disruption(Part):
    """A disruption budget: it binds drains, and no rollout nor lost machine."""

    min_available: CountOrPart | None = Field(default=None, description="pods that must stay healthy, or a share")
    max_unavailable: CountOrPart | None = Field(default=None, description="pods that may be missing, or a share")

    @model_validator(mode="after")
    def _one_of_both(self) -> Disruption:
        if None not in (self.min_available, self.max_unavailable):
            raise ValueError("write min_available or max_unavailable, not both")
        return self


class Quota(Part):
    """A resource quota: what all pods of the service together may request, terminating ones included."""

    cpu: Cpu | None = None
    memory: Size | None = None
    pods: Count | None = None


class Service(Part):
    """What is released."""

    replicas: AtLeastOne = Field(description="pods of the version now running")
    concurrency: AtLeastOne = Field(description="requests one pod works on at once")
    queue: Count = default(100, origin="a usual backlog; beyond it requests are rejected", trust="low")
    balancer: Annotated[Any, KindOf("balancers")] = default(
        "random", origin="kube-proxy with iptables picks at random", trust="medium"
    )
    outliers: Outliers | None = Field(
        default=None, description="ejection of pods that fail; if left out, proxies eject none"
    )
    slow_start: Duration = default("0s", origin="a new endpoint gets its full share at once", trust="medium")
    breaker: AtLeastOne | None = Field(
        default=None, description="most attempts a proxy has under way at one version; more are rejected"
    )
    pod: dict[str, Container] = Field(min_length=1, description="containers by name")
    readiness: Readiness = Readiness()
    shutdown: Shutdown = Shutdown()
    endpoint_lag: DurationLaw = default(
        {"p50": "1s", "p99": "5s"}, origin="until a proxy knows of a change of endpoints", trust="low"
    )
    route_lag: DurationLaw = default("0s", origin="a weight or a switch takes hold at once", trust="low")
    proxies: Annotated[Count, Field(ge=1, le=1000)] = default(
        3, origin="proxies or nodes that route, each with its own view of the endpoints", trust="low"
    )
    os: str = default("linux", origin="the system most services run on", trust="high")
    progress_deadline: Duration = default("10m", origin="Kubernetes: progressDeadlineSeconds", trust="high")
    startup: HealthOrNone = default("none", origin="Kubernetes: no startup probe", trust="high")
    liveness: HealthOrNone = default("none", origin="Kubernetes: no liveness probe", trust="high")
    min_ready: Duration = default("0s", origin="Kubernetes: minReadySeconds", trust="high")
    publish_not_ready: bool = default(False, origin="Kubernetes: publishNotReadyAddresses", trust="high")
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = default(
        "IfNotPresent", origin="Kubernetes, for images with a tag of their own", trust="high"
    )
    restarts: Restarts = Restarts()
    disruption: Disruption = Disruption()
    quota: Quota = Quota()
    autoscaler: Annotated[Any, KindOf("autoscalers")] = default(
        "none", origin="the service keeps its size", trust="medium"
    )


class Nodes(Part):
    """Identical nodes of one cluster."""

    count: AtLeastOne
    cpu: Cpu = Field(description="cores a pod may request")
    memory: Size = Field(description="memory a pod may request")
    os: str = default("linux", origin="the system most services run on", trust="high")
    kubernetes: Literal["1.28", "newest"] = default("newest", origin="the newest stable release", trust="medium")
    pull: Bandwidth = default("100MB/s", origin="one node pulling an image from a registry nearby", trust="low")
    zones: AtLeastOne = default(1, origin="all nodes in one zone; with more, zones take turns", trust="low")
    places: AtLeastOne = default(110, origin="Kubernetes: maxPods of a node", trust="high")
    detection: Duration = default(
        "50s", origin="Kubernetes: node-monitor-grace-period, 40s up to 1.31 and 50s since", trust="high"
    )
    toleration: Duration = default("5m", origin="Kubernetes: tolerationSeconds of nodes gone", trust="high")
    most: Count = default(0, origin="the pool does not grow; otherwise the most nodes it may have", trust="medium")
    least: Count = default(0, origin="the pool does not shrink; otherwise the fewest nodes it keeps", trust="medium")
    provision: DurationLaw = default(
        {"p50": "90s", "p95": "4m"}, origin="until an ordered machine has booted and joined", trust="low"
    )

    @model_validator(mode="after")
    def _begins_with_what_it_keeps(self) -> Nodes:
        if self.least > self.count:
            raise ValueError(f"least ({self.least}) is more than count ({self.count}), with which the pool begins")
        return self


class Dependency(Part):
    """A shared downstream, of which every pod holds connections."""

    connections: AtLeastOne = Field(description="connections it accepts in all")
    per_pod: Count = Field(description="connections one pod holds open until its process ends")
    beyond: Literal["unready", "crash", "everyone"] = Field(
        default="unready",
        json_schema_extra={
            "origin": "a pod that finds no connection left is not ready, and tries again",
            "trust": "low",
        },
        description=(
            "what happens where pods ask for more connections than there are: the pod that finds too few is 'unready' "
            "and tries again, or its process may 'crash'; 'everyone': connections are opened anew all the time, and of "
            "all calls, by old pods too, the share fails that is asked for beyond the limit: 250 asked for of 200, 20 %"
        ),
    )
    concurrency: AtLeastOne | None = Field(default=None, description="calls it works on at once; the others wait")
    work: DurationLaw | None = Field(default=None, description="time it needs for one call")


def pod_request(parts: Sequence[tuple[int, bool, bool]]) -> int:
    """What a pod requests of a node: what runs together, or more while an init container runs.

    Each part is what one container requests, whether it is an init container, and whether it is a sidecar; in the order
    in which they are written. Sidecars before an init container run beside it. The rule is Kubernetes' own.

    >>> pod_request([(500, False, False), (100, False, True), (800, True, False)])
    900
    >>> pod_request([(800, True, False), (500, False, False), (100, False, True)])
    800
    """
    beside, most = 0, 0
    for request, init, sidecar in parts:
        if init:
            most = max(most, beside + request)
        elif sidecar:
            beside += request
    return max(most, beside + sum(request for request, init, sidecar in parts if not init and not sidecar))
