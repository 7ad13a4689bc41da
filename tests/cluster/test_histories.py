"""What holds after every event of any history: pods, rooms, quota, counts, back-off and what proxies believe."""

import sys
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sim.cluster.backoff import BackOff
from sim.cluster.pod import Phase, Pod
from sim.failures.crash import Crash
from sim.failures.image_pull_failure import ImagePullFailure
from sim.failures.node_drain import NodeDrain
from sim.failures.node_loss import NodeLoss
from sim.laws.exponential import Exponential
from sim.laws.uniform import Uniform
from sim.scenario.resolved import Condition, Nodes, Probe, Quota, Shutdown
from sim.steps import Detector
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE
from sim.world import Answers, Pool

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, container, scenario, service

NODES = Nodes(count=3, cpu=500, memory=10**9, os="linux", pull=1e8, zones=3, detection=20 * SECOND, toleration=MINUTE)
MOST_PODS, LONGEST_LAG = 9, 5 * SECOND
SHUT_DOWN = Shutdown(pre_stop=2 * SECOND, grace=20 * SECOND)


def conditions(lost: int, drained: int) -> tuple[Condition, ...]:
    """Processes that die, a registry that is out for a while, a machine that is lost and one that is emptied."""
    crash = Crash(every=Exponential.model_validate({"mean": 90e9}))
    failures: dict[str, tuple[int, Any]] = {
        "crashes": (0, crash),
        "registry": (0, ImagePullFailure.model_validate({"lasts": "2m"})),
        "loss": (lost, NodeLoss.model_validate({"node": 1, "lasts": "4m"})),
        "drain": (drained, NodeDrain.model_validate({"node": 2, "lasts": "3m"})),
    }
    return tuple(Condition(name=name, at=at, chance=1.0, failure=each) for name, (at, each) in failures.items())


class Histories(RuleBasedStateMachine):
    """A small crowded cluster, a rolling update on its way, and somebody who resizes, holds, lets go and stops."""

    @initialize(index=st.integers(0, 10**6), lost=st.integers(0, 300), drained=st.integers(0, 300), fix=st.booleans())
    def begin(self, index: int, lost: int, drained: int, *, fix: bool) -> None:
        running = service(
            5,
            proxies=2,
            containers=(container(image=200_000_000, start=Uniform(low=0.0, high=20e9)),),
            endpoint_lag=Uniform(low=0.0, high=float(LONGEST_LAG)),
            liveness=Probe(every=6 * SECOND, failures=2, successes=1),
            shutdown=SHUT_DOWN,
            quota=Quota(pods=MOST_PODS, cpu=100 * MOST_PODS),
        )
        weather = conditions(lost * SECOND, drained * SECOND)
        strategy = Rolling.model_validate({"surge": 2, "unavailable": 1, **({"fix": "30s"} if fix else {})})
        self.scene = Scene(scenario(running=running, nodes=NODES, conditions=weather), strategy=strategy, index=index)
        self.known: dict[int, tuple[BackOff, BackOff]] = {}
        self.gone: dict[int, int] = {}
        self.alive: dict[int, Pod] = {}
        self.play(0)

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        self.play(int(self.scene.clock.now) + seconds * SECOND)

    @rule(size=st.integers(1, 8))
    def resize(self, size: int) -> None:
        self.scene.cluster.sizing.resize(size)
        self.settle()

    @rule(which=st.integers(0, 20), requests=st.integers(0, 2))
    def work(self, which: int, requests: int) -> None:
        pods = self.pods()
        pod = pods[which % len(pods)]
        if requests and self.scene.world.columns.pods.answers[pod.place] == Answers.ACCEPTS:
            self.scene.hold(pod, requests)
        elif not requests:
            self.scene.let_go(pod)
        self.settle()

    @precondition(lambda self: self.scene.cluster.controller is not None)
    @rule()
    def take_back(self) -> None:
        self.scene.cluster.controller.stop(Detector.ON_CALL)
        self.settle()

    def play(self, until: int) -> None:
        """Event after event, looking after each."""
        while self.scene.clock.next_at() <= until:
            self.scene.clock.step()
            if not self.scene.clock.next_is_internal():
                self.look()
        self.scene.clock.move_to(until)

    def settle(self) -> None:
        self.play(int(self.scene.clock.now))

    def pods(self) -> list[Pod]:
        return [pod for fleet in self.scene.cluster.fleets for pod in fleet.pods.values()]

    def look(self) -> None:
        pods = self.pods()
        self.take_note(pods)
        self.pods_have_their_node_and_their_process(pods)
        self.nodes_give_what_they_have(pods)
        self.counts_add_up(pods)
        self.the_quota_holds(pods)
        self.back_off_never_shrinks_unless_forgotten(pods)
        self.proxies_believe_what_was_true_a_lag_ago()

    def take_note(self, pods: list[Pod]) -> None:
        there = {pod.place: pod for pod in pods}
        for place in self.alive.keys() - there.keys():
            self.gone[place] = int(self.scene.clock.now)
        self.alive = there

    def pods_have_their_node_and_their_process(self, pods: list[Pod]) -> None:
        columns = self.scene.world.columns.pods
        for pod in pods:
            assert pod.node is not None or not pod.running, "a pod runs without a node"
            assert pod.node is None or pod.node.up or not pod.running, "a pod runs on a machine that is gone"
            assert pod.running or not columns.in_flight[pod.place], "a dead process has requests in flight"
            assert pod.phase is not Phase.GONE or not pod.running

    def nodes_give_what_they_have(self, pods: list[Pod]) -> None:
        for node in self.scene.cluster.nodes.nodes:
            here = [pod for pod in pods if pod.node is node]
            assert node.pods == len(here)
            assert 0 <= node.cpu == 500 - 100 * node.pods
            assert node.pods <= node.places

    def counts_add_up(self, pods: list[Pod]) -> None:
        for fleet in self.scene.cluster.fleets:
            staying = [pod for pod in pods if pod.revision == fleet.revision and not pod.deleted]
            assert fleet.existing == len(staying) <= fleet.replicas
            assert fleet.available == fleet.ready == sum(pod.ready for pod in staying)
            assert len({pod.number for pod in staying}) == len(staying)

    def the_quota_holds(self, pods: list[Pod]) -> None:
        cpu, _, count = self.scene.cluster.admission.used
        assert count == len(pods) <= MOST_PODS
        assert cpu == 100 * count
        for fleet in self.scene.cluster.fleets:
            assert fleet.existing == fleet.replicas or fleet.refusals > 0, "nobody asks for the pods that are missing"

    def back_off_never_shrinks_unless_forgotten(self, pods: list[Pod]) -> None:
        for pod in pods:
            now = (pod.back_off, pod.pull_back_off)
            for before, after in zip(self.known.get(pod.place, now), now, strict=True):
                forgotten = after.updated_at - before.updated_at > 2 * 300 * SECOND
                assert after.wait >= before.wait or forgotten, "a back-off has shrunk"
                assert after.wait in (0, *(min(10 * 2**n, 300) * SECOND for n in range(6)))
            self.known[pod.place] = now

    def proxies_believe_what_was_true_a_lag_ago(self) -> None:
        world, now = self.scene.world, int(self.scene.clock.now)
        routes = world.columns.routes
        for proxy in range(2):
            lists = {pool: routes.endpoint[proxy, pool, : routes.listed[proxy, pool]].tolist() for pool in Pool}
            for place in lists[Pool.ALL]:
                assert place in self.alive or now - self.gone[place] <= LONGEST_LAG, "a pod long gone is listed"
            for pool, version in ((Pool.STABLE, STABLE), (Pool.NEW, NEW)):
                assert all(world.columns.pods.version[place] == version for place in lists[pool])
                assert len(set(lists[pool])) == len(lists[pool])


Histories.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestHistories = Histories.TestCase
