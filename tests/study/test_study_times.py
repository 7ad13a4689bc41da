"""Times that are told beforehand: arithmetic on counts and costs, whatever the machine that runs the tests is like."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sim.scenario import load
from sim.study import planning, speed
from sim.study.cells import FATE, TWIN, Cell
from sim.study.pace import EVENT, REPLICATION, REQUEST, cost_of, share_until_known
from sim.study.planning import Time, expected_plays, plan, time_of, told

TEXTBOOK = load(Path(__file__).parents[2] / "scenarios" / "textbook.yaml")
CASES = Path(__file__).parents[1] / "cases"
MINUTE = 60 * 10**9


def test_a_replication_costs_its_requests_and_its_events() -> None:
    """144,000 requests and as many in two minutes of warm-up as come in them; 5 pods; 248 scrapes, one in 15 s."""
    cost = cost_of(TEXTBOOK)
    requests, scrapes = 40 * 3720, 3720 / 15
    assert cost.release == pytest.approx(REPLICATION + REQUEST * requests + EVENT * (0.9 * scrapes + 26 * 5))
    assert cost.twin == pytest.approx(REPLICATION + REQUEST * requests + EVENT * 0.3 * scrapes)


def test_twice_the_horizon_costs_more_where_hardly_any_request_comes() -> None:
    """Pods and a long horizon take time without any request."""
    quiet = replace(TEXTBOOK, traffic=replace(TEXTBOOK.traffic, profile=((0, 1e-6),)))
    longer = replace(quiet, study=replace(quiet.study, horizon=2 * quiet.study.horizon))
    larger = replace(quiet, service=replace(quiet.service, replicas=50))
    assert cost_of(longer).release > 1.3 * cost_of(quiet).release
    assert cost_of(larger).release > 2 * cost_of(quiet).release


def test_plays_go_from_the_first_look_to_the_cap() -> None:
    """60 bad and 20 good releases by two strategies and 60 twins; 400 of each at the cap.

    And good releases to 59, which show that at most 5 % are lost, or to the cap.
    """
    least, most = expected_plays(TEXTBOOK)
    assert sum(least.values()) == 60 + 2 * (20 + 60) + 2 * 39
    assert sum(most.values()) == 5 * 400 + 2 * 380
    assert least[TWIN] == 60
    assert least[Cell("canary-80-20", FATE)] == 39


def test_good_releases_that_surely_do_not_ship_settle_it_in_the_pilot() -> None:
    scenario = load(CASES / "never-ships-quota.yaml")
    scenario = replace(scenario, study=replace(scenario.study, cap=100))
    least, most = expected_plays(scenario)
    assert (least[Cell("blue-green", FATE)], most[Cell("blue-green", FATE)]) == (0, 0)
    assert (least[Cell("rolling", FATE)], most[Cell("rolling", FATE)]) == (51, 92)


def test_good_releases_that_settle_who_ships_cost_a_part_of_a_whole_play() -> None:
    """Twenty minutes held, two more, and five until nobody is paged any more, of an hour and two minutes."""
    (canary,) = (each for each in TEXTBOOK.strategies if each.name == "canary-80-20")
    assert 0.2 < share_until_known(TEXTBOOK, canary) < 0.5
    plays = {Cell("canary-80-20", FATE): 1000}
    whole = {Cell("canary-80-20", "errors"): 1000}
    fates, wholes = (time_of(TEXTBOOK, each, each, 1, measured=0.1).likely for each in (plays, whole))
    assert fates < wholes / 2


def test_plays_are_shared_among_workers_and_what_comes_before_and_after_is_not() -> None:
    plays = {Cell("canary-80-20", "errors"): 1000}
    one, two = (time_of(TEXTBOOK, plays, plays, workers, measured=0.1).likely for workers in (1, 2))
    alone = planning.BEGINNING + planning.ENDING + 1000 * planning.LOOKED_AT
    assert (one, two) == pytest.approx((alone + 100, alone + planning.WORKERS + 50 * planning.SIDE_BY_SIDE))


def test_a_machine_that_is_half_as_fast_takes_twice_as_long() -> None:
    least, most = expected_plays(TEXTBOOK)
    fast, slow = (time_of(TEXTBOOK, least, most, 2, slow=each) for each in (1.0, 2.0))
    assert (slow.least, slow.likely, slow.most) == pytest.approx((2 * fast.least, 2 * fast.likely, 2 * fast.most))


def test_the_likely_time_lies_half_way_between_the_least_and_the_most() -> None:
    plays = [{Cell("canary-80-20", "errors"): count} for count in (10_000, 90_000)]
    time = time_of(TEXTBOOK, *plays, 1, measured=1.0)
    assert time.likely - time.least == pytest.approx(time.most - time.likely)
    assert time.likely > 3 * time.least


def test_compiling_is_told_apart_and_only_where_nothing_is_compiled() -> None:
    plays = {TWIN: 10}
    cold, warm = (time_of(TEXTBOOK, plays, plays, 1, compiled=each) for each in (False, True))
    assert cold.likely == warm.likely
    assert "compile" in cold.words()
    assert "compile" not in warm.words()


def test_modules_that_are_not_kept_are_compiled_at_every_start() -> None:
    plays = {TWIN: 10_000}
    unkept, kept = (time_of(TEXTBOOK, plays, plays, 2, kept=each).likely for each in (False, True))
    assert unkept - kept == pytest.approx(planning.UNKEPT + planning.UNKEPT_BY_A_WORKER)


def test_what_is_on_disk_is_not_played_again(tmp_path: Path) -> None:
    fresh = plan(TEXTBOOK, results=tmp_path, workers=1)
    rows = [{"strategy": cell.strategy, "case": cell.case, "rows": 60} for cell in expected_plays(TEXTBOOK)[0]]
    fresh.folder.mkdir(parents=True)
    (fresh.folder / "manifest.json").write_text(json.dumps({"identity": fresh.identity, "rows": rows}))
    again = plan(TEXTBOOK, results=tmp_path, workers=1)
    assert again.reused == 420
    assert again.time.least < fresh.time.least
    assert again.time.most < fresh.time.most


def test_times_are_told_as_a_person_would() -> None:
    assert Time(least=40, likely=118, most=355).words() == "about 2 min (40 s to 6 min)"
    assert [told(each) for each in (0.2, 9.4, 12, 119, 290, 3500, 10_000)] == [
        "1 s", "9 s", "10 s", "2 min", "5 min", "58 min", "2h45m",
    ]  # fmt: skip


def test_the_machine_is_measured_once_and_only_where_the_engine_is_compiled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trials: list[float] = []
    monkeypatch.setattr(speed, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(speed, "trial", lambda: trials.append(0.0) or 3 * speed.USUAL)  # type: ignore[func-returns-value]
    monkeypatch.setattr(speed, "is_compiled", lambda _: False)
    assert (speed.slowness(), trials) == (1.0, [])
    monkeypatch.setattr(speed, "is_compiled", lambda _: True)
    assert [speed.slowness(), speed.slowness()] == pytest.approx([3.0, 3.0])
    assert len(trials) == 1


@pytest.mark.parametrize("kept", ["", "{}", '{"seconds": "much"}', '{"seconds": 1e9}', '{"seconds": 0}', "[1]"])
def test_a_damaged_or_absurd_measure_is_not_believed(
    kept: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "speed.json").write_text(kept)
    monkeypatch.setattr(speed, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(speed, "is_compiled", lambda _: False)
    assert speed.slowness() == 1.0


def test_the_trial_is_a_scenario_that_can_be_played() -> None:
    assert speed.trial() > 0
