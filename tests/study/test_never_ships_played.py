"""The verdict on strategies that do not ship good releases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import imagined_studies as imagined
import numpy as np
import pytest

from sim.cli.status import Status, of_findings
from sim.replication import replicate
from sim.scenario import load
from sim.stats.settling import at_least, at_most, trials_without_a_hit
from sim.study import Run
from sim.study.findings import Findings, Shipping, Ships, Standing
from sim.study.ruling import Evidence, rule
from sim.study.shipping import judged
from sim.study.studies import Options

CASES = Path(__file__).parents[1] / "cases"
NEVER = Shipping(standing=Ships.DOES_NOT, lost=8, played=8, low=0.68, why="its pods do not fit the quota")
SURE = Shipping(standing=Ships.SHIPS, played=59, high=0.0495)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    run = Run(load(CASES / "never-ships-quiet-service.yaml"), tmp_path_factory.mktemp("quiet"), Options(workers=1))
    list(run)
    return run.findings()


def ruled(ships: dict[str, Shipping], **costs: float) -> Any:
    columns = {
        name: {case: np.full(20, 0.0 if case == "good" else cost) for case in imagined.CASES}
        for name, cost in costs.items()
    }
    scenario = imagined.scenario(dict.fromkeys(costs, "weight:1"), indifferent=5.0)
    return rule(Evidence(scenario=scenario, losses=columns, durations=dict.fromkeys(costs, 60.0)), {}, None, ships)


def test_a_gate_that_stops_almost_half_of_good_releases_cannot_win(quiet: Findings) -> None:
    assert quiet.ruling.recommended == "rolling"
    assert quiet.ruling.standings["canary"] == Standing.DOES_NOT_SHIP
    assert quiet.strategies == ("rolling", "canary")
    assert "canary does not ship here: " in quiet.ruling.sentence
    assert "its gate checks stops good releases" in quiet.ruling.sentence


def test_the_excluded_winner_is_named_with_what_would_let_it_in(quiet: Findings) -> None:
    assert quiet.ruling.excluded is not None
    assert quiet.ruling.excluded.name == "canary"
    assert f"With false_aborts: {100 * quiet.shipping['canary'].share:.0f}% under study canary" in quiet.ruling.sentence


def test_plays_stop_at_least_what_arithmetic_says(quiet: Findings) -> None:
    """And more: of one request in a window no rate can be taken, which Flagger counts as a failed check."""
    found = quiet.shipping["canary"]
    assert found.chance is not None
    assert 0.3 < found.chance < found.high


def test_the_cheapest_does_not_win_if_it_does_not_ship() -> None:
    found = ruled({"cheap": NEVER, "dear": SURE}, cheap=10.0, dear=1000.0)
    assert (found.recommended, found.none_ships) == ("dear", False)
    assert "cheap does not ship here: 8 of 8 good releases did not get through" in found.sentence
    assert found.excluded is not None
    assert found.excluded.name == "cheap"


def test_of_a_winner_that_never_ships_no_bound_is_told_that_would_admit_it() -> None:
    said = ruled({"cheap": NEVER, "dear": SURE}, cheap=10.0, dear=1000.0).sentence
    assert "If it shipped, cheap would be chosen" in said
    assert "With false_aborts" not in said
    assert "With false_aborts" in ruled({"cheap": replace(NEVER, lost=4), "dear": SURE}, cheap=10.0, dear=1e3).sentence


def test_who_would_have_lost_anyway_is_not_called_excluded() -> None:
    assert ruled({"cheap": SURE, "dear": NEVER}, cheap=10.0, dear=1000.0).excluded is None


def test_where_none_ships_nothing_is_recommended_and_the_exit_status_says_so() -> None:
    found = ruled({"one": NEVER, "other": NEVER}, one=10.0, other=1000.0)
    assert found.recommended is None
    assert found.sentence.startswith("None of these ships")
    told: Any = SimpleNamespace(interrupted=False, criteria=(), ruling=found)
    assert of_findings(told) == Status.NONE_SHIPS == 12
    told.ruling = replace(found, none_ships=False)
    assert of_findings(told) == Status.DONE


def test_what_is_not_settled_may_win_and_says_how_many_plays_would_settle_it() -> None:
    few = Shipping(standing=Ships.NOT_SETTLED, played=20, high=at_most(0, 20), more=39)
    found = ruled({"cheap": few, "dear": SURE}, cheap=10.0, dear=1000.0)
    assert found.recommended == "cheap"
    assert "39 more without a loss would settle it" in found.sentence.replace("\N{NO-BREAK SPACE}", " ")


def test_no_lost_release_in_59_shows_five_percent_and_in_58_does_not() -> None:
    assert at_most(0, 59) <= 0.05 < at_most(0, 58)
    assert trials_without_a_hit(0, 20, 0.05) == 59
    assert at_least(2, 2) > 0.05


def test_a_release_that_finds_no_connections_says_so() -> None:
    scenario = load(CASES / "setweight-50-connections.yaml")
    lost = replicate(scenario, strategy="canary-50", case="good", index=0)
    assert (lost.why, lost.values["not_shipped"]) == ("connections: db has 0 of 500 left, a pod needs 10", 1.0)


@pytest.mark.parametrize(
    ("lost", "chance", "standing"),
    [
        (2, 0.12, Ships.DOES_NOT),  # the plays alone leave it open, and arithmetic does not
        (2, None, Ships.NOT_SETTLED),
        (2, 0.04, Ships.NOT_SETTLED),  # a gate may stop so many
        (0, 0.12, Ships.NOT_SETTLED),  # none was lost: arithmetic alone excludes nobody
        (2, 0.60, Ships.NOT_SETTLED),  # the plays speak against the arithmetic
    ],
)
def test_arithmetic_settles_what_the_plays_leave_open(lost: int, chance: float | None, standing: Ships) -> None:
    scenario = imagined.scenario({"canary": "weight:1"})
    whys = ["gate g: success 98 %"] * lost + [""] * (20 - lost)
    found = judged(scenario, scenario.strategies[0], whys, chance)
    assert (found.standing, found.by_arithmetic) == (standing, standing is Ships.DOES_NOT)


def test_a_verdict_names_the_arithmetic(quiet: Findings) -> None:
    said = quiet.ruling.sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert "Its gate stops at least 44 %, by binomial arithmetic over all its looks." in said
