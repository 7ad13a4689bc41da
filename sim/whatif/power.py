"""A gate on trial: how often it stops releases of graded badness, how soon, and what that costs in errors.

Releases are what a gate can see of them: counts per scrape, drawn by address, under the scenario's own rate, weights,
holds, scrape interval and delay, with the gaps and the noise its metrics have. Pods are ready at once, nobody queues,
retries or crashes. Each gate is measured alone; the person on call, where there is one, alone and behind the acting
gate. All grades, all gates and the person are shown the same luck.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from sim.errors import UsageError
from sim.gates import Gate, WrongSeries
from sim.gates.two_arm import TwoArm
from sim.scenario.resolved import Scenario, Strategy
from sim.stats.intervals import Interval, mean, proportion_guaranteed, quantile
from sim.steps import Answer
from sim.units import SECOND
from sim.versions import NEVER, NEW
from sim.whatif.backstop import Person
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
PERSON = "the person on call"


Play: TypeAlias = tuple[Trial, Scraped, Scraped]
"""A release: its luck and holds, what the counters were, and what was seen of them."""


class Watch(NamedTuple):
    """Who watches a release: a gate by its name, the person on call, or one behind the other."""

    gate: str | None
    person: bool = False

    @property
    def name(self) -> str:
        """As it is told.

        >>> Watch("strict").name, Watch("strict", person=True).name, Watch(None, person=True).name
        ('strict', 'strict, or the person on call', 'the person on call, alone')
        """
        if self.gate is None:
            return f"{PERSON}, alone"
        return f"{self.gate}, or {PERSON}" if self.person else self.gate

    def ends(self, acting: str | None) -> bool:
        """Whether this is who stops releases of a strategy with this acting gate: its gate, and who is on call.

        >>> Watch("dry").ends("own"), Watch("own").ends("own"), Watch("own", person=True).ends("own")
        (False, True, True)
        >>> Watch(None, person=True).ends("own"), Watch(None, person=True).ends(None)
        (False, True)
        """
        return self.gate == acting


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
    """Who watches, and what that is worth under one strategy; the first grade is a release no worse than before.

    ``acts`` says whether this is who stops that strategy's releases, rather than somebody to compare with.
    """

    strategy: str
    watch: Watch
    acts: bool
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
    """The conditions a strategy's gate judges under; raises UsageError where it never holds.

    Where the acting gate insists on longer holds than the strategy has, they are so long for all.
    """
    least = scenario.gates[strategy.gate].least_hold if strategy.gate is not None else 0
    holds = holds_of(strategy.strategy, scenario.service.replicas, least)
    if not holds:
        raise UsageError(f"strategy {strategy.name} has no hold in which a gate could judge")
    traffic = scenario.traffic
    profiles = [np.array(traffic.profile_of(stream), dtype=np.float64).T for stream in traffic.streams]
    peaks = [stream.peak for stream in traffic.streams]

    def rate(at: int) -> Sequence[float]:
        now = (float(np.interp(at, moments, shares)) for moments, shares in profiles)
        return [peak * share for peak, share in zip(peaks, now, strict=True)]

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
        lag=scenario.scraping.delay,
        lead=_lead(scenario, strategy),
    )


def _lead(scenario: Scenario, strategy: Strategy) -> int:
    """How far back before the release somebody may ask, ns."""
    reaches = [gate.reach + gate.delay for gate in gates_of(scenario, strategy).values()]
    window = scenario.oncall.window if scenario.oncall else 0
    return int(max(*reaches, window)) + scenario.scraping.delay


def gates_of(scenario: Scenario, strategy: Strategy) -> dict[str, Gate]:
    """The strategy's own gate, those it runs dry, and the two-arm gate unless it is among them."""
    names = [name for name in (strategy.gate, *strategy.dry) if name is not None]
    gates: dict[str, Gate] = {name: scenario.gates[name] for name in names}
    if not any(isinstance(gate, TwoArm) for gate in gates.values()):
        delay = max((gate.delay for gate in gates.values()), default=0)
        gates[REFERENCE] = TwoArm.model_validate({"delay": f"{delay}ns"})
    return gates


def power_of(
    scenario: Scenario,
    strategy: Strategy,
    *,
    ratios: Sequence[float] | None = None,
    slowdowns: Sequence[float] | None = None,
    releases: int = 400,
) -> tuple[Power, ...]:
    """The operating characteristic of each gate of a strategy, the acting one first, and the person on call last.

    Slow releases are tried where asked for, and where a gate reads latencies.
    """
    gates = gates_of(scenario, strategy)
    latency = any(gate.needs_latency for gate in gates.values())
    if slowdowns is None:
        slowdowns = TIMES_SLOWER if latency else ()
    setting = setting_of(scenario, strategy, latency=latency)
    base = setting.errors
    tried = grades_for(base) if ratios is None else tuple(dict.fromkeys((base, *sorted(ratios))))
    person = Person(rule=scenario.oncall) if scenario.oncall else None
    found = try_gates(
        gates, setting, tried, slowdowns=slowdowns, releases=releases, person=person, acting=strategy.gate
    )
    return tuple(
        Power(
            strategy=strategy.name,
            watch=watch,
            acts=watch.ends(strategy.gate),
            setting=setting,
            requests=expected_requests(setting),
            grades=grades,
            wrong_series=gates[watch.gate].wrong_series if watch.gate is not None and not watch.person else None,
        )
        for watch, grades in found.items()
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
    person: Person | None = None,
    acting: str | None = None,
) -> dict[Watch, tuple[Grade, ...]]:
    """Put every gate to the same releases, as many for each error ratio, and for each slowdown at today's errors.

    ``prolongs``: a gate may hold the weight for longer than planned; else every hold ends by the clock. A ``person`` on
    call is put to them too, alone, and behind the ``acting`` gate.
    """
    badness = [*((ratio, 1.0) for ratio in ratios), *((setting.errors, slower) for slower in slowdowns)]
    ends: dict[tuple[Watch, tuple[float, float]], list[End]] = defaultdict(list)
    for index in range(releases):
        trial = Trial(setting, index)
        for each in badness:
            truth = trial.scraped(each[0], slower=each[1])
            play = trial, truth, trial.seen(truth)
            by_hand = None if person is None else _by_hand(person, play)
            for number, (name, gate) in enumerate(gates.items()):
                end, held = _end(gate, play, each, trial.wiring(number), prolongs=prolongs)
                ends[Watch(name), each].append(end)
                if person is not None and by_hand is not None and name == acting:
                    behind = by_hand if held is play else _by_hand(person, held)
                    ends[Watch(name, person=True), each].append(_sooner(end, behind))
            if by_hand is not None:
                ends[Watch(None, person=True), each].append(by_hand)
    watches = dict.fromkeys((*map(Watch, gates), *(watch for watch, _ in ends)))
    return {
        watch: tuple(
            _grade(each, ends[watch, each], _formula(gates, watch, setting, each), confidence) for each in badness
        )
        for watch in watches
    }


def _formula(gates: Mapping[str, Gate], watch: Watch, setting: Setting, badness: tuple[float, float]) -> float | None:
    """The share that is stopped by closed form; None where there is none, and wherever a person watches."""
    return None if watch.gate is None or watch.person else chance_to_stop(gates[watch.gate], setting, badness[0])


def expected_requests(setting: Setting) -> tuple[float, ...]:
    """Requests the new version can expect in each hold."""
    expected = []
    for hold in setting.holds:
        moments = np.linspace(hold.start, hold.end, 101)
        rate = float(np.mean([sum(setting.rate(int(at))) for at in moments]))
        expected.append(hold.share * rate * (hold.end - hold.start) / SECOND)
    return tuple(expected)


def _end(gate: Gate, play: Play, badness: tuple[float, float], luck: float, *, prolongs: bool) -> tuple[End, Play]:
    """How a release ends under a gate, and the release with the holds that it came to have.

    Where the gate wants to hold longer, the same release is played again with that hold longer: up to there it is the
    same. At the horizon a release still held is one that was not stopped.
    """
    lengths = [hold.end - hold.start for hold in play[0].setting.holds]
    while True:
        trial, truth, seen = play
        spans = [(hold.start, hold.end) for hold in trial.setting.holds]
        planned = lengths if prolongs else None
        found = judge_release(gate, seen, spans, reads=gate.reads(luck), luck=luck, lengths=planned)
        number, wanted = found.longer or (0, 0)
        until = min(wanted, trial.setting.horizon)
        if until <= trial.setting.holds[number].end:
            looks = [judgement for _, judgement in found.judgements]
            judged = sum(each.measured or each.verdict.answer in {Answer.PASS, Answer.FAIL} for each in looks)
            return _ended(found.stopped_at, play, looks=len(looks), judged=judged), play
        trial = trial.under(held_longer(trial.setting.holds, number, until))
        truth = trial.scraped(badness[0], slower=badness[1])
        play = trial, truth, trial.seen(truth)


def _by_hand(person: Person, play: Play) -> End:
    """How a release ends under the person on call."""
    trial, _, seen = play
    return _ended(person.acts_at(seen, trial.setting, trial.luck_of_page), play)


def _ended(at: int, play: Play, looks: int = 0, judged: int = 0) -> End:
    trial, truth, _ = play
    seconds = math.inf if at == NEVER else (at - trial.setting.holds[0].start) / SECOND
    return End(seconds=seconds, errors=_errors_until(truth, at), looks=looks, judged=judged)


def _sooner(one: End, other: End) -> End:
    """Whoever of the two is first stops the release."""
    first = min(one, other, key=lambda end: end.seconds)
    return replace(one, seconds=first.seconds, errors=min(one.errors, other.errors))


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
