"""Requests under way at t = 0 are counted once, in the window in which they end, and stand in a block of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, hard_play, perform, plays

from sim.laws.deterministic import Deterministic
from sim.ledger import RECORD_FIELDS
from sim.outcomes import OPEN, Outcome
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine

STREAM, ARRIVED, FINISHED, OUTCOME, VERSION, USER = (
    RECORD_FIELDS.index(name) for name in ("stream", "arrived", "finished", "outcome", "version", "user")
)
SLOW = StreamOfPlay(rate=10.0, gap=Deterministic(value=1.0), work=Deterministic(value=5.0 * SECOND))
"""A request every tenth of a second, each of five seconds: with a warm-up of 10 s, 50 are under way at t = 0."""
KILL = (1_050 * MILLISECOND, "kill", (0.0,))
ENGINES = [CompiledEngine, ReferenceEngine]


def killed(**more: Any) -> Play:
    return Play(length=10 * SECOND, warm_up=10 * SECOND, streams=(SLOW,), pods=((0, 100, 0),), **more)


def counted_again(play: Play, seen: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The blocks of all requests and of those under way at t = 0, from the rows of single requests."""
    whole, under_way = np.zeros_like(seen["ledger.requests"]), np.zeros_like(seen["ledger.requests"])
    for row in seen["ledger.record"]:
        if row[FINISHED] < 0 or row[OUTCOME] == OPEN:
            continue
        arrives_in_it = row[ARRIVED] >= 0 and play.streams[row[STREAM]].long == 0
        moment = row[ARRIVED] if arrives_in_it else min(row[FINISHED], play.length)
        place = moment // SECOND, row[STREAM], row[VERSION], row[OUTCOME]
        whole[place] += 1
        under_way[place] += row[ARRIVED] < 0
    return whole, under_way


@pytest.mark.parametrize("engine", ENGINES)
def test_a_request_under_way_at_the_release_that_is_killed_after_it_is_counted(engine: Any) -> None:
    seen = perform(killed(actions=(KILL,)), engine)
    block = seen["ledger.in_flight"].sum(axis=(0, 1, 2))
    assert block[Outcome.SUCCEEDED] == 11  # those that had a second or less to go
    assert block[Outcome.LOST] == 39
    assert seen["ledger.in_flight"][1].sum() == seen["ledger.in_flight"][:, :, :, Outcome.LOST].sum() + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_where_nothing_is_killed_those_under_way_succeed(engine: Any) -> None:
    seen = perform(killed(), engine)
    assert seen["ledger.in_flight"].sum(axis=(0, 1, 2)).tolist() == [50, 0, 0, 0, 0, 0, 0, 0]
    assert seen["ledger.users_hit"].sum() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_users_whose_request_was_cut_off_are_hit(engine: Any) -> None:
    seen = perform(killed(actions=(KILL,), users=10_000), engine)
    rows = seen["ledger.record"]
    hurt = rows[(rows[:, FINISHED] >= 0) & (rows[:, OUTCOME] != Outcome.SUCCEEDED)][:, USER]
    assert np.array_equal(np.flatnonzero(seen["ledger.users_hit"]), np.unique(hurt))
    assert len(np.unique(hurt)) >= 40


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(plays())
def test_every_request_that_ends_after_the_release_is_counted_once(play: Play) -> None:
    seen = perform(play, CompiledEngine)
    whole, under_way = counted_again(play, seen)
    assert np.array_equal(seen["ledger.requests"], whole)
    assert np.array_equal(seen["ledger.in_flight"], under_way)


def test_the_plays_on_which_engines_are_compared_have_requests_under_way_that_fail_in_every_way() -> None:
    found = sum(perform(hard_play(seed), CompiledEngine)["ledger.in_flight"].sum(axis=(0, 1, 2)) for seed in range(200))
    rare = Outcome.UNSEEN_ERROR  # the plays seldom let errors begin before t = 0, and fewer still that nobody sees
    missing = [Outcome(place).name for place, count in enumerate(found) if count == 0 and place != rare]
    assert missing == [], found
