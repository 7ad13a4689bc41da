"""A request that waits for its dependency holds its slot meanwhile, in what is measured as in what is reckoned."""

from __future__ import annotations

import pytest
from releases import scenario_data

from sim.replication import replicate
from sim.scenario import from_data
from sim.scenario.arithmetic import fleet_arithmetic


def test_slots_left_are_those_that_neither_work_nor_calls_hold() -> None:
    stream = {"peak": "10/s", "arrivals": "constant", "work": "40ms", "calls": {"db": 3}}
    data = scenario_data(dependencies={"db": {"connections": 99, "per_pod": 5, "concurrency": 50, "work": "20ms"}})
    data["traffic"] = {"streams": {"all": stream}}
    scenario = from_data(data)
    left = replicate(scenario, strategy=None, case="good", index=0).values["headroom.slots"]
    assert left == pytest.approx(1 - 10 * (0.04 + 3 * 0.02) / 6, abs=0.005)
    assert left == pytest.approx(1 - fleet_arithmetic(scenario).use_at_peak, abs=0.005)
