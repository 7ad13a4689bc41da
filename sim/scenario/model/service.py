"""``service``, ``nodes`` and ``dependencies``: what is released, on what it runs, on what it leans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from sim.allowed import counting
from sim.laws import DurationLaw
from sim.quantities import MOST_PODS, Bandwidth, Count, CountOrPart, Cpu, Duration, Period, Size, default
from sim.scenario.model.parts import DurationOrNone, KindOf, OrWord, Part
from sim.scenario.model.proxies import Outliers

AtLeastOne = Annotated[Count, Field(ge=1), counting(1, 1_000_000_000, "more cannot be told from no limit")]
Rows = Annotated[Count, Field(ge=1), counting(1, MOST_PODS, "each is a row that is played")]
"""Of pods or nodes."""
Slots = Annotated[Count, Field(ge=1), counting(1, 1_000_000, "more than one pod ever works on")]
Waiting = Annotated[Count, counting(0, 10_000_000, "more than one pod ever holds")]
HeldOpen = Annotated[Count, counting(0, 1_000_000, "more than one process holds open")]
Probes = Annotated[Count, Field(ge=1), counting(1, 1_000_000, "each is a probe that is played")]


class Container(Part):
    """One container of the pod; all share its network, volumes and fate."""

    image: Size = default(
        "100MB", origin="a middling service image", trust="low", means="size of the image a node has to pull"
    )
    cpu: Cpu = default(
        "100m",
        origin="as the demo manifests of Online Boutique request",
        trust="low",
        means="CPU the container requests",
    )
    memory: Size = default(
        "128Mi",
        origin="as the demo manifests of Online Boutique request",
        trust="low",
        means="memory the container requests",
    )
    start: DurationLaw = Field(description="from process start to able to serve; of an init container: its run")
    sidecar: bool = default(
        False,
        origin="an application container",
        trust="high",
        means="whether it is a native sidecar: starts before the app, ends after it",
    )
    shared: Size = default(
        "0B",
        origin="the new version's image shares no layer with the old one's",
        trust="low",
        means="part of the new version's image that nodes have already, in layers of the old one",
    )
    init: bool = default(
        False,
        origin="an application container",
        trust="high",
        means="whether it is an init container: it runs to its end before the app starts",
    )
    probed: bool = default(
        True,
        origin="a sidecar's startup probe holds up what comes after it",
        trust="medium",
        means="whether what comes after a sidecar waits for its startup probe",
    )
    stop: Duration = default(
        "0s",
        origin="a sidecar ends at its SIGTERM",
        trust="medium",
        means="time a sidecar needs from SIGTERM to its end",
    )

    @model_validator(mode="after")
    def _only_sidecars_end_by_themselves(self) -> Container:
        if self.stop and not self.sidecar:
            raise ValueError("stop is the time a sidecar needs to end; an app ends when its last request has left")
        return self


class Readiness(Part):
    """The readiness probe."""

    every: Period = default(
        "10s", origin="Kubernetes: periodSeconds", trust="high", means="time between two probes (periodSeconds)"
    )
    failures: Probes = default(
        3,
        origin="Kubernetes: failureThreshold",
        trust="high",
        means="failed probes in a row after which a pod is not ready (failureThreshold)",
    )
    successes: Probes = default(
        1,
        origin="Kubernetes: successThreshold",
        trust="high",
        means="good probes in a row after which a pod is ready (successThreshold)",
    )
    initial_delay: Duration = default(
        "0s",
        origin="Kubernetes: initialDelaySeconds",
        trust="high",
        means="time from a container's start to its first probe (initialDelaySeconds)",
    )


class Health(Part):
    """A startup or liveness probe: when it fails, the container is killed and started anew."""

    every: Period = default(
        "10s", origin="Kubernetes: periodSeconds", trust="high", means="time between two probes (periodSeconds)"
    )
    failures: Probes = default(
        3,
        origin="Kubernetes: failureThreshold",
        trust="high",
        means="failed probes in a row after which the container is killed (failureThreshold)",
    )
    initial_delay: Duration = default(
        "0s",
        origin="Kubernetes: initialDelaySeconds",
        trust="high",
        means="time from a container's start to its first probe (initialDelaySeconds)",
    )
    grace: DurationOrNone = default(
        "none",
        origin="the pod's own grace",
        trust="high",
        means="grace of a container that this probe kills; none takes the pod's own "
        "(terminationGracePeriodSeconds of the probe)",
    )


def _health_or_none(written: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return written if written == "none" else read(written)


def _health_written(health: Any) -> Any:
    return health.model_dump() if isinstance(health, Health) else health


HealthOrNone = Annotated[Health, WrapValidator(_health_or_none), PlainSerializer(_health_written), OrWord("none")]
"""A probe, or the word ``none``, which is kept."""


class Restarts(Part):
    """CrashLoopBackOff: the wait doubles with every crash, and is forgotten after ten good minutes."""

    first: Duration = default(
        "10s",
        origin="Kubernetes; 1s with ReduceDefaultCrashLoopBackOffDecay",
        trust="high",
        means="wait before the first restart after a crash; it doubles each time",
    )
    longest: Duration = default(
        "5m",
        origin="Kubernetes; nodes of newer releases may say less",
        trust="high",
        means="longest wait before a restart",
    )
    late: DurationLaw = default(
        "0s",
        origin="the kubelet looks at once; up to 90s by its regular look",
        trust="medium",
        means="how much later than due the kubelet restarts a container",
    )


class Shutdown(Part):
    """How a pod ends: preStop first, then SIGTERM, and SIGKILL when the grace is over."""

    pre_stop: Duration = default(
        "0s",
        origin="Kubernetes: no preStop hook",
        trust="high",
        means="how long the preStop hook takes; it runs first, within the grace",
    )
    grace: Duration = default(
        "30s",
        origin="Kubernetes: terminationGracePeriodSeconds",
        trust="high",
        means="time from a pod's deletion to SIGKILL, preStop included (terminationGracePeriodSeconds)",
    )
    on_sigterm: Literal["drain", "exit", "ignore"] = default(
        "drain",
        origin="a server that refuses new work at SIGTERM and finishes what it has",
        trust="medium",
        means="what the server does at SIGTERM: finish what it has and refuse new requests, exit at once, or nothing",
    )
    deletion_cost: Literal["none", "busy"] = default(
        "none",
        origin="Kubernetes: no pod says what its deletion costs (pod-deletion-cost)",
        trust="high",
        means="which pods are deleted first: any, or those with the least work (pod-deletion-cost)",
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

    cpu: Cpu | None = Field(
        default=None, description="CPU that all pods of the service may request together; no limit if left out"
    )
    memory: Size | None = Field(
        default=None, description="memory that all pods of the service may request together; no limit if left out"
    )
    pods: Count | None = Field(
        default=None, description="most pods of the service, terminating ones included; no limit if left out"
    )


class Service(Part):
    """What is released."""

    replicas: Rows = Field(description="pods of the version now running")
    concurrency: Slots = Field(description="requests one pod works on at once")
    queue: Waiting = default(
        100,
        origin="a usual backlog; beyond it requests are rejected",
        trust="low",
        means="requests that may wait in a pod for a free slot; more are rejected",
    )
    balancer: Annotated[Any, KindOf("balancers")] = default(
        "random",
        origin="kube-proxy with iptables picks at random",
        trust="medium",
        means="how a proxy chooses a pod for a request",
    )
    outliers: Outliers | None = Field(
        default=None, description="ejection of pods that fail; if left out, proxies eject none"
    )
    slow_start: Duration = default(
        "0s",
        origin="a new endpoint gets its full share at once",
        trust="medium",
        means="time in which a new endpoint's share of the requests grows to its full size",
    )
    breaker: AtLeastOne | None = Field(
        default=None, description="most attempts a proxy has under way at one version; more are rejected"
    )
    max_connections: AtLeastOne | None = Field(
        default=None, description="long-lived connections one pod holds open at once; more are rejected"
    )
    pod: dict[str, Container] = Field(min_length=1, description="containers by name")
    readiness: Readiness = Field(default=Readiness(), description="the readiness probe of the pod")
    shutdown: Shutdown = Field(default=Shutdown(), description="how a pod ends")
    endpoint_lag: DurationLaw = default(
        {"p50": "1s", "p99": "5s"},
        origin="until a proxy knows of a change of endpoints",
        trust="low",
        means="time until a proxy knows that an endpoint has come or gone",
    )
    route_lag: DurationLaw = default(
        "0s",
        origin="a weight or a switch takes hold at once",
        trust="low",
        means="time until a proxy knows a new weight or switch",
    )
    proxies: Annotated[Count, Field(ge=1), counting(1, 1000, "each keeps a view of every pod")] = default(
        3,
        origin="proxies or nodes that route, each with its own view of the endpoints",
        trust="low",
        means="proxies, or nodes with kube-proxy, that route requests, each with a view of its own",
    )
    os: str = default(
        "linux",
        origin="the system most services run on",
        trust="high",
        means="system the pod must run on (node selector kubernetes.io/os)",
    )
    progress_deadline: Duration = default(
        "10m",
        origin="Kubernetes: progressDeadlineSeconds",
        trust="high",
        means="time without progress after which a rollout is stuck (progressDeadlineSeconds)",
    )
    startup: HealthOrNone = default(
        "none", origin="Kubernetes: no startup probe", trust="high", means="the startup probe, or none"
    )
    liveness: HealthOrNone = default(
        "none", origin="Kubernetes: no liveness probe", trust="high", means="the liveness probe, or none"
    )
    min_ready: Duration = default(
        "0s",
        origin="Kubernetes: minReadySeconds",
        trust="high",
        means="how long a pod must be ready to count as available (minReadySeconds)",
    )
    publish_not_ready: bool = default(
        False,
        origin="Kubernetes: publishNotReadyAddresses",
        trust="high",
        means="whether pods that are not ready get requests too (publishNotReadyAddresses)",
    )
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = default(
        "IfNotPresent",
        origin="Kubernetes, for images with a tag of their own",
        trust="high",
        means="when a node pulls the image (imagePullPolicy)",
    )
    restarts: Restarts = Field(default=Restarts(), description="how long a crashed container waits for its restart")
    disruption: Disruption = Field(
        default=Disruption(), description="the PodDisruptionBudget, which binds drains of nodes"
    )
    quota: Quota = Field(default=Quota(), description="the ResourceQuota of the service's namespace")
    autoscaler: Annotated[Any, KindOf("autoscalers")] = default(
        "none",
        origin="the service keeps its size",
        trust="medium",
        means="what changes the number of pods with the load",
    )


class Nodes(Part):
    """Identical nodes of one cluster."""

    count: Rows = Field(description="nodes of the pool")
    cpu: Cpu = Field(description="cores a pod may request")
    memory: Size = Field(description="memory a pod may request")
    os: str = default("linux", origin="the system most services run on", trust="high", means="system the nodes run")
    kubernetes: Literal["1.28", "newest"] = default(
        "newest",
        origin="the newest stable release",
        trust="medium",
        means="version of Kubernetes whose rules and defaults hold",
    )
    pull: Bandwidth = default(
        "100MB/s",
        origin="one node pulling an image from a registry nearby",
        trust="low",
        means="speed at which one node pulls images",
    )
    zones: Annotated[Count, Field(ge=1), counting(1, 1000, "more than any provider has")] = default(
        1,
        origin="all nodes in one zone; with more, zones take turns",
        trust="low",
        means="zones over which the nodes are spread",
    )
    places: Annotated[Count, Field(ge=1), counting(1, 10_000, "more than any kubelet runs")] = default(
        110, origin="Kubernetes: maxPods of a node", trust="high", means="most pods on one node (maxPods)"
    )
    detection: Duration = default(
        "50s",
        origin="Kubernetes: node-monitor-grace-period, 40s up to 1.31 and 50s since",
        trust="high",
        means="time until a lost node is noticed (node-monitor-grace-period)",
    )
    toleration: Duration = default(
        "5m",
        origin="Kubernetes: tolerationSeconds of nodes gone",
        trust="high",
        means="time a pod on a lost node is waited for until it is replaced (tolerationSeconds)",
    )
    most: Annotated[Count, counting(0, MOST_PODS, "each node is a row that is played")] = default(
        0,
        origin="the pool does not grow; otherwise the most nodes it may have",
        trust="medium",
        means="most nodes to which the pool may grow; 0 for a pool that does not grow",
    )
    least: Annotated[Count, counting(0, MOST_PODS, "each node is a row that is played")] = default(
        0,
        origin="the pool does not shrink; otherwise the fewest nodes it keeps",
        trust="medium",
        means="fewest nodes to which the pool may shrink; 0 for a pool that does not shrink",
    )
    provision: DurationLaw = default(
        {"p50": "90s", "p95": "4m"},
        origin="until an ordered machine has booted and joined",
        trust="low",
        means="time until an ordered node can take pods",
    )

    @model_validator(mode="after")
    def _begins_with_what_it_keeps(self) -> Nodes:
        if self.least > self.count:
            raise ValueError(f"least ({self.least}) is more than count ({self.count}), with which the pool begins")
        return self


class Dependency(Part):
    """A shared downstream, of which every pod holds connections."""

    connections: AtLeastOne = Field(description="connections it accepts in all")
    per_pod: HeldOpen = Field(description="connections one pod holds open until its process ends")
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
