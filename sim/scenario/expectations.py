"""``expect:`` lines as values: ``{measure: budget_burnt, strategy: any, given: bad, p95: "< 10%"}``."""

from __future__ import annotations

import re

from sim import units
from sim.scenario.model import study
from sim.scenario.resolved import Expectation

_BOUND = re.compile(r"\s*(<=|>=|<|>)\s*(\S.*?)\s*")


def bound_of(text: str) -> tuple[str, float]:
    """The comparison and the value of a bound; times in seconds, shares from 0 to 1. Raises ValueError.

    >>> bound_of("< 10%"), bound_of(">= 1.5k"), bound_of("< 15m")
    (('<', 0.1), ('>=', 1500.0), ('<', 900.0))
    """
    found = _BOUND.fullmatch(text)
    if not found:
        raise ValueError(f'cannot read {text!r} as a bound; write e.g. "< 10%", "<= 50" or "< 15m"')
    return found[1], _value(found[2])


def _value(text: str) -> float:
    if text.endswith("%"):
        return units.share(text)
    try:
        return units.amount(text)
    except ValueError:
        pass
    try:
        return units.duration(text) / units.SECOND
    except ValueError:
        raise ValueError(f"cannot read {text!r} as a share, a number or a duration") from None


def expectation(written: study.Expectation) -> Expectation:
    """The criterion in figures; the bound was checked before."""
    statistic, bound = next(iter(written.bounds().items()))
    comparison, value = bound_of(bound)
    given = written.given or written.during or "release"
    return Expectation(
        measure=written.measure,
        strategy=written.strategy,
        given=given,
        statistic=statistic,
        bound=comparison,
        value=value,
        text=f"{written.measure} of {written.strategy}, given {given}: {statistic} {' '.join(bound.split())}",
    )
