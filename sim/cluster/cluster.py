"""The cluster of one replication: everything wired together, from a fleet that has been serving for long.

All cells of an index are alike before t = 0: the fleet, the conditions and their luck. The rollout starts at t = 0.
"""

from __future__ import annotations

from sim.clock import Clock
from sim.cluster.admission import Admission
from sim.cluster.autoscaling import AutoscalerAtWork
from sim.cluster.availability import Availability
from sim.cluster.containers import images_of, request_of
from sim.cluster.controller import Controller
from sim.cluster.effects import Effects
from sim.cluster.endpoints import Endpoints
from sim.cluster.eviction import Budget
from sim.cluster.fleet import Fleet
from sim.cluster.gauges import Gauges
from sim.cluster.grace import Kill
from sim.cluster.growth import NodeGrowth
from sim.cluster.judging import GateWatch, GateWatches
from sim.cluster.lifecycle import Lifecycle
from sim.cluster.machines import Machines
from sim.cluster.nodes import NodePool
from sim.cluster.observer import Observer
from sim.cluster.oncall import OnCallPerson
from sim.cluster.performer import Performer
from sim.cluster.pod import Pod
from sim.cluster.pools import Pools
from sim.cluster.readiness import Readiness
from sim.cluster.recovery import Recovery
from sim.cluster.routes import Routes
from sim.cluster.shrinking import NodeShrinkage
from sim.cluster.sizing import Sizing
from sim.cluster.speeds import Speeds
from sim.cluster.start_loads import StartLoads
from sim.cluster.surroundings import Requests, Surroundings
from sim.draws import Key, Purpose, draw
from sim.journal import Journal
from sim.moments import Moment
from sim.scenario.resolved import Defect, Scenario, Strategy
from sim.scraping import Course, wiring_luck
from sim.steps import FIXED
from sim.units import SECOND
from sim.versions import NEW, STABLE
from sim.world import Rank, Reason, World

LOOKS = 0
"""Entity of the look that follows the changes of an instant; the controller acts after it."""


class Cluster:
    """Pods, nodes, endpoints, routes, failures and, with a strategy, its controller.

    With ``strategy=None`` it is the twin: the same fleet and the same weather, and no release.
    """

    def __init__(
        self,
        *,
        scenario: Scenario,
        strategy: Strategy | None,
        defect: Defect | None,
        key: Key,
        world: World,
        clock: Clock,
        engine: Requests,
        journal: Journal,
    ) -> None:
        self._scenario, self._key, self._world = scenario, key, world
        self._clock, self._requests, self._journal = clock, engine, journal
        self._look_due = False
        self._containers = (scenario.service.containers, *(2 * (scenario.release.containers,)))
        self._build(defect, revisions_of(strategy))
        self._performer: Performer | None = None
        self._recovery: Recovery | None = None
        self.fleets[STABLE].start_warm(scenario.service.replicas)
        self._autoscale()
        if strategy is not None:
            self._release_by(strategy, defect)
        self._look()

    def heed(self, reason: Reason, place: int) -> None:
        """What the request plane came back for: a pod has drained, or its requests have killed its process."""
        pod = next((pod for fleet in self.fleets for pod in fleet.pods.values() if pod.place == place), None)
        if pod is None:
            return
        match reason:
            case Reason.POD_DRAINED:
                self._lifecycle.drained(pod)
            case Reason.POD_CRASHED:
                self._lifecycle.processes.die(pod, "a poison request brought the process down")
            case Reason.OUT_OF_MEMORY:
                self._lifecycle.processes.die(pod, "killed for want of memory (OOMKilled)")
        self.changed()

    def changed(self) -> None:
        """Something changed: look once, when all events of this instant have been played."""
        if not self._look_due:
            self._look_due = True
            self._clock.at(int(self._clock.now), Rank.CONTROLLER, LOOKS).callbacks.append(lambda _: self._look())

    def _build(self, defect: Defect | None, revisions: tuple[int, ...]) -> None:
        """The parts below the controller, lowest first."""
        scenario, service = self._scenario, self._scenario.service
        key, world, clock, journal = self._key, self._world, self._clock, self._journal
        tightest = scenario.tightest_dependency()
        self.nodes = NodePool(scenario.nodes)
        self.nodes.cache(images_of(service.containers, STABLE), int(clock.now))
        self.observer = Observer(scenario=scenario, world=world, clock=clock, course=self._course())
        self.effects = Effects(
            scenario=scenario,
            defect=defect,
            key=key,
            world=world,
            clock=clock,
            journal=journal,
            changed=self._failures_changed,
        )
        self._speeds = Speeds(effects=self.effects, world=world, clock=clock)
        self.endpoints = Endpoints(
            proxies=service.proxies,
            lag=service.endpoint_lag,
            publish_not_ready=service.publish_not_ready,
            world=world,
            clock=clock,
            key=key,
            changed=self.changed,
        )
        self.routes = Routes(
            proxies=service.proxies,
            lag=service.route_lag,
            world=world,
            endpoints=self.endpoints,
            clock=clock,
            key=key,
            changed=self.changed,
        )
        self.admission = Admission(service.quota)
        self.pools = Pools(scenario.dependencies, self.effects, clock)
        self._full_second = round(draw(key, Purpose.FULL_SECOND, 0)[0] * SECOND)
        self.availability = Availability(
            min_ready=service.min_ready, full_second=self._full_second, clock=clock, changed=self.changed
        )
        around = Surroundings(
            service=service,
            containers=self._containers,
            key=key,
            world=world,
            clock=clock,
            requests=self._requests,
            journal=journal,
            nodes=self.nodes,
            effects=self.effects,
            endpoints=self.endpoints,
            readiness=Readiness(
                service=service,
                effects=self.effects,
                clock=clock,
                turned=self._readiness_turned,
                unhealthy=self._unhealthy,
            ),
            availability=self.availability,
            admission=self.admission,
            pools=self.pools,
            observer=self.observer,
            speeds=self._speeds,
            start_loads=StartLoads(scenario, self.effects, world),
            native_sidecars=scenario.nodes.kubernetes != "1.28",
            scheduler_backs_off=scenario.nodes.kubernetes == "1.28",
            panics=self._panics,
            changed=self.changed,
        )
        self._lifecycle = Lifecycle(around)
        self.fleets = tuple(Fleet(revision, around, self._lifecycle) for revision in revisions)
        for fleet in self.fleets:
            fleet.related = self.fleets
        self.machines = Machines(
            kind=scenario.nodes,
            nodes=self.nodes,
            fleets=self.fleets,
            lifecycle=self._lifecycle,
            effects=self.effects,
            speeds=self._speeds,
            budget=Budget(service.min_available, service.max_unavailable),
            size=lambda: self.sizing.size,
            clock=clock,
            journal=journal,
            changed=self.changed,
        )
        self.growth = NodeGrowth(
            kind=scenario.nodes,
            nodes=self.nodes,
            containers=self._containers,
            fleets=self.fleets,
            lifecycle=self._lifecycle,
            key=key,
            clock=clock,
            journal=journal,
            changed=self.changed,
        )
        self.shrinkage = NodeShrinkage(
            kind=scenario.nodes,
            nodes=self.nodes,
            machines=self.machines,
            growth=self.growth,
            requests=tuple(request_of(pod) for pod in self._containers),
            clock=clock,
            journal=journal,
        )
        self.sizing = Sizing(replicas=service.replicas, fleets=self.fleets, changed=self.changed)
        self.gauges = Gauges(
            fleets=self.fleets,
            nodes=self.nodes,
            endpoints=self.endpoints,
            routes=self.routes,
            pools=self.pools,
            tightest=tightest,
            journal=journal,
        )

    def _autoscale(self) -> None:
        """Whoever changes the size of the service, release or not."""
        service, autoscaler = self._scenario.service, self._scenario.service.autoscaler
        self.autoscaler: AutoscalerAtWork | None = None
        if autoscaler is not None and autoscaler.kind != "none":
            self.autoscaler = AutoscalerAtWork(
                autoscaler=autoscaler,
                containers=self._containers,
                concurrency=service.concurrency,
                kubernetes=self._scenario.nodes.kubernetes,
                fleets=self.fleets,
                sizing=self.sizing,
                world=self._world,
                clock=self._clock,
                journal=self._journal,
            )

    def _release_by(self, strategy: Strategy, defect: Defect | None) -> None:
        """The controller, and those who watch for it."""
        scenario, clock, journal = self._scenario, self._clock, self._journal
        replicas = scenario.service.replicas
        self._performer = Performer(
            name=strategy.name,
            case=defect.name if defect else None,
            sizing=self.sizing,
            deadline=scenario.service.progress_deadline,
            full_second=self._full_second,
            fleets=self.fleets,
            routes=self.routes,
            endpoints=self.endpoints,
            watch=self._watches_of(strategy),
            key=self._key,
            clock=clock,
            journal=journal,
            happens=self.effects.happens,
            changed=self.changed,
        )
        self._recovery = Recovery(
            fleets=self.fleets,
            sizing=self.sizing,
            routes=self.routes,
            endpoints=self.endpoints,
            world=self._world,
            clock=clock,
            journal=journal,
        )
        self.controller = Controller(
            plan=strategy,
            replicas=replicas,
            performer=self._performer,
            fleets=self.fleets,
            recovery=self._recovery,
            on_call=OnCallPerson(
                scenario=scenario, observer=self.observer, clock=clock, key=self._key, journal=journal
            ),
            clock=clock,
            journal=journal,
            happens=self.effects.happens,
        )

    def _watches_of(self, strategy: Strategy) -> GateWatches | None:
        """The strategy's gate and those that judge dry beside it; None where nobody judges."""
        if strategy.gate is None and not strategy.dry:
            return None
        acting = self._watch(strategy.gate, 0, dry=False) if strategy.gate is not None else None
        return GateWatches(acting, tuple(self._watch(name, 1 + n, dry=True) for n, name in enumerate(strategy.dry)))

    def _watch(self, name: str, place: int, *, dry: bool) -> GateWatch:
        return GateWatch(
            gate=self._scenario.gates[name],
            name=name,
            observer=self.observer,
            clock=self._clock,
            journal=self._journal,
            place=place,
            dry=dry,
            luck=wiring_luck(self._key, sorted(self._scenario.gates).index(name)),
        )

    def _course(self) -> Course | None:
        """What becomes of the scrapes; None where nothing goes wrong with them."""
        scraping, study = self._scenario.scraping, self._scenario.study
        if not scraping.faults.any:
            return None
        return Course(scraping.faults, self._key, every=scraping.every, first=-study.warm_up, last=study.horizon)

    def _look(self) -> None:
        """Gauges, milestones and whoever waits look at what has become of this instant's changes."""
        self._look_due = False
        self.effects.serve_side_by_side(self.routes.mixed())
        self.effects.new_version_serves(self.routes.new_share() if self.routes.reachable(NEW) else 0.0)
        if self.effects.follows_sessions:
            self.effects.users_are_split(self.routes.split(), kept=self._keeps_users())
        self.growth.look()
        self.shrinkage.look()
        self.gauges.note(int(self._clock.now))
        if self._recovery is not None and self._performer is not None:
            self._recovery.look()
            self._performer.nudge()

    def _keeps_users(self) -> bool:
        """Whether a user's next request meets the version that answered the last one, as long as nothing is moved."""
        traffic, balancer = self._scenario.traffic, self._scenario.service.balancer
        if traffic.connections is not None:
            return True
        return bool(getattr(balancer, "keeps_users", False)) if self.routes.is_by_pod else traffic.sticky

    def _panics(self, pod: Pod) -> None:
        self.machines.panics(pod)

    def _failures_changed(self) -> None:
        self.observer.blind = self.effects.metrics_out()
        if self.autoscaler is not None:
            self.autoscaler.blind = self.observer.blind
        for fleet in self.fleets:
            fleet.look_again()
        self.changed()

    def _unhealthy(self, pod: Pod, why: Kill) -> None:
        self._lifecycle.kill(pod, why)

    def _readiness_turned(self, pod: Pod) -> None:
        self._journal.tell(int(self._clock.now), "pod", pod.name, "ready" if pod.ready else "not ready")
        self.availability.look(pod)
        if pod.ready and pod.revision == NEW and self.routes.is_by_pod:
            self.effects.happens(Moment.SWITCH)
        self.endpoints.announce(pod)
        self.fleets[pod.revision].ask_again()
        self.changed()


def revisions_of(strategy: Strategy | None) -> tuple[int, ...]:
    """The ReplicaSets there may be: a third one where a fix takes the place of what it mends."""
    awaits_fix = strategy is not None and getattr(strategy.strategy, "fix", 0) > 0
    return (STABLE, NEW, FIXED) if awaits_fix else (STABLE, NEW)
