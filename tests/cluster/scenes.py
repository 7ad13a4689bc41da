"""A small cluster without requests: a scenario made by hand, an engine that only remembers, and a clock to turn."""

from dataclasses import replace
from typing import Any

from sim import units
from sim.clock import Clock
from sim.cluster.cluster import Cluster
from sim.cluster.pod import Pod
from sim.draws import Key, replication_key
from sim.journal import Gauge, Journal
from sim.laws.deterministic import Deterministic
from sim.rows import POD, clean_versions, empty_health, empty_held, empty_table
from sim.scenario.resolved import (
    SLO,
    Condition,
    Container,
    Defect,
    Nodes,
    Probe,
    Release,
    Scenario,
    Scraping,
    Service,
    Shutdown,
    Strategy,
    Stream,
    Study,
    Traffic,
)
from sim.telemetry import empty_telemetry
from sim.versions import NEW, STABLE
from sim.world import Columns, Reason, Settings, World, empty_routes

SECOND = 10**9
MINUTE = 60 * SECOND
UNUSED: Any = None


def after(text: str) -> Deterministic:
    """A law that always takes so long."""
    return Deterministic(value=float(units.duration(text)))


def container(name: str = "app", **words: Any) -> Container:
    given = {"image": 0, "cpu": 100, "memory": 1, "start": after("5s"), "sidecar": False, "init": False}
    return Container(name=name, **(given | words))


def service(replicas: int = 4, **words: Any) -> Service:
    given = {
        "concurrency": 2,
        "queue": 10,
        "balancer": UNUSED,
        "containers": (container(),),
        "readiness": Probe(every=10 * SECOND, failures=3, successes=1),
        "shutdown": Shutdown(pre_stop=0, grace=30 * SECOND),
        "endpoint_lag": after("1s"),
        "proxies": 1,
        "node_selector_os": "linux",
        "progress_deadline": 10 * MINUTE,
    }
    return Service(replicas=replicas, **(given | words))


def stream(name: str) -> Stream:
    return Stream(name=name, peak=1.0, arrivals=UNUSED, work=UNUSED, timeout=0, retries=UNUSED, objective=0)


def scenario(
    *,
    running: Service | None = None,
    nodes: Nodes | None = None,
    new: tuple[Container, ...] | None = None,
    baseline: float = 0.0,
    service_factor: float = 1.0,
    conditions: tuple[Condition, ...] = (),
    streams: tuple[str, ...] = ("web",),
) -> Scenario:
    """A scenario with what the cluster plane reads; nobody on call, no gates."""
    running = running or service()
    return Scenario(
        name="scene",
        question="",
        service=running,
        nodes=nodes or Nodes(count=3, cpu=4000, memory=10**9, os="linux", pull=1e8),
        dependencies=(),
        traffic=Traffic(
            users=1,
            user_skew=0.0,
            sticky=False,
            profile=((0, 1.0),),
            streams=tuple(stream(name) for name in streams),
        ),
        observed=None,
        conditions=conditions,
        release=Release(
            baseline_errors=baseline,
            containers=new or running.containers,
            service_factor=service_factor,
            change_failure_rate=0.1,
            defects=(),
        ),
        oncall=None,
        scraping=Scraping(every=15 * SECOND, delay=30 * SECOND),
        gates={},
        strategies=(),
        slo=SLO(success=0.999, window=1, requests=1.0, requests_assumed=False, latency={}),
        study=Study(
            horizon=240 * MINUTE,
            warm_up=MINUTE,
            window=10 * SECOND,
            decide_by="failed_requests",
            indifferent=0.0,
            precision=None,
            half_width=None,
            confidence=0.95,
            pilot=2,
            cap=2,
            seed=1,
        ),
        expect=(),
        ranges=(),
        defaults=(),
        document={},
    )


class Remembering:
    """A request engine in which nothing moves: it remembers whose connections were reset."""

    def __init__(self) -> None:
        self.resets: list[tuple[int, int]] = []
        self.world: World | None = None

    def reset(self, pod: int, now: int) -> None:
        assert self.world is not None
        self.resets.append((pod, now))
        self.world.columns.pods.in_flight[pod] = self.world.columns.pods.queued[pod] = 0

    def silence(self, pod: int, now: int) -> None:
        self.reset(pod, now)


class Scene:
    """One cluster at play; time is turned by hand."""

    def __init__(
        self,
        scene: Scenario | None = None,
        *,
        strategy: Any = None,
        failure: Any = None,
        gate: str | None = None,
        index: int = 0,
    ) -> None:
        self.scenario = scene or scenario()
        self.key: Key = replication_key(1, index)
        self.engine = Remembering()
        self.journal = Journal()
        streams, proxies = len(self.scenario.traffic.streams), self.scenario.service.proxies
        self.world = World(
            Columns(
                settings=Settings._make(0 for _ in Settings._fields),
                streams=UNUSED,
                retries=UNUSED,
                profile=UNUSED,
                luck=UNUSED,
                laws=UNUSED,
                versions=clean_versions(streams),
                routes=empty_routes(proxies, 4),
                pods=empty_table(POD, 4),
                dependencies=UNUSED,
                health=empty_health(proxies, 1),
                held=empty_held(1),
            ),
            empty_telemetry(pods=4, streams=streams, proxies=proxies),
        )
        self.engine.world = self.world
        self.clock = Clock(initial_time=-self.scenario.study.warm_up)
        self.cluster = Cluster(
            scenario=self.scenario,
            strategy=Strategy(name="ours", strategy=strategy, gate=gate) if strategy is not None else None,
            defect=Defect(name="bad", share=1.0, failure=failure) if failure is not None else None,
            key=self.key,
            world=self.world,
            clock=self.clock,
            engine=self.engine,
            journal=self.journal,
        )

    def play(self, until: int) -> None:
        """Every event up to and at a moment (ns)."""
        while self.clock.next_at() <= until:
            self.clock.step()
        self.clock.move_to(until)

    def settle(self) -> None:
        """The events of this instant, at once."""
        self.play(int(self.clock.now))

    def pods(self, version: int) -> list[Pod]:
        """The pods of a version that exist, by number."""
        return list(self.cluster.fleets[version].pods.values())

    def hold(self, pod: Pod, requests: int) -> None:
        """Let so many requests be in a pod's slots."""
        self.world.columns.pods.in_flight[pod.place] = requests

    def let_go(self, pod: Pod) -> None:
        """The last request leaves the pod; a draining pod's cluster hears of it."""
        self.hold(pod, 0)
        if self.world.columns.pods.draining[pod.place]:
            self.cluster.heed(Reason.POD_DRAINED, pod.place)
        self.settle()

    def story(self, who: str) -> list[tuple[float, str]]:
        """What the journal says of somebody: (seconds, what)."""
        return [(event.at / SECOND, event.what) for event in self.journal.events if event.who == who]

    def gauge(self, gauge: Gauge) -> list[tuple[float, float]]:
        """A step function, in seconds."""
        return [(at / SECOND, value) for at, value in self.journal.gauges[gauge]]

    def asked(self) -> list[tuple[int, int]]:
        """Both fleets' sizes after each change, as the steps told them."""
        sizes, seen = [self.scenario.service.replicas, 0], []
        for event in self.journal.events:
            if event.kind == "step" and event.what.startswith("scale "):
                for part in event.what.removeprefix("scale ").split(", "):
                    name, size = part.split(" to ")
                    sizes[STABLE if name == "stable" else NEW] = int(size)
                seen.append((sizes[STABLE], sizes[NEW]))
        return seen


def with_service(scene: Scenario, **words: Any) -> Scenario:
    """The same scenario with other words about its service."""
    return replace(scene, service=replace(scene.service, **words))
