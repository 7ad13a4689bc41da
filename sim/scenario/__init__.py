"""A scenario file goes in, the resolved scenario comes out, or every problem of the file at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem, ScenarioError
from sim.named_files import ANYWHERE, Reach
from sim.scenario.document import Document
from sim.scenario.identity import identity
from sim.scenario.resolve import resolve
from sim.scenario.resolved import Scenario
from sim.scenario.text import read_bytes, read_file

__all__ = ["Scenario", "from_data", "from_text", "identity", "load", "load_all"]


def load(path: str | Path, reach: Reach = ANYWHERE) -> Scenario:
    """The scenario in a file; raises ScenarioError with all problems at once.

    ``reach`` says which files may be read, the scenario's own and all that it names.
    """
    return resolve(read_file(path, reach))


def load_all(paths: list[str | Path]) -> list[Scenario]:
    """The scenarios in several files; raises ScenarioError with the problems of all of them."""
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            scenarios.append(load(path))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return scenarios


def from_text(text: str, name: str = "scenario") -> Scenario:
    """The scenario in a text; ``name`` is what messages call it, and the folder of its ``extends:``."""
    return resolve(read_bytes(text.encode(), name))


def from_data(data: Mapping[str, Any], name: str = "scenario") -> Scenario:
    """The scenario in plain data, as a notebook holds it; raises ScenarioError."""
    if not isinstance(data, Mapping):
        raise InputError("a scenario is a mapping of sections")
    return resolve(Document(name, copy.deepcopy(dict(data))))
