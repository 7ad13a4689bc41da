"""What past releases say: each figure with its interval, over a prior that has a source where one is published.

The change failure rate is a Beta law over the prior of DORA's quick-check data of 2025 (mean 19 %, standard deviation
21 % between teams, all industries; dora-team/dora.dev, ``industry_metrics.json`` of that edition; matched by moments:
Beta(0.47, 2.02)). Shares of causes are a Dirichlet law over one release shared evenly by all causes (Perks, 1947).
Sizes of errors and times to react are lognormal (:mod:`sim.stats.lognormal`); nobody has published a prior for them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from sim import units
from sim.exchange.drafts.lines import plain_name
from sim.exchange.history.releases import History, Past
from sim.exchange.history.words import kind_of
from sim.stats.lognormal import FEWEST, Percentile, Values, percentile

PRIOR = (0.47, 2.02)
"""Bad and good releases that the prior is worth."""
PRIOR_SOURCE = "DORA quick check 2025, all industries: mean 19 %, sd 21 % between teams"
CONFIDENCE = 0.9
MOST_CAUSES = 6
"""Rarer causes are told together."""
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of releases as a Beta law."""

    bad: float
    good: float

    @property
    def mean(self) -> float:
        """The expectation."""
        return self.bad / (self.bad + self.good)

    def quantile(self, probability: float) -> float:
        """The share below which it lies with this probability."""
        return float(stats.beta.ppf(probability, self.bad, self.good))

    def ends(self) -> tuple[float, float]:
        """Within which it lies with :data:`CONFIDENCE`."""
        return self.quantile((1 - CONFIDENCE) / 2), self.quantile((1 + CONFIDENCE) / 2)

    def after(self, bad: int, good: int) -> Rate:
        """With so many more releases seen.

        >>> round(Rate(*PRIOR).after(6, 54).mean, 4)
        0.1035
        """
        return Rate(self.bad + bad, self.good + good)


@dataclass(frozen=True, slots=True)
class Cause:
    """A way in which releases were bad."""

    name: str
    count: int
    share: Rate


@dataclass(frozen=True, slots=True)
class Spread:
    """A lognormal law by its middle and its 95th percentile, and how many values it rests on, open ones among them."""

    middle: Percentile
    slow: Percentile
    seen: int
    open: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """All that a list of releases says."""

    history: History
    prior: Rate
    rate: Rate
    causes: tuple[Cause, ...]
    errors: Spread | None  # share of the new version's requests that fail, at its peak; not of slow or crashing ones
    reaction: Spread | None  # minutes from noticing to the end of it, where a person ended it
    noticed: Spread | None  # minutes from the release to noticing, where a person noticed
    a_year: tuple[float, float, float] | None  # releases a year: likely, low, high
    noticed_above: float  # share of errors below which nobody would have noticed, 0 where nothing is said
    stopped_above: float  # … above which a gate would have stopped it first, 1 where nothing is said


def learn(history: History, *, noticed_above: float = 0.0, stopped_above: float = 1.0) -> Learnt:
    """Fit everything; what has fewer than :data:`~sim.stats.lognormal.FEWEST` values is None."""
    bad, prior = history.bad, Rate(*PRIOR)
    people = [each for each in bad if not each.by_gate]
    return Learnt(
        history=history,
        prior=prior,
        rate=prior.after(len(bad), len(history.releases) - len(bad)),
        causes=_causes(bad),
        errors=_errors(bad, noticed_above, stopped_above),
        reaction=_reaction(people),
        noticed=_noticed(people),
        a_year=_a_year([each.at for each in history.releases if each.at is not None]),
        noticed_above=noticed_above,
        stopped_above=stopped_above,
    )


def _causes(bad: Sequence[Past]) -> tuple[Cause, ...]:
    """The commonest first; a release without a cause is of any."""
    counted = Counter(plain_name(each.cause) for each in bad if each.cause).most_common()
    kept, rest = counted[:MOST_CAUSES], sum(count for _, count in counted[MOST_CAUSES:])
    named = [*kept, *([(OTHER, rest)] if rest else [])]
    total = sum(count for _, count in named)
    weight = 1 / max(1, len(named))
    return tuple(Cause(name, count, Rate(count + weight, total + 1 - count - weight)) for name, count in named)


def sized(bad: Sequence[Past]) -> list[float]:
    """How large the errors were where people stopped them; of releases that are known to be bad in another way, none.

    A gate stops a release at the size at which it stops all; a slow or crashing one has other errors than a wrong one.
    """
    return [
        each.error_ratio
        for each in bad
        if each.error_ratio and not each.by_gate and kind_of(each.cause) == "error_rate"
    ]


def _errors(bad: Sequence[Past], above: float, below: float) -> Spread | None:
    """All requests failing is "at least so bad": a law of shares ends there."""
    inside = [size for size in sized(bad) if above < size < below or size == below == 1.0]
    whole = [size == 1.0 for size in inside]
    if whole.count(False) < FEWEST:
        return None
    return _spread(Values.of(inside, open=whole, above=above, below=below if below < 1.0 else math.inf))


def _reaction(people: Sequence[Past]) -> Spread | None:
    pairs = [(each.detected, each.mitigated) for each in people if each.detected and each.mitigated]
    known = [(a, b) for a, b in pairs if not a.open]
    minutes = [max(b.minutes - a.minutes, 0.5) for a, b in known]
    is_open = [b.open for _, b in known]
    return _spread(Values.of(minutes, open=is_open)) if is_open.count(False) >= FEWEST else None


def _noticed(people: Sequence[Past]) -> Spread | None:
    told = [each.detected for each in people if each.detected]
    is_open = [each.open for each in told]
    if is_open.count(False) < FEWEST:
        return None
    return _spread(Values.of([max(each.minutes, 0.5) for each in told], open=is_open))


def _spread(values: Values) -> Spread:
    middle, slow = (percentile(values, share, CONFIDENCE) for share in (0.5, 0.95))
    return Spread(middle, slow, len(values.logs), int(values.open.sum()))


def _a_year(times: Sequence[int]) -> tuple[float, float, float] | None:
    """From gaps between releases: so many of them in the time from the first to the last."""
    if len(times) < FEWEST or max(times) - min(times) < units.DAY:
        return None
    years, gaps = (max(times) - min(times)) / (365.25 * units.DAY), len(times) - 1
    low, high = (float(stats.gamma.ppf(p, gaps) / years) for p in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return gaps / years, low, high
