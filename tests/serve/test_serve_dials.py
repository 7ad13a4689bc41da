"""The knobs of a page: those of the scenario, and rungs that go the way they say."""

from __future__ import annotations

from pathlib import Path

import cli_files
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import units
from sim.errors import ScenarioError
from sim.scenario import from_text, identity, load
from sim.serve.changes import RefusedError, changed, named
from sim.serve.dials import Dial, dials
from sim.serve.ladder import rung, rungs

SCENARIOS = sorted(Path("scenarios").glob("*.yaml"))
QUICKLY = ("tiny-service", "checkout-evening-peak")
"""Of the shipped ones a small and the largest; all are for ``make verify``."""


def dial(path: str, text: str = cli_files.SMALL) -> Dial:
    return next(each for each in dials(from_text(text)) if each.path == path)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_a_knob_put_to_its_own_value_changes_nothing(file: Path) -> None:
    scenario = load(file)
    untouched = [each for each in dials(scenario) if "likely" not in str(part_of(scenario.document, each))]
    assert untouched
    assert identity(changed(scenario, {each: each.text for each in untouched})) == identity(scenario)


def part_of(document: object, each: Dial) -> object:
    for step in each.trail:
        document = document[step]  # type: ignore[index]
    return document


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, id=file.stem, marks=() if file.stem in QUICKLY else pytest.mark.verify) for file in SCENARIOS],
)
def test_every_knob_has_a_rung_that_its_own_field_can_read(file: Path) -> None:
    scenario = load(file)
    for each in dials(scenario):
        tried = []
        for text in (each.next(each.text, 1), each.next(each.text, -1)):
            try:
                changed(scenario, {each: text})
            except RefusedError as error:
                tried += [problem.message for problem in error.problems]
        assert not [message for message in tried if "cannot read" in message], each.path


def test_only_what_a_scenario_has_is_a_knob() -> None:
    paths = {each.path for each in dials(from_text(cli_files.SMALL))}
    assert {"service.replicas", "traffic.streams.web.peak", "strategies.step-by-step.steps[0].weight"} <= paths
    assert not [path for path in paths if path.startswith(("oncall", "study", "dependencies"))]


def test_shares_of_defects_are_no_knobs_for_they_must_sum_to_one() -> None:
    assert not [each.path for each in dials(from_text(cli_files.SMALL)) if each.path.endswith(".share")]


@given(st.integers(min_value=0, max_value=10**6).map(str) | st.floats(0.001, 100).map(lambda x: f"{x:.3f}%"))
def test_a_rung_up_is_above_and_a_rung_down_below(written: str) -> None:
    number = float(written.rstrip("%"))
    up, down = (float(rung(written, way).rstrip("%")) for way in (1, -1))
    assert down <= number <= up
    assert up > number or number >= 100
    assert down < number or number == 0


@given(st.integers(min_value=0, max_value=10**14))
def test_a_rung_of_a_time_is_a_time(nanoseconds: int) -> None:
    written = units.show_duration(nanoseconds)
    up, down = (units.duration(rung(written, way)) for way in (1, -1))
    assert down <= nanoseconds <= up


@given(st.sampled_from(["3", "20%", "10m", "60/s", "1.5", "0s", "100%"]))
def test_rungs_rise_and_hold_the_value_itself(written: str) -> None:
    found = rungs(written)
    assert written in found
    assert len(set(found)) == len(found)


def test_what_a_file_leaves_open_follows_the_knob() -> None:
    scenario = from_text(cli_files.SMALL)
    doubled = changed(scenario, {dial("traffic.streams.web.peak"): "10/s"})
    assert doubled.slo.requests == 2 * scenario.slo.requests
    assert doubled.study.indifferent == pytest.approx(2 * scenario.study.indifferent)


def test_what_the_author_did_not_write_is_still_known_to_be_assumed() -> None:
    scenario = from_text(cli_files.SMALL)
    moved = changed(scenario, {dial("strategies.step-by-step.steps[0].weight"): "30%"})
    assert {each.path for each in moved.defaults} == {each.path for each in scenario.defaults}


def test_a_refused_value_has_the_words_that_check_has() -> None:
    with pytest.raises(ScenarioError) as checked:
        from_text(cli_files.SMALL.replace("replicas: 2", "replicas: 0"))
    with pytest.raises(RefusedError) as refused:
        changed(from_text(cli_files.SMALL), {dial("service.replicas"): "0"})
    assert [(each.path, each.message) for each in refused.value.problems] == [
        (each.path, each.message) for each in checked.value.problems
    ]


def test_a_range_moved_by_a_knob_is_a_range_no_more() -> None:
    text = cli_files.SMALL.replace(
        "change_failure_rate: 20%", "change_failure_rate: {low: 10%, likely: 20%, high: 30%}"
    )
    moved = changed(from_text(text), {dial("release.change_failure_rate", text): "5%"})
    assert moved.ranges == ()
    assert moved.release.change_failure_rate == 0.05


def test_a_study_that_is_sent_says_in_its_name_what_was_moved() -> None:
    values = {dial("service.replicas"): "3"}
    made = named(changed(from_text(cli_files.SMALL), values), values)
    assert made.name == "small service, what if service.replicas 3"
    assert made.document["name"] == made.name
