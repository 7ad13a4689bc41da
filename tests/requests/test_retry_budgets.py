"""A budget lets clients try again for a share of the requests they make, in open streams and in closed loops alike."""

from __future__ import annotations

from typing import Any

import pytest
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, differences, perform

from sim.laws.deterministic import Deterministic
from sim.outcomes import Outcome
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine

THINK = Deterministic(value=100.0 * MILLISECOND)
RETRIES: dict[str, Any] = {"retry_rule": "backoff", "retry_max": 3, "retry_on": 1 << Outcome.REFUSED}
OPEN: dict[str, Any] = {"rate": 100.0, "gap": Deterministic(value=1.0)}
LOOP: dict[str, Any] = {"loop": 10, "gap": THINK}


def refused(stream: dict[str, Any], budget: float, length: int = 20) -> Play:
    """A hundred requests a second, none of which finds a process that listens."""
    streams = (StreamOfPlay(**stream, **RETRIES, budget=budget),)
    return Play(length=length * SECOND, streams=streams, actions=((-SECOND + 1, "kill", (0.0,)),))


def tries(play: Play) -> tuple[int, int]:
    """Requests made after t = 0, and tries after the first."""
    seen = perform(play, CompiledEngine)
    requests, attempts = int(seen["ledger.requests"].sum()), int(seen["ledger.attempts"].sum())
    return requests, attempts - requests


@pytest.mark.parametrize("stream", [OPEN, LOOP], ids=["open", "loop"])
@pytest.mark.parametrize("budget", [0.2, 0.5])
def test_where_all_are_refused_so_many_tries_are_made_as_requests_have_earned(
    stream: dict[str, Any], budget: float
) -> None:
    requests, again = tries(refused(stream, budget))
    assert 1900 < requests <= 2000
    assert again == pytest.approx(budget * requests, abs=2)


def test_without_a_budget_every_request_of_a_loop_makes_all_its_tries() -> None:
    requests, again = tries(refused(LOOP, 0.0))
    assert again == 3 * requests


def test_both_engines_spend_the_budget_of_a_loop_alike() -> None:
    play = refused(LOOP, 0.2, length=3)
    assert differences(perform(play, ReferenceEngine), perform(play, CompiledEngine)) == []
