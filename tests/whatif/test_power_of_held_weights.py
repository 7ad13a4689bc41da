"""A gate that holds the weight is tried with the weight held, and metrics with the faults they have."""

from dataclasses import replace
from typing import Any

import pytest

from sim.doors import kinds
from sim.gates import Gate
from sim.metric_faults import Faults
from sim.whatif.closed_form import chance_to_stop
from sim.whatif.power import Watch, try_gates
from sim.whatif.rehearsal import Hold, held_longer
from sim.whatif.trials import Setting, Trial

GATE = Watch("g")
S = 10**9
MINUTE = 60 * S


def setting(*holds: Hold, **more: Any) -> Setting:
    plain = Setting(
        streams=("all",),
        rate=lambda _: (100.0,),
        holds=holds or (Hold(start=0, end=10 * MINUTE, share=0.1), Hold(start=10 * MINUTE, end=15 * MINUTE, share=0.5)),
        errors=0.001,
        scrape=15 * S,
        seed=5,
    )
    return replace(plain, **more)


def gate_of(**written: Any) -> Gate:
    kind = written.pop("kind")
    gate: Gate = kinds("gates")[kind].model_validate({"delay": "0s"} | written)
    return gate


def test_a_release_is_the_same_up_to_the_hold_that_lasts_longer() -> None:
    work = type("Law", (), {"quantile": lambda _, share: 1e8 * (1 + share)})()
    trial = Trial(setting(work=(work,)), 3)
    longer = trial.under(held_longer(trial.setting.holds, 0, 12 * MINUTE))
    before, after = trial.scraped(0.01), longer.scraped(0.01)
    same = 10 * MINUTE // (15 * S) + 1
    assert (before.requests[:same] == after.requests[:same]).all()
    assert (before.errors[:same] == after.errors[:same]).all()
    assert before.latency is not None
    assert after.latency is not None
    assert (before.latency[:same] == after.latency[:same]).all()


def test_flagger_spends_more_of_its_errors_at_the_small_weight_than_a_clock_would() -> None:
    """With a threshold out of reach, each failed check is one more tick: the bad release lasts longer."""
    gate = gate_of(kind="flagger", success="99.5%", threshold=10**6)
    held, by_clock = (
        try_gates({"g": gate}, setting(), (0.005,), releases=40, prolongs=prolongs)[GATE][0]
        for prolongs in (True, False)
    )
    assert held.errors.value > 1.3 * by_clock.errors.value


COUNTED = {"success_condition": "result >= 99%", "interval": "1m", "initial_delay": "1m", "count": 12}


def test_a_counted_analysis_run_is_judged_to_its_end_beyond_a_short_hold() -> None:
    """Twelve measurements in a hold of three minutes: the clock would let three of them be taken."""
    gate = gate_of(kind="argo", metrics={"rate": COUNTED | {"failure_limit": 5}})
    where = setting(Hold(start=0, end=3 * MINUTE, share=0.1))
    held, by_clock = (
        try_gates({"g": gate}, where, (0.05,), releases=20, prolongs=prolongs)[GATE][0].stopped.value
        for prolongs in (True, False)
    )
    assert (held, by_clock) == (1.0, 0.0)


def test_no_gate_holds_the_weight_beyond_the_horizon() -> None:
    """Five successes in a row never come, and failures have no limit: in life the rollout would hang."""
    metric = COUNTED | {"count": None, "failure_limit": -1, "consecutive_success_limit": 5}
    gate = gate_of(kind="argo", metrics={"rate": metric})
    where = setting(Hold(start=0, end=3 * MINUTE, share=0.1), horizon=20 * MINUTE)
    assert try_gates({"g": gate}, where, (0.5,), releases=3)[GATE][0].stopped.value == 0.0


def test_a_gate_that_would_hold_for_longer_than_the_horizon_is_tried_up_to_it() -> None:
    """Twelve failed checks come at once when half of the requests fail, the last of them at 13 minutes."""
    gate = gate_of(kind="flagger", success="99.5%", threshold=12)
    where = setting(Hold(start=0, end=10 * MINUTE, share=0.1), horizon=15 * MINUTE)
    assert try_gates({"g": gate}, where, (0.5,), releases=3)[GATE][0].stopped.value == 1.0


def test_a_gate_that_holds_nothing_is_tried_alike_either_way() -> None:
    gate = gate_of(kind="threshold", success="99.5%")
    held, by_clock = (
        try_gates({"g": gate}, setting(), (0.003,), releases=40, prolongs=prolongs)[GATE] for prolongs in (True, False)
    )
    assert held == by_clock


def test_flagger_finds_a_slight_rise_more_often_than_by_the_clock() -> None:
    gate = gate_of(kind="flagger", success="99.5%", threshold=6)
    held, by_clock = (
        try_gates({"g": gate}, setting(), (0.003,), releases=100, prolongs=prolongs)[GATE][0].stopped.value
        for prolongs in (True, False)
    )
    assert held > by_clock


def test_noise_makes_a_gate_on_a_bound_stop_good_releases_more_often() -> None:
    gate, steady = gate_of(kind="threshold", success="99%"), setting(errors=0.003)
    noisy = replace(steady, faults=Faults(errors=0.8, correlation=0.9))
    calm, shaken = (try_gates({"g": gate}, where, (0.003,), releases=150)[GATE][0].stopped for where in (steady, noisy))
    assert shaken.value > calm.value


def test_errors_spent_are_those_that_were_made_and_not_those_that_were_seen() -> None:
    gate = gate_of(kind="threshold", success="1%")
    truth, noisy = setting(), setting(faults=Faults(errors=1.0, correlation=0.99))
    grades = [try_gates({"g": gate}, where, (0.02,), releases=30)[GATE][0] for where in (truth, noisy)]
    assert grades[0].errors == grades[1].errors


@pytest.mark.parametrize("reads", ["stable", "service", "nothing"])
def test_a_gate_wired_wrong_misses_what_it_would_find(reads: str) -> None:
    written = {"kind": "threshold", "success": "97%"}
    right, wrong = gate_of(**written), gate_of(**written, wrong_series={"reads": reads})
    found = try_gates(
        {"right": right, "wrong": wrong}, setting(Hold(start=0, end=10 * MINUTE, share=0.05)), (0.1,), releases=20
    )
    assert (found[Watch("right")][0].stopped.value, found[Watch("wrong")][0].stopped.value) == (1.0, 0.0)


def test_there_is_no_formula_for_metrics_with_faults() -> None:
    gate = gate_of(kind="threshold", success="99%")
    where = setting(Hold(start=0, end=10 * MINUTE, share=0.05), scrape=60 * S)
    assert chance_to_stop(gate, where, 0.01) is not None
    assert chance_to_stop(gate, replace(where, faults=Faults(missing=0.1)), 0.01) is None


def test_anytime_valid_means_nothing_against_noise_of_one_version() -> None:
    """Clumps that only one version has are no chance of Poisson's: the level does not hold, and this is said."""
    gate = gate_of(kind="two_arm", alpha="5%", every="1m")
    where = setting(Hold(start=0, end=60 * MINUTE, share=0.3), errors=0.02)
    noisy = replace(where, faults=Faults(errors=1.0, correlation=0.95))
    shares = [try_gates({"g": gate}, each, (0.02,), releases=60)[GATE][0].stopped.value for each in (where, noisy)]
    assert shares[0] <= 0.1
    assert shares[1] > 0.2
