"""Does a good release keep the promise? A few releases on common luck, and an interval that says how sure that is.

Bad is a request that fails, or that is slower than its stream's objective where there is one. What an ample fleet
without any release would have failed as well, on the same luck, is taken out request by request and put back as a
rate: so the errors of today's version count for what they are, and not for the luck of the day.

The promise is the share of good requests (``slo.success``) from the release until it has ended, at least over
:data:`AT_LEAST`. Where machines are lost, the spell until the cluster has noticed is counted apart: no fleet can serve
what is sent to a machine that is gone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sim import units
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.replication import GOOD, Record, replicate
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Interval, mean, proportion_guaranteed
from sim.steps import Decision, Detector
from sim.whatif import peak
from sim.whatif.peak import Loss, Strike

FIRST_LOOK = 3
"""Releases after which a clear case is settled; each of the two looks spends half of what may go wrong."""
AT_LEAST = 5 * units.MINUTE
"""A shorter release is judged over so long: fewer requests would leave the promise to chance."""
AMPLE = 4
"""A fleet so many times what the work alone keeps busy makes nobody wait."""
WORDS = {
    Outcome.ERROR: "bad answers",
    Outcome.UNSEEN_ERROR: "bad answers",
    Outcome.REJECTED: "queues are full",
    Outcome.NO_ENDPOINT: "no pod is known",
    Outcome.REFUSED: "connections refused",
    Outcome.LOST: "connections lost",
    Outcome.TIMEOUT: "timeouts",
}
SLOW, HELD_UP, NOTHING = "answers are slow", "the release is held up", "nothing"
DUST = 1e-12
Counts = NDArray[np.int64]


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


@dataclass(slots=True)
class Reference:
    """An ample fleet without any release, at the same traffic and on the same luck; played once per index."""

    scenario: Scenario
    _bad: list[Counts] = field(default_factory=list)
    _own: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, grown: Scenario) -> Reference:
        """The reference for a scenario at its planning peak."""
        busy = fleet_arithmetic(grown).use_at_peak * grown.service.replicas
        pods = max(grown.service.replicas, math.ceil(AMPLE * busy))
        return cls(peak.with_fleet(grown, pods, max(grown.nodes.count, peak.nodes_for(grown, pods))))

    def bad(self, index: int) -> Counts:
        """Bad requests by window."""
        while len(self._bad) <= index:
            played = replicate(self.scenario, strategy=None, case=GOOD, index=len(self._bad), story=True)
            assert played.ledger is not None
            answers = played.ledger.requests.sum(axis=(0, 1, 2))
            answered_badly = answers[Outcome.ERROR] + answers[Outcome.UNSEEN_ERROR]
            self._bad.append(bad_by_window(played.ledger))
            self._own.append(float(answers[1:].sum() - answered_badly) / max(1, answers.sum()))
        return self._bad[index]

    @property
    def own(self) -> float:
        """The share that fails with any fleet: bad answers of today's version by their rate, and all other failures."""
        return self.scenario.release.baseline_errors + sum(self._own) / max(1, len(self._own))

    @property
    def allowed(self) -> float:
        """The share that may be bad. Where today's errors leave nothing of it, as much again on top of them."""
        promise = 1 - self.scenario.slo.success
        return promise if self.own < promise - DUST else self.own + promise


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
    each_look = 1 - (1 - confidence) / 2
    played = peak.struck(scenario, loss, strike)
    seen: list[_Seen] = []
    for index in range(replications):
        record = replicate(played, strategy=strategy, case=GOOD, index=index, story=True)
        seen.append(_seen(played, record, reference.bad(index), strike))
        if len(seen) == FIRST_LOOK:
            kept = _kept(seen, reference, each_look)
            if kept.sure is not Sure.CANNOT_TELL:
                return kept
    return _kept(seen, reference, each_look)


def bad_by_window(ledger: Ledger) -> Counts:
    """Failed and slow requests by window of their arrival."""
    requests = ledger.requests.sum(axis=(1, 2))
    bad: Counts = requests[:, 1:].sum(axis=1) + ledger.slow.sum(axis=(1, 2))
    return bad


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One release, as far as the promise goes."""

    requests: int
    more: int  # bad requests beyond the reference's, in the windows that are judged
    blind: int
    reasons: Mapping[str, int]
    held_up: bool
    taken_back: bool
    values: Mapping[str, float]


def _seen(scenario: Scenario, record: Record, anyway: Counts, strike: Strike | None) -> _Seen:
    ledger, journal = record.ledger, record.journal
    assert ledger is not None
    assert journal is not None
    window = scenario.study.window
    judged = np.zeros(len(ledger.requests), dtype=np.bool_)
    judged[: math.ceil(max(record.values["duration"] * units.SECOND, AT_LEAST) / window)] = True
    hidden = np.zeros_like(judged)
    hidden[peak.blind(scenario, strike)] = True
    requests, bad = ledger.requests.sum(axis=(1, 2)), bad_by_window(ledger)
    more = bad - anyway[: len(bad)]
    judged &= ~hidden
    outcomes = requests[judged].sum(axis=0)
    reasons = {SLOW: int(ledger.slow.sum(axis=(1, 2))[judged].sum())}
    for outcome in (each for each in WORDS if each not in (Outcome.ERROR, Outcome.UNSEEN_ERROR)):
        reasons[WORDS[outcome]] = int(outcomes[outcome])
    open_end = record.values["stuck"] + record.values["unfinished"] > 0
    return _Seen(
        requests=int(requests[judged].sum()),
        more=int(more[judged].sum()),
        blind=int(more[hidden].sum()),
        reasons=reasons,
        held_up=open_end or (strike is None and journal.detected_by == Detector.DEADLINE),
        taken_back=journal.decision == Decision.ABORTED,
        values=record.values,
    )


def _kept(seen: list[_Seen], reference: Reference, confidence: float) -> Kept:
    reasons: dict[str, int] = {}
    for each in seen:
        for reason, count in each.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
    held_up = any(each.held_up for each in seen)
    return Kept(
        share=_share(seen, reference.own, confidence),
        allowed=reference.allowed,
        held_up=held_up,
        why=HELD_UP if held_up else _most(reasons),
        blind=sum(each.blind for each in seen) / len(seen),
        taken_back=sum(each.taken_back for each in seen) / len(seen),
        releases=len(seen),
        means={name: sum(each.values[name] for each in seen) / len(seen) for name in seen[0].values},
    )


def _most(reasons: Mapping[str, int]) -> str:
    found = max(reasons, key=lambda reason: reasons[reason])
    return found if reasons[found] else NOTHING


def _share(seen: list[_Seen], own: float, confidence: float) -> Interval:
    """The t interval of the mean; and no shorter upwards than so few requests allow, were they independent.

    Without that, three releases in which nothing fails would be certain that nothing ever does.
    """
    found = mean([own + each.more / max(1, each.requests) for each in seen], confidence)
    requests, more = sum(each.requests for each in seen), max(0, sum(each.more for each in seen))
    at_least = proportion_guaranteed(min(more, requests), max(1, requests), confidence).high + own
    high = at_least if math.isnan(found.high) else max(found.high, at_least)
    return replace(found, low=max(0.0, found.low), high=high)
