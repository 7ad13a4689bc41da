"""Rules between sections: all are asked, every breach is told at its place.

A rule is asked when the sections it reads were read without fault, so that a mistake in one section hides nothing of
another.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.model.written import Written
from sim.scenario.rules import asking, calling, playing, releasing, running
from sim.scenario.rules.rule import Breach

RULES = (*running.RULES, *releasing.RULES, *asking.RULES, *calling.RULES, *playing.RULES)


def breaches(written: Written, sound: frozenset[str]) -> Iterator[Breach]:
    """All breaches of the rules whose sections are sound."""
    for rule in RULES:
        if rule.sections <= sound:
            yield from rule.check(written)
