"""The search spends its plays near the edge, and finds what queueing theory and the whole play say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from pencil import PENCIL

from sim.scenario import from_text
from sim.scenario.resolved import Scenario
from sim.study.planning import BEGINNING, SIDE_BY_SIDE, WORKERS
from sim.whatif import peak, releases
from sim.whatif.answering import Pace, all_answers
from sim.whatif.capacity import review
from sim.whatif.expecting import expected
from sim.whatif.keeping import looks
from sim.whatif.peak import Loss, Strike
from sim.whatif.players import Play, Players
from sim.whatif.releases import AT_LEAST, released

SECOND = 10**9
ERLANG = (
    PENCIL.replace("concurrency: 1", "concurrency: 10")
    .replace("queue: 2", "queue: 0")
    .replace("balancer: round_robin", "balancer: random")
    .replace("peak: 45/s, arrivals: constant", "peak: 200/s")
    .replace("keep_old: 5m", "keep_old: 1m")
    .replace("count: 3", "count: 1")
)


def blocked(offered: float, slots: int) -> float:
    """Erlang's loss formula, which holds for any law of work (A. Erlang, 1917; B. Sevastyanov, 1957)."""
    share = 1.0
    for number in range(1, slots + 1):
        share = offered * share / (number + offered * share)
    return share


def test_the_smallest_fleet_is_erlang_s() -> None:
    """20 requests under way on average, spread over pods of ten slots by chance: of each pod's a few find no slot."""
    right = next(pods for pods in range(1, 99) if blocked(20 / pods, 10) <= 0.01)
    assert blocked(20 / (right - 1), 10) > 0.015 > 0.01 > 1.5 * blocked(20 / right, 10)
    found = review(from_text(ERLANG), growths=(1.0,), replications=4, workers=1)
    assert found.fleet("at-once", 1.0, Loss.NONE).replicas == right == 5


@pytest.mark.parametrize("strike", [None, Strike(at=50 * SECOND, place=0)])
@pytest.mark.parametrize("until", [0, 305 * SECOND, 10_000 * SECOND])
def test_when_a_play_ends_has_no_say_in_what_is_judged(strike: Strike | None, until: int) -> None:
    """Cut short where all that is judged is over, played again where it was not, or to the full length."""
    scenario = from_text(PENCIL)
    grown = peak.at_peak(scenario, scenario.strategies[0])
    loss = Loss.NONE if strike is None else Loss.NODE
    whole, short = (released(grown, "at-once", 0, loss=loss, strike=strike, until=each) for each in (None, until))
    for each in (whole, short):
        assert each.values["duration"] > 300
    assert short.judged == whole.judged
    assert short.bad[short.counts].tolist() == whole.bad[whole.counts].tolist()
    assert (short.reasons, short.held_up, short.hidden) == (whole.reasons, whole.held_up, whole.hidden)
    assert short.values["extra_pod_hours"] == pytest.approx(whole.values["extra_pod_hours"], abs=1e-6)


def test_a_play_is_cut_short_where_that_is_enough() -> None:
    scenario = from_text(PENCIL)
    grown = peak.at_peak(scenario, scenario.strategies[0])
    short = released(grown, "at-once", 0, loss=Loss.NONE, strike=None, until=330 * SECOND)
    assert len(short.requests) * scenario.study.window <= 340 * SECOND < grown.study.horizon


def test_the_warm_up_is_as_long_as_the_queues_take_to_fill_and_never_longer_than_the_file_s() -> None:
    scenario = from_text(PENCIL.replace("warm_up: 30s", "warm_up: 10m"))
    assert peak.at_peak(scenario, scenario.strategies[0]).study.warm_up == 30 * SECOND
    short = from_text(PENCIL.replace("warm_up: 30s", "warm_up: 10s"))
    assert peak.at_peak(short, short.strategies[0]).study.warm_up == 10 * SECOND
    slow = from_text(PENCIL.replace("warm_up: 30s", "warm_up: 10m").replace("work: 100ms", "work: 6s"))
    assert peak.at_peak(slow, slow.strategies[0]).study.warm_up >= 120 * SECOND


def plays_of(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> Sequence[Play]:
    played: list[Play] = []
    whole = Players.all

    def noted(self: Players, plays: Sequence[Play], until: Sequence[int | None]) -> list[releases.Release]:
        played.extend(plays)
        return whole(self, plays, until)

    monkeypatch.setattr(Players, "all", noted)
    review(scenario, growths=(1.0,), replications=8, workers=1)
    return list(dict.fromkeys(played))


def test_plays_are_spent_near_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fleets far from the edge one release is played without a loss and one with it; it took 18 to settle one."""
    played = plays_of(from_text(PENCIL), monkeypatch)
    by_fleet: dict[int, int] = {}
    for play in played:
        if play.setting.pods is not None:
            by_fleet[play.setting.pods] = by_fleet.get(play.setting.pods, 0) + 1
    assert sum(by_fleet.values()) <= 60
    assert all(count <= 4 for pods, count in by_fleet.items() if min(abs(pods - 5), abs(pods - 8)) > 1)


def test_no_release_is_played_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[object] = []
    whole = releases.released

    def noted(scenario: Scenario, strategy: str, index: int, **asked: object) -> releases.Release:
        service, nodes = scenario.service, scenario.nodes
        counted.append(
            (service.replicas, nodes.count, scenario.traffic.profile, index, asked["loss"], asked["strike"], strategy)
        )
        return whole(scenario, strategy, index, **asked)  # type: ignore[arg-type]

    monkeypatch.setattr(releases, "released", noted)
    review(from_text(PENCIL), growths=(1.0,), replications=3, workers=1)
    assert len(counted) > 20
    by_the_file = (9, 3)  # the same fleet may be asked about as the file's and as a searched one
    assert (
        len({each for each in counted if each[:2] != by_the_file})
        == len(  # type: ignore[index]
            [each for each in counted if each[:2] != by_the_file]  # type: ignore[index]
        )
    )


def test_each_look_has_its_share_of_what_may_go_wrong() -> None:
    assert [looks(most) for most in (3, 4, 8, 20)] == [(2, 3), (2, 4), (2, 4, 8), (2, 4, 8, 16, 20)]


class _Nobody:
    played = 0

    def stop(self) -> None:
        self.played = -1


def test_progress_is_told_while_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.whatif.answering.QUIET", 0.0)
    said: list[str] = []
    pace = Pace(2, _Nobody(), said.append)

    def asked(tell: object) -> int:
        while not said:
            pass
        return 7

    assert all_answers([asked], pace) == [7]
    assert said[0].startswith("0 of 2 answers, 0 releases played in ")


def test_a_question_that_fails_stops_the_players() -> None:
    players = _Nobody()

    def asked(tell: object) -> int:
        raise ValueError("a fault")

    with pytest.raises(ValueError, match="a fault"):
        all_answers([asked], Pace(1, players, lambda said: None))
    assert players.played == -1


def test_a_shorter_release_is_judged_over_five_minutes() -> None:
    assert AT_LEAST == 300 * SECOND
    assert math.isclose(blocked(4.0, 10), 0.0053, rel_tol=0.01)


def test_the_time_told_grows_with_questions_and_traffic_and_falls_with_workers() -> None:
    scenario = from_text(PENCIL)
    one = expected(scenario, (1.0,), 1)
    two = expected(scenario, (1.0,), 2).likely - BEGINNING - WORKERS
    assert one.likely - BEGINNING == pytest.approx(2 / SIDE_BY_SIDE * two)
    assert expected(scenario, (1.0, 1.25), 1).likely > one.likely
    busier = from_text(PENCIL.replace("peak: 45/s", "peak: 4500/s"))
    assert expected(busier, (1.0,), 1).likely > 3 * one.likely
    assert (one.most - BEGINNING) / (one.likely - BEGINNING) == pytest.approx(2.0)
