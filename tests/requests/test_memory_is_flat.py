"""Law 4: memory does not grow with the number of requests."""

from __future__ import annotations

import tracemalloc

import pytest
from requests_plays import SECOND, Play, StreamOfPlay, columns_of, list_all

from sim.ledger import empty_ledger
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine
from sim.telemetry import empty_telemetry
from sim.versions import NEVER
from sim.world import Answers, World


def crowded(length: int, rate: float) -> World:
    """A world in which so many requests a second meet ten pods, for so long."""
    stream = StreamOfPlay(rate=rate, timeout=SECOND, retry_rule="backoff", retry_max=1, retry_on=0b11111000)
    play = Play(length=length, streams=(stream,), pods=((0, 4, 10),) * 10)
    columns = columns_of(play)
    columns = columns._replace(settings=columns.settings._replace(records=0))
    world = World(columns, empty_telemetry(pods=2, streams=1, proxies=1))
    for version, slots, queue in play.pods:
        pod = world.add_pod(version, world.pod_count, slots, queue)
        world.columns.pods.answers[pod] = Answers.ACCEPTS
    list_all(world, 1)
    return world


@pytest.mark.parametrize("seconds", [10, 1_000])
def test_work_in_flight_needs_the_same_rows_for_ten_thousand_requests_and_a_million(seconds: int) -> None:
    world = crowded(seconds * SECOND, 1000.0)
    ledger = empty_ledger(windows=seconds + 1, streams=1, users=50, records=0, never=NEVER)
    engine = CompiledEngine(world, ledger)
    engine.advance(NEVER)
    assert ledger.finished[0] > 900 * seconds
    assert sum(part.nbytes for part in engine.flight) < 1_000_000


def test_the_reference_engine_forgets_requests_that_are_over() -> None:
    world = crowded(12 * SECOND, 100.0)
    engine = ReferenceEngine(world, empty_ledger(windows=13, streams=1, users=50, records=0, never=NEVER))
    engine.advance(2 * SECOND)
    tracemalloc.start()
    engine.advance(4 * SECOND)
    early = tracemalloc.get_traced_memory()[0]
    engine.advance(11 * SECOND)
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert late < early + 50_000, "seven hundred more requests left more than 70 bytes each"
