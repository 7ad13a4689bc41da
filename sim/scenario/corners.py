"""The same question with other values of one's own."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sim.errors import ScenarioError, UsageError
from sim.scenario.document import Document, Trail, part, with_part
from sim.scenario.resolve import resolve
from sim.scenario.resolved import Scenario


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """The scenario with other values at some paths, written as in a file: ``{"service.replicas": 10}``."""
    data: Any = copy.deepcopy(dict(scenario.document))
    for path, value in values.items():
        trail = trail_of(path)
        try:
            part(data, trail[:-1])
            data = with_part(data, trail, value)
        except LookupError:
            raise UsageError(f"{path} is no part of {scenario.name}") from None
    try:
        return resolve(Document(scenario.name, data))
    except ScenarioError as error:
        raise UsageError(f"{', '.join(values)} does not fit {scenario.name}:\n{error}") from None


def trail_of(path: str) -> Trail:
    """The trail a shown path names; raises UsageError.

    >>> trail_of("strategies.canary.steps[0].weight")
    ('strategies', 'canary', 'steps', 0, 'weight')
    """
    trail: list[str | int] = []
    for word in path.split("."):
        name, *places = word.split("[")
        trail.append(name)
        for place in places:
            if not place.rstrip("]").isdecimal():
                raise UsageError(f"cannot read the path {path}")
            trail.append(int(place.rstrip("]")))
    return tuple(trail)
