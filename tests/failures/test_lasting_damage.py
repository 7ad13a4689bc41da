import math
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.damage import Spoilage
from sim.failures.latent_bug import LatentBug
from sim.failures.state_damage import StateDamage
from sim.steps import Damage
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.versions import NEVER, NEW, STABLE

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import MINUTE, SECOND, Scene

DAMAGE = Damage(rate=0.2, takes=100)


@given(st.floats(0.0, 1.0), st.integers(0, 10_000), st.integers(0, 10_000))
def test_damage_only_grows_while_the_new_version_serves(share: float, first: int, later: int) -> None:
    spoilt = Spoilage().serving(share, 0, DAMAGE)
    levels = [spoilt.at(now, DAMAGE) for now in (first, first + later)]
    assert 0.0 <= levels[0] <= levels[1] <= 1.0


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(1, 1000)), max_size=8))
def test_damage_depends_on_the_traffic_served_and_not_on_its_order(spells: list[tuple[float, int]]) -> None:
    def level(order: list[tuple[float, int]]) -> float:
        spoilt, now = Spoilage(), 0
        for share, length in order:
            spoilt, now = spoilt.serving(share, now, DAMAGE), now + length
        return spoilt.serving(0.0, now, DAMAGE).at(now, DAMAGE)

    exposure = sum(share * length for share, length in spells)
    assert level(spells) == pytest.approx(1.0 - math.exp(-exposure / DAMAGE.takes), abs=1e-9)
    assert level(spells) == pytest.approx(level(spells[::-1]), abs=1e-9)


def test_damage_rests_after_a_rollback_until_it_is_repaired() -> None:
    repaired = Damage(rate=0.2, takes=100, repair=50)
    spoilt = Spoilage().serving(1.0, 0, repaired).serving(0.0, 100, repaired)
    assert spoilt.at(149, repaired) == pytest.approx(1.0 - math.exp(-1.0))
    assert spoilt.at(150, repaired) == 0.0
    assert (spoilt.whole_at(repaired), spoilt.whole_at(DAMAGE)) == (150, NEVER)


def chance(play: Scene, version: int) -> float:
    return float(play.world.columns.versions.error_chance[version, 0])


def test_both_versions_stumble_over_the_damage_and_a_rollback_does_not_undo_it() -> None:
    damage = StateDamage.model_validate({"rate": "20%", "takes": "10m"})
    trial = Canary.model_validate({"steps": [{"weight": "50%", "hold": "10m"}], "then": "rollback"})
    play = Scene(strategy=trial, failure=damage)
    play.play(30 * MINUTE)
    assert play.pods(NEW) == []
    spoilt = 0.2 * (1.0 - math.exp(-0.5))
    assert chance(play, STABLE) == pytest.approx(spoilt, rel=0.1)
    play.play(60 * MINUTE)
    assert chance(play, STABLE) == pytest.approx(spoilt, rel=0.1)


def test_a_canary_spoils_less_than_a_switch() -> None:
    damage = StateDamage.model_validate({"rate": "20%", "takes": "30m"})
    spoilt = []
    for strategy in (
        Canary.model_validate({"steps": [{"weight": "5%", "hold": "20m"}]}),
        BlueGreen.model_validate({"keep_old": "20m"}),
    ):
        play = Scene(strategy=strategy, failure=damage)
        play.play(15 * MINUTE)
        spoilt.append(chance(play, STABLE))
    assert 0.0 < spoilt[0] < spoilt[1] / 5


def test_no_data_is_spoilt_where_nothing_is_released() -> None:
    play = Scene(failure=StateDamage.model_validate({"rate": "20%"}))
    play.play(60 * MINUTE)
    assert chance(play, STABLE) == 0.0


def test_a_latent_bug_sleeps_until_it_wakes() -> None:
    bug = LatentBug.model_validate({"wakes": "20m", "rate": "10%"})
    play = Scene(strategy=BlueGreen.model_validate({"keep_old": "1m"}), failure=bug)
    play.play(20 * MINUTE - SECOND)
    assert chance(play, NEW) == 0.0
    play.play(20 * MINUTE)
    assert chance(play, NEW) == pytest.approx(0.1)
