"""A year of releases in money, by strategy: what to expect, and what one year in twenty exceeds."""

from __future__ import annotations

from dataclasses import dataclass

from sim.report import wording
from sim.study.findings import Estimate, Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One strategy's year in words."""

    strategy: str
    releases: int
    expected: str
    one_in_twenty: str


def years(findings: Findings) -> tuple[Year, ...]:
    """By strategy; empty where the price list does not say how many releases a year has."""
    return tuple(
        Year(
            strategy=name,
            releases=found.releases,
            expected=_both_ends(found.expected),
            one_in_twenty=_both_ends(found.one_in_twenty),
        )
        for name, found in findings.year.items()
    )


def _both_ends(found: Estimate) -> str:
    ends = wording.interval(found)
    return wording.rounded(found.value, found.half_width) + (f" ({ends})" if ends else "")
