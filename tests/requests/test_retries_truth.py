"""Retries agree with the arithmetic: what repeats, who retries, how long is waited, and where a retry goes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, differences, perform

from sim.laws.deterministic import Deterministic
from sim.laws.uniform import Uniform
from sim.outcomes import Outcome
from sim.requests.compiled.engine import CompiledEngine
from sim.requests.reference.engine import ReferenceEngine

ERROR, TIMEOUT = 1 << Outcome.ERROR, 1 << Outcome.TIMEOUT
EVER = -(10**12)


def play(stream: dict[str, Any], *actions: Any, pods: Any = None, **words: Any) -> Play:
    """A hundred requests a second on pods that are never full, unless said otherwise."""
    given: dict[str, Any] = {"rate": 100.0, "work": Deterministic(value=1.0 * MILLISECOND), "retry_rule": "backoff"}
    return Play(
        length=40 * SECOND,
        streams=(StreamOfPlay(**(given | stream)),),
        pods=pods or ((0, 500, 50), (0, 500, 50)),
        actions=tuple(actions),
        **words,
    )


def record(of: Play) -> Any:
    """A row for each request: column 4 is its outcome, 5 its attempts, 6 its version."""
    return perform(of, CompiledEngine)["ledger.record"]


def failed(rows: Any) -> float:
    """The share of requests that failed in the end."""
    return float((rows[:, 4] != Outcome.SUCCEEDED).mean())


def erring(rate: float, repeats: float) -> tuple[int, str, tuple[float, ...]]:
    """Both versions answer badly, and a share of that repeats."""
    return EVER, "repeat", (rate, repeats)


@pytest.mark.parametrize(("chance", "tries"), [(0.5, 3), (0.3, 2), (0.5, 1)])
def test_bad_answers_that_do_not_repeat_are_a_truncated_geometric_sum(chance: float, tries: int) -> None:
    rows = record(play({"retry_max": tries, "retry_on": ERROR}, erring(chance, 0.0)))
    assert rows[:, 5].mean() == pytest.approx((1 - chance ** (tries + 1)) / (1 - chance), rel=0.03)
    assert failed(rows) == pytest.approx(chance ** (tries + 1), rel=0.15)


def test_bad_answers_that_repeat_fail_every_try() -> None:
    rows = record(play({"retry_max": 3, "retry_on": ERROR}, erring(0.5, 1.0)))
    bad = rows[:, 4] == Outcome.ERROR
    assert failed(rows) == pytest.approx(0.5, abs=0.025)
    assert set(rows[bad, 5]) == {4}
    assert set(rows[~bad, 5]) == {1}


def test_of_bad_answers_the_share_that_repeats_stays_and_the_rest_is_luck_of_each_try() -> None:
    rows = record(play({"retry_max": 3, "retry_on": ERROR}, erring(0.5, 0.5)))
    path, luck = 0.25, (0.5 - 0.25) / (1 - 0.25)
    assert failed(rows) == pytest.approx(path + (1 - path) * luck**4, abs=0.02)
    assert (rows[:, 5] == 1).mean() == pytest.approx(0.5, abs=0.025)


def test_tries_of_client_and_proxy_multiply() -> None:
    both = {"retry_max": 2, "retry_on": ERROR, "proxy_max": 2, "proxy_on": ERROR}
    rows = record(play(both, erring(1.0, 1.0)))
    assert set(rows[:, 5]) == {9}
    rows = record(play(both, erring(0.5, 0.0)))
    assert rows[:, 5].mean() == pytest.approx((1 - 0.5**9) / (1 - 0.5), rel=0.03)


def test_a_client_that_does_not_retry_errors_leaves_its_proxys_tries_as_they_are() -> None:
    rows = record(play({"retry_max": 2, "retry_on": TIMEOUT, "proxy_max": 2, "proxy_on": ERROR}, erring(1.0, 1.0)))
    assert set(rows[:, 5]) == {3}


MIXED = ((0, 50, 50), (1, 50, 50))
NEW_BAD = (EVER, "bad new", (1.0,))
WEIGHT = (EVER, "weight", (0.4, 0.0))


def test_a_retry_by_weight_reaches_the_other_version_and_succeeds_there() -> None:
    rows = record(play({"retry_max": 2, "retry_on": ERROR}, NEW_BAD, WEIGHT, pods=MIXED))
    assert failed(rows) == pytest.approx(0.4**3, abs=0.012)
    assert set(rows[rows[:, 4] == Outcome.SUCCEEDED, 6]) == {0}


def test_a_retry_that_keeps_its_version_fails_on_the_bad_one_again() -> None:
    rows = record(play({"retry_max": 2, "retry_on": ERROR, "keeps": 1}, NEW_BAD, WEIGHT, pods=MIXED))
    assert failed(rows) == pytest.approx(0.4, abs=0.025)
    assert set(rows[rows[:, 6] == 1, 5]) == {3}


def test_users_who_stick_to_a_version_meet_it_again() -> None:
    rows = record(play({"retry_max": 2, "retry_on": ERROR}, NEW_BAD, WEIGHT, pods=MIXED, sticky=1))
    assert set(rows[rows[:, 4] == Outcome.ERROR, 5]) == {3}
    assert failed(rows) > 0.2


def test_a_retry_elsewhere_never_meets_the_pod_that_refused_it() -> None:
    refusing = (EVER, "refuse first", ())
    stream = {"retry_max": 1, "retry_on": 1 << Outcome.REFUSED, "elsewhere": 1}
    assert failed(record(play(stream, refusing))) == 0.0
    assert failed(record(play(stream | {"elsewhere": 0}, refusing))) == pytest.approx(0.25, abs=0.03)


def test_a_retry_elsewhere_stays_where_there_is_only_one_pod() -> None:
    stream = {"retry_max": 1, "retry_on": ERROR, "elsewhere": 1}
    rows = record(play(stream, erring(1.0, 1.0), pods=((0, 50, 50),)))
    assert set(rows[:, 5]) == {2}


SLOW = Deterministic(value=300.0 * MILLISECOND)


def waited(rows: Any) -> set[float]:
    """ms from arrival to outcome."""
    return set(np.round((rows[:, 3] - rows[:, 2]) / MILLISECOND, 3))


def test_a_total_timeout_cuts_the_last_try() -> None:
    stream = {
        "work": SLOW,
        "timeout": 100 * MILLISECOND,
        "retry_max": 5,
        "retry_on": TIMEOUT,
        "limit": 250 * MILLISECOND,
    }
    rows = record(play(stream))
    assert set(rows[:, 4]) == {Outcome.TIMEOUT}
    assert set(rows[:, 5]) == {3}
    assert waited(rows) == {250.0}


def test_a_total_timeout_cuts_the_wait_before_a_try_and_counts_no_try_for_it() -> None:
    pause = {"retry_wait": 200 * MILLISECOND, "limit": 250 * MILLISECOND}
    stream = {"work": SLOW, "timeout": 100 * MILLISECOND, "retry_max": 5, "retry_on": TIMEOUT} | pause
    seen = perform(play(stream), CompiledEngine)
    rows = seen["ledger.record"]
    assert set(rows[:, 5]) == {1}
    assert waited(rows) == {250.0}
    assert seen["ledger.attempts"].sum() == pytest.approx((rows[:, 2] >= -100 * MILLISECOND).sum(), abs=5)


def test_a_clients_call_ends_its_proxys_tries_and_the_client_calls_again() -> None:
    tries = {"timeout": 100 * MILLISECOND, "call_limit": 250 * MILLISECOND, "proxy_max": 5, "proxy_on": TIMEOUT}
    rows = record(play({"work": SLOW, "retry_max": 1, "retry_on": TIMEOUT} | tries))
    assert set(rows[:, 5]) == {6}
    assert waited(rows) == {500.0}


def test_fresh_work_lets_a_slow_request_be_quick_and_the_same_work_does_not() -> None:
    stream = {
        "work": Uniform(low=0.0, high=200.0 * MILLISECOND),
        "timeout": 100 * MILLISECOND,
        "retry_max": 1,
        "retry_on": TIMEOUT,
    }
    assert failed(record(play(stream | {"fresh": 1}))) == pytest.approx(0.25, abs=0.025)
    assert failed(record(play(stream | {"fresh": 0}))) == pytest.approx(0.5, abs=0.025)


def test_what_survives_a_bad_version_survives_a_better_one_with_retries_too() -> None:
    stream = {"retry_max": 2, "retry_on": ERROR}
    outcomes = []
    for rate in (0.6, 0.4):
        rows = record(play(stream, erring(rate, 0.5)))
        outcomes.append(dict(zip(rows[:, 1].tolist(), (rows[:, 4] == Outcome.SUCCEEDED).tolist(), strict=True)))
    worse, better = outcomes
    assert all(better[number] for number, survived in worse.items() if survived)


@pytest.mark.parametrize("proxy_wait", [0, 20 * MILLISECOND])
def test_both_engines_agree_on_tries_of_client_and_proxy_that_are_cut_off(proxy_wait: int) -> None:
    stream = StreamOfPlay(
        rate=50.0,
        gap=Deterministic(value=1.0),
        timeout=20 * MILLISECOND,
        retry_rule="backoff",
        retry_max=2,
        retry_on=255 & ~1,
        retry_wait=10 * MILLISECOND,
        proxy_max=2,
        proxy_on=255 & ~1,
        proxy_wait=proxy_wait,
        call_limit=50 * MILLISECOND,
        limit=120 * MILLISECOND,
        fresh=1,
        keeps=1,
        elsewhere=1,
    )
    actions = (erring(0.5, 0.5), WEIGHT, (SECOND, "kill", (0.4,)), (SECOND, "silence", (0.9,)))
    mixed = Play(length=2 * SECOND, streams=(stream,), pods=((0, 2, 3), (0, 1, 2), (1, 2, 0)), actions=actions)
    assert differences(perform(mixed, ReferenceEngine), perform(mixed, CompiledEngine)) == []
