"""A scenario's identity: twelve figures that change when, and only when, its results may."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sim.scenario.resolved import Scenario

MODEL_VERSION = 12
"""Grows with every change of the model that changes a result of an unchanged scenario."""

_TELLING = ("rollrisk", "name", "question", "expect", "prices", "review", "guesses")
"""Sections that say how results are named, judged or read, not what they are."""

_PRECISION = (
    "decide_by",
    "indifferent",
    "precision",
    "half_width",
    "confidence",
    "pilot",
    "cap",
    "until_best",
    "false_aborts",
)
"""How much is played and how it is weighed: a longer study goes on where a shorter one ended."""


def identity(scenario: Scenario) -> str:
    """Twelve hexadecimal figures, alike for scenarios whose replications and their probabilities are alike."""
    told = {"model": MODEL_VERSION, "scenario": deciding(scenario.document)}
    return hashlib.blake2b(canonical(told).encode(), digest_size=6).hexdigest()


def deciding(document: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a resolved document that results depend on."""
    kept = {key: value for key, value in document.items() if key not in _TELLING}
    kept["study"] = {key: value for key, value in document["study"].items() if key not in _PRECISION}
    return kept


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces: equal data, equal text.

    >>> canonical({"b": 1, "a": [0.5, None]})
    '{"a":[0.5,null],"b":1}'
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
