"""How sure the choice is: each other strategy beside the recommended one, pair by pair on common luck."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.report import wording
from sim.study.findings import Estimate, Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One other strategy, in words; empty where nothing is known."""

    name: str
    standing: str
    difference: str  # its loss minus the recommended one's, all releases
    against_best: str  # its loss minus that of the best of its others
    wins: str  # chance that a bad release costs less by the recommended one
    saved: str  # of the difference's variance, by pairing


def rivals(findings: Findings) -> tuple[Rival, ...]:
    """All but the candidate, the nearest first."""
    ruling = findings.ruling
    apart = sorted(ruling.differences, key=lambda each: abs(each.estimate.value))
    return tuple(
        Rival(
            name=each.first,
            standing=ruling.standings[each.first].value,
            difference=_signed(each.estimate),
            against_best=_signed(ruling.against_best[each.first]) if each.first in ruling.against_best else "",
            wins=_chance(ruling.wins.get(each.first)),
            saved=_saved(each.variance_saved),
        )
        for each in apart
    )


def candidate(findings: Findings) -> str:
    """The strategy all others are held against."""
    return findings.ruling.differences[0].second if findings.ruling.differences else ""


def _signed(found: Estimate) -> str:
    text = wording.with_noise(found)
    return text if text.startswith("-") or found.value <= 0 else f"+{text}"


def _chance(found: Estimate | None) -> str:
    if found is None or math.isnan(found.value):
        return ""
    if math.isnan(found.low):
        return wording.share(found.value)
    return f"{found.value * 100:.0f} ({max(0.0, found.low) * 100:.0f}-{min(1.0, found.high) * 100:.0f}) %"


def _saved(share: float) -> str:
    return f"{share * 100:.0f} %" if math.isfinite(share) else ""
