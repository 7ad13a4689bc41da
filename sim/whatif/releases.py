"""One good release at the planning peak, played and brought down to what the promise asks about: small enough to send.

A play ends when the release has ended and the time over which it is judged is over. How long that takes is guessed
from what was played before; where the guess was too short the release is played again to the full length, so that the
guess has no say in what comes out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import units
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.replication import GOOD, Record, replicate
from sim.scenario.resolved import Scenario
from sim.steps import Decision, Detector
from sim.whatif import peak
from sim.whatif.peak import Loss, Strike

AT_LEAST = 5 * units.MINUTE
"""A shorter release is judged over so long: fewer requests would leave the promise to chance."""
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
Counts = NDArray[np.int64]


class Release(NamedTuple):
    """What one release came to: requests and bad ones by window, the windows that count, and how it went."""

    requests: Counts
    bad: Counts
    judged: int  # windows from the release on
    hidden: slice  # windows in which nobody knows of a loss yet
    reasons: Mapping[str, int]
    held_up: bool
    taken_back: bool
    values: Mapping[str, float]

    @property
    def counts(self) -> NDArray[np.bool_]:
        """The windows over which the promise is judged."""
        judged = np.zeros(len(self.requests), dtype=np.bool_)
        judged[: self.judged] = True
        judged[self.hidden] = False
        return judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Ample:
    """A fleet that makes nobody wait, without any release: what fails anyway, by window and as a share."""

    bad: Counts
    share: float  # of all requests that are bad
    unanswered: float  # … that fail otherwise than by an answer


def released(
    scenario: Scenario, strategy: str, index: int, *, loss: Loss, strike: Strike | None, until: int | None = None
) -> Release:
    """Play one release; ``until`` is a guess (ns) of when it will have ended."""
    whole = peak.struck(scenario, loss, strike)
    if until is not None:
        window = whole.study.window
        needed = max(until, AT_LEAST, peak.blind(whole, strike).stop * window)
        until = -(-needed // window) * window
        if until < whole.study.horizon:
            found = _played(replace(whole, study=replace(whole.study, horizon=until)), strategy, index, strike)
            if found is not None:
                return found
    found = _played(whole, strategy, index, strike, to_the_end=True)
    assert found is not None
    return found


def ample(scenario: Scenario, index: int) -> Ample:
    """Play what an ample fleet without any release does, which fails what fails anyway."""
    played = replicate(scenario, strategy=None, case=GOOD, index=index, story=True)
    assert played.ledger is not None
    answers = played.ledger.requests.sum(axis=(0, 1, 2))
    answered_badly = answers[Outcome.ERROR] + answers[Outcome.UNSEEN_ERROR]
    bad, number = bad_by_window(played.ledger), max(1, int(answers.sum()))
    return Ample(
        bad=bad, share=float(bad.sum()) / number, unanswered=float(answers[1:].sum() - answered_badly) / number
    )


def bad_by_window(ledger: Ledger) -> Counts:
    """Failed and slow requests by window of their arrival."""
    requests = ledger.requests.sum(axis=(1, 2))
    bad: Counts = requests[:, 1:].sum(axis=1) + ledger.slow.sum(axis=(1, 2))
    return bad


def _played(
    scenario: Scenario, strategy: str, index: int, strike: Strike | None, *, to_the_end: bool = False
) -> Release | None:
    """The release; None where the horizon came before the end of what is judged."""
    record = replicate(scenario, strategy=strategy, case=GOOD, index=index, story=True)
    window, windows = scenario.study.window, scenario.study.horizon // scenario.study.window
    judged = math.ceil(max(record.values["duration"] * units.SECOND, AT_LEAST) / window)
    is_open = record.values["stuck"] + record.values["unfinished"] > 0
    if (is_open or judged > windows) and not to_the_end:
        return None
    return _release(scenario, record, strike, judged, is_open)


def _release(scenario: Scenario, record: Record, strike: Strike | None, judged: int, is_open: bool) -> Release:
    ledger, journal = record.ledger, record.journal
    assert ledger is not None
    assert journal is not None
    requests, slow = ledger.requests.sum(axis=(1, 2)), ledger.slow.sum(axis=(1, 2))
    hours = scenario.study.horizon / units.HOUR
    found = Release(
        requests=requests.sum(axis=1),
        bad=bad_by_window(ledger),
        judged=judged,
        hidden=peak.blind(scenario, strike),
        reasons={},
        held_up=is_open or (strike is None and journal.detected_by == Detector.DEADLINE),
        taken_back=journal.decision == Decision.ABORTED,
        values={
            **record.values,
            "extra_pod_hours": record.values["pod_hours"] - scenario.service.replicas * hours,
        },
    )
    counts = found.counts
    outcomes = requests[counts].sum(axis=0)
    reasons = {SLOW: int(slow[counts].sum())}
    for outcome in (each for each in WORDS if each not in (Outcome.ERROR, Outcome.UNSEEN_ERROR)):
        reasons[WORDS[outcome]] = int(outcomes[outcome])
    return found._replace(reasons=reasons)
