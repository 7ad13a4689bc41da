"""Does a good release keep the promise? A few releases on common luck, and an interval that says how sure that is.

Bad is a request that fails, or that is slower than its stream's objective where there is one. What an ample fleet
without any release would have failed as well is taken out and put back as a rate: request by request on the same luck
where few requests come, by its share where they are so many that luck evens out. So the errors of today's version count
for what they are, and not for the luck of the day.

The promise is the share of good requests (``slo.success``) from the release until it has ended, at least over
:data:`sim.whatif.releases.AT_LEAST`. Where machines are lost, the spell until the cluster has noticed is counted apart:
no fleet can serve what is sent to a machine that is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from sim.scenario.demand import requests_played
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Interval, mean, proportion_guaranteed
from sim.whatif import peak
from sim.whatif.peak import Loss, Strike
from sim.whatif.releases import HELD_UP, NOTHING, Ample, Release, ample, released

FIRST_LOOK = 2
"""Releases after which a clear case is settled; at each later look there are twice as many."""
EVEN = 300_000
"""Requests of a release from which on luck has evened out within it: already one is looked at, and four are enough."""
ENOUGH = 4
ONE_ALONE = 0.5
"""By so much of its share of bad requests one release alone may be off; releases of so many requests differ by less."""
DUST = 1e-12


class Sure(Enum):
    """What can be said of a promise with the asked confidence."""

    KEPT = "kept"
    BROKEN = "broken"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of the promise in one situation.

    ``share`` is the mean share of bad requests with its interval, ``blind`` the mean number that fails before the
    cluster has noticed a loss, ``taken_back`` the share of releases that ended where they began, ``means`` the mean of
    every measure, ``why`` what most of the bad requests suffer from.
    """

    share: Interval
    allowed: float
    held_up: bool
    why: str
    blind: float
    taken_back: float
    releases: int
    means: Mapping[str, float]

    @property
    def sure(self) -> Sure:
        """Whether the whole interval lies on one side of what the promise allows; a release held up breaks it."""
        if self.held_up or self.share.low > self.allowed:
            return Sure.BROKEN
        return Sure.KEPT if self.share.high <= self.allowed else Sure.CANNOT_TELL

    @property
    def surely(self) -> bool:
        """Whether the promise is kept for sure."""
        return self.sure is Sure.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Anyway:
    """What fails with any fleet: ``own`` its share of requests, and what of a release's bad requests is beyond it."""

    own: float
    promise: float  # share that may be bad
    share: float  # of an ample fleet's requests that are bad
    exact: Sequence[Ample] = ()  # by index; without them the share counts

    @property
    def allowed(self) -> float:
        """The share that may be bad. Where today's errors leave nothing of it, as much again on top of them."""
        return self.promise if self.own < self.promise - DUST else self.own + self.promise

    def more(self, release: Release, index: int) -> tuple[int, int]:
        """Bad requests beyond what fails anyway: where the promise is judged, and while nobody knows of a loss."""
        if self.exact:
            more = release.bad - self.exact[index].bad[: len(release.bad)]
            return int(more[release.counts].sum()), int(more[release.hidden].sum())
        more = release.bad - self.share * release.requests
        return round(float(more[release.counts].sum())), round(float(more[release.hidden].sum()))


def is_even(scenario: Scenario) -> bool:
    """Whether a scenario at its planning peak plays so many requests that luck evens out within one release."""
    return peak.comes_from_outside(scenario) and requests_played(scenario) >= EVEN


def anyway(scenario: Scenario, played: Sequence[Ample], *, exact: bool) -> Anyway:
    """What fails anyway, from releases of an ample fleet."""
    unanswered = sum(each.unanswered for each in played) / max(1, len(played))
    return Anyway(
        own=scenario.release.baseline_errors + unanswered,
        promise=1 - scenario.slo.success,
        share=sum(each.share for each in played) / max(1, len(played)),
        exact=played if exact else (),
    )


@dataclass(slots=True)
class Reference:
    """An ample fleet without any release, at the same traffic and on the same luck; played once per index."""

    scenario: Scenario
    _played: list[Ample] = field(default_factory=list)

    @classmethod
    def of(cls, grown: Scenario) -> Reference:
        """The reference for a scenario at its planning peak."""
        return cls(peak.ample(grown))

    def up_to(self, releases: int) -> Anyway:
        """What fails anyway on the luck of the first so many releases."""
        while len(self._played) < releases:
            self._played.append(ample(self.scenario, len(self._played)))
        return anyway(self.scenario, self._played, exact=True)


def looks(replications: int, *, even: bool = False) -> tuple[int, ...]:
    """Numbers of releases after which is looked.

    >>> looks(8), looks(3), looks(8, even=True)
    ((2, 4, 8), (2, 3), (1, 2, 4))
    """
    replications = min(replications, ENOUGH) if even else replications
    found, count = [], 1 if even else min(FIRST_LOOK, replications)
    while count < replications:
        found.append(count)
        count *= 2
    return (*found, replications)


def each_look(replications: int, confidence: float, *, even: bool = False) -> float:
    """The confidence of one look: all of them share what may go wrong."""
    return 1 - (1 - confidence) / len(looks(replications, even=even))


def keeps(
    scenario: Scenario,
    strategy: str,
    reference: Reference,
    *,
    loss: Loss = Loss.NONE,
    strike: Strike | None = None,
    replications: int,
    confidence: float,
) -> Kept:
    """Play good releases by ``strategy`` until it is clear whether the promise is kept, at most ``replications``."""

    def more(count: int, before: int) -> Iterator[Release]:
        for index in range(before, count):
            yield released(scenario, strategy, index, loss=loss, strike=strike)

    seen: list[Release] = []
    for count in looks(replications):
        seen += more(count, len(seen))
        kept = judged(seen, reference.up_to(count), each_look(replications, confidence))
        if kept.sure is not Sure.CANNOT_TELL:
            break
    return kept


def judged(seen: Sequence[Release], anyway: Anyway, confidence: float) -> Kept:
    """What so many releases come to, the first of which have the first indexes."""
    reasons: dict[str, int] = {}
    for each in seen:
        for reason, count in each.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
    held_up = any(each.held_up for each in seen)
    more = [anyway.more(each, index) for index, each in enumerate(seen)]
    return Kept(
        share=_share(seen, [here for here, _ in more], anyway.own, confidence),
        allowed=anyway.allowed,
        held_up=held_up,
        why=HELD_UP if held_up else _most(reasons),
        blind=sum(unseen for _, unseen in more) / len(seen),
        taken_back=sum(each.taken_back for each in seen) / len(seen),
        releases=len(seen),
        means={name: sum(each.values[name] for each in seen) / len(seen) for name in seen[0].values},
    )


def _most(reasons: Mapping[str, int]) -> str:
    found = max(reasons, key=lambda reason: reasons[reason])
    return found if reasons[found] else NOTHING


def _share(seen: Sequence[Release], more: Sequence[int], own: float, confidence: float) -> Interval:
    """The t interval of the mean, of one release alone a wide guess; and no shorter than so few requests allow.

    That is what they would allow were they independent. Without it, two releases in which nothing fails would be
    certain that nothing ever does, and two in which as many fail by chance that so many always do.
    """
    numbers = [int(each.requests[each.counts].sum()) for each in seen]
    found = mean([own + each / max(1, number) for each, number in zip(more, numbers, strict=True)], confidence)
    requests = max(1, sum(numbers))
    least = proportion_guaranteed(min(max(0, sum(more)), requests), requests, confidence)
    low, high = least.low + own, least.high + own
    if len(seen) > 1:
        low, high = min(low, found.low), max(high, found.high)
    elif numbers[0] >= EVEN / 2:
        low, high = min(low, found.value * (1 - ONE_ALONE)), max(high, found.value * (1 + ONE_ALONE))
    else:
        low, high = 0.0, 1.0
    return replace(found, low=max(0.0, low), high=high)
