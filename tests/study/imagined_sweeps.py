"""A replication whose loss is a formula of the scenario's inputs, so that a sweep's answers are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.draws import Purpose, draw, replication_key

WORK = "imagined_sweeps:replicate"


@dataclass(frozen=True)
class Imagined:
    values: dict[str, float]
    down: dict[str, bytes]
    why: str = ""


def replicate(scenario: Any, *, strategy: str | None, case: str, index: int, engine: str) -> Imagined:
    """A bad release costs 1000 per replica by one strategy and 6000 by the other; the queue never matters."""
    luck = draw(replication_key(scenario.study.seed, index), Purpose.CASE, 0)
    bad = strategy is not None and case != "good"
    each = 1000.0 * scenario.service.replicas if strategy == "blue-green" else 6000.0
    values = {"requests": 1000.0, "failed_requests": each * (0.9 + 0.2 * luck[0]) if bad else 0.0}
    if strategy is not None:
        values["duration"] = 600.0
    return Imagined(values, {})
