"""What comes round in next to no time would keep the clock from going on; it is refused wherever it can be written."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from sim.doors import kinds
from sim.gates.group_sequential import GroupSequential
from sim.scenario.model.service import Health, Readiness
from sim.scenario.model.telemetry import Stale
from sim.scenario.model.traffic import Telemetry

ROUND = ("every", "window", "step", "scrape")
PLACES = [
    (kind, kind.example, name)
    for family in ("gates", "autoscalers")
    for kind in kinds(family).values()
    for name in ROUND
    if name in kind.model_fields and kind.model_fields[name].annotation is int
] + [(Readiness, {}, "every"), (Health, {}, "every"), (Telemetry, {}, "scrape"), (Stale, {}, "every")]


@pytest.mark.parametrize("length", ["0s", "1ns", "99ms"])
@pytest.mark.parametrize(("model", "example", "name"), PLACES, ids=lambda each: getattr(each, "__name__", None))
def test_nothing_comes_round_faster_than_a_tenth_of_a_second(
    model: type[BaseModel], example: dict[str, Any], name: str, length: str
) -> None:
    with pytest.raises(ValidationError, match="must be 100ms or longer"):
        model.model_validate(example | {name: length})


@pytest.mark.parametrize(("model", "example", "name"), PLACES, ids=lambda each: getattr(each, "__name__", None))
def test_a_minute_is_long_enough(model: type[BaseModel], example: dict[str, Any], name: str) -> None:
    assert getattr(model.model_validate(example | {name: "1m"}), name) == 60 * 10**9


def test_looks_at_even_distances_come_no_faster_either() -> None:
    assert GroupSequential(over="1s", looks=10).reach == 10**8
    with pytest.raises(ValidationError, match="over must be 1s or longer for that many looks"):
        GroupSequential(over="999ms", looks=10)
