"""A price list is read, prices what was measured, and is refused where it says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.scenario import Scenario, from_data, identity, load
from sim.study.charges import for_one_lost
from sim.study.joins import loss

TEXTBOOK = load(Path(__file__).parents[2] / "scenarios" / "textbook.yaml")


def priced(**prices: Any) -> Scenario:
    return from_data({**TEXTBOOK.document, "prices": prices})


def test_a_loss_is_the_sum_of_what_is_priced() -> None:
    prices = priced(failed_request=0.5, down_minute=10, pod_hour=2, delay_hour=30).prices
    assert prices is not None
    figures = {"failed_requests": 100.0, "down_99": 120.0, "pod_hours": 9.0, "duration": 1800.0}
    assert loss(prices, figures, {"pod_hours": 5.0}) == 50 + 20 + 8 + 15


def test_a_good_release_that_does_not_ship_costs_its_price_and_the_hours_until_it_is_tried_again() -> None:
    prices = priced(aborted_release=500, delay_hour=30, tried_again_after="24h").prices
    assert prices is not None
    figures = {"failed_requests": 0.0, "duration": 1800.0}
    assert loss(prices, {**figures, "not_shipped": 1.0}, {}) == 500 + 15 + 24 * 30
    assert loss(prices, {**figures, "not_shipped": 0.0}, {}) == 15
    assert for_one_lost(prices) == 500 + 24 * 30


def test_an_aborted_release_is_a_price_of_its_own() -> None:
    prices = priced(aborted_release=500).prices
    assert prices is not None
    assert (prices.aborted_release, prices.tried_again_after) == (500, 0)
    assert loss(prices, {"failed_requests": 3.0, "not_shipped": 1.0}, {}) == 500


def test_what_is_not_priced_need_not_be_measured() -> None:
    prices = priced(failed_request=0.5).prices
    assert prices is not None
    assert loss(prices, {"failed_requests": 4.0}, {}) == 2.0


def test_prices_change_no_replication() -> None:
    assert identity(priced(failed_request=1)) == identity(TEXTBOOK)


def test_without_a_price_list_there_is_none() -> None:
    assert TEXTBOOK.prices is None


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ({"currency": "EUR"}, "prices nothing"),
        ({"node_hour": 0.4}, "prices nothing of a release"),
        ({"failed_request": 1, "down_below": "97%"}, "write one of 50%, 95%, 99%, 99.9%"),
        ({"failed_requests": 1}, "failed_request"),
        ({"failed_request": -1}, "is below 0"),
        ({"aborted_release": -1}, "is below 0"),
        ({"aborted_release": 5, "tried_again_after": "4h"}, "costs nothing without delay_hour"),
    ],
)
def test_a_price_list_that_says_nothing_is_refused(prices: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        priced(**prices)


def test_a_loss_can_only_decide_where_there_are_prices() -> None:
    study = {**TEXTBOOK.document["study"], "decide_by": "loss"}
    with pytest.raises(ScenarioError, match="needs a section prices"):
        from_data({**TEXTBOOK.document, "study": study})


def test_where_loss_decides_the_zone_is_priced_too() -> None:
    study = {key: value for key, value in TEXTBOOK.document["study"].items() if key != "indifferent"}
    in_requests = from_data({**TEXTBOOK.document, "study": study})
    found = from_data({**TEXTBOOK.document, "study": study | {"decide_by": "loss"}, "prices": {"failed_request": 0.5}})
    assert found.study.indifferent == pytest.approx(0.5 * in_requests.study.indifferent)
