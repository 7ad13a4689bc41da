"""User-uptime through whole replications: opt-in, exact, alike in both engines, and bounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from releases import scenario_data, with_defect

from sim.errors import ScenarioError, UsageError
from sim.replication import replicate, rows_of_requests
from sim.scenario import from_data
from sim.scenario.resolved import Scenario
from sim.stats.uptime import of_users


def scenario(cutoff: str | None = "30s", **sections: Any) -> Scenario:
    study = {"horizon": "3m", "warm_up": "20s", "pilot": 2, "cap": 2} | ({"user_cutoff": cutoff} if cutoff else {})
    bad = with_defect({"kind": "error_rate", "rate": "30%"})
    return from_data(scenario_data(study=study, release=bad, **sections))


def play(of: Scenario, engine: str = "compiled", **words: Any) -> Any:
    return replicate(of, **({"strategy": "canary", "case": "flaw", "index": 0, "engine": engine} | words))


def test_both_engines_measure_the_same() -> None:
    one, other = play(scenario()).values, play(scenario(), "reference").values
    assert {name: one[name] for name in one if "uptime" in name} == {n: other[n] for n in other if "uptime" in n}


def test_it_is_what_the_rows_say_user_by_user() -> None:
    record = play(scenario(), story=True)
    rows = record.ledger.record[: record.ledger.finished[0]]
    rows = rows[rows[:, 2] >= 0]
    rows = rows[np.argsort(rows[:, 2], kind="stable")]
    users = [(mine[:, 2], mine[:, 4] == 0) for mine in (rows[rows[:, 8] == user] for user in range(200))]
    assert record.values["user_uptime"] == pytest.approx(of_users(users, 30e9).share, rel=1e-12)


def test_a_bad_release_takes_time_from_users_that_its_twin_gives_them() -> None:
    assert play(scenario()).values["user_uptime"] < play(scenario(), strategy=None, case="good").values["user_uptime"]


def test_measuring_it_changes_nothing_else() -> None:
    with_it, without = play(scenario()), play(scenario(None))
    assert with_it.digest == without.digest
    shared = {name: with_it.values[name] for name in without.values}
    assert shared == pytest.approx(without.values, rel=0, abs=0, nan_ok=True)


def test_without_a_cutoff_no_rows_are_kept() -> None:
    assert rows_of_requests(scenario(None)) == 0
    assert "user_uptime" not in play(scenario(None)).values


def test_there_is_room_for_more_requests_than_luck_ever_brings() -> None:
    bursts = {"streams": {"all": {"peak": "20/s", "work": "40ms", "arrivals": {"kind": "gamma", "cv": 10}}}}
    loud = scenario(traffic=bursts)
    finished = [int(play(loud, index=index, story=True).ledger.finished[0]) for index in range(5)]
    assert 2 * max(finished) < rows_of_requests(loud)


def test_more_requests_than_memory_should_hold_are_refused() -> None:
    many = scenario(traffic={"streams": {"all": {"peak": "100000/s", "work": "1ms"}}})
    with pytest.raises(UsageError, match="at most 10,000,000 are allowed; write a shorter horizon"):
        play(many)


def test_an_expectation_on_it_needs_the_cutoff() -> None:
    expect = [{"measure": "user_uptime", "mean": "> 99%"}]
    with pytest.raises(ScenarioError, match="needs user_cutoff under study"):
        scenario(None, expect=expect)
    assert scenario(expect=expect).expect
