"""Every scenario in the folder is read, resolved, described by the schema, and written out again unchanged."""

import json
from pathlib import Path

import jsonschema
import pytest

from sim.scenario import from_text, identity, load
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.schema import schema, schema_text
from sim.scenario.text import read_file, write

FOLDER = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(FOLDER.glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(schema())

each_scenario = pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)


def test_the_folder_holds_the_scenarios_promised() -> None:
    names = {file.stem for file in SHIPPED}
    assert names >= {"textbook", "checkout-evening-peak", "crash-loop", "slow-release", "tiny-service", "mixed-schema"}


@each_scenario
def test_a_shipped_scenario_says_its_question_and_its_schema(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n#\n# Question: ")
    assert load(file).question.endswith("?")


@each_scenario
def test_the_resolved_document_is_a_scenario_of_the_same_identity_without_a_default(file: Path) -> None:
    first = load(file)
    again = from_text(write(first.document), "resolved.yaml")
    assert again.document == first.document
    assert identity(again) == identity(first)
    assert [default.path for default in again.defaults] == []


@each_scenario
def test_the_schema_accepts_a_shipped_scenario_as_written_and_as_resolved(file: Path) -> None:
    for data in (read_file(file).data, dict(load(file).document)):
        assert [error.message for error in VALIDATOR.iter_errors(data)] == []


@each_scenario
def test_the_cases_of_a_shipped_scenario_have_chances_that_sum_to_one(file: Path) -> None:
    assert sum(chance for _, chance in load(file).cases()) == pytest.approx(1.0, abs=1e-12)


@each_scenario
def test_a_shipped_fleet_carries_its_peak_with_every_node_there(file: Path) -> None:
    assert 0 < fleet_arithmetic(load(file)).use_at_peak < 0.8


def test_the_schema_beside_the_scenarios_is_current() -> None:
    stored = (FOLDER / "scenario.schema.json").read_text(encoding="utf-8")
    assert json.loads(stored) == json.loads(schema_text()), (
        "write it anew: rollrisk schema > scenarios/scenario.schema.json"
    )


def test_the_schema_is_itself_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ("service", {"replicas": "8x"}),
        ("traffic", {"profile": {"0m": "70%"}, "streams": {"pay": {"peak": 10, "work": "1s"}}}),
        ("strategies", {"canary": {"kind": "canray", "steps": []}}),
        ("nodse", {}),
    ],
)
def test_the_schema_refuses_what_an_editor_should_underline(section: str, fault: object) -> None:
    assert list(VALIDATOR.iter_errors({"rollrisk": 1, section: fault}))


def test_the_schema_allows_a_range_wherever_one_figure_stands() -> None:
    data = {"rollrisk": 1, "study": {"horizon": {"low": "1h", "likely": "2h", "high": "3h"}}}
    assert not list(VALIDATOR.iter_errors(data))
