"""What one more request costs: by how many there were, by how many pods, and by what the model is asked to do."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bench_models import Rollout
from bench_ours import RETRIED, Scene, rollout_play, rollout_scene, rollout_stream, scene
from requests_plays import SECOND

from sim.laws.exponential import Exponential
from sim.world import Routing

REPEATS = 5
PODS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
RATE_PER_POD = 30.0


def by_requests(most: int) -> list[dict[str, float]]:
    """Marginal cost by decade of requests, in runs whose weights step all the time; medians over repeated runs."""
    decades = [10**k for k in range(5, 9) if 10**k <= most]
    costs: dict[int, list[float]] = {last: [] for last in decades}
    for last in decades:
        repeats = REPEATS if last <= 10**6 else 3 if last <= 10**7 else 1
        for seed in range(repeats):
            for decade, cost in decade_costs(seed, [n for n in decades if n <= last]).items():
                costs[decade].append(cost)
    return [
        {"requests": last, "ns": statistics.median(costs[last]), "least": min(costs[last]), "most": max(costs[last])}
        for last in decades
    ]


def decade_costs(seed: int, decades: list[int]) -> dict[int, float]:
    """Nanoseconds per request from the end of one decade to the end of the next, in one run."""
    per_cycle = Rollout().rate * Rollout().length
    model = Rollout(cycles=1 + round(decades[-1] / per_cycle))
    made, costs = rollout_scene(model, seed), {}
    counted, begin = 0, time.process_time()
    for start, weight in [*model.steps(), (float(model.length), 0.0)]:
        made.engine.advance(round(start * SECOND))
        made.world.columns.routes.new_share[:] = weight
        finished = int(made.ledger.finished[0])
        if decades and finished >= 0.97 * decades[0]:  # the steps do not end just on a power of ten
            now = time.process_time()
            costs[decades.pop(0)] = (now - begin) / (finished - counted) * 1e9
            counted, begin = finished, now
    return costs


def by_pods(requests: int = 500_000) -> list[dict[str, float]]:
    """Marginal cost in a fleet of so many pods at the same load per pod, half of them of each version."""
    rows = []
    for pods in PODS:
        costs = [marginal(pods, requests, seed) for seed in range(3)]
        rows.append({"pods": pods, "ns": statistics.median(costs), "least": min(costs), "most": max(costs)})
    return rows


def marginal(pods: int, requests: int, seed: int) -> float:
    """Nanoseconds per request once the fleet is warm."""
    model = Rollout(rate=RATE_PER_POD * pods, pods=pods // 2, weights=(0.5,), hold=3.0 + requests / RATE_PER_POD / pods)
    made = rollout_scene(model, seed)
    made.world.columns.routes.new_share[:] = 0.5
    made.engine.advance(3 * SECOND)
    before, begin = int(made.ledger.finished[0]), time.process_time()
    made.engine.advance(round(model.hold * SECOND))
    return (time.process_time() - begin) / (int(made.ledger.finished[0]) - before) * 1e9


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One more thing the model is asked to do: fields of the play, of its streams, and an edit of the columns."""

    name: str
    play: dict[str, Any] = field(default_factory=dict)
    stream: dict[str, Any] = field(default_factory=dict)
    edit: Callable[[Scene], None] = lambda made: None


def split_evenly(made: Scene) -> None:
    """Half of the traffic to either version."""
    made.world.columns.routes.mode[0] = Routing.BY_WEIGHT
    made.world.columns.routes.new_share[:] = 0.5


def errors(made: Scene) -> None:
    """The new version fails now and then."""
    versions = made.world.columns.versions
    versions.error_chance[1], versions.seen_chance[1] = 0.05, 0.04


def cohorts(made: Scene) -> None:
    """Some users meet more errors."""
    versions = made.world.columns.versions
    versions.cohort[1], versions.cohort_error[1], versions.cohort_seen[1] = 0.1, 0.3, 0.3


MODEL = Rollout()
STREAM = rollout_stream(MODEL)
FEATURES = (
    Feature(
        name="bare: one version, a random pod, exponential work",
        play={"balancer": "random"},
        stream={"work": Exponential(mean=0.1 * SECOND), "timeout": 0, "retry_rule": "none", "retry_max": 0},
    ),
    Feature(name="+ the less busy of two pods", play={"balancer": "two_choices"}),
    Feature(name="+ lognormal work", stream={"work": STREAM.work}),
    Feature(name="+ two versions by weight", edit=split_evenly),
    Feature(name="+ a deadline of 1 s", stream={"timeout": STREAM.timeout}),
    Feature(
        name="+ errors, and one retry with jitter",
        stream={"retry_rule": "backoff", "retry_max": 1, "retry_on": RETRIED, "retry_wait": STREAM.retry_wait,
                "jitter": STREAM.jitter},
        edit=errors,
    ),
    Feature(name="+ sticky users, some of them busier", play={"sticky": 1, "user_skew": 1.5}),
    Feature(name="+ cohorts that meet more errors", edit=cohorts),
    Feature(name="+ a latency objective", stream={"objective": SECOND // 4}),
    Feature(name="+ a rate that changes", stream={"slope": 0.01}),
    Feature(name="+ three proxies", play={"proxies": 3}),
    Feature(name="+ three streams"),
)  # fmt: skip


def by_features(seconds: int = 400) -> list[dict[str, Any]]:
    """Cost per request as features are added one upon the other; medians of five."""
    rows = []
    for last in range(1, len(FEATURES) + 1):
        costs = [cost_with(FEATURES[:last], seconds, seed) for seed in range(REPEATS)]
        row = {"feature": FEATURES[last - 1].name, "ns": statistics.median(costs)}
        rows.append(row | {"least": min(costs), "most": max(costs)})
    return rows


def cost_with(features: tuple[Feature, ...], seconds: int, seed: int) -> float:
    """Nanoseconds per request of a run with these features."""
    play: dict[str, Any] = {"length": seconds * SECOND}
    given: dict[str, Any] = {}
    for feature in features:
        play |= feature.play
        given |= feature.stream
    count = 3 if len(features) == len(FEATURES) else 1
    stream = replace(STREAM, **given)
    shares = replace(stream, rate=stream.rate / count, slope=stream.slope / count)
    made = scene(rollout_play(MODEL, seed, streams=(shares,) * count, **play))
    for feature in features:
        feature.edit(made)
    begin = time.process_time()
    made.finish()
    return (time.process_time() - begin) / int(made.ledger.finished[0]) * 1e9
