"""Defects that show only after what was played: when, what they cost then, who stops them; none is harmless."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sim import units
from sim.report import wording
from sim.scenario.horizon import FURTHEST
from sim.study.findings import Awake, Findings, Late

ALWAYS = 0.995
ALIKE = 0.02
"""Two costs that differ by less, relative to the larger, are told as one."""


def sentences(findings: Findings) -> tuple[str, ...]:
    """A paragraph for each late defect."""
    return tuple(" ".join(_sentences(findings, each)) for each in findings.late)


def _sentences(findings: Findings, late: Late) -> Iterator[str]:
    played = units.show_duration(findings.scenario.study.horizon)
    often = "" if late.share >= ALWAYS else f"in {wording.share(late.share)} of its releases "
    yield (
        f"{late.defect} is not harmless, only late: it shows {moment(late)} after the release, and {often}the "
        f"{played} that were played ended before. What it costs then is in none of the figures above."
    )
    costs = [cost for cost in late.awake.values() if math.isfinite(cost.failed.value)]
    if costs:
        yield from _awake(findings, late, costs)
    else:
        yield "It was not played awake."
    if late.shows[0] < FURTHEST and late.shows[0] > findings.scenario.study.horizon // 2:
        yield f"Leave study.horizon out to have it followed, for up to {units.show_duration(FURTHEST)}."


def moment(late: Late) -> str:
    """When it shows: one moment, or the middle one and where nine in ten lie."""
    first, half, last = (units.show_duration(each, nearest=_grain(each)) for each in late.shows)
    return half if first == last else f"{half} ({first} to {last})"


def _grain(length: int) -> int:
    return units.MINUTE if length < units.DAY else units.HOUR


def _awake(findings: Findings, late: Late, costs: Sequence[Awake]) -> Iterator[str]:
    """Per hour, who stops it and how soon, and what has failed until then."""
    if max(cost.failed.value for cost in costs) < 1.0:
        yield f"Played awake for {wording.seconds(late.watched)} it made no request fail."
        return
    hourly = dict.fromkeys(wording.rounded(cost.per_hour, abs(cost.per_hour) / 50) for cost in costs)
    yield f"Once it shows it fails {' to '.join(_ends(list(hourly)))} requests an hour while nobody acts."
    yield _who(findings, late, costs)
    totals = {name: cost.failed for name, cost in late.awake.items()}
    low, high = min(each.value for each in totals.values()), max(each.value for each in totals.values())
    until = "until it is taken back" if all(cost.by_gate + cost.by_on_call > 0 for cost in costs) else _within(late)
    if high - low <= ALIKE * high:
        yield f"About {wording.rounded(high, high / 50)} requests fail {until}, by whatever strategy it was shipped."
    else:
        told = ", ".join(f"{wording.with_noise(each)} by {name}" for name, each in totals.items())
        yield f"Failed requests {until}: {told}."


def _within(late: Late) -> str:
    return f"in the first {wording.seconds(late.watched)}"


def _ends(texts: Sequence[str]) -> list[str]:
    return [texts[0], texts[-1]] if len(texts) > 1 else list(texts)


def _who(findings: Findings, late: Late, costs: Sequence[Awake]) -> str:
    """Who stops it: the gate seldom, for it looks at no release that is through."""
    gate, person = (sum(part) / len(costs) for part in zip(*((c.by_gate, c.by_on_call) for c in costs), strict=True))
    looks = "A gate no longer looks at a release that is through" if findings.scenario.gates else "There is no gate"
    if gate >= ALWAYS:
        return "The gate stops it."
    if gate > 0:
        looks = f"The gate stops it in {wording.share(gate)} of releases"
    if person == 0:
        why = "nobody is on call" if findings.scenario.oncall is None else "the person on call is not paged"
        return f"{looks}, and {why}: it goes on until somebody notices."
    paged, back = (
        sum(each) / len(costs) for each in zip(*((cost.detect, cost.mitigate) for cost in costs), strict=True)
    )
    sometimes = "" if gate + person >= ALWAYS else f", in {wording.share(person)} of releases"
    return (
        f"{looks}; the person on call is paged {wording.seconds(paged)} after it shows, and "
        f"{wording.seconds(back - paged)} later no request reaches it any more{sometimes}."
    )
