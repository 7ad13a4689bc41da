"""What the act of releasing does to both versions: public cases with their right values, and the arithmetic of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.replication import replicate
from sim.scenario import load
from sim.scenario.corners import with_values
from sim.scenario.resolved import Scenario

CASES = Path(__file__).parents[1] / "cases"


def case(name: str, **values: Any) -> Scenario:
    scenario = load(CASES / f"{name}.yaml")
    return with_values(scenario, {path.replace("__", "."): value for path, value in values.items()})


def failed(scenario: Scenario, strategy: str, defect: str, plays: int = 2) -> float:
    """Net failed requests of a release, on the average of a few plays."""
    net = 0.0
    for index in range(plays):
        played = replicate(scenario, strategy=strategy, case=defect, index=index)
        twin = replicate(scenario, strategy=None, case="good", index=index)
        net += played.values["failed_requests"] - twin.values["failed_requests"]
    return net / plays


@pytest.mark.parametrize("strategy", ["rolling", "blue-green"])
def test_fifteen_seconds_without_the_api_cost_three_thousand_requests_by_any_strategy(strategy: str) -> None:
    assert failed(case("migration-lock"), strategy, "lock") == pytest.approx(15 * 200, rel=0.05)


@pytest.mark.parametrize(
    ("strategy", "right"),
    [
        ("rolling", 40 * 480 / 3),
        ("canary-1", 40 * 480 * 2 * 0.01 * 0.99),
        ("canary-50", 40 * (480 + 29) / 2),  # while the rest of the fleet starts, half still goes to each
        ("blue-green", 0),
    ],
)
def test_a_renamed_field_costs_two_w_times_one_minus_w_of_the_requests(strategy: str, right: float) -> None:
    found = failed(case("renamed-field"), strategy, "renamed")
    assert found == pytest.approx(right, rel=0.05, abs=3 * right**0.5)


@pytest.mark.parametrize("strategy", ["canary-1", "canary-50"])
def test_a_renamed_field_costs_nothing_where_users_are_sticky(strategy: str) -> None:
    sticky = case("renamed-field", traffic__users__sticky=True)
    assert failed(sticky, strategy, "renamed", plays=1) == 0


@pytest.mark.parametrize(("lasts", "right"), [("15s", 15 * 200), ("2s", 0)])
@pytest.mark.parametrize("strategy", ["rolling", "blue-green"])
def test_a_lock_costs_whom_it_outlasts_and_nobody_where_it_ends_before_their_patience(
    strategy: str, lasts: str, right: int
) -> None:
    locked = case(
        "migration-lock",
        service__pod__app__start="30s",
        release__defects__lock={"share": "100%", "kind": "lock", "lasts": lasts},
    )
    assert failed(locked, strategy, "lock", plays=1) == pytest.approx(right, rel=0.05)


def test_a_planned_lock_is_paid_by_good_releases_too_and_never_by_the_twin() -> None:
    planned = case(
        "migration-lock",
        service__pod__app__start="30s",
        release__effects={"migration": {"kind": "lock", "lasts": "15s"}},
    )
    twin = replicate(planned, strategy=None, case="good", index=0)
    assert twin.values["failed_requests"] == 0
    assert failed(planned, "blue-green", "good", plays=1) == pytest.approx(15 * 200, rel=0.05)
