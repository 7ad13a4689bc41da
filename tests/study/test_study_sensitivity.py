"""Other weights on the same releases: what they do to the verdict, and which unstopped releases did no harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import imagined_studies as imagined
import pytest

from sim.scenario.resolved import Prices
from sim.study.cells import TWIN, Cell, Job
from sim.study.findings import Swing
from sim.study.harm import harmless_unstopped, plans_to_roll_back
from sim.study.rows import Row, Table
from sim.study.ruling import evidence, rule
from sim.study.sensitivity import swings
from sim.study.spread import spreads

COUNT = 4
LOSSES = {"sudden": {"good": 0, "errors": 100, "slow": 0}, "careful": {"good": 1, "errors": 10, "slow": 30}}


def table_of(figures: Mapping[str, Mapping[str, Mapping[str, list[float]]]]) -> tuple[Table, dict[str, int]]:
    """Strategy, case and measure to the figures of indexes 0, 1, 2 …"""
    table = Table(imagined.subtracted)
    for strategy, cases in figures.items():
        for case, measures in cases.items():
            for index in range(COUNT):
                values = {measure: float(column[index]) for measure, column in measures.items()}
                table.add([Row.of(Job(Cell(strategy, case), index), values, {})])
                table.add([Row.of(Job(TWIN, index), dict.fromkeys(values, 0.0), {})])
    return table, {case: COUNT for cases in figures.values() for case in cases}


def swung(zone: float = 5.0) -> dict[str, Swing]:
    scenario = imagined.scenario({"sudden": "switch:1", "careful": "weight:1"}, indifferent=zone)
    figures = {
        strategy: {
            case: {"failed_requests": [loss] * COUNT, "duration": [60.0] * COUNT} for case, loss in cases.items()
        }
        for strategy, cases in LOSSES.items()
    }
    table, counts = table_of(figures)
    seen = evidence(table, scenario, counts)
    return {each.input: each for each in swings(table, scenario, counts, seen, rule(seen, {}))}


def by_pencil(rate: float, errors: float) -> float:
    """What the careful strategy saves against the sudden one, by hand."""
    apart = {case: LOSSES["sudden"][case] - LOSSES["careful"][case] for case in LOSSES["sudden"]}
    return (1 - rate) * apart["good"] + rate * (errors * apart["errors"] + (1 - errors) * apart["slow"])


def test_a_swing_is_the_advantage_with_other_weights_by_pencil() -> None:
    rate, found = imagined.scenario().release.change_failure_rate, swung()["how often releases are bad"]
    assert (found.chosen, found.other) == ("careful", "sudden")
    assert found.at_low.value == pytest.approx(by_pencil(rate / 2, 0.6))
    assert found.at_high.value == pytest.approx(by_pencil(rate * 2, 0.6))


def test_half_and_double_of_a_defect_keep_the_rate_of_bad_releases() -> None:
    rate, found = imagined.scenario().release.change_failure_rate, swung()["errors among bad releases"]
    assert found.at_low.value == pytest.approx(by_pencil(rate, 0.3 / 0.7))
    assert found.at_high.value == pytest.approx(by_pencil(rate, 1.2 / 1.6))
    assert (found.low, found.high) == ("43 %", "75 %")


def test_what_moves_the_advantage_most_comes_first() -> None:
    moved = [abs(each.at_high.value - each.at_low.value) for each in swung().values()]
    assert moved == sorted(moved, reverse=True)
    assert len(moved) == 3


def test_a_swing_names_who_is_better_only_beyond_the_zone() -> None:
    assert {each.better for each in swung(zone=1000.0).values()} == {None}


def test_the_price_of_an_aborted_good_release_swings_by_those_that_are_lost() -> None:
    """The careful strategy loses half of its good releases at 10 each: half and double of that, by pencil."""
    prices = Prices(
        currency="EUR", failed_request=1.0, down_minute=0.0, down_below=0.99, pod_hour=0.0, delay_hour=0.0,
        releases_per_year=None, aborted_release=10.0,
    )  # fmt: skip
    scenario = imagined.scenario({"sudden": "switch:1", "careful": "weight:1"}, indifferent=5.0, decide_by="loss")
    scenario = replace(scenario, prices=prices)
    lost = {"sudden": [0.0] * COUNT, "careful": [0.0, 1.0, 0.0, 1.0]}
    figures = {}
    for strategy, cases in LOSSES.items():
        figures[strategy] = {
            case: {
                "not_shipped": gone,
                "loss": [failed + 10.0 * each for each in gone],
                "failed_requests": [failed] * COUNT,
                "duration": [60.0] * COUNT,
            }
            for case, failed in cases.items()
            for gone in [lost[strategy] if case == "good" else [0.0] * COUNT]
        }
    table, counts = table_of(figures)
    seen = evidence(table, scenario, counts)
    found = {each.input: each for each in swings(table, scenario, counts, seen, rule(seen, {}))}
    moved = found["price of an aborted good release"]
    good = 1 - scenario.release.change_failure_rate
    assert moved.other == "careful"
    assert moved.at_high.value - moved.at_low.value == pytest.approx(good * 0.5 * (20.0 - 5.0))


def unstopped(failed: list[float], slow: list[float]) -> float:
    measures = {"stopped_nobody": [1.0, 1.0, 1.0, 0.0], "failed_requests": failed, "slow_requests": slow}
    table, counts = table_of({"canary": dict.fromkeys(("good", "errors", "slow"), measures)})
    return harmless_unstopped(table, imagined.scenario({"canary": "weight:1"}), counts, "canary").value


def test_harmless_is_what_nobody_stopped_and_nobody_felt() -> None:
    assert unstopped(failed=[0, 5, 0, 0], slow=[0, 0, 0, 0]) == pytest.approx(0.5)


def test_what_only_made_users_wait_is_no_harmless_release() -> None:
    assert unstopped(failed=[0, 0, 0, 0], slow=[3, 4, 0, 0]) == pytest.approx(0.25)


def test_a_rollback_on_purpose_is_known_by_the_strategy() -> None:
    kind: Any = SimpleNamespace(then="rollback")
    scenario = imagined.scenario({"rehearsal": "weight:1", "canary": "weight:1"})
    first = replace(scenario.strategies[0], strategy=kind)
    scenario = replace(scenario, strategies=(first, *scenario.strategies[1:]))
    assert plans_to_roll_back(scenario, "rehearsal")
    assert not plans_to_roll_back(scenario, "canary")


def test_a_spread_tells_how_many_feel_nothing_and_the_worst() -> None:
    measures = {"failed_requests": [0.0, 0.0, 4.0, 8.0], "down_99": [0.0] * COUNT}
    table, counts = table_of({"canary": dict.fromkeys(("good", "errors", "slow"), measures)})
    found = spreads(table, imagined.scenario({"canary": "weight:1"}), counts)
    bad = found["failed_requests", "canary", "bad"]
    assert (bad.untouched.value, bad.worst, bad.n) == (0.5, 8.0, 8)
    assert found["down_99", "canary", "good"].untouched.value == 1.0
    assert found["down_99", "canary", "good"].untouched.low < 0.6
