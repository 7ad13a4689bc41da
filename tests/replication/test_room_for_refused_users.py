"""Users of a closed loop who are refused at once ask far oftener than their work would let them: there is room."""

from __future__ import annotations

from typing import Any

import pytest
from releases import scenario_data

from sim.arrivals.closed import Closed
from sim.replication import most_requests, replicate
from sim.scenario import from_data
from sim.scenario.demand import asked_by_one
from sim.scenario.resolved import Scenario

SECOND = 10**9
HEAVY = {"p50": "10ms", "p99": "2m"}
"""A mean of eleven minutes: in two of them users think four seconds on average."""


def overrun(think: Any, *, users: int = 200, cutoff: str | None = None) -> Scenario:
    """Ten slots, no queue, and requests that take ten seconds: of 200 users nearly all are turned away."""
    loop = {"arrivals": {"kind": "closed", "users": users, "think": think}, "work": "10s"}
    study = {"horizon": "2m", "warm_up": "20s"} | ({"user_cutoff": cutoff} if cutoff else {})
    service = {"concurrency": 2, "queue": 0}
    return from_data(
        scenario_data(service=service, study=study, traffic={"profile": {"0m": "100%"}, "streams": {"loop": loop}})
    )


def test_the_twin_of_an_overrun_loop_is_played_with_a_row_for_each_of_its_warm_ups_requests() -> None:
    twin = replicate(overrun("100ms"), strategy=None, case="good", index=0)
    assert twin.values["requests"] > 200_000
    assert "drift" in twin.values


@pytest.mark.parametrize("think", ["100ms", {"kind": "exponential", "mean": "100ms"}, HEAVY], ids=str)
def test_no_more_requests_are_made_than_twice_those_expected_at_most(think: Any) -> None:
    given = overrun(think, cutoff="30s")
    played = replicate(given, strategy="canary", case="good", index=0, story=True).ledger
    assert played is not None
    assert int(played.finished[0]) < 2 * most_requests(given)


def test_a_user_who_never_waits_asks_once_per_thought() -> None:
    assert asked_by_one(loop({"kind": "exponential", "mean": "1s"}), 600 * SECOND) == pytest.approx(600, rel=0.01)


def test_thoughts_that_outlast_the_time_watched_do_not_make_a_user_ask_seldom() -> None:
    heavy = loop(HEAVY)
    assert asked_by_one(heavy, 120 * SECOND) > 10 * 120 * SECOND / heavy.gap().mean()


def loop(think: Any) -> Closed:
    return Closed.model_validate({"kind": "closed", "users": 1, "think": think})
