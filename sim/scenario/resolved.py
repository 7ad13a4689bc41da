"""The resolved scenario: every field explicit, every unit an integer or a share, every kind an object.

Times are nanoseconds, sizes bytes, CPU thousandths of a core, rates requests per second, shares numbers from 0 to 1.
``sim/scenario/resolve.py`` is the only maker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.metric_faults import Faults
from sim.quantities import CountOrShare


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of the pod; all share its network, volumes and fate."""

    name: str
    image: int  # bytes
    cpu: int  # millicores requested
    memory: int  # bytes requested
    start: Any  # Law of ns from process start to able to serve
    sidecar: bool
    init: bool  # runs to completion before the others start; `start` is how long it takes
    shared: int = 0  # bytes of layers that the image of the version now running has too
    probed: bool = True  # a sidecar: what comes after it waits until it has started
    stop: int = 0  # ns a sidecar needs to end after its SIGTERM


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A verdict turns after ``successes`` good probes in a row, or ``failures`` bad ones."""

    every: int
    failures: int
    successes: int
    initial_delay: int = 0
    grace: int | None = None  # ns given to a container this probe kills; None: the pod's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarts:
    """How long a crashed container waits for its restart: the first wait, and the longest."""

    first: int
    longest: int
    late: Any = None  # Law of ns until the kubelet looks at a container whose wait is over; None: at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown:
    """How a pod ends: preStop runs first, then SIGTERM; after the grace (from the deletion on) SIGKILL."""

    pre_stop: int
    grace: int
    on_sigterm: str = "drain"  # or "exit", "ignore"
    deletion_cost: str = "none"  # or "busy": the requests a pod has at that moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What all pods of the service together may request; None: no limit."""

    cpu: int | None = None  # millicores
    memory: int | None = None  # bytes
    pods: int | None = None


UNLIMITED = Quota()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outliers:
    """When a proxy ejects a pod, for how long, how many at most, and below which share left it panics."""

    after: int
    eject_for: int  # ns
    most: float
    panic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """That clients hold open: how long idle, and how old (0: any age), in ns."""

    idle: int
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is released."""

    replicas: int
    concurrency: int
    queue: int
    balancer: Any  # kind of sim/balancers
    containers: tuple[Container, ...]
    readiness: Probe
    shutdown: Shutdown
    endpoint_lag: Any  # Law of ns until a proxy knows that a pod is ready or not
    proxies: int
    node_selector_os: str
    progress_deadline: int
    min_available: CountOrShare | None = None  # of a disruption budget; at most one of the two
    max_unavailable: CountOrShare | None = None
    quota: Quota = UNLIMITED
    autoscaler: Any = None  # kind of sim/autoscalers; None and its "none" are alike
    startup: Probe | None = None
    liveness: Probe | None = None
    route_lag: Any = None  # Law of ns until a proxy knows of a weight or a switch; None: at once
    min_ready: int = 0  # ns a pod must have been ready to count as available
    publish_not_ready: bool = False
    pull_policy: str = "IfNotPresent"
    outliers: Outliers | None = None
    slow_start: int = 0  # ns over which a new endpoint's weight grows to 1
    max_connections: int | None = None  # long-lived ones that a pod holds open at once
    breaker: int | None = None  # most attempts a proxy has under way at one version
    restarts: Restarts = Restarts(first=10 * 10**9, longest=300 * 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Identical nodes in one cluster."""

    count: int
    cpu: int
    memory: int
    os: str
    pull: float  # bytes per second
    zones: int = 1  # nodes are dealt out to them in turn
    places: int = 110  # pods on one node
    detection: int = 50 * 10**9  # ns until the cluster notices that a node is gone
    toleration: int = 300 * 10**9  # ns that pods stay bound to a node known to be gone
    most: int = 0  # nodes the pool may grow to; 0: it does not grow
    least: int = 0  # nodes the pool may shrink to; 0: it does not shrink
    provision: Any = None  # Law of ns until an ordered node is there
    kubernetes: str = "newest"  # or "1.28", where they differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A downstream whose connections every pod holds open."""

    name: str
    connections: int
    per_pod: int
    beyond: str = "unready"  # or "crash", what a process does that finds too few connections left; or "everyone"
    concurrency: int | None = None  # calls worked on at once; None: as many as come
    work: Any = None  # Law of ns per call


@dataclass(frozen=True, slots=True, kw_only=True)
class LongLived:
    """Connections that stay open for ``length`` and are made again when they are cut."""

    length: Any  # Law of ns
    after: int  # ns before the first try to make one again
    cap: int  # ns, longest wait
    jitter: float  # share of a wait that is drawn
    tries: int  # after the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One class of requests."""

    name: str
    peak: float  # requests per second at 100 % of the profile
    arrivals: Any  # kind of sim/arrivals
    work: Any  # Law of ns
    timeout: int  # ns, 0: none
    retries: Any  # kind of sim/retries, or a tuple of the client's and the proxy's
    objective: int  # latency objective, ns; 0: none
    calls: Mapping[str, int] = field(default_factory=dict)  # per request, to one dependency
    profile: tuple[tuple[int, float], ...] | None = (
        None  # its own, level where its arrivals decide; None: the traffic's
    )
    long_lived: LongLived | None = None  # None: requests that are answered
    swells: str | None = None  # of a surge: the stream as which its requests are counted, judged and hurt
    condition: str | None = None  # of a surge: its name among the conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Who asks, and how much when."""

    users: int
    user_skew: float  # Zipf exponent of users' activity, 0 is even, below 1
    sticky: bool
    profile: tuple[tuple[int, float], ...]  # (ns, share of peak), linear in between, constant outside
    streams: tuple[Stream, ...]
    on_client_gone: str = "work"
    connections: Connections | None = None
    surges: tuple[Stream, ...] = ()  # what conditions add; played after the others

    @property
    def played(self) -> tuple[Stream, ...]:
        """All streams that are played, in the order of their numbers."""
        return (*self.streams, *self.surges)

    @property
    def booked_at(self) -> tuple[int, ...]:
        """Of every stream that is played, the place among ``streams`` as which its requests are counted."""
        places = {stream.name: place for place, stream in enumerate(self.streams)}
        return tuple(places[stream.swells or stream.name] for stream in self.played)

    def profile_of(self, stream: Stream) -> tuple[tuple[int, float], ...]:
        """The share of its peak at which a stream comes, over time."""
        return self.profile if stream.profile is None else stream.profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Today's dashboard, which the model must first reproduce."""

    at: float  # requests per second, 0: the mean of the profile
    success: float | None
    p50: int | None
    p95: int | None
    p99: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What happens anyway, release or not: alike in the twin and in every cell."""

    name: str
    at: int
    chance: float
    failure: Any  # kind of sim/failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A way for a release to be bad; ``share`` of the bad releases."""

    name: str
    share: float
    failure: Any  # kind of sim/failures
    at: str = "start"  # a Moment, from which its times count
    on: str = "new"  # or "both" versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What every release does by being one, the good ones included; the twin has none of it."""

    name: str
    at: str  # a Moment, from which its times count
    on: str  # "new" or "both" versions
    failure: Any  # kind of sim/failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What the new version changes on purpose, and how it can be bad."""

    baseline_errors: float
    baseline_repeats: float = 0.0  # share of them that the same request meets again
    containers: tuple[Container, ...]  # of the new version
    service_factor: float  # of the new version's work, 1 = unchanged
    calls: Mapping[str, int] = field(default_factory=dict)  # of the new version, by stream, where they change
    change_failure_rate: float
    defects: tuple[Defect, ...]
    effects: tuple[Planned, ...] = ()
    errors: float | None = None  # of the new version, where they differ from the baseline

    @property
    def new_errors(self) -> float:
        """Share of requests that the new version answers badly when nothing is wrong with it."""
        return self.baseline_errors if self.errors is None else self.errors


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """The backstop: pages at this error ratio of the whole service (or of a stream), reacts after a while."""

    notices_at: float
    reacts: Any  # Law of ns
    window: int
    per: str  # "service" or "stream"
    min_requests: int
    clears_after: int = 120 * 10**9  # ns without trouble after which a person who reacts stands down


@dataclass(frozen=True, slots=True, kw_only=True)
class Scraping:
    """How metrics reach those who judge, and how far they can be trusted."""

    every: int
    delay: int
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """A named strategy and the gate that guards it."""

    name: str
    strategy: Any  # kind of sim/strategies
    gate: str | None  # name in Scenario.gates
    dry: tuple[str, ...] = ()  # names of those that judge beside it and stop nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SLO:
    """The promise: share of successes over a window with so many requests."""

    success: float
    window: int
    requests: float
    requests_assumed: bool
    latency: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What things cost, in one currency: a failed request, a minute down, an extra pod-hour, an hour of rollout."""

    currency: str
    failed_request: float
    down_minute: float
    down_below: float  # the success level, one of the ladder
    pod_hour: float
    delay_hour: float
    releases_per_year: int | None
    node_hour: float = 0.0  # of the pool, in the capacity review only
    aborted_release: float = 0.0  # a good release that did not ship
    tried_again_after: int = 0  # ns until such a release is tried again, at delay_hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """How long each release is watched and how precisely the answer is wanted."""

    horizon: int
    warm_up: int
    window: int
    decide_by: str
    indifferent: float
    precision: float | None  # relative half-width
    half_width: float | None  # absolute half-width
    confidence: float
    pilot: int  # replications per case before the first look
    cap: int  # most replications per case
    seed: int
    until_best: bool = False  # go on until the best strategy is known, rather than its loss precisely
    false_aborts: float = 0.05  # share of good releases that a strategy may fail to ship
    user_cutoff: int | None = None  # longest pause of an active user, ns; None: user-uptime is not measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """An acceptance criterion, as written."""

    measure: str
    strategy: str  # a strategy's name or "any"
    given: str  # "bad", "good", a defect's name or "release" (all cases by their probability)
    statistic: str  # "mean", "p95" …
    bound: str  # "<", "<=", ">", ">="
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """An input given as low, likely, high: a run uses the likely value, its corners are further cells."""

    path: str
    low: str
    likely: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """A value the author did not write: where, what, whence, and how far to trust it."""

    path: str
    value: str
    origin: str
    trust: str  # "low", "medium", "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A value that is written although nobody has measured it: where, what, and why this one."""

    path: str
    value: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One question, fully spelt out."""

    name: str
    question: str
    service: Service
    nodes: Nodes
    dependencies: tuple[Dependency, ...]
    traffic: Traffic
    observed: Observed | None
    conditions: tuple[Condition, ...]
    release: Release
    oncall: OnCall | None
    scraping: Scraping
    gates: Mapping[str, Any]  # name -> kind of sim/gates
    strategies: tuple[Strategy, ...]
    slo: SLO
    study: Study
    expect: tuple[Expectation, ...]
    ranges: tuple[Ranged, ...]
    defaults: tuple[Default, ...]
    document: Mapping[str, Any]  # the resolved document as plain data, canonical; identity is its digest
    prices: Prices | None = None
    guesses: tuple[Guess, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)  # path -> how the file named there was read, for people

    def tightest_dependency(self) -> Dependency | None:
        """The dependency whose connections run out first when pods are added; None when there is none."""
        held = (each for each in self.dependencies if each.per_pod)
        return min(held, key=lambda each: each.connections / each.per_pod, default=None)

    def cases(self) -> tuple[tuple[str, float], ...]:
        """The strata: "good" and each defect, with probabilities that sum to 1."""
        bad = self.release.change_failure_rate
        defects = tuple((defect.name, bad * defect.share) for defect in self.release.defects)
        return (("good", 1.0 - bad), *defects)
