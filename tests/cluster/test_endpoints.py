import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.journal import Gauge
from sim.laws.uniform import Uniform
from sim.strategies.recreate import Recreate
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE
from sim.world import Pool, Routing

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, after, container, scenario, service

SLOW_TO_KNOW = Uniform(low=0.0, high=20e9)


def listed(scene: Scene, proxy: int, pool: Pool) -> list[int]:
    routes = scene.world.columns.routes
    return routes.endpoint[proxy, pool, : routes.listed[proxy, pool]].tolist()


def test_a_proxy_learns_of_a_change_a_lag_later() -> None:
    scene = Scene(scenario(running=service(2, endpoint_lag=after("3s"))))
    scene.play(0)
    scene.cluster.fleets[STABLE].scale(1)
    scene.play(3 * SECOND - 1)
    assert listed(scene, 0, Pool.STABLE) == [0, 1]
    scene.play(3 * SECOND)
    assert listed(scene, 0, Pool.STABLE) == [0]


def test_each_proxy_has_its_own_view() -> None:
    scene = Scene(scenario(running=service(2, proxies=8, endpoint_lag=SLOW_TO_KNOW)))
    scene.play(0)
    scene.cluster.fleets[STABLE].scale(1)
    scene.play(10 * SECOND)
    known = [len(listed(scene, proxy, Pool.STABLE)) for proxy in range(8)]
    assert set(known) == {1, 2}


@settings(max_examples=25)
@given(index=st.integers(0, 10**6))
def test_a_late_change_never_undoes_a_later_one(index: int) -> None:
    scene = Scene(
        scenario(running=service(3, proxies=3, endpoint_lag=SLOW_TO_KNOW), new=(container(start=after("0s")),)),
        strategy=Rolling.model_validate({"surge": 3, "unavailable": 0}),
        index=index,
    )
    scene.play(5 * SECOND)
    for size in (1, 3, 0, 2):  # pods come and go faster than proxies learn
        scene.cluster.fleets[NEW].scale(size)
        scene.play(int(scene.clock.now) + 2 * SECOND)
    scene.play(10 * MINUTE)
    truth = sorted(pod.place for pod in scene.pods(NEW) if pod.ready and not pod.deleted)
    assert [listed(scene, proxy, Pool.NEW) for proxy in range(3)] == [truth] * 3


def test_pools_hold_their_versions_and_one_service_holds_both() -> None:
    scene = Scene(scenario(running=service(2)), strategy=Rolling.model_validate({"surge": 2, "unavailable": 0}))
    assert listed(scene, 0, Pool.ALL) == [0, 1]
    scene.play(10 * SECOND)
    scene.play(11 * SECOND - 1)
    assert (listed(scene, 0, Pool.STABLE), listed(scene, 0, Pool.NEW)) == ([0, 1], [])
    scene.play(11 * SECOND)
    assert (listed(scene, 0, Pool.STABLE), listed(scene, 0, Pool.NEW)) == ([], [2, 3])
    assert listed(scene, 0, Pool.ALL) == [2, 3]


def test_nothing_is_routed_otherwise_before_the_release() -> None:
    scene = Scene(strategy=Rolling())
    scene.play(-1)
    assert scene.world.columns.routes.mode[0] == Routing.BY_WEIGHT
    scene.play(0)
    assert scene.world.columns.routes.mode[0] == Routing.BY_POD


def test_a_blackout_lasts_from_the_last_known_endpoint_to_the_next() -> None:
    scene = Scene(strategy=Recreate())
    scene.play(MINUTE)
    assert scene.gauge(Gauge.BLACKOUT) == [(-60.0, 0.0), (1.0, 1.0), (11.0, 0.0)]
