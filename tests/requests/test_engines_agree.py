"""Law 1: the reference and the compiled engine agree, request by request, to the bit."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from requests_plays import BALANCERS, MILLISECOND, SECOND, Play, StreamOfPlay, differences, perform, plays

from sim.laws.deterministic import Deterministic
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine

RETRY_ALL = 255 & ~1

GRID = StreamOfPlay(
    rate=100.0,
    gap=Deterministic(value=1.0),
    work=Deterministic(value=30.0 * MILLISECOND),
    timeout=50 * MILLISECOND,
    retry_rule="backoff",
    retry_max=3,
    retry_on=RETRY_ALL,
    retry_wait=10 * MILLISECOND,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(plays())
def test_engines_agree_on_any_play(play: Play) -> None:
    assert differences(perform(play, ReferenceEngine), perform(play, CompiledEngine)) == []


@pytest.mark.parametrize("balancer", BALANCERS)
def test_engines_agree_when_everything_happens_on_a_grid(balancer: str) -> None:
    play = Play(
        balancer=balancer,
        streams=(GRID, GRID),
        pods=((0, 2, 3), (0, 1, 2), (1, 2, 0)),
        actions=(
            (SECOND, "weight", (0.5, 0.0)),
            (2 * SECOND, "kill", (0.4, 0.0, 0.0)),
            (2 * SECOND, "revive", (0.4, 0.0, 0.0)),
            (3 * SECOND, "drain", (0.0, 0.0, 0.0)),
        ),
    )
    assert differences(perform(play, ReferenceEngine), perform(play, CompiledEngine)) == []


def test_a_pod_that_dies_with_requests_in_flight_loses_each_of_them_in_both_engines() -> None:
    slow = StreamOfPlay(rate=100.0, gap=Deterministic(value=1.0), work=Deterministic(value=1.0 * SECOND))
    play = Play(streams=(slow,), pods=((0, 5, 5),), actions=((1_005 * MILLISECOND, "kill", (0.0, 0.0, 0.0)),))
    seen = perform(play, CompiledEngine)
    lost = seen["ledger.attempts"][0, 0, 6]
    assert lost == 10
    assert differences(perform(play, ReferenceEngine), seen) == []


def test_the_comparison_itself_sees_a_single_changed_bit() -> None:
    seen = perform(Play(), CompiledEngine)
    changed = {**seen, "ledger.requests": seen["ledger.requests"].copy()}
    changed["ledger.requests"][0, 0, 0, 0] += 1
    assert differences(seen, changed) == ["ledger.requests"]
