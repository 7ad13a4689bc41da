"""A scenario with other settings of its study, as if its file had said so: for options and for notebooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.errors import UsageError
from sim.scenario import from_data
from sim.scenario.resolved import Scenario

SETTINGS = (
    "cap", "confidence", "decide_by", "false_aborts", "half_width", "indifferent", "pilot", "precision", "seed",
    "until_best",
)  # fmt: skip


def with_study(scenario: Scenario, **settings: Any) -> Scenario:
    """The scenario with settings as a person would write them: ``precision="5%"``, ``cap=200``, ``seed=7``.

    Asking for one kind of precision drops the other; a cap below the pilot shortens the pilot.

    Raises :class:`sim.errors.UsageError` for a setting that cannot be changed so, :class:`sim.errors.ScenarioError` for
    a value that the scenario's own rules refuse.
    """
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise UsageError(f"{unknown[0]!r} cannot be set here; what can: {', '.join(SETTINGS)}")
    if not settings:
        return scenario
    study = {**scenario.document["study"], **settings}
    if "precision" in settings:
        study.pop("half_width", None)
    if "half_width" in settings:
        study.pop("precision", None)
    if "pilot" not in settings and isinstance(study.get("cap"), int):
        study["pilot"] = min(scenario.study.pilot, study["cap"])
    checked = from_data({**scenario.document, "study": study}, scenario.name)
    return replace(scenario, study=checked.study, document=checked.document)
