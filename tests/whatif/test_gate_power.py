"""A gate's operating characteristic: simulation against arithmetic, and how it is told."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import ended
from sim.doors import kinds
from sim.errors import UsageError
from sim.gates import Gate
from sim.gates.two_arm import TwoArm
from sim.scenario import load
from sim.scenario.resolved import Strategy
from sim.stats.intervals import proportion_guaranteed
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.strategies.rolling import Rolling
from sim.whatif.closed_form import chance_to_stop
from sim.whatif.power import REFERENCE, Watch, gates_of, grades_for, power_of, try_gates
from sim.whatif.rehearsal import Hold, holds_of
from sim.whatif.saying import sentence
from sim.whatif.trials import Setting, Trial

GATE = Watch("g")
S = 10**9
TEXTBOOK = Path(__file__).parents[2] / "scenarios" / "textbook.yaml"


def gate_of(written: dict[str, Any]) -> Gate:
    gate: Gate = kinds("gates")[written["kind"]].model_validate({"delay": "0s"} | written)
    return gate


def the_setting(minutes: int = 20, share: float = 0.05) -> Setting:
    hold = Hold(start=0, end=minutes * 60 * S, share=share)
    return Setting(streams=("all",), rate=lambda _: (100.0,), holds=(hold,), errors=0.001, scrape=60 * S, seed=11)


GATES = {
    "threshold": {"kind": "threshold", "success": "99%"},
    "threshold, two in a row": {"kind": "threshold", "success": "99.5%", "fails": 2},
    "mixture": {"kind": "mixture", "base": "0.1%"},
    "sprt": {"kind": "sprt", "good": "0.1%", "bad": "1%"},
    "fisher": {"kind": "fisher", "after": "10m"},
    "cusum": {"kind": "cusum", "good": "0.1%", "bad": "1%", "alarm_at": 4},
}


@pytest.mark.parametrize("name", GATES)
def test_arithmetic_lies_in_the_simulations_interval(name: str) -> None:
    gate, ratios = gate_of(GATES[name]), (0.001, 0.004, 0.008)
    grades = try_gates({name: gate}, the_setting(), ratios, releases=300, confidence=0.9999)[Watch(name)]
    for grade in grades:
        assert grade.by_arithmetic is not None
        assert grade.stopped.low - 0.01 <= grade.by_arithmetic <= grade.stopped.high + 0.01


def test_there_is_no_arithmetic_for_windows_that_overlap_or_traffic_that_changes() -> None:
    overlapping = gate_of({"kind": "threshold", "success": "99%", "window": "5m"})
    assert chance_to_stop(overlapping, the_setting(), 0.01) is None
    steady = the_setting()
    rising = Setting(
        streams=steady.streams,
        rate=lambda at: (100.0 + at / (60 * S),),
        holds=steady.holds,
        errors=steady.errors,
        scrape=steady.scrape,
        seed=1,
    )
    assert chance_to_stop(gate_of(GATES["threshold"]), rising, 0.01) is None


def test_a_worse_release_is_stopped_at_least_as_often_and_as_soon_by_a_threshold() -> None:
    grades = try_gates({"g": gate_of(GATES["threshold"])}, the_setting(), (0.001, 0.003, 0.01, 0.1), releases=60)[
        Watch("g")
    ]
    shares = [grade.stopped.value for grade in grades]
    assert shares == sorted(shares)
    medians = [grade.seconds.value for grade in grades]
    assert medians == sorted(medians, reverse=True)


def test_a_gate_that_stops_nothing_has_an_infinite_time_and_all_errors_are_spent() -> None:
    lax = gate_of({"kind": "threshold", "success": "1%"})
    grade = try_gates({"lax": lax}, the_setting(), (0.01,), releases=40)[Watch("lax")][0]
    assert math.isinf(grade.seconds.value)
    assert grade.errors.value == pytest.approx(0.01 * 5 * 1200, rel=0.1)


def test_holds_of_a_canary_by_pods_have_the_share_of_pods() -> None:
    written = {"steps": [{"weight": "5%", "hold": "2m"}], "split": "pods"}
    assert holds_of(Canary.model_validate(written), 10) == (Hold(start=0, end=120 * S, share=0.1, pods=1),)


def test_the_hold_of_a_blue_green_comes_after_its_smoke_test_with_everybody_on_the_new_version() -> None:
    plan = BlueGreen.model_validate({"keep_old": "15m", "smoke_test": {"lasts": "2m"}})
    assert holds_of(plan, 4) == (Hold(start=120 * S, end=1020 * S, share=1.0, pods=4),)


def test_the_two_arm_gate_is_shown_beside_the_users_own_unless_it_is_there() -> None:
    scenario = load(TEXTBOOK)
    strategy = next(each for each in scenario.strategies if each.gate)
    gates = gates_of(scenario, strategy)
    assert list(gates) == [strategy.gate, REFERENCE]
    assert isinstance(gates[REFERENCE], TwoArm)
    assert gates[REFERENCE].delay == gates[str(strategy.gate)].delay


def test_the_sentence_says_what_is_seen_and_what_is_missed() -> None:
    scenario = load(TEXTBOOK)
    strategy = next(each for each in scenario.strategies if each.name == "canary-80-20")
    told = sentence(power_of(scenario, strategy, releases=40)).replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith(
        "At 20 % of 40 rps for 15m the gate success sees 7,200 requests; it misses a rise from 0.05 %"
    )
    assert "the two-arm gate would miss" in told


def test_ratios_are_graded_and_never_above_one() -> None:
    assert grades_for(0.0)[0] == 0.0
    assert grades_for(0.3) == (0.3, 0.6, 1.0)


def test_a_strategy_without_a_hold_cannot_be_tried() -> None:
    scenario = load(TEXTBOOK)
    rolling = Strategy(name="rolling", strategy=Rolling(), gate="success")
    with pytest.raises(UsageError, match="no hold"):
        power_of(scenario, rolling)


def test_the_verb_answers_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["power", str(TEXTBOOK), "-s", "canary-80-20", "-n", "20", "-e", "1%,5%", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["canary-80-20"]
    assert [grade["errors"] for grade in answer["gates"][0]["grades"]] == [0.0005, 0.01, 0.05]
    assert answer["gates"][0]["grades"][0]["releases"] == 20


def test_the_verb_draws_the_curves(tmp_path: Path) -> None:
    target = tmp_path / "power.svg"
    assert ended(["power", str(TEXTBOOK), "-s", "canary-80-20", "-n", "20", "--plot", str(target)]) == 0
    assert "<svg" in target.read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-s", "no-such"], "strategies with a gate: "),
        (["-e", "many"], "write shares with commas between"),
        (["--slower", "much"], "write factors with commas between"),
        (["--slower", "0"], "must be above 0"),
        (["-s", "canary-80-20", "-n", "20", "--plot", "power.bmp"], "must end in .svg"),
    ],
)
def test_what_cannot_be_tried_is_said(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["power", str(TEXTBOOK), *arguments]) == 2
    assert says in capsys.readouterr().err


def test_intervals_of_the_stopped_share_are_guaranteed_ones() -> None:
    grade = try_gates({"g": gate_of(GATES["threshold"])}, the_setting(), (0.001,), releases=50)[GATE][0]
    assert grade.stopped == proportion_guaranteed(round(grade.stopped.value * 50), 50)


LATENCY = {"kind": "threshold", "latency": {"quantile": "95%", "below": "400ms"}}


def with_latencies() -> Setting:
    plain, scenario = the_setting(), load(TEXTBOOK)
    work = (scenario.traffic.streams[0].work,)
    return Setting(
        streams=plain.streams,
        rate=plain.rate,
        holds=plain.holds,
        errors=plain.errors,
        scrape=plain.scrape,
        seed=1,
        work=work,
    )


def test_a_gate_on_latency_stops_slow_releases_and_no_others() -> None:
    grades = try_gates({"g": gate_of(LATENCY)}, with_latencies(), (0.001, 0.5), slowdowns=(3.0,), releases=20)[
        Watch("g")
    ]
    assert [grade.stopped.value for grade in grades] == [0.0, 0.0, 1.0]
    assert grades[-1].by_arithmetic is None


def test_the_latencies_of_a_trial_are_those_of_its_work() -> None:
    setting = with_latencies()
    scraped = Trial(setting, 0).scraped(0.0, slower=2.0)
    scraped.now = scraped.times[-1]
    seen = scraped.counted(0, scraped.now)
    assert seen is not None
    for version, factor in ((0, 1.0), (1, 2.0)):
        series = seen.of(version=version)
        assert series.answers == series.requests
        assert series.quantile(0.9) == pytest.approx(factor * setting.work[0].quantile(0.9), rel=0.08)


def test_the_sentence_tells_of_slow_releases_where_they_were_tried() -> None:
    scenario = load(TEXTBOOK)
    strategy = next(each for each in scenario.strategies if each.name == "canary-80-20")
    told = sentence(power_of(scenario, strategy, releases=20, slowdowns=(2.0,)))
    assert "A version 2 times as slow it misses in 100" in told
