"""What moving a knob did, on common luck: held against a pencil and against what must not change at all."""

from __future__ import annotations

import cli_files
import numpy as np
import pytest

from sim.report import wording
from sim.scenario import from_text
from sim.scenario.resolved import Scenario
from sim.serve.app import Server
from sim.serve.changes import changed
from sim.serve.dials import dials
from sim.serve.lines import Line, Side, _Asked, _told, change, estimated, lines
from sim.study.cells import Cell
from sim.study.findings import Estimate

RELEASES = 6
SMALL = from_text(cli_files.SMALL)


def moved(path: str, text: str) -> Scenario:
    return changed(SMALL, {next(each for each in dials(SMALL) if each.path == path): text})


@pytest.fixture(scope="module")
def side(server: Server):  # type: ignore[no-untyped-def]
    def play(scenario: Scenario) -> Side:
        return Side(scenario=scenario, table=server.player.table(scenario, RELEASES, lambda: False), releases=RELEASES)

    return play


def means(found: tuple[Line, ...], label: str) -> dict[str, str]:
    line = next(line for line in found if line.label.startswith(label))
    return {cell.strategy: cell.means for cell in line.cells}


def test_a_change_is_the_difference_of_the_two_figures(side) -> None:  # type: ignore[no-untyped-def]
    before, after = side(SMALL), side(moved("strategies.step-by-step.steps[0].weight", "60%"))
    asked = ("failed_requests", "step-by-step", "release")
    found = change(asked, after, before)
    assert found.value == pytest.approx(estimated(asked, after).value - estimated(asked, before).value)


def test_a_change_has_the_interval_of_the_paired_differences(side) -> None:  # type: ignore[no-untyped-def]
    before, after = side(SMALL), side(moved("strategies.step-by-step.steps[0].weight", "60%"))
    found = change(("failed_requests", "step-by-step", "errors"), after, before)
    cell = Cell("step-by-step", "errors")
    gaps = after.table.column("failed_requests", cell, RELEASES) - before.table.column(
        "failed_requests", cell, RELEASES
    )
    symmetric = 2.5706 * gaps.std(ddof=1) / np.sqrt(RELEASES)  # Student's t of 5 degrees of freedom, 97.5 %
    assert gaps.std() > 0
    assert found.low <= gaps.mean() - symmetric + 1e-3
    assert found.high >= gaps.mean() + symmetric - 1e-3


def test_moving_one_strategy_leaves_the_others_without_change(side) -> None:  # type: ignore[no-untyped-def]
    found = lines(side(moved("strategies.step-by-step.steps[0].weight", "60%")), side(SMALL))
    assert {line.cells[0].means for line in found} == {"no change"}


def test_a_much_heavier_first_step_is_told_to_be_worse(side) -> None:  # type: ignore[no-untyped-def]
    found = lines(side(moved("strategies.step-by-step.steps[0].weight", "90%")), side(SMALL))
    assert means(found, "failed requests, if bad")["step-by-step"] == "worse"


def test_another_rate_of_bad_releases_only_weighs_anew(side, server: Server) -> None:  # type: ignore[no-untyped-def]
    before = side(SMALL)
    played = server.player.played
    after = side(moved("release.change_failure_rate", "40%"))
    assert server.player.played == played
    bad = estimated(("failed_requests", "at-once", "bad"), before).value
    good = estimated(("failed_requests", "at-once", "good"), before).value
    found = change(("failed_requests", "at-once", "release"), after, before)
    assert found.value == pytest.approx(0.2 * (bad - good))


def test_moving_one_strategy_plays_that_one_only(side, server: Server) -> None:  # type: ignore[no-untyped-def]
    side(SMALL)
    played = server.player.played
    side(moved("strategies.step-by-step.steps[0].hold", "3m"))
    assert server.player.played - played == 2 * RELEASES  # its good and its bad releases


@pytest.mark.parametrize(("path", "text", "word"), [("service.replicas", "4", "worse"), ("nodes.count", "4", "better")])
def test_more_room_is_better_and_less_is_worse(side, path: str, text: str, word: str) -> None:  # type: ignore[no-untyped-def]
    found = lines(side(moved(path, text)), side(SMALL))
    assert set(means(found, "room left").values()) == {word}


def test_a_whole_change_without_noise_is_written_as_a_whole_number() -> None:
    """Weighing the cases leaves a dust of 1e-16 behind, which is no noise to write decimals for."""
    asked = _Asked(measure="peak_pods", given="release", label="most pods at once", show=wording.rounded)
    dusty = Estimate(value=1.0, low=1.0 - 2e-16, high=1.0 + 2e-16, n=2, method="t")
    assert _told(asked, dusty, dust=1e-8) == {"change": "+1", "change_interval": "", "means": "worse"}
