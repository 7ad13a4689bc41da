"""The reader is told what the horizon and the warm-up cut off, and only then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagined_studies as imagined
import numpy as np
import pytest

from sim.replication import replicate
from sim.scenario import from_data, load
from sim.study import estimates
from sim.study.cells import TWIN, Job
from sim.study.censoring import cautions
from sim.study.findings import Estimate
from sim.study.rows import Row

HOUR = 60 * imagined.MINUTE
SCENARIO = imagined.scenario(horizon=2 * HOUR)
TEXTBOOK = Path(__file__).parents[2] / "scenarios" / "textbook.yaml"


def twins(drifts: Any, failed: float = 20.0) -> list[Row]:
    return [
        Row.of(Job(TWIN, index), {"failed_requests": failed, "drift": float(drift)}, {})
        for index, drift in enumerate(drifts)
    ]


def figure(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value, n=50, method="t")


def bad(strategy: str, *, lost: float, nobody: float, per_hour: float) -> dict[tuple[str, str, str], Estimate]:
    """A strategy's bad releases in two hours: what they lost, how many nobody stopped, what still fails at the end."""
    figures = {"failed_requests": lost, "stopped_nobody": nobody, "failed_per_hour_at_end": per_hour}
    return {(measure, strategy, "bad"): figure(value) for measure, value in figures.items()}


STEADY = np.linspace(-0.04, 0.04, 20)


def test_a_steady_start_and_releases_that_end_need_no_caution() -> None:
    found = bad("canary", lost=100, nobody=0.0, per_hour=0.0) | {("unfinished", "canary", "good"): figure(0.0)}
    assert cautions(SCENARIO, found, twins(STEADY)) == ()


def test_a_service_that_is_still_filling_up_is_named_with_a_warm_up_to_write() -> None:
    (caution,) = cautions(SCENARIO, {}, twins(STEADY + 0.1))
    assert "requests take 10 % longer in the last quarter of the warm-up" in caution
    assert "Write warm_up: 2m" in caution


def test_a_drift_that_may_be_chance_is_not_named() -> None:
    assert cautions(SCENARIO, {}, twins(np.tile([-0.9, 1.0], 10))) == ()


def test_too_few_twins_say_nothing_of_the_start() -> None:
    assert cautions(SCENARIO, {}, twins([0.5] * 9)) == ()


def test_harm_that_outlasts_the_horizon_is_told_net_of_the_usual_failures() -> None:
    # 30 an hour of which 0.5 x 10 an hour would fail anyway: 50 more in another two hours, on top of 100.
    found = bad("canary", lost=100, nobody=0.5, per_hour=30.0) | bad("blue-green", lost=900, nobody=0.5, per_hour=30.0)
    (caution,) = cautions(SCENARIO, found, twins(STEADY))
    assert "would add 50 % (canary) to the failed requests of a bad release" in caution


def test_usual_failures_of_a_harmless_release_that_nobody_stopped_are_no_harm() -> None:
    found = bad("canary", lost=1, nobody=1.0, per_hour=10.0)
    assert cautions(SCENARIO, found, twins(STEADY)) == ()


def test_good_releases_still_under_way_are_named() -> None:
    (caution,) = cautions(SCENARIO, {("unfinished", "canary", "good"): figure(0.3)}, twins(STEADY))
    assert caution.startswith("good releases still under way after 2h: 30 % (canary)")


def test_a_mean_time_says_that_it_is_cut_at_the_horizon() -> None:
    columns = {case: np.array([60.0, 120.0, 7200.0]) for case in ("errors", "slow")}
    told = estimates.estimate(columns, {"errors": 0.5, "slow": 0.5}, 0.95, measure="time_to_detect")
    assert told.method.endswith("of what is at most the horizon")


def drift(index: int, **service: Any) -> float:
    document = load(TEXTBOOK).document
    small = {**document["study"], "horizon": "1m", "pilot": 2, "cap": 2}
    scenario = from_data({**document, "service": {**document["service"], **service}, "study": small})
    return float(replicate(scenario, strategy=None, case="good", index=index).values["drift"])


@pytest.mark.parametrize(("queue", "settled"), [(50, True), (100_000, False)])
def test_a_fleet_that_does_not_carry_its_load_never_settles(queue: int, settled: bool) -> None:
    replicas = 5 if settled else 1
    drifts = [drift(index, queue=queue, replicas=replicas, concurrency=4 if settled else 2) for index in range(12)]
    assert (cautions(SCENARIO, {}, twins(drifts)) == ()) is settled


def test_the_drift_is_that_of_the_twins_own_warm_up() -> None:
    assert drift(0) == drift(0) != drift(1)
