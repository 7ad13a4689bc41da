"""Which replications two scenarios share: the identity of a single cell.

A cell knows its own strategy with the gates it names, its own defect, and all that is common; it knows neither the
other strategies nor how probable its case is. So a strategy more, or another change-failure rate, leaves every other
cell's replications as they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from sim.scenario.identity import MODEL_VERSION, canonical, deciding
from sim.scenario.resolved import Scenario

_OF_CELLS = ("strategies", "gates", "release")


def cell_identity(scenario: Scenario, strategy: str | None, case: str) -> str:
    """Twelve hexadecimal figures, alike for cells whose replications are alike; ``strategy=None`` is the twin."""
    document = deciding(scenario.document)
    release = dict(document.get("release", {}))
    defects = release.pop("defects", {})
    release.pop("change_failure_rate", None)
    written = {} if strategy is None else document["strategies"][strategy]
    told = {
        "model": MODEL_VERSION,
        "common": {key: value for key, value in document.items() if key not in _OF_CELLS},
        "release": release,
        "strategy": strategy and {strategy: written},
        "gates": _named_in(written, document.get("gates", {})),
        "case": [case, _without_share(defects.get(case, {}))],
    }
    return hashlib.blake2b(canonical(told).encode(), digest_size=6).hexdigest()


def _without_share(defect: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in defect.items() if key != "share"}


def _named_in(written: Any, gates: Mapping[str, Any]) -> dict[str, Any]:
    """The gates whose names stand anywhere in a strategy, and those that stand in these."""
    found: dict[str, Any] = {}
    waiting = [written]
    while waiting:
        for word in _words(waiting.pop()):
            if word in gates and word not in found:
                found[word] = gates[word]
                waiting.append(gates[word])
    return found


def _words(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _words(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _words(value)
