"""What proxies and clients remember: ejection, panic, breakers, slow start, held connections, cohorts and mirrors.

Worked by hand on even arrivals; that both engines agree on all of it is shown by the generated plays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from requests_plays import MILLISECOND, SECOND, Play, StreamOfPlay, perform

from sim.laws.deterministic import Deterministic
from sim.outcomes import Outcome
from sim.requests.compiled.engine import CompiledEngine

ARRIVED, OUTCOME, VERSION, POD, USER = 2, 4, 6, 7, 8
EVEN = StreamOfPlay(rate=100.0, gap=Deterministic(value=1.0), work=Deterministic(value=float(MILLISECOND)))


def play(length: int = 20, **words: Any) -> tuple[np.ndarray, dict[str, Any]]:
    """The record of a play's requests after t = 0, and all that was seen."""
    seen = perform(Play(length=length * SECOND, **{"streams": (EVEN,)} | words), CompiledEngine)
    record: np.ndarray = seen["ledger.record"]
    return record[record[:, ARRIVED] >= 0], seen


def errors(record: np.ndarray) -> int:
    return int((record[:, OUTCOME] != Outcome.SUCCEEDED).sum())


FOUR = ((0, 50, 0), (0, 50, 0), (0, 50, 0), (1, 50, 0))


def mixed(**words: Any) -> np.ndarray:
    """Four pods behind one Service, of which those of the new version answer with errors from t = 0 on."""
    actions = ((-SECOND + 1, "spread", ()), (0, "errors", (0.9, 0.999, 0.999, 0.0)))
    return play(balancer="round_robin", actions=actions, **{"pods": FOUR} | words)[0]


def test_a_pod_that_fails_five_times_in_a_row_is_ejected_for_longer_each_time() -> None:
    """Five failures take 0.2 s; the ejections last 1, 2, … s: six rounds, the last cut short, fit into 20 s."""
    record = mixed(eject_after=5, eject_for=SECOND, eject_most=0.5)
    assert errors(mixed()) == pytest.approx(500, abs=5)
    assert errors(record) == pytest.approx(30, abs=3)


def test_no_more_than_the_allowed_share_is_ejected() -> None:
    """With a tenth of four pods allowed one may go; a second is ejected only where more are allowed."""
    two_bad = ((0, 50, 0), (0, 50, 0), (1, 50, 0), (1, 50, 0))
    few = errors(mixed(pods=two_bad, eject_after=5, eject_for=100 * SECOND, eject_most=0.1, panic_below=0.0))
    most = errors(mixed(pods=two_bad, eject_after=5, eject_for=100 * SECOND, eject_most=1.0, panic_below=0.0))
    assert few == pytest.approx(2000 / 3, rel=0.05)
    assert most == 10


def test_below_the_panic_threshold_all_pods_are_used_again() -> None:
    three_bad = ((0, 50, 0), (1, 50, 0), (1, 50, 0), (1, 50, 0))
    calm = errors(mixed(pods=three_bad, eject_after=5, eject_for=100 * SECOND, eject_most=1.0, panic_below=0.0))
    panic = errors(mixed(pods=three_bad, eject_after=5, eject_for=100 * SECOND, eject_most=1.0, panic_below=0.5))
    assert calm == 15
    assert panic == pytest.approx(1500, rel=0.05)


def test_a_breaker_lets_so_many_attempts_be_under_way_and_rejects_the_rest() -> None:
    slow = StreamOfPlay(rate=100.0, gap=Deterministic(value=1.0), work=Deterministic(value=1.0 * SECOND))
    record, seen = play(streams=(slow,), pods=((0, 100, 0),), breaker=3)
    served = int((record[:, OUTCOME] == Outcome.SUCCEEDED).sum())
    assert served == pytest.approx(3 * 20, abs=3)
    assert set(record[record[:, OUTCOME] != Outcome.SUCCEEDED][:, OUTCOME]) == {Outcome.REJECTED}
    assert seen["routes.outstanding"].sum() == 0


def test_a_new_endpoint_warms_up_along_its_ramp() -> None:
    """Of two pods the new one, with weight w, gets w / (1 + w); w grows from 0.1 to 1 over ten seconds."""
    busy = StreamOfPlay(rate=1000.0, gap=Deterministic(value=1.0), work=Deterministic(value=float(MILLISECOND)))
    record, _ = play(
        streams=(busy,), pods=((0, 500, 0),), slow_start=10 * SECOND, actions=((0, "add", (0.1, 0.99, 0.99)),)
    )
    weight = np.clip((record[:, ARRIVED] + 0.0) / (10 * SECOND), 0.1, 1.0)
    chance = weight / (1.0 + weight)
    got = (record[:, POD] == 1).sum()
    assert got == pytest.approx(chance.sum(), abs=4 * np.sqrt((chance * (1 - chance)).sum()))


@pytest.mark.parametrize(("words", "share"), [({}, 0.5), ({"keep_alive": SECOND}, 0.0)])
def test_a_held_connection_leads_to_the_pod_it_was_opened_to(words: dict[str, int], share: float) -> None:
    """Ten users who ask ten times a second hold their connections; a pod that comes later gets none of them."""
    record, _ = play(users=10, pods=((0, 500, 0),), actions=((0, "add", (0.1, 0.99, 0.99)),), **words)
    late = record[record[:, ARRIVED] > SECOND]
    assert (late[:, POD] == 1).mean() == pytest.approx(share, abs=0.06)


def test_connections_of_a_limited_age_are_balanced_anew() -> None:
    words = {"keep_alive": SECOND, "connection_age": 400 * MILLISECOND}
    record, _ = play(users=10, pods=((0, 500, 0),), actions=((0, "add", (0.1, 0.99, 0.99)),), **words)
    late = record[record[:, ARRIVED] > SECOND]
    assert 0.35 < (late[:, POD] == 1).mean() < 0.65


def test_users_stay_on_the_old_version_after_a_switch_until_its_process_stops_listening() -> None:
    switched, stopped = 2 * SECOND, 5 * SECOND
    actions = ((switched, "weight", (1.0, 0.0)), (stopped, "drain", (0.0,)))
    record, _ = play(users=10, pods=((0, 500, 0), (1, 500, 0)), keep_alive=SECOND, actions=actions)
    before = record[(record[:, ARRIVED] > switched) & (record[:, ARRIVED] < stopped)]
    after = record[record[:, ARRIVED] > stopped]
    assert (before[:, VERSION] == 0).mean() > 0.95
    assert set(after[:, VERSION]) == {1}
    assert errors(record) == 0


def test_a_mirrored_request_loads_the_new_version_and_no_user_meets_it() -> None:
    actions = ((0, "mirror", (1.0, 0.0)), (0, "errors", (0.9, 0.999, 1.0, 0.0)))
    record, seen = play(pods=((0, 50, 0), (1, 50, 0)), actions=actions)
    assert set(record[:, VERSION]) == {0}
    assert errors(record) == 0
    assert seen["ledger.served"][1] == 0
    assert seen["telemetry.answered"][1, 0] == pytest.approx(len(record), abs=2)
    assert seen["telemetry.errors"][1, 0] == pytest.approx(len(record), rel=0.01)


def test_a_cohort_is_a_fixed_set_of_users_and_grows_by_nesting() -> None:
    def on_new(share: float) -> set[int]:
        actions = ((-SECOND + 1, "cohort", (share**0.5, 0.0)),)
        record, _ = play(pods=((0, 50, 0), (1, 50, 0)), users=200, actions=actions)
        new, old = ({int(user) for user in record[record[:, VERSION] == version][:, USER]} for version in (1, 0))
        assert not new & old
        return new

    small, large = on_new(0.1), on_new(0.3)
    assert small < large
    assert len(large) == pytest.approx(0.3 * 200, abs=4 * np.sqrt(200 * 0.21))


def test_hashing_keeps_a_user_on_one_pod_and_moves_only_those_of_a_pod_that_goes() -> None:
    pods = ((0, 50, 0),) * 4
    record, _ = play(balancer="ring_hash", pods=pods, users=100, actions=((10 * SECOND, "unlist", (0.3, 0.0)),))
    first = {int(row[USER]): int(row[POD]) for row in record if row[ARRIVED] < 10 * SECOND}
    second = {int(row[USER]): int(row[POD]) for row in record if row[ARRIVED] > 10 * SECOND}
    moved = {user for user in first.keys() & second.keys() if first[user] != second[user]}
    assert moved == {user for user in first.keys() & second.keys() if first[user] == 1}
    assert len(moved) == pytest.approx(25, abs=18)
    pods_of = {user: {int(row[POD]) for row in record if row[USER] == user} for user in first}
    assert all(len(where) == 1 for user, where in pods_of.items() if user not in moved)
