"""CUSUM: run lengths of a published kind, and the chance of an alarm by an independent recursion."""

import math

import numpy as np
import pytest

from sim.stats.cusum import Cusum

TEST = {"good": 0.001, "bad": 0.01}
RUN_LENGTHS = {5: (47_200, 349), 7: (347_000, 505)}
"""Mean requests to an alarm at 0.1 and at 1 %: an independent simulation, 1,500 runs each."""


def simulated_run_length(test: Cusum, ratio: float, runs: int, seed: int) -> tuple[float, float]:
    """Mean requests to an alarm, error by error, and its standard error."""
    luck, lengths = np.random.Generator(np.random.PCG64(seed)), []
    for _ in range(runs):
        total, requests = 0.0, 0
        while total < test.alarm_at:
            gap = int(luck.geometric(ratio))
            requests += gap
            total = test.after(test.after(total, gap - 1, 0), 1, 1)
        lengths.append(requests)
    return float(np.mean(lengths)), float(np.std(lengths) / math.sqrt(runs))


@pytest.mark.parametrize("alarm_at", sorted(RUN_LENGTHS))
@pytest.mark.parametrize("place", [0, 1])
def test_run_lengths_are_those_known_from_elsewhere(alarm_at: int, place: int) -> None:
    test, expected = Cusum(**TEST, alarm_at=float(alarm_at)), RUN_LENGTHS[alarm_at][place]
    found, error = simulated_run_length(test, (0.001, 0.01)[place], 400, seed=place)
    theirs = 0.03 * expected
    assert abs(found - expected) < 4 * math.hypot(error, theirs)


def test_the_chance_of_an_alarm_is_that_of_drawn_batches() -> None:
    test, batches, ratio = Cusum(**TEST, alarm_at=4.0), [300] * 20, 0.003
    luck, alarms, runs = np.random.Generator(np.random.PCG64(7)), 0, 4000
    for _ in range(runs):
        total = 0.0
        for requests, errors in zip(batches, luck.binomial(batches, ratio), strict=True):
            total = test.after(total, requests, int(errors))
            if total >= test.alarm_at:
                alarms += 1
                break
    share = alarms / runs
    assert test.chance_of_alarm(batches, ratio) == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / runs))


def test_request_by_request_the_grid_follows_the_sum() -> None:
    """The chance of an alarm within n requests is about 1 - exp(-n / run length) when good."""
    test = Cusum(**TEST, alarm_at=4.0)
    found = test.chance_of_alarm([1] * 5000, 0.001, cells=400)
    assert found == pytest.approx(1 - math.exp(-5000 / 13_600), rel=0.12)


def test_a_long_good_past_counts_for_nothing() -> None:
    test = Cusum(**TEST, alarm_at=5.0)
    assert test.after(0.0, 1_000_000, 0) == 0.0
    assert test.after(0.0, 10, 3) == test.after(test.after(0.0, 1_000_000, 0), 10, 3)


def test_always_failing_requests_raise_the_alarm_for_sure() -> None:
    test = Cusum(**TEST, alarm_at=5.0)
    assert test.chance_of_alarm([3], 1.0) == 1.0
