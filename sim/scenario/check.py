"""Rules between sections: all are asked, every breach is told at its place.

A rule is asked when the sections it reads could be read, and stops at a part of them that could not, so that a
mistake hides as little as can be.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sim.scenario.mending import UnreadError
from sim.scenario.model.written import Written
from sim.scenario.rules import asking, calling, kubernetes, playing, releasing, retrying, running, weather
from sim.scenario.rules.rule import Breach

RULES = (
    *running.RULES,
    *releasing.RULES,
    *asking.RULES,
    *calling.RULES,
    *kubernetes.RULES,
    *playing.RULES,
    *retrying.RULES,
    *weather.RULES,
)


def breaches(written: Written, sound: frozenset[str]) -> Iterator[Breach]:
    """All breaches of the rules whose sections are sound, as far as each can be asked."""
    for rule in RULES:
        if rule.sections <= sound:
            with contextlib.suppress(UnreadError):
                yield from rule.check(written)
