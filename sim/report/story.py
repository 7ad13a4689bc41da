"""One replication told along a time axis: who got which share, which pods stood ready, what failed, who said what."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.journal import Gauge, Journal
from sim.ledger import Ledger
from sim.outcomes import FAILURES
from sim.replication import GOOD, Record, replicate
from sim.report.pod_lanes import Lane, lanes
from sim.scenario.resolved import Scenario
from sim.steps import Answer, Decision
from sim.study.findings import Findings
from sim.versions import NEW, STABLE

Floats = NDArray[np.float64]
SHOWN_BEFORE = 60.0
"""Seconds of calm after the last thing that happened that a timeline still shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A step function: from each time (s) on it has the value beside it."""

    times: Floats
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a timeline shows; times in seconds from the release."""

    strategy: str
    case: str
    index: int
    end: float  # how far the time axis goes
    share: Steps  # of requests sent to the new version
    ready_stable: Steps  # pods
    ready_new: Steps
    window: float
    failed: Floats  # per window, share of its requests
    failed_count: int  # of the whole replication
    verdicts: tuple[tuple[float, str, Answer, str], ...]  # time, gate, answer, reason
    moments: tuple[tuple[float, str], ...]  # milestones in order
    decision: Decision
    detected_by: str
    slow_stable: Floats  # per window, the p95 latency of its successes in seconds; nan without any
    slow_new: Floats
    journal: Journal

    def pods(self, end: float) -> list[Lane]:
        """The pods as lanes up to a moment (s)."""
        return lanes(self.journal, end)


def bad_stories(findings: Findings, engine: str = "compiled") -> Iterator[Story]:
    """Re-play the typical bad release by each strategy, and the unlucky one where it is another.

    Where no bad release is asked about, a good one by each strategy whose good releases fail requests.
    """
    if not findings.scenario.release.defects:
        for price in findings.good:
            yield play_story(findings.scenario, strategy=price.strategy, case=GOOD, index=0, engine=engine)
    for strategy in findings.strategies:
        chosen = [found[strategy] for found in (findings.typical, findings.unlucky) if strategy in found]
        for case, index in dict.fromkeys(chosen):
            yield play_story(findings.scenario, strategy=strategy, case=case, index=index, engine=engine)


def play_story(scenario: Scenario, *, strategy: str, case: str, index: int, engine: str = "compiled") -> Story:
    """Play one replication again, keeping what happened; the same luck gives the same story."""
    record = replicate(scenario, strategy=strategy, case=case, index=index, engine=engine, story=True)
    return story_of(record, scenario)


def story_of(record: Record, scenario: Scenario) -> Story:
    """The story in a record that was kept with its journal and ledger."""
    journal, ledger = record.journal, record.ledger
    assert journal is not None, "a story needs its journal"
    assert ledger is not None, "a story needs its ledger"
    window, horizon = scenario.study.window / 1e9, scenario.study.horizon / 1e9
    failed, count = failures(ledger)
    moments = tuple((at / 1e9, name.value) for name, at in sorted(journal.milestones.items(), key=lambda pair: pair[1]))
    return Story(
        strategy=record.strategy,
        case=record.case,
        index=record.index,
        end=_end(journal, failed, window, horizon),
        share=_steps(journal, Gauge.NEW_SHARE),
        ready_stable=_steps(journal, Gauge.READY_STABLE),
        ready_new=_steps(journal, Gauge.READY_NEW),
        window=window,
        failed=failed,
        failed_count=count,
        verdicts=tuple((at / 1e9, gate, verdict.answer, verdict.reason) for at, gate, verdict in journal.verdicts),
        moments=moments,
        decision=journal.decision,
        detected_by=journal.detected_by.value,
        slow_stable=_latency(record, STABLE),
        slow_new=_latency(record, NEW),
        journal=journal,
    )


def failures(ledger: Ledger) -> tuple[Floats, int]:
    """Failed share of the requests of each window (nan where none arrived), and how many failed in all."""
    by_outcome = ledger.requests.sum(axis=(1, 2))
    arrived, failed = by_outcome.sum(axis=1), by_outcome[:, list(FAILURES)].sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(arrived > 0, failed / np.maximum(arrived, 1), math.nan), int(failed.sum())


def _latency(record: Record, version: int) -> Floats:
    course = record.latency
    return np.array([] if course is None else course.p95[version], dtype=np.float64)


def _steps(journal: Journal, gauge: Gauge) -> Steps:
    points = journal.gauges.get(gauge) or [(0, 0.0)]
    return Steps(times=np.array([at / 1e9 for at, _ in points]), values=np.array([value for _, value in points]))


def _end(journal: Journal, failed: Floats, window: float, horizon: float) -> float:
    """Where the story is over: a while after the last milestone, endpoint or loud window, within the horizon."""
    moments = [at / 1e9 for at in journal.milestones.values()]
    moments += [points[-1][0] / 1e9 for points in journal.gauges.values()]
    loud = np.flatnonzero(np.nan_to_num(failed) > 0.01)
    moments += [(loud[-1] + 1) * window] if loud.size else []
    last = max(moments, default=0.0)
    return min(horizon, max(last * 1.1 + SHOWN_BEFORE, 5 * SHOWN_BEFORE))
