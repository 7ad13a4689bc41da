"""A scenario with other values at some of its dials, as if its file had said so, or what is wrong with them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.named_files import Inside
from sim.scenario.document import Document, Trail, with_part
from sim.scenario.resolve import resolve
from sim.scenario.resolved import Default, Scenario
from sim.serve.dials import Dial

FOLLOWING: tuple[Trail, ...] = (
    ("slo", "requests"), ("study", "horizon"), ("study", "indifferent"), ("study", "warm_up"),
)  # fmt: skip
"""What is computed from the rest when a file does not say it: it follows a dial that is moved."""


NOTHING = Inside(())
"""All files are read by then; a value of a dial names none."""


class RefusedError(Exception):
    """Values that the scenario's own rules refuse; ``problems`` says where and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def changed(scenario: Scenario, values: Mapping[Dial, str]) -> Scenario:
    """The scenario with these values; what its author left open is still known to be assumed.

    Raises :class:`RefusedError` with all problems at once.
    """
    if not values:
        return scenario
    open_paths = {default.path for default in scenario.defaults}
    data: Any = copy.deepcopy(dict(scenario.document))
    for section, key in FOLLOWING:
        if f"{section}.{key}" in open_paths:
            data[section].pop(key, None)
    for dial, text in values.items():
        data = with_part(data, dial.trail, dial.read(text))
    try:
        made = resolve(Document(scenario.name, data, reach=NOTHING))
    except ScenarioError as error:
        raise RefusedError(error.problems) from None
    moved = {dial.path for dial in values}
    guesses = tuple(each for each in made.guesses if each.path not in moved)
    return replace(made, defaults=_still_assumed(scenario, made, values), guesses=guesses)


def _still_assumed(scenario: Scenario, made: Scenario, values: Mapping[Dial, str]) -> tuple[Default, ...]:
    """The defaults of the file, less what was moved, and with what was computed anew."""
    moved, anew = {dial.path for dial in values}, {default.path: default for default in made.defaults}
    return tuple(anew.get(each.path, each) for each in scenario.defaults if each.path not in moved)


def named(scenario: Scenario, values: Mapping[Dial, str]) -> Scenario:
    """The scenario under a name that says what was moved, for a study that others will read."""
    if not values:
        return scenario
    moved = [f"{dial.path} {text}" for dial, text in values.items()]
    rest = f" and {len(moved) - 3} more" if len(moved) > 3 else ""
    name = f"{scenario.name}, what if {', '.join(moved[:3])}{rest}"
    return replace(scenario, name=name, document={**scenario.document, "name": name})
