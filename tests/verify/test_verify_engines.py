"""Law 1 and law 4 at length: the engines agree outcome by outcome, and a day's requests fit in little memory."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace

import bench_start
import numpy as np
import pytest
from bench_models import Rollout
from bench_ours import Make, Scene, rollout_play, rollout_stream, scene
from requests_plays import SECOND, act
from verify_truths import Note

from sim.laws.deterministic import Deterministic
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine
from sim.world import Reason, Routing

pytestmark = pytest.mark.verify

WANTED = round(float(os.environ.get("ROLLRISK_DIGEST_REQUESTS", "1e6")))
"""How many requests both engines play; the reference takes about a minute for 300,000."""
MEBIBYTE = 2**20
DAY = """
from bench_start import peak
from sim.replication import replicate
from sim.scenario import from_data
scenario = from_data({
    "rollrisk": 1, "name": "a day", "question": "Does memory stay flat?",
    "service": {
        "replicas": 40, "concurrency": 16, "queue": 20, "balancer": "two_choices",
        "pod": {"app": {"image": "50MB", "cpu": "500m", "memory": "256Mi", "start": "2s"}},
    },
    "nodes": {"count": 12, "cpu": 8, "memory": "32Gi", "pull": "100MB/s"},
    "traffic": {
        "users": {"count": 100_000},
        "streams": {"all": {
            "peak": "2000/s", "work": {"p50": "70ms", "p95": "280ms"}, "timeout": "1s",
            "retries": {"kind": "backoff", "max": 1, "on": ["connect", "503", "timeout"]},
        }},
    },
    "release": {
        "baseline_errors": "0.1%", "change_failure_rate": "8%",
        "defects": {"errors": {"share": "100%", "kind": "error_rate", "rate": "0.5%"}},
    },
    "oncall": {"notices_at": "2%", "reacts": "10m"},
    "strategies": {"rolling": {"kind": "rolling"}},
    "study": {"horizon": "24h", "pilot": 2, "cap": 2},
})
record = replicate(scenario, strategy="rolling", case="errors", index=0, story=True)
print(int(record.ledger.finished[0]), peak())
"""


def storm(seconds: int) -> Iterator[tuple[int, str, tuple[float, ...]]]:
    """What a cluster does to its requests: weights step, pods die and come back, drain, slow down, fail."""
    luck = random.Random(1)
    for second in range(seconds):
        if second % 10 == 0:
            yield second * SECOND, "weight", (luck.choice((0.05, 0.2, 0.5, 0.95)), luck.random())
        if second % 7 == 3:
            victim = luck.random()
            yield second * SECOND, "kill", (victim, 0.0)
            yield (second + 2) * SECOND, "revive", (victim, 0.0)
        if second % 31 == 11:
            yield second * SECOND, "errors", (luck.random(), luck.random() / 10, luck.random(), luck.random())
        if second % 61 == 17:
            drained = luck.random()
            yield second * SECOND, "drain", (drained, 0.0)
            yield (second + 5) * SECOND, "revive", (drained, 0.0)


def digests(made: Scene, seconds: int, play: object) -> Iterator[tuple[int, int, int]]:
    """The digest and what has come to pass at every step of the storm."""
    made.world.columns.routes.mode[0] = Routing.BY_WEIGHT
    for when, what, arguments in sorted(storm(seconds), key=lambda step: step[0]):
        while (stop := made.engine.advance(when)).reason == Reason.POD_DRAINED:
            made.world.columns.pods.draining[stop.pod] = 0
        act(made.world, made.engine, play, when, what, arguments)  # type: ignore[arg-type]
        yield when, int(made.ledger.finished[0]), int(made.ledger.digest[0])
    while made.engine.advance(2**62).reason == Reason.POD_DRAINED:
        pass
    yield 2**62, int(made.ledger.finished[0]), int(made.ledger.digest[0])


def test_the_engines_digests_are_the_same_at_every_step_of_a_long_storm(record_property: Note) -> None:
    model = Rollout()
    usual = rollout_stream(replace(model, rate=1_000.0))
    even = replace(
        usual, rate=200.0, gap=Deterministic(value=1.0), work=Deterministic(value=50e6), objective=60_000_000
    )
    seconds = max(10, round(WANTED / 1_200))
    play = rollout_play(
        model, 5, length=seconds * SECOND, streams=(usual, even), proxies=2, user_skew=1.5, users=10_000
    )

    def made(make: Make) -> Scene:
        return scene(play, make)

    one, other = made(CompiledEngine), made(ReferenceEngine)
    for ours, theirs in zip(digests(one, seconds, play), digests(other, seconds, play), strict=True):
        assert ours == theirs, f"the engines part before {ours[0]} ns"
    for name in one.ledger._fields:
        assert np.array_equal(getattr(one.ledger, name), getattr(other.ledger, name)), name
    for name in one.world.telemetry._fields:
        assert np.array_equal(getattr(one.world.telemetry, name), getattr(other.world.telemetry, name)), name
    played, outcomes = int(one.ledger.finished[0]), one.ledger.attempts.sum(axis=(0, 1))
    assert played > 0.9 * WANTED
    assert np.count_nonzero(outcomes) >= 6, "the storm was a breeze"
    steps = sum(1 for _ in storm(seconds))
    record_property(
        "fact",
        f"Both engines played the same {played:,} requests through {steps:,} deaths, drains, weights and faults: the "
        "same rolling digest after each, the same ledger and the same telemetry at the end. "
        "(`ROLLRISK_DIGEST_REQUESTS=1e7 make verify` plays ten million, for an hour.)",
    )


def test_a_day_at_two_thousand_requests_a_second_fits_in_half_a_gibibyte(record_property: Note) -> None:
    requests, most = map(int, bench_start.child(DAY).split())
    assert requests > 1.7e8
    assert most < 500 * MEBIBYTE
    rounded = -(-most // (50 * MEBIBYTE)) * 50
    record_property(
        "fact",
        f"One replication of a day at 2,000 requests a second, {requests:,} of them, held at most {rounded} MiB, the "
        "interpreter and its libraries included (rounded up to 50).",
    )
