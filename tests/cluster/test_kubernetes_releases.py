"""Where Kubernetes 1.28 and newer releases differ: tolerances, the replacement of pods, and what a file may say."""

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.rolling import Limits, Sized, reconcile_each
from sim.errors import ScenarioError
from sim.hpa.calculator import Tolerances, for_utilisation, is_steady
from sim.hpa.pods import Metric, PodSeen
from sim.journal import Gauge
from sim.scenario import from_text
from sim.scenario.resolved import Shutdown
from sim.steps import Decision
from sim.strategies.rolling import Rolling
from sim.versions import STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, scenario, service

BASE = """
rollrisk: 1
name: old and new
question: What may be said of an older Kubernetes?
service:
  replicas: 4
  concurrency: 2
  pod: {{app: {{start: 5s}}}}
  autoscaler: {{kind: hpa, min: 2, max: 8{autoscaler}}}
  restarts: {{{restarts}}}
nodes: {{count: 2, cpu: 4, memory: 8Gi, kubernetes: "{kubernetes}"}}
traffic:
  users: {{count: 10}}
  streams: {{web: {{peak: 10/s, work: {{p50: 5ms, p95: 9ms}}}}}}
release: {{baseline_errors: 0%, change_failure_rate: 0%}}
oncall: none
strategies:
  rolling: {{kind: rolling{rolling}}}
"""


def written(kubernetes: str, **words: str) -> str:
    return BASE.format(kubernetes=kubernetes, **({"autoscaler": "", "restarts": "late: 0s", "rolling": ""} | words))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"autoscaler": ", down: {tolerance: 5%}"}, "service.autoscaler.down.tolerance"),
        ({"restarts": "longest: 1m"}, "service.restarts.longest"),
        ({"rolling": ", replacement: complete"}, "strategies.rolling.replacement"),
    ],
)
def test_what_an_older_release_cannot_do_is_refused_there_and_understood_by_newer_ones(
    words: dict[str, str], told: str
) -> None:
    from_text(written("newest", **words))
    with pytest.raises(ScenarioError) as refused:
        from_text(written("1.28", **words))
    assert [told in str(problem) for problem in refused.value.problems] == [True]


def wish(percent: int, **words: Any) -> int:
    pods = [PodSeen(f"{n}", request=1000) for n in range(10)]
    metrics = {pod.name: Metric(10 * percent) for pod in pods}
    return for_utilisation(pods, metrics, current=10, target=50, is_cpu=False, **words).replicas


def test_each_direction_has_a_tolerance_of_its_own() -> None:
    wide_down = Tolerances(down=0.3, up=0.0)
    assert [wish(percent, tolerance=wide_down) for percent in (34, 35, 50, 51)] == [7, 10, 10, 11]


def test_the_edge_itself_is_within_the_tolerance_of_newer_releases_only() -> None:
    assert (wish(55, tolerance=Tolerances()), wish(55, tolerance=0.1)) == (10, 11)


@given(ratio=st.floats(0, 3), tolerance=st.floats(0, 0.9))
def test_beside_the_edge_both_rules_of_tolerance_agree(ratio: float, tolerance: float) -> None:
    if abs(abs(1 - ratio) - tolerance) > 1e-9:
        assert is_steady(ratio, tolerance) == is_steady(ratio, Tolerances(tolerance, tolerance))


def drained(replacement: str, replicas: int = 15) -> Scene:
    """A quarter more, a quarter fewer, and every pod takes a minute to go."""
    ends = Shutdown(pre_stop=60 * SECOND, grace=90 * SECOND)
    strategy = Rolling.model_validate({"replacement": replacement})
    scene = Scene(scenario(running=service(replicas, shutdown=ends)), strategy=strategy)
    scene.play(30 * MINUTE)
    assert scene.journal.decision is Decision.PROMOTED
    return scene


def most_pods(scene: Scene) -> float:
    return max(value for _, value in scene.gauge(Gauge.PODS))


def test_pods_that_terminate_are_nobodys_unless_they_are_replaced_after_their_end() -> None:
    assert most_pods(drained("started")) > 19
    assert most_pods(drained("complete")) == 19  # 15 and a surge of 4


def test_two_dozen_pods_stand_there_at_once_as_reported() -> None:
    """kubernetes#95498: 15 pods, 25 % and 25 %, a minute of draining: seven new beside three that go, 22 in all."""
    ends = Shutdown(pre_stop=60 * SECOND, grace=90 * SECOND)
    scene = Scene(scenario(running=service(15, shutdown=ends)), strategy=Rolling.model_validate({}))
    scene.play(0)
    pods = [pod for fleet in scene.cluster.fleets for pod in fleet.pods.values()]
    assert (len(pods), sum(pod.deleted for pod in pods), scene.cluster.fleets[STABLE].replicas) == (22, 3, 12)


def test_replacing_after_the_end_takes_longer_and_never_has_fewer_available() -> None:
    quick, slow = drained("started"), drained("complete")
    ends = [max(event.at for event in scene.journal.events if event.what == "gone") for scene in (quick, slow)]
    assert ends[0] < ends[1]
    ready = [min(a + b for a, b in ready_counts(scene)) for scene in (quick, slow)]
    assert ready == [12, 12]


def ready_counts(scene: Scene) -> list[tuple[float, float]]:
    stable, new = (dict(scene.gauge(gauge)) for gauge in (Gauge.READY_STABLE, Gauge.READY_NEW))
    found, now = [], [0.0, 0.0]
    for at in sorted({*stable, *new}):
        now = [stable.get(at, now[0]), new.get(at, now[1])]
        found.append((now[0], now[1]))
    return found


@given(
    sets=st.lists(
        st.integers(0, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=2, max_size=3
    ),
    limits=st.tuples(st.integers(1, 12), st.integers(0, 4), st.integers(1, 4)),
    terminating=st.integers(0, 12),
)
def test_waiting_for_ends_never_asks_for_more_than_not_waiting(
    sets: list[tuple[int, int]], limits: tuple[int, int, int], terminating: int
) -> None:
    sized, bounds = [Sized(*each) for each in sets], Limits(*limits)
    waiting, at_once = reconcile_each(sized, bounds, terminating=terminating), reconcile_each(sized, bounds)
    assert waiting[-1] <= at_once[-1]
    if waiting[-1] > sized[-1].asked:
        assert sum(waiting) + terminating <= bounds.replicas + bounds.surge
