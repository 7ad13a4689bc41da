"""What a gate's operating characteristic means, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.stats.intervals import Interval
from sim.units import SECOND, show_count, show_duration, show_share
from sim.whatif.power import PERSON, REFERENCE, Grade, Power

SELDOM = 0.5
"""Looks with enough to judge; where they are fewer, the sentence says so."""
TELLING = 5
"""The sentence is about a release this many times worse than before: bad enough to matter, small enough to hide."""


def sentence(powers: Sequence[Power]) -> str:
    """The one sentence for the gates of a strategy, the acting one first."""
    first = powers[0]
    hold, base = first.setting.holds[0], first.setting.errors
    grade = telling_grade(first)
    rate = sum(first.setting.rate(hold.start))
    length = show_duration(hold.end - hold.start, nearest=SECOND)
    more = "" if len(first.requests) == 1 else f", {show_count(sum(first.requests))} in all holds"
    rise = f"a rise from {show_share(base)} to {show_share(grade.ratio)}"
    others = [_beside(power) for power in powers[1:]]
    own = f"{_called(first)} sees {show_count(first.requests[0])} requests{more}"
    text = f"At {show_share(hold.share)} of {rate:.4g} rps for {length} {own}; it misses {rise} in"
    told = "; ".join([f"{text} {_missed(grade)} of releases", *others])
    return f"{told}. {_wired(first)}{_starved(first)}{_slow(first)}{_false_alarms(first)}"


def _beside(power: Power) -> str:
    """What another gate would do; one that compares says if there is nothing to compare with."""
    alone = all(hold.share in {0.0, 1.0} for hold in power.setting.holds)
    if alone and power.watch.gate == REFERENCE:
        return "the two-arm gate has nothing to compare with while one version serves all"
    missed = _missed(telling_grade(power))
    if power.watch.gate is not None and power.watch.person:
        return f"with {PERSON} behind it {missed}"
    return f"{_called(power)} would miss {missed}"


def telling_grade(power: Power) -> Grade:
    """The grade the sentence is about: the one nearest to five times the base, or the middle one without a base."""
    base = power.setting.errors
    worse = [grade for grade in power.grades if grade.ratio > base] or list(power.grades[:1])
    wanted = TELLING * base
    return min(worse, key=lambda grade: abs(grade.ratio - wanted)) if base > 0 else worse[len(worse) // 2]


def _wired(power: Power) -> str:
    """A gate that reads the wrong series sees what it sees."""
    if power.wrong_series is None:
        return ""
    reads = {"stable": "the running version's pods", "service": "all pods", "nothing": "no pods at all"}
    chance = "" if power.wrong_series.chance >= 1.0 else f" in {_percent(power.wrong_series.chance)} of releases"
    return f"Its queries select {reads[power.wrong_series.reads]}{chance}. "


def _starved(power: Power) -> str:
    """Why a gate that mostly waits finds little."""
    judged = power.grades[0].judged
    if math.isnan(judged):
        return "It never looks: every hold ends before its first look. "
    if judged >= SELDOM:
        return ""
    if judged == 0:
        return "It never has enough to judge, and waits. "
    return f"It has enough to judge at only {_percent(judged)} of its looks; else it waits. "


def _slow(power: Power) -> str:
    """What it makes of releases about twice as slow, where such were tried."""
    slow = [grade for grade in power.grades if grade.slower > 1.0]
    if not slow:
        return ""
    grade = min(slow, key=lambda each: abs(each.slower - 2.0))
    return f"A version {grade.slower:.4g} times as slow it misses in {_missed(grade)} of releases. "


def _false_alarms(power: Power) -> str:
    good = power.grades[0]
    return f"Of good releases it stops {_percent(good.stopped.value)} (at most {_percent(good.stopped.high)})."


def _called(power: Power) -> str:
    if power.watch.gate == REFERENCE:
        return "the two-arm gate"
    return f"{PERSON} alone" if power.watch.gate is None else f"the gate {power.watch.gate}"


def _missed(grade: Grade) -> str:
    """The share that is missed; where that is none or all, how sure that is."""
    stopped = grade.stopped
    missed = _percent(1.0 - stopped.value)
    if stopped.value in {0.0, 1.0}:
        return f"{missed} ({_bound(stopped)})"
    return missed


def _bound(stopped: Interval) -> str:
    """How far from none or from all the share that is missed may be.

    >>> _bound(Interval(value=0.0, low=0.0, high=0.06, n=60, method=""))
    'at least 94\\xa0%'
    """
    if stopped.value == 0.0:
        return f"at least {_percent(1.0 - stopped.high)}"
    return f"at most {_percent(1.0 - stopped.low)}"


def _percent(share: float) -> str:
    """A share to a reader's precision.

    >>> _percent(0.714), _percent(0.0042), _percent(1.0)
    ('71\\xa0%', '0.42\\xa0%', '100\\xa0%')
    """
    percent = 100.0 * share
    return f"{percent:.2g}\N{NO-BREAK SPACE}%" if percent < 10 else f"{percent:.0f}\N{NO-BREAK SPACE}%"
