"""Long streams begin in their stationary state; connections are cut, made again, and left open at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, differences, hard_play, perform

from sim.draws import Key, Purpose, draw
from sim.laws import pack, value
from sim.laws.deterministic import Deterministic
from sim.laws.equilibrium import Rest, poisson_quantile
from sim.laws.exponential import Exponential
from sim.laws.uniform import Uniform
from sim.ledger import RECORD_FIELDS
from sim.outcomes import OPEN, Outcome
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine

ENGINES = [CompiledEngine, ReferenceEngine]
ARRIVED, FINISHED, OUTCOME = (RECORD_FIELDS.index(name) for name in ("arrived", "finished", "outcome"))
SOCKETS = StreamOfPlay(
    rate=2.0,
    gap=Deterministic(value=1.0),
    work=Deterministic(value=10.0 * MILLISECOND),
    long=1,
    length=Deterministic(value=3600.0 * SECOND),
    rest=Deterministic(value=3600.0 * SECOND),
    under_way=40,
    reconnect_wait=100 * MILLISECOND,
)
"""Forty sockets of an hour are open, and two a second are opened."""
KILLED = ((1_010 * MILLISECOND, "kill", (0.0,)), (1_020 * MILLISECOND, "unlist", (0.0, 0.0)))


def two_pods(stream: StreamOfPlay = SOCKETS, **more: Any) -> Play:
    pods = ((0, 1, 100), (0, 1, 100))
    return Play(length=4 * SECOND, warm_up=SECOND, balancer="least_request", streams=(stream,), pods=pods, **more)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_open_at_the_horizon_is_not_played_on_and_is_an_outcome_of_its_own(engine: Any) -> None:
    seen = perform(two_pods(), engine)
    rows = seen["ledger.record"]
    assert len(rows) == 40 + 2 * 5 - 1 == int(seen["ledger.open_at_end"][0])
    assert set(rows[:, OUTCOME]) == {OPEN}
    assert set(rows[:, FINISHED]) == {4 * SECOND}
    assert seen["ledger.requests"].sum() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_connections_of_a_pod_that_ends_are_cut_and_made_again_at_the_other(engine: Any) -> None:
    seen = perform(two_pods(actions=KILLED), engine)
    cut = int(seen["ledger.cut"][0])
    assert 20 <= cut <= 24
    assert int(seen["ledger.requests"][1, 0, 0, Outcome.LOST]) == cut
    assert int(seen["ledger.made_again"][0]) == cut
    assert int(seen["ledger.open_at_end"][0]) == 49
    assert int(seen["pods.open"][1]) == 49


@pytest.mark.parametrize("engine", ENGINES)
def test_open_connections_take_no_slot_and_those_that_come_back_queue_for_their_handshake(engine: Any) -> None:
    seen = perform(two_pods(actions=KILLED), engine)
    cut = int(seen["ledger.cut"][0])
    tries = seen["ledger.reconnects"]
    assert tries.sum() >= cut
    assert tries[1] > 0
    assert tries[0] == 0
    assert seen["pods.in_flight"][1] == seen["pods.open"][1]  # one slot, and yet all are open


ALONE = replace(SOCKETS, rate=1e-9, reconnect_wait=400 * MILLISECOND, reconnect_tries=2)
"""Forty sockets and no new ones; the waits are 0.4, 0.8 and 1.6 s, then the client gives up."""


@pytest.mark.parametrize("engine", ENGINES)
def test_all_that_a_pod_without_pre_stop_cuts_come_back_at_once_one_wait_later(engine: Any) -> None:
    """Worked by hand: a pod of forty sockets is killed at 1.01 s and is there again; all come back at 1.41 s."""
    revived = ((1_010 * MILLISECOND, "kill", (0.0,)), (1_020 * MILLISECOND, "revive", (0.0,)))
    seen = perform(Play(length=4 * SECOND, streams=(ALONE,), pods=((0, 1, 100),), actions=revived), engine)
    assert seen["ledger.reconnects"].tolist() == [0, 40, 0, 0]
    assert int(seen["ledger.cut"][0]) == int(seen["ledger.made_again"][0]) == 40
    assert seen["ledger.requests"].sum(axis=(0, 1, 2)).tolist() == [0, 0, 0, 0, 0, 0, 40, 0]
    assert int(seen["ledger.open_at_end"][0]) == 40


@pytest.mark.parametrize("engine", ENGINES)
def test_waits_double_with_every_try_and_the_client_gives_up_after_its_last(engine: Any) -> None:
    """Worked by hand: cut at 0.51 s and refused from then on; tries at 0.91, 1.71 and 3.31 s, and no more."""
    killed = ((510 * MILLISECOND, "kill", (0.0,)),)
    seen = perform(Play(length=4 * SECOND, streams=(ALONE,), pods=((0, 1, 100),), actions=killed), engine)
    assert seen["ledger.reconnects"].tolist() == [40, 40, 0, 40]
    assert int(seen["ledger.made_again"][0]) == 0
    assert seen["ledger.requests"][0, 0, 0, Outcome.LOST] == 40  # cut, and then refused at last
    assert seen["ledger.requests"][:, :, :, Outcome.REFUSED].sum() == 40
    assert seen["ledger.open_at_end"].sum() == 0


def test_full_jitter_spreads_them_evenly_over_the_wait() -> None:
    """Waits drawn between nothing and 2 s from 1.01 s on: half of 4,000 come before 2.01 s, give or take 4 sigma."""
    many = replace(ALONE, under_way=4000, jitter=1.0, reconnect_wait=2 * SECOND)
    pods, revived = ((0, 2000, 4000),), ((1_000 * MILLISECOND, "kill", (0.0,)), (1_000 * MILLISECOND, "revive", (0.0,)))
    tries = perform(Play(length=4 * SECOND, streams=(many,), pods=pods, actions=revived), CompiledEngine)
    assert tries["ledger.reconnects"].sum() == 4000
    assert tries["ledger.reconnects"][1] == pytest.approx(2000, abs=4 * 1000**0.5)


def test_jitter_spreads_those_that_come_back() -> None:
    jittered = replace(SOCKETS, jitter=1.0, reconnect_wait=2 * SECOND)
    at_once = perform(two_pods(actions=KILLED), CompiledEngine)["ledger.reconnects"]
    spread = perform(two_pods(jittered, actions=KILLED), CompiledEngine)["ledger.reconnects"]
    assert spread.max() < at_once.max()
    assert (spread > 0).sum() > 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pod_that_holds_its_most_connections_rejects_more(engine: Any) -> None:
    seen = perform(two_pods(actions=KILLED, most_open=30), engine)
    assert int(seen["pods.open"][1]) == 30
    assert seen["ledger.requests"][:, :, :, Outcome.REJECTED].sum() > 0


def test_engines_agree_on_crowded_plays_of_long_streams() -> None:
    cut = made = left = 0
    for seed in range(100, 125):
        play = hard_play(seed)
        seen = perform(play, CompiledEngine)
        assert differences(perform(play, ReferenceEngine), seen) == [], seed
        cut, made = cut + seen["ledger.cut"].sum(), made + seen["ledger.made_again"].sum()
        left += seen["ledger.open_at_end"].sum()
    assert min(cut, made, left) > 0


def test_every_request_that_arrives_has_an_outcome_or_is_open_at_the_horizon() -> None:
    for seed in range(30):
        seen = perform(hard_play(seed), CompiledEngine)
        rows = seen["ledger.record"]
        assert (rows[:, OUTCOME] == OPEN).sum() == seen["ledger.open_at_end"].sum()
        known = (rows[:, FINISHED] >= 0) & (rows[:, OUTCOME] != OPEN)
        assert known.sum() == seen["ledger.requests"].sum()
        started = sum(stream.under_way for stream in hard_play(seed).streams)
        again = seen["ledger.cut"].sum()
        assert len(rows) >= seen["streams.number"].sum() + started
        assert len(rows) <= seen["streams.number"].sum() + started + again + 50  # cut in the warm-up, too


@pytest.mark.parametrize(
    ("law", "mean"),
    [
        (Deterministic(value=60.0), 30.0),
        (Exponential(mean=60.0), 60.0),
        (Uniform(low=0.0, high=60.0), 20.0),
    ],
)
def test_what_is_left_has_half_the_mean_times_one_plus_the_squared_variation(law: Any, mean: float) -> None:
    rest = Rest(law)
    assert rest.mean() == pytest.approx(mean, rel=0.002)
    laws = pack([rest])
    drawn = [value(laws, 0, (k + 0.5) / 1000) for k in range(1000)]
    assert np.mean(drawn) == pytest.approx(mean, rel=0.01)
    assert min(drawn) >= 0


@pytest.mark.parametrize("law", [Exponential(mean=60.0), Uniform(low=0.0, high=60.0), Uniform(low=20.0, high=40.0)])
def test_what_is_left_follows_the_equilibrium_law(law: Any) -> None:
    """The chance of a rest of at most x is the integral of the law's tail up to x over its mean, worked out apart."""
    laws, mean = pack([Rest(law)]), law.mean()
    tail = 1.0 - np.array([law.cdf(x) for x in np.linspace(0.0, 20 * mean, 200_001)])
    reached = np.concatenate([[0.0], np.cumsum((tail[1:] + tail[:-1]) / 2)]) * (20 * mean / 200_000) / mean
    for u in (0.05, 0.25, 0.5, 0.75, 0.95, 0.99):
        at = value(laws, 0, u)
        assert np.interp(at, np.linspace(0.0, 20 * mean, 200_001), reached) == pytest.approx(u, abs=0.004)


@pytest.mark.parametrize("mean", [3.0, 40.0, 2_500.0])
def test_so_many_are_under_way_as_a_poisson_law_says(mean: float) -> None:
    drawn = np.array([poisson_quantile(mean, draw(Key(1, 2), Purpose.UNDER_WAY, k)[0]) for k in range(4000)])
    assert drawn.mean() == pytest.approx(mean, abs=4 * (mean / 4000) ** 0.5)
    assert drawn.var() == pytest.approx(mean, rel=0.1)
