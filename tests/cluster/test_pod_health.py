import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.pod import Phase
from sim.cluster.probing import Purpose, Thresholds, before_the_first
from sim.failures.crash import Crash
from sim.journal import Gauge
from sim.scenario.resolved import Probe, Restarts, Shutdown
from sim.steps import Decision
from sim.strategies.blue_green import BlueGreen
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE
from sim.world import Answers

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, after, container, scenario, service

EVERY_TEN = Probe(every=10 * SECOND, failures=3, successes=1)
SLOW = (container(start=after("45s")),)


def released(new: tuple[Any, ...] = SLOW, **words: Any) -> Scene:
    """One pod of a new version beside one of the old."""
    return Scene(scenario(running=service(1, **words), new=new), strategy=BlueGreen())


def test_a_liveness_probe_alone_kills_for_ever_what_starts_slowly() -> None:
    scene = released(liveness=EVERY_TEN)
    scene.play(10 * MINUTE)
    killed = [at for at, what in scene.story("new/0") if what.startswith("is killed")]
    # probes at 0, 10 and 20 s of each life; the first restart at once, then after 10, 20, 40 … s
    assert killed == [20.0, 40.0, 70.0, 110.0, 170.0, 270.0, 450.0]
    assert max(value for _, value in scene.gauge(Gauge.READY_NEW)) == 0


def test_a_startup_probe_beside_it_gives_the_slow_start_its_time() -> None:
    scene = released(liveness=EVERY_TEN, startup=replace(EVERY_TEN, failures=30))
    scene.play(10 * MINUTE)
    assert (50.0, "ready") in scene.story("new/0")
    assert not [what for _, what in scene.story("new/0") if what.startswith("is killed")]


def test_a_startup_probe_that_never_passes_kills_after_its_failures() -> None:
    scene = released(startup=replace(EVERY_TEN, failures=3))
    scene.play(30 * SECOND)
    assert (20.0, "is killed: its startup probe failed") in scene.story("new/0")


def test_the_initial_delay_spares_the_first_probes_of_the_grid() -> None:
    scene = released(liveness=replace(EVERY_TEN, initial_delay=25 * SECOND))
    scene.play(2 * MINUTE)
    assert (50.0, "ready") in scene.story("new/0")  # probes at 30 and 40 s fail, that of 50 s would be the third


def test_a_pod_that_is_told_to_go_is_not_killed_by_its_liveness_probe() -> None:
    scene = released(liveness=EVERY_TEN, shutdown=Shutdown(pre_stop=60 * SECOND, grace=90 * SECOND))
    scene.play(15 * SECOND)
    scene.cluster.fleets[NEW].scale(0)
    scene.play(2 * MINUTE)
    assert not [what for _, what in scene.story("new/0") if what.startswith("is killed")]


def test_a_killed_container_finishes_its_requests_within_the_grace_of_the_probe() -> None:
    scene = released(new=(container(start=after("0s")),), liveness=replace(EVERY_TEN, grace=5 * SECOND))
    scene.play(MINUTE)
    pod = scene.pods(NEW)[0]
    scene.hold(pod, 1)
    pod.phase = Phase.STARTING  # it hangs
    scene.cluster.fleets[NEW].look_again()
    scene.play(80 * SECOND)
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES
    assert pod.place not in dict(scene.engine.resets)
    scene.play(85 * SECOND)
    assert (pod.place, 85 * SECOND) in scene.engine.resets


def test_a_pod_counts_as_available_only_after_its_minimum_but_serves_at_once() -> None:
    scene = Scene(scenario(running=service(10, min_ready=30 * SECOND)), strategy=Rolling())
    scene.play(15 * SECOND)
    assert (scene.cluster.fleets[NEW].ready, scene.cluster.fleets[NEW].available) == (5, 0)
    assert scene.cluster.endpoints.listed(NEW) == 5
    scene.play(5 * MINUTE)
    assert scene.asked() == [(10, 3), (8, 3), (8, 5), (3, 5), (3, 10), (0, 10)]
    done = scene.journal.milestones[next(reversed(scene.journal.milestones))]
    assert 78 * SECOND < done <= 80 * SECOND  # two soaks of 30 s, each from the full second before


def test_a_pod_is_available_from_the_full_second_before_it_was_ready_on() -> None:
    scene = Scene(scenario(running=service(2, min_ready=30 * SECOND)), strategy=Rolling.model_validate({"surge": 1}))
    scene.cluster.availability.full_second = 250 * 10**6
    scene.play(10 * SECOND)  # it turned ready now; the last full second was at 9.25 s
    assert (scene.cluster.fleets[NEW].ready, scene.cluster.fleets[NEW].available) == (1, 0)
    scene.play(round(39.25 * SECOND) - 1)
    assert scene.cluster.fleets[NEW].available == 0
    scene.play(round(39.25 * SECOND))
    assert scene.cluster.fleets[NEW].available == 1


def test_unready_pods_are_sent_requests_where_their_addresses_are_published() -> None:
    scene = released(publish_not_ready=True)
    scene.play(2 * SECOND)
    assert (scene.cluster.fleets[NEW].ready, scene.cluster.endpoints.listed(NEW)) == (0, 1)


def test_a_proxy_that_knows_no_ready_pod_sends_to_those_that_leave_and_still_serve() -> None:
    scene = Scene(scenario(running=service(2, shutdown=Shutdown(pre_stop=10 * SECOND, grace=30 * SECOND))))
    scene.play(0)
    scene.cluster.fleets[STABLE].scale(0)
    scene.play(10 * SECOND)
    assert scene.cluster.endpoints.listed(STABLE) == 2
    scene.play(11 * SECOND)
    assert scene.cluster.endpoints.listed(STABLE) == 0


def test_a_release_stuck_at_its_deadline_goes_on_when_its_pods_come_up_after_all() -> None:
    late = (container(start=after("12m")),)
    scene = Scene(scenario(running=service(2), new=late), strategy=Rolling.model_validate({"surge": 2}))
    scene.play(11 * MINUTE)
    assert scene.journal.decision is Decision.STUCK
    scene.play(30 * MINUTE)
    assert (scene.journal.decision, [fleet.available for fleet in scene.cluster.fleets]) == (Decision.PROMOTED, [0, 2])


def test_a_node_may_be_told_to_restart_sooner() -> None:
    scene = Scene(
        scenario(running=service(1, restarts=Restarts(first=SECOND, longest=60 * SECOND))),
        strategy=BlueGreen(),
        failure=Crash(every=after("30s")),
    )
    scene.play(4 * MINUTE)
    crashes = [at for at, what in scene.story("new/0") if what.startswith("crashed")]
    assert crashes == [35.0, 70.0, 106.0, 143.0, 182.0, 225.0]  # after 0, 1, 2, 4, 8 s


def test_a_release_pulls_only_the_layers_that_its_nodes_lack() -> None:
    old = (container(image=1_000_000_000),)
    new = (container(image=1_000_000_000, shared=900_000_000),)
    scene = Scene(scenario(running=service(1, containers=old), new=new), strategy=BlueGreen())
    scene.play(MINUTE)
    assert (1.0, Phase.STARTING) in scene.story("new/0")


@given(
    purpose=st.sampled_from(Purpose),
    thresholds=st.builds(Thresholds, st.integers(1, 5), st.integers(1, 5)),
    results=st.lists(st.tuples(st.booleans(), st.integers(0, 7)), max_size=8),
)
def test_many_equal_results_at_once_are_as_many_one_by_one(
    purpose: Purpose, thresholds: Thresholds, results: list[tuple[bool, int]]
) -> None:
    at_once = one_by_one = before_the_first(purpose)
    for passed, times in results:
        at_once = at_once.after(passed, thresholds, times)
        for _ in range(times):
            one_by_one = one_by_one.after(passed, thresholds)
        assert (at_once.result, at_once.on_hold) == (one_by_one.result, one_by_one.on_hold)


@given(
    purpose=st.sampled_from(Purpose),
    thresholds=st.builds(Thresholds, st.integers(1, 5), st.integers(1, 5)),
    seen=st.lists(st.booleans(), max_size=8),
    passed=st.booleans(),
)
def test_the_turn_of_a_verdict_is_foretold(
    purpose: Purpose, thresholds: Thresholds, seen: list[bool], passed: bool
) -> None:
    state = before_the_first(purpose)
    for result in seen:
        state = state.after(result, thresholds)
    needed = state.turns_after(passed, thresholds)
    if needed:
        assert state.after(passed, thresholds, needed - 1).result == state.result
        assert state.after(passed, thresholds, needed).result != state.result
    else:
        assert state.after(passed, thresholds, 50).result == state.result


@pytest.mark.parametrize("policy", ["IfNotPresent", "Always"])
def test_a_restart_asks_the_registry_only_where_the_policy_says_always(policy: str) -> None:
    from sim.steps import Edit, Effect

    class Outage:
        def edits(self, luck: Any) -> list[Edit]:
            crash = Edit(effect=Effect.CRASH_AFTER, value=after("30s"), version=STABLE)
            return [crash, Edit(effect=Effect.PULL_FAILURE, value=1.0, version=STABLE)]

    running = service(1, pull_policy=policy, containers=(container(image=100),))
    scene = Scene(scenario(running=running), strategy=BlueGreen(), failure=Outage())
    scene.play(5 * MINUTE)
    asked = [what for _, what in scene.story("stable/0") if what.startswith("ErrImagePull")]
    assert bool(asked) == (policy == "Always")
