"""Both models as one would write them in SimPy: a process per request, a Resource per pod."""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from typing import Any

import simpy
from bench_models import ERROR, REJECTED, SUCCEEDED, TIMEOUT, Queue, Result, Rollout, Tally, result_of

Process = Generator[simpy.Event, Any, Any]


def rollout(model: Rollout, seed: int) -> Result:
    """The rollout-shaped model."""
    luck, env, tally = random.Random(seed), simpy.Environment(), Tally(model.length)
    pods = [[simpy.Resource(env, model.slots) for _ in range(model.pods)] for _ in range(2)]
    weight = [0.0]

    def steps() -> Process:
        for _, share in model.steps():
            weight[0] = share
            yield env.timeout(model.hold)

    def arrivals() -> Process:
        while True:
            yield env.timeout(luck.expovariate(model.rate))
            if env.now >= model.length:
                return
            env.process(request())

    def request() -> Process:
        arrived, answer = env.now, luck.random()
        work = model.median * luck.lognormvariate(0.0, model.sigma)
        for nth in range(model.retries + 1):
            version = 1 if luck.random() < weight[0] else 0
            one, other = luck.sample(pods[version], 2)
            pod = other if inside(other) < inside(one) else one
            if inside(pod) >= model.slots + model.queue:
                outcome = REJECTED
            else:
                attempt = env.process(serve(pod, work))
                answered = yield attempt | env.timeout(model.deadline)
                outcome = TIMEOUT if attempt not in answered else ERROR if answer < model.error[version] else SUCCEEDED
            if outcome == SUCCEEDED or nth == model.retries:
                break
            yield env.timeout(model.wait * (1.0 - model.jitter + model.jitter * luck.random()))
        tally.book(arrived, env.now, version, outcome, nth + 1)

    def serve(pod: simpy.Resource, work: float) -> Process:
        with pod.request() as slot:
            yield slot
            yield env.timeout(work)

    env.process(steps())
    env.process(arrivals())
    return timed(env, tally)


def queue(model: Queue, seed: int) -> Result:
    """M/M/10."""
    luck, env, tally = random.Random(seed), simpy.Environment(), Tally(model.length)
    servers = simpy.Resource(env, model.slots)

    def arrivals() -> Process:
        while True:
            yield env.timeout(luck.expovariate(model.rate))
            if env.now >= model.length:
                return
            env.process(request())

    def request() -> Process:
        arrived = env.now
        with servers.request() as slot:
            yield slot
            yield env.timeout(luck.expovariate(1.0))
        tally.book(arrived, env.now, 0, SUCCEEDED, 1)

    env.process(arrivals())
    return timed(env, tally)


def inside(pod: simpy.Resource) -> int:
    """Attempts in a pod: at work and in its queue."""
    return pod.count + len(pod.queue)


def timed(env: simpy.Environment, tally: Tally) -> Result:
    """Run to the end."""
    begin = time.process_time()
    env.run()
    seconds = time.process_time() - begin
    return result_of(tally, seconds, next(env._eid))
