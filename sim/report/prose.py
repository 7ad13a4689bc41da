"""Sentences of the report that lay out what was found, the same on the page and in the Markdown summary."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sim import units
from sim.measures import measure_named
from sim.report import wording
from sim.report.table import deciding, plain, rate_range
from sim.scenario.resolved import Default
from sim.study.findings import Criterion, Findings, Holding

TRUST = ("low", "medium", "high")
SHOWN = 3
SAME = "Playing all strategies on the same traffic and the same random events"
"""Names of weak inputs said outright; the others are counted."""
FACTS = {
    "model": "Version of the model (digest of its source)",
    "played": "Simulated by this run, hours without a release included",
    "reused": "Releases kept from earlier runs",
    "rows": "Releases computed, when and by which engine",
}


def budget(findings: Findings) -> str:
    """What one bad release eats of the error budget, by the recommended and by the costliest strategy."""
    found = {name: findings.estimates.get(("budget_burnt", name, "bad")) for name in findings.strategies}
    known = {name: each.value for name, each in found.items() if each is not None and math.isfinite(each.value)}
    if not known:
        return ""
    costliest = max(known, key=lambda name: known[name])
    chosen = findings.ruling.recommended
    days = wording.seconds(findings.scenario.slo.window / 1e9)
    told = [f"{wording.share(known[name])} with {name}" for name in dict.fromkeys((chosen, costliest)) if name in known]
    return f"On average one bad release uses {' and '.join(told)} of the error budget of {days}."


def better(findings: Findings) -> str:
    """Releases after which fewer requests fail than without them: surely so, by the strategies that play them."""
    hours = wording.seconds(findings.scenario.study.horizon / 1e9)
    told = []
    for case, _ in findings.cases:
        found = {name: findings.estimates.get(("failed_requests", name, case)) for name in findings.strategies}
        fewer = {name: each for name, each in found.items() if each is not None and each.high < 0}
        if fewer:
            what = "A good release" if case == "good" else f"A release with {case}"
            sizes = ", ".join(
                f"{wording.rounded(-each.value, each.half_width)} ({name})" for name, each in fewer.items()
            )
            told.append(f"{what} is better than today: in the {hours} after it fewer requests fail, by {sizes}.")
    return " ".join(told)


def missed(findings: Findings) -> str:
    """What must be added where the precision was not reached: by the cap, or because somebody ended the run."""
    if findings.precision_met:
        return ""
    return ", when it was interrupted" if findings.interrupted else ", not reached before the cap"


def pairing(findings: Findings) -> str:
    """What common luck was worth: how much of the differences' variance it took away, or that it added some."""
    saved = [each.variance_saved for each in findings.ruling.differences if math.isfinite(each.variance_saved)]
    if not saved:
        return ""
    least, most = (round(100 * part) for part in (min(saved), max(saved)))
    amount = f"{most} %" if least == most else f"{least} to {most} %"
    if most < 0:
        return f"{SAME} made the differences between them vary more, by {-most} % to {-least} %."
    told = f"{SAME} took {amount} off the variance of the differences between them"
    return f"{told}; a figure below zero added to it." if least < 0 else f"{told}."


def reversed_measures(findings: Findings) -> str:
    """The measures on which the reference is surely better than the recommended one, with both figures."""
    ruling = findings.ruling
    if not ruling.reversals or ruling.recommended is None or ruling.reference is None:
        return ""
    named = [name for name in ruling.reversals if name.partition(".")[0] not in ruling.reversals or "." not in name]
    told = [_turned(findings, name, ruling.recommended, ruling.reference) for name in named]
    return f"{ruling.recommended} is worse than {ruling.reference} in: {'; '.join(told)}."


def _turned(findings: Findings, measure: str, ours: str, theirs: str) -> str:
    found = [findings.estimates.get((measure, name, "release")) for name in (ours, theirs)]
    figures = [value_of(measure, each.value) for each in found if each is not None]
    return f"{plain(measure)} {figures[0]} against {figures[1]}" if len(figures) == 2 else plain(measure)


def break_even(findings: Findings) -> str:
    """Above which share of bad releases the recommended strategy pays; empty where there is none to say."""
    ruling = findings.ruling
    if ruling.break_even is None or ruling.recommended is None or ruling.reference is None:
        return ""
    written = rate_range(findings)
    said = f"{written[0]} to {written[1]}" if written else wording.share(_rate(findings))
    if ruling.break_even <= 0:
        return f"On average {ruling.recommended} costs less than {ruling.reference} at any share of bad releases."
    rate = wording.share(ruling.break_even)
    if ruling.break_even_between is not None:
        rate += f" (between {' and '.join(wording.share(end) for end in ruling.break_even_between)})"
    return (
        f"{ruling.recommended} costs less than {ruling.reference} when more than {rate} of releases are bad; the "
        f"scenario says {said}."
    )


def over_range(findings: Findings) -> str:
    """Whether the verdict holds wherever the author's range of bad releases says it might lie; empty without one."""
    written = rate_range(findings)
    if written is None or findings.ruling.recommended is None or len(findings.ruling.over_range) < 2:
        return ""
    spread = f"if {written[0]} to {written[1]} of releases are bad"
    if findings.ruling.over_range_holds == Holding.HOLDS:
        return f"The verdict holds {spread}."
    if findings.ruling.over_range_holds == Holding.CANNOT_TELL:
        return f"Whether the verdict holds {spread} is not settled: more simulated releases could change it."
    if holds_over_range(findings):
        return f"On average the verdict holds {spread}."
    return f"The verdict does not hold over the whole range {spread}: on average another strategy costs less somewhere."


def holds_over_range(findings: Findings) -> bool:
    """Whether the recommended strategy is nowhere worse than the cheapest by more than the indifference zone."""
    ruling = findings.ruling
    return all(
        losses.get(ruling.recommended or "", float("inf")) - min(losses.values()) <= ruling.indifferent
        for losses in ruling.over_range.values()
    )


def weakest(findings: Findings) -> str:
    """The inputs that the answer rests on and that are known least: the rate of bad releases, ranges, assumptions."""
    return "; ".join(_weak(findings)) + "."


def _weak(findings: Findings) -> Iterator[str]:
    written, over, chosen = rate_range(findings), findings.ruling.over_range, findings.ruling.recommended
    if findings.scenario.guesses:
        yield f"guessed: {_some([each.path for each in findings.scenario.guesses])}"
    if written is None:
        yield f"how often releases are bad, given as one figure ({wording.share(_rate(findings))}) without a range"
    elif chosen is not None and len(over) > 1:
        ends = [wording.rounded(over[rate][chosen], abs(over[rate][chosen]) / 20) for rate in (min(over), max(over))]
        yield (
            f"how often releases are bad ({written[0]} to {written[1]}, over which {chosen} goes from {ends[0]} to "
            f"{ends[1]} {deciding(findings)} per release)"
        )
    else:
        yield f"how often releases are bad ({written[0]} to {written[1]})"
    if findings.ruling.not_varied:
        yield f"given as a range but simulated at the likely value only: {_some(findings.ruling.not_varied)}"
    untrusted = [default.path for default in by_trust(findings) if default.trust == "low"]
    if untrusted:
        yield f"defaults of low trust: {_some(untrusted)}"


def _some(names: Sequence[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _rate(findings: Findings) -> float:
    return findings.scenario.release.change_failure_rate


def criterion_line(findings: Findings, criterion: Criterion) -> str:
    """An ``expect:`` line with what was found, and for ``any`` the strategy that was furthest from meeting it."""
    asked = next((each for each in findings.scenario.expect if each.text == criterion.text), None)
    weakest = "" if criterion.strategy in criterion.text else f" ({criterion.strategy})"
    if asked is None:
        return criterion.text + weakest
    found = value_of(asked.measure, criterion.value)
    before, bound, after = criterion.text.rpartition(f" {asked.bound}")
    return f"{before} {found}{bound}{after}{weakest}"


def value_of(measure: str, value: float) -> str:
    """A figure of a measure in its unit."""
    unit = measure_named(measure).unit
    if unit == "share":
        return wording.share(value)
    return wording.seconds(value) if unit == "s" else wording.rounded(value, abs(value) / 100)


def by_trust(findings: Findings) -> tuple[Default, ...]:
    """The values the author did not write, the least trusted first."""
    return tuple(sorted(findings.scenario.defaults, key=lambda default: (TRUST.index(default.trust), default.path)))


def not_varied(findings: Findings) -> tuple[str, ...]:
    """Ranges whose ends were not played: only the likely value was."""
    return tuple(
        f"{ranged.path}: {ranged.likely} (low {ranged.low}, high {ranged.high})"
        for ranged in findings.scenario.ranges
        if ranged.path in findings.ruling.not_varied
    )


def limits(findings: Findings) -> tuple[str, ...]:
    """What the figures do not say."""
    study = findings.scenario.study
    ranges = not_varied(findings)
    return (
        "The ± and the intervals are the noise of the simulation only. They do not include how uncertain the inputs "
        "are, such as how often releases are bad.",
        f"Each release is watched for {units.show_duration(study.horizon)}; what a defect does later is in no figure; "
        "where one is known to come later, it is told separately.",
        "Figures are net: what fails with the release minus what fails without it in the same hours, with the same "
        "traffic and the same random events.",
        *(f"A result file was set aside and not used: {file}." for file in findings.set_aside),
        *((f"Given as ranges but simulated at their likely value only: {'; '.join(ranges)}.",) if ranges else ()),
        "The simulator plays the mechanisms that the scenario names. What it does not name (a second region, a cache "
        "shared with others, a human who rolls back by hand earlier than the on-call rule says) is not in the figures.",
    )


def facts(findings: Findings) -> tuple[tuple[str, str], ...]:
    """What is needed to get the same figures again."""
    study, written = findings.scenario.study, dict(findings.provenance or {})
    command = written.pop("command", "rollrisk run scenario.resolved.yaml")
    written.pop("seed", None)
    return (
        ("Command", command),
        ("Scenario identity", findings.identity),
        ("Seed", str(study.seed)),
        ("Results", findings.folder),
        ("Releases counted", f"{sum(findings.replications.values()):,}"),
        ("Requests played", f"{findings.requests_played:,}"),
        *((FACTS.get(name, name.replace("_", " ").capitalize()), str(value)) for name, value in written.items()),
    )
