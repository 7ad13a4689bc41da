"""What is played beside a study once it has ended, and where its answers lie: ``beside.json`` in the study's folder.

The answers rest on the program and on the scenario, and on nothing that a longer study changes much; they are played
anew where the program is another one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.scenario.demand import requests_played
from sim.scenario.resolved import Scenario
from sim.study import late, price
from sim.study.beside import FEW_REQUESTS, Beside, nothing_played
from sim.study.cells import GOOD, TWIN, Cell
from sim.study.contest import contenders
from sim.study.digests import checked, put
from sim.study.findings import GoodPrice, Late
from sim.study.folders import BESIDE
from sim.study.model import model_digest
from sim.study.rows import Table

if TYPE_CHECKING:
    from pydantic import TypeAdapter


FORMAT = 1
"""Grows when the answers are found otherwise, or others are added: older ones are played anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asides:
    """The answers."""

    late: tuple[Late, ...] = ()
    good: tuple[GoodPrice, ...] = ()


def played(scenario: Scenario, table: Table, counts: Mapping[str, int], beside: Beside) -> Asides:
    """Play what the study leaves open, for those who may be recommended; nothing where it leaves nothing open."""
    running = contenders(table, scenario)
    if not running:
        return Asides()
    scenario = replace(scenario, strategies=tuple(each for each in scenario.strategies if each.name in running))
    return Asides(
        late=_late(scenario, table, counts, beside),
        good=price.prices(scenario, table, counts, beside),
    )


def _late(scenario: Scenario, table: Table, counts: Mapping[str, int], beside: Beside) -> tuple[Late, ...]:
    shares = late.late_defects(scenario, table, counts)
    if not shares:
        return ()
    longest = late.longest_rollout(scenario, table, counts, (GOOD, *shares))
    woken = late.awake(scenario, tuple(shares), longest)
    cells = [TWIN, *(Cell(strategy.name, name) for strategy in scenario.strategies for name in shares)]
    releases = late.RELEASES if requests_played(woken) < FEW_REQUESTS else -(-late.RELEASES // 2)
    if beside.stop():
        return late.found(scenario, shares, longest, nothing_played(woken))
    return late.found(scenario, shares, longest, beside.play(woken, cells, releases))


def keep(folder: Path, asides: Asides) -> None:
    """Write the answers beside the study's.

    Raises :class:`sim.errors.UsageError` naming the path where the disk does not take it.
    """
    told = {"format": FORMAT, "model": model_digest(), **asdict(asides)}
    put(folder, {BESIDE: json.dumps(told, indent=1).encode() + b"\n"})


def kept(folder: Path, model: str | None = None) -> Asides | None:
    """What lies in a study's folder; None where it is missing, cannot be read, or is another program's."""
    try:
        told: dict[str, Any] = json.loads(checked(folder, BESIDE))
        if told.pop("format", None) != FORMAT or told.pop("model", None) != (model or model_digest()):
            return None
        return _adapter().validate_python(told)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None


@functools.cache
def _adapter() -> TypeAdapter[Asides]:
    from pydantic import TypeAdapter

    return TypeAdapter(Asides)
