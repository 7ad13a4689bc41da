"""All contenders side by side: interleaved rounds, ratios inside a round, and whether they tell the same story."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import bench_c
import bench_ciw
import bench_heap
import bench_ours
import bench_simpy
from bench_models import Queue, Result, Rollout

Play = Callable[[Any, int], Result]
ROUNDS = 5
SEEDS = 60
STANDARD_ERRORS = 5.0
SIMPY, OURS, LOOP = "SimPy", "rollrisk, compiled", "C loop, -O3"
REFERENCE, HEAP, CIW = "rollrisk, reference", "heapq by hand", "Ciw"


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Who plays which model."""

    name: str
    play: Play
    model: Any
    absent: str = ""  # why it does not take part


@dataclass(kw_only=True)
class Standing:
    """What a contender did, round by round."""

    contender: Contender
    results: list[Result] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Requests per second of processor time, by round."""
        return [result.requests / result.seconds for result in self.results]


def rollout_contenders(model: Rollout) -> list[Contender]:
    """Contenders on the rollout; the fast ones play it many times over, the slow reference a quarter of it."""
    long, short = replace(model, cycles=20), replace(model, hold=model.hold / 4)
    return [
        Contender(name=OURS, play=bench_ours.rollout, model=long),
        Contender(name=LOOP, play=bench_c.rollout, model=long, absent=bench_c.why_not()),
        Contender(name=HEAP, play=bench_heap.rollout, model=model),
        Contender(name=SIMPY, play=bench_simpy.rollout, model=model),
        Contender(name=CIW, play=bench_ciw.queue, model=model, absent="cannot say it"),
        Contender(name=REFERENCE, play=bench_ours.reference_rollout, model=short),
    ]


def queue_contenders(model: Queue) -> list[Contender]:
    """Contenders on M/M/10."""
    long, short = replace(model, length=20 * model.length), replace(model, length=model.length // 4)
    return [
        Contender(name=OURS, play=bench_ours.queue, model=long),
        Contender(name=LOOP, play=bench_c.queue, model=long, absent=bench_c.why_not()),
        Contender(name=HEAP, play=bench_heap.queue, model=model),
        Contender(name=SIMPY, play=bench_simpy.queue, model=model),
        Contender(name=CIW, play=bench_ciw.queue, model=model, absent=bench_ciw.why_not()),
        Contender(name=REFERENCE, play=bench_ours.reference_queue, model=short),
    ]


def contest(contenders: list[Contender], tick: Callable[[str], None]) -> list[Standing]:
    """Every contender in every round; a round's ratios share the machine's mood."""
    standings = [Standing(contender=contender) for contender in contenders]
    bench_ours.rollout(Rollout(hold=1.0), 0)  # compile before the clock runs
    for seed in range(1, ROUNDS + 1):
        for standing in standings:
            if not standing.contender.absent:
                tick(f"round {seed} of {ROUNDS}: {standing.contender.name}")
                standing.results.append(standing.contender.play(standing.contender.model, seed))
    return standings


def ratios(standings: list[Standing], base: str) -> Iterator[tuple[Standing, list[float]]]:
    """How many times as fast as the base, round by round."""
    for rates in [standing.rates for standing in standings if standing.contender.name == base]:
        for standing in standings:
            if standing.results:
                yield standing, [mine / its for mine, its in zip(standing.rates, rates, strict=True)]


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, least, greatest."""
    return statistics.median(values), min(values), max(values)


def disagreements(standings: list[Standing], model: Any, play: Play) -> list[str]:
    """Figures that lie outside what our compiled engine shows on other seeds of the very same model.

    A contender's mean over its rounds may be off by five standard errors, of both samples together.
    """
    ours = [play(model, 1000 + seed).figures for seed in range(SEEDS)]
    found = []
    for standing in standings:
        if standing.contender.model != model or not standing.results:
            continue
        for name in ours[0]:
            known = [figures[name] for figures in ours]
            off = statistics.fmean(r.figures[name] for r in standing.results) - statistics.fmean(known)
            error = statistics.stdev(known) * math.sqrt(1 / len(standing.results) + 1 / SEEDS)
            if abs(off) > STANDARD_ERRORS * error:
                found.append(f"{standing.contender.name}: {name} is off by {off:.3g}, {abs(off / error):.1f} errors")
    return found
