"""What a newcomer is told to write: after a key that is missing, and after text that is no YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from test_refusals import GOOD, problems

from sim.doors import FAMILIES, kinds
from sim.errors import ScenarioError
from sim.scenario.faults import example_of
from sim.scenario.model.written import Written
from sim.scenario.text import read_bytes, read_file


def models(base: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    """Every form that a scenario can have, the kinds' among them."""
    for each in base.__subclasses__():
        if each.__module__.startswith("sim."):
            yield each
        yield from models(each)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("  replicas: 4\n", "service.replicas: is missing; write e.g. replicas: 8"),
        ("weight: 20%, ", "strategies.canary.steps[0].weight: is missing; write e.g. weight: 5%"),
        (", hold: 10m", "strategies.canary.steps[0].hold: is missing; write e.g. hold: 250ms"),
        ("peak: 10/s, ", "traffic.streams.pay.peak: is missing; write e.g. peak: 90/s"),
        (", reacts: 10m", "oncall.reacts: is missing; write e.g. reacts: 80ms"),
        (", rate: 5%", "release.defects.errors.rate: is missing; write e.g. rate: 5%"),
        ("nodes:", "nodes: is missing; write on what it runs, as {count: 3, cpu: 4, memory: 16Gi}"),
    ],
)
def test_a_missing_key_is_told_with_an_example(written: str, told: str) -> None:
    assert written in GOOD
    changed = GOOD.replace(written, "node:" if written == "nodes:" else "", 1)
    assert any(line.endswith(told) for line in problems(changed)), problems(changed)


def test_every_field_of_every_form_can_be_asked_for_its_example() -> None:
    for family in FAMILIES:
        kinds(family)
    assert Written in models()
    asked = {(each, name): example_of(field) for each in models() for name, field in each.model_fields.items()}
    assert len(asked) > 300
    assert not any("{" in example for example in asked.values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\n  b: 2\n", "indent this line as those beside it"),
        ("a: b: c\n", "put a text with ': ' in it in quotes"),
        ('a: 1\nb: "open\nc: 2\n', "begun in line 2, found unexpected end of stream (close the quotes)"),
        ("a: {b: 1\nc: 2\n", "begun in line 1"),
        ("a: {b: 1\nc: 2\n", "close the '{' with '}'"),
        ("a: [1, 2\nc: 2\n", "close the '[' with ']'"),
        ("a:\n  - b\n  c: 1\n", "begin each entry of this list with '- '"),
        ("a:\n\tb: 1\n", "indent by spaces, not tabs"),
    ],
)
def test_what_is_no_yaml_is_told_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(ScenarioError, match="not YAML") as refused:
        read_bytes(text.encode(), "f.yaml")
    assert told in str(refused.value)


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="is a folder; name a file in it"):
        read_file(tmp_path)


def test_a_link_to_nowhere_is_not_suggested_instead_of_itself(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(ScenarioError) as refused:
        read_file(tmp_path / "one.yaml")
    assert "did you mean" not in str(refused.value)
