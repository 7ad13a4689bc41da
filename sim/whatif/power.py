"""A gate on trial: how often it stops releases of graded badness, how soon, and what that costs in errors.

Releases are what a gate can see of them: counts per scrape, drawn by address, under the scenario's own rate, weights,
holds, scrape interval and delay, with the gaps and the noise its metrics have. Pods are ready at once, nobody queues,
retries or crashes, and the person on call is not there: it is the gate alone that is measured. All grades and all gates
are shown the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.errors import UsageError
from sim.gates import Gate, WrongSeries
from sim.gates.two_arm import TwoArm
from sim.observation import Reads
from sim.scenario.resolved import Scenario, Strategy
from sim.stats.intervals import Interval, mean, proportion_guaranteed, quantile
from sim.steps import Answer
from sim.units import SECOND
from sim.versions import NEVER, NEW
from sim.whatif.bench import Scraped, judge_release
from sim.whatif.bursts import variation_of
from sim.whatif.closed_form import chance_to_stop
from sim.whatif.rehearsal import held_longer, holds_of
from sim.whatif.trials import Setting, Trial

TIMES_WORSE = (1, 2, 5, 10, 50)
TIMES_SLOWER = (1.25, 1.5, 2.0, 3.0)
WITHOUT_A_BASE = (0.0, 0.001, 0.005, 0.01, 0.05)
REFERENCE = "two-arm, for comparison"
"""What the gate is called that is shown beside the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How a gate does with releases of one error ratio, answering so many times slower.

    ``stopped`` is the share it stops before the last hold ends, ``seconds`` the median time until then (infinite where
    more than half are never stopped), ``errors`` the mean number of the new version's errors until then or until the
    end, ``by_arithmetic`` the share by closed form, where there is one. ``judged`` is the share of its looks at which
    it had enough to say pass or fail; nan where it never looked.
    """

    ratio: float
    slower: float
    stopped: Interval
    seconds: Interval
    errors: Interval
    by_arithmetic: float | None
    judged: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How one release ended: seconds until the gate stopped it (infinite: never), errors until then, looks."""

    seconds: float
    errors: float
    looks: int
    judged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """A gate's operating characteristic under one strategy; the first grade is a release no worse than before."""

    strategy: str
    gate: str
    acts: bool  # whether the strategy asks it
    setting: Setting
    requests: tuple[float, ...]  # expected of the new version, by hold
    grades: tuple[Grade, ...]
    wrong_series: WrongSeries | None = None  # what it reads in place of the new version's series


def grades_for(baseline: float) -> tuple[float, ...]:
    """Error ratios worth trying beside a baseline's: as bad, twice, five, ten and fifty times as bad.

    >>> grades_for(0.001), grades_for(0.05)
    ((0.001, 0.002, 0.005, 0.01, 0.05), (0.05, 0.1, 0.25, 0.5, 1.0))
    """
    if baseline <= 0.0:
        return WITHOUT_A_BASE
    return tuple(dict.fromkeys(min(1.0, round(baseline * times, 12)) for times in TIMES_WORSE))


def setting_of(scenario: Scenario, strategy: Strategy, *, latency: bool = False) -> Setting:
    """The conditions a strategy's gate judges under; raises UsageError where it never holds."""
    holds = holds_of(strategy.strategy, scenario.service.replicas)
    if not holds:
        raise UsageError(f"strategy {strategy.name} has no hold in which a gate could judge")
    moments = np.array([at for at, _ in scenario.traffic.profile], dtype=np.float64)
    shares = np.array([share for _, share in scenario.traffic.profile], dtype=np.float64)
    peaks = [stream.peak for stream in scenario.traffic.streams]

    def rate(at: int) -> Sequence[float]:
        share = float(np.interp(at, moments, shares))
        return [peak * share for peak in peaks]

    return Setting(
        streams=tuple(stream.name for stream in scenario.traffic.streams),
        rate=rate,
        holds=holds,
        errors=scenario.release.baseline_errors,
        scrape=scenario.scraping.every,
        seed=scenario.study.seed,
        work=tuple(stream.work for stream in scenario.traffic.streams) if latency else (),
        service_factor=scenario.release.service_factor,
        faults=scenario.scraping.faults,
        variations=tuple(variation_of(stream.arrivals.gap()) for stream in scenario.traffic.streams),
        horizon=max(scenario.study.horizon, holds[-1].end),
    )


def gates_of(scenario: Scenario, strategy: Strategy) -> dict[str, Gate]:
    """The strategy's own gate, those it runs dry, and the two-arm gate unless it is among them."""
    names = [name for name in (strategy.gate, *strategy.dry) if name is not None]
    gates: dict[str, Gate] = {name: scenario.gates[name] for name in names}
    if not any(isinstance(gate, TwoArm) for gate in gates.values()):
        delays = [gate.delay for gate in gates.values()]
        delay = {"delay": f"{max(delays, default=scenario.scraping.delay)}ns"}
        gates[REFERENCE] = TwoArm.model_validate(delay)
    return gates


def power_of(
    scenario: Scenario,
    strategy: Strategy,
    *,
    ratios: Sequence[float] | None = None,
    slowdowns: Sequence[float] | None = None,
    releases: int = 400,
) -> tuple[Power, ...]:
    """The operating characteristic of each gate of a strategy, the acting one first.

    Slow releases are tried where asked for, and where a gate reads latencies.
    """
    gates = gates_of(scenario, strategy)
    latency = any(gate.needs_latency for gate in gates.values())
    if slowdowns is None:
        slowdowns = TIMES_SLOWER if latency else ()
    setting = setting_of(scenario, strategy, latency=latency)
    base = setting.errors
    tried = grades_for(base) if ratios is None else tuple(dict.fromkeys((base, *sorted(ratios))))
    found = try_gates(gates, setting, tried, slowdowns=slowdowns, releases=releases)
    return tuple(
        Power(
            strategy=strategy.name,
            gate=name,
            acts=name == strategy.gate,
            setting=setting,
            requests=expected_requests(setting),
            grades=grades,
            wrong_series=gates[name].wrong_series,
        )
        for name, grades in found.items()
    )


def try_gates(
    gates: Mapping[str, Gate],
    setting: Setting,
    ratios: Sequence[float],
    *,
    slowdowns: Sequence[float] = (),
    releases: int,
    confidence: float = 0.95,
    prolongs: bool = True,
) -> dict[str, tuple[Grade, ...]]:
    """Put every gate to the same releases, as many for each error ratio, and for each slowdown at today's errors.

    ``prolongs``: a gate may hold the weight for longer than planned; else every hold ends by the clock.
    """
    badness = [*((ratio, 1.0) for ratio in ratios), *((setting.errors, slower) for slower in slowdowns)]
    ends: dict[tuple[str, float, float], list[End]] = {(name, *each): [] for name in gates for each in badness}
    for index in range(releases):
        trial = Trial(setting, index)
        for ratio, slower in badness:
            truth = trial.scraped(ratio, slower=slower)
            seen = trial.seen(truth)
            for number, (name, gate) in enumerate(gates.items()):
                reads = gate.reads(trial.wiring(number))
                end = _end(gate, trial, (truth, seen), (ratio, slower), reads, prolongs=prolongs)
                ends[name, ratio, slower].append(end)
    return {
        name: tuple(
            _grade(each, ends[name, *each], chance_to_stop(gate, setting, each[0]), confidence) for each in badness
        )
        for name, gate in gates.items()
    }


def expected_requests(setting: Setting) -> tuple[float, ...]:
    """Requests the new version can expect in each hold."""
    expected = []
    for hold in setting.holds:
        moments = np.linspace(hold.start, hold.end, 101)
        rate = float(np.mean([sum(setting.rate(int(at))) for at in moments]))
        expected.append(hold.share * rate * (hold.end - hold.start) / SECOND)
    return tuple(expected)


def _end(
    gate: Gate,
    trial: Trial,
    scraped: tuple[Scraped, Scraped],
    badness: tuple[float, float],
    reads: Reads,
    *,
    prolongs: bool,
) -> End:
    """How a release ends under a gate.

    ``scraped`` is what the counters were and what was seen of them under the holds as planned. Where the gate wants to
    hold longer, the same release is played again with that hold longer: up to there it is the same. At the horizon
    a release still held is one that was not stopped.
    """
    truth, seen = scraped
    lengths = [hold.end - hold.start for hold in trial.setting.holds]
    while True:
        spans = [(hold.start, hold.end) for hold in trial.setting.holds]
        found = judge_release(gate, seen, spans, reads=reads, lengths=lengths if prolongs else None)
        if found.longer is None or found.longer[1] > trial.setting.horizon:
            at, looks = found.stopped_at, [judgement.verdict.answer for _, judgement in found.judgements]
            return End(
                seconds=math.inf if at == NEVER else (at - spans[0][0]) / SECOND,
                errors=_errors_until(truth, at),
                looks=len(looks),
                judged=sum(answer in {Answer.PASS, Answer.FAIL} for answer in looks),
            )
        trial = trial.under(held_longer(trial.setting.holds, *found.longer))
        truth = trial.scraped(badness[0], slower=badness[1])
        seen = trial.seen(truth)


def _errors_until(scraped: Scraped, at: int) -> float:
    """The new version's errors up to the first scrape at or after a moment."""
    place = min(int(np.searchsorted(np.asarray(scraped.times), at)), len(scraped.times) - 1)
    return float(scraped.errors[place, NEW].sum())


def _grade(badness: tuple[float, float], ends: list[End], closed: float | None, confidence: float) -> Grade:
    seconds: Any = np.array([each.seconds for each in ends])
    errors: Any = np.array([each.errors for each in ends])
    looks = sum(each.looks for each in ends)
    ratio, slower = badness
    return Grade(
        ratio=ratio,
        slower=slower,
        stopped=proportion_guaranteed(int(np.isfinite(seconds).sum()), len(seconds), confidence),
        seconds=quantile(seconds, 0.5, confidence),
        errors=mean(errors, confidence),
        by_arithmetic=closed if slower == 1.0 else None,
        judged=sum(each.judged for each in ends) / looks if looks else math.nan,
    )
