"""What a rule is: a check, and the sections it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sim.scenario.document import Trail
from sim.scenario.model.parts import nearest
from sim.scenario.model.written import Written

Breach: TypeAlias = tuple[Trail, str]
"""Where a rule is broken, and what to say."""

Check: TypeAlias = Callable[[Written], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check and the sections it reads; it is asked when those were read without fault."""

    sections: frozenset[str]
    check: Check


def failures_in(written: Written) -> Iterator[tuple[Trail, Any]]:
    """Every failure a scenario names, with its place: of defects, of what releases do to everybody, of conditions."""
    for name, defect in written.release.defects.items():
        yield ("release", "defects", name), defect.failure
    for name, effect in written.release.effects.items():
        yield ("release", "effects", name), effect.failure
    for name, condition in written.conditions.items():
        yield ("conditions", name), condition.failure


def reads(*sections: str) -> Callable[[Check], Rule]:
    """Make a check a rule that reads these sections."""
    return lambda check: Rule(frozenset(sections), check)


def unknown(word: str, what: str, known: Sequence[str]) -> str:
    """A name of nothing, the nearest, and what there is."""
    listed = ", ".join(known) if known else "none is written"
    near = nearest(word, known) or ";"
    return f"there is no {what} '{word}'{near} known: {listed}"
