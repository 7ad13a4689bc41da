"""Both models through our own engines: columns made by hand, weights edited between calls, as the cluster would."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from bench_models import Queue, Result, Rollout, figures_of
from requests_plays import SECOND, Play, StreamOfPlay, columns_of, list_all

from sim.laws.exponential import Exponential
from sim.laws.lognormal import Lognormal
from sim.ledger import Ledger, bucket_middles, empty_ledger
from sim.outcomes import Outcome
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.contract import RequestEngine
from sim.requests.reference.engine import ReferenceEngine
from sim.telemetry import empty_telemetry
from sim.versions import NEVER
from sim.world import Answers, Routing, World

Make = Callable[[World, Ledger], RequestEngine]
RETRIED = 1 << Outcome.REJECTED | 1 << Outcome.TIMEOUT | 1 << Outcome.ERROR
NORMAL_95 = 1.6448536269514722


@dataclass(slots=True)
class Scene:
    """A world with all its pods up and listed, its ledger and an engine."""

    world: World
    ledger: Ledger
    engine: RequestEngine

    def finish(self) -> None:
        """Play until every outcome is known."""
        self.engine.advance(NEVER)


def scene(play: Play, make: Make = CompiledEngine, records: int = 0) -> Scene:
    """Set up a play without its actions; without the record of every request, so that memory stays flat."""
    columns = columns_of(play)
    columns = columns._replace(settings=columns.settings._replace(records=int(records > 0)))
    streams = len(play.streams)
    world = World(columns, empty_telemetry(pods=2, streams=streams, proxies=play.proxies))
    windows = -(-play.length // SECOND)
    ledger = empty_ledger(windows=windows, streams=streams, users=play.users, records=records, never=NEVER)
    for version, slots, queue in play.pods:
        pod = world.add_pod(version, world.pod_count, slots, queue)
        world.columns.pods.answers[pod] = Answers.ACCEPTS
        world.columns.pods.busy_since[pod] = -play.warm_up
    list_all(world, play.proxies)
    return Scene(world, ledger, make(world, ledger))


def rollout_stream(model: Rollout) -> StreamOfPlay:
    """The rollout's one stream."""
    median, p95 = model.median * SECOND, model.median * float(np.exp(NORMAL_95 * model.sigma)) * SECOND
    return StreamOfPlay(
        rate=model.rate,
        work=Lognormal(percentiles=((0.5, median), (0.95, p95))),
        timeout=round(model.deadline * SECOND),
        retry_rule="backoff",
        retry_max=model.retries,
        retry_on=RETRIED,
        retry_wait=round(model.wait * SECOND),
        jitter=model.jitter,
    )


def rollout_play(model: Rollout, seed: int, **given: Any) -> Play:
    """The rollout as a play; fields of the play may be given otherwise."""
    pods = ((0, model.slots, model.queue),) * model.pods + ((1, model.slots, model.queue),) * model.pods
    plain: dict[str, Any] = {
        "seed": seed,
        "length": model.length * SECOND,
        "warm_up": 0,
        "balancer": "two_choices",
        "streams": (rollout_stream(model),),
        "pods": pods,
        "users": model.users,
    }
    return Play(**(plain | given))


def rollout_scene(model: Rollout, seed: int, make: Make = CompiledEngine) -> Scene:
    """The rollout, ready to be played."""
    made = scene(rollout_play(model, seed), make)
    columns = made.world.columns
    columns.routes.mode[0] = Routing.BY_WEIGHT
    for version in (0, 1):
        columns.versions.error_chance[version] = columns.versions.seen_chance[version] = model.error[version]
    return made


def rollout(model: Rollout, seed: int, make: Make = CompiledEngine) -> Result:
    """The rollout-shaped model."""
    made = rollout_scene(model, seed, make)
    begin = time.process_time()
    play_steps(made, model)
    return result_of(made.ledger, time.process_time() - begin, deadline=True)


def play_steps(made: Scene, model: Rollout) -> None:
    """Play to the end, with a new weight at each step."""
    for start, weight in model.steps():
        made.engine.advance(round(start * SECOND))
        made.world.columns.routes.new_share[:] = weight
    made.finish()


def queue_play(model: Queue, seed: int) -> Play:
    """M/M/10 as a play."""
    stream = StreamOfPlay(rate=model.rate, work=Exponential(mean=float(SECOND)))
    pods = ((0, model.slots, 10**9),)
    return Play(seed=seed, length=model.length * SECOND, warm_up=0, streams=(stream,), pods=pods)


def queue(model: Queue, seed: int, make: Make = CompiledEngine) -> Result:
    """M/M/10."""
    made = scene(queue_play(model, seed), make)
    begin = time.process_time()
    made.finish()
    return result_of(made.ledger, time.process_time() - begin, deadline=False)


def reference_rollout(model: Rollout, seed: int) -> Result:
    """The rollout through the reference engine."""
    return rollout(model, seed, ReferenceEngine)


def reference_queue(model: Queue, seed: int) -> Result:
    """M/M/10 through the reference engine."""
    return queue(model, seed, ReferenceEngine)


def result_of(ledger: Ledger, seconds: float, *, deadline: bool) -> Result:
    """What a finished ledger says; the means come from the latency histogram, whose buckets are 1.6 % wide."""
    counts = ledger.requests.sum(axis=(0, 1))[:2]
    histogram = ledger.latency.sum(axis=(0, 1))
    requests, attempts = int(ledger.finished[0]), int(ledger.attempts.sum())
    mean = float(histogram @ bucket_middles()) / max(1, int(histogram.sum())) / SECOND
    return Result(
        requests=requests,
        seconds=seconds,
        events=events_of(ledger, deadline=deadline),
        figures=figures_of(counts, requests=requests, attempts=attempts, mean=mean),
    )


def events_of(ledger: Ledger, *, deadline: bool) -> int:
    """Events played: arrivals, retries, completions, and a deadline for each attempt that got into a pod."""
    attempts, served = int(ledger.attempts.sum()), int(ledger.served.sum())
    return attempts + served * (2 if deadline else 1)
