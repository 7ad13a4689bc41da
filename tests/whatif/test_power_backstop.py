"""The person on call on the test bench is the person on call of a release, and is told of beside the gates."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dashboard import S, Service
from dashboard import scenario as scene_of

from sim.cluster.oncall import OnCallPerson
from sim.doors import kinds
from sim.draws import Key, Purpose, draw
from sim.journal import Journal
from sim.scenario import load
from sim.scenario.resolved import OnCall
from sim.versions import NEVER
from sim.whatif.backstop import Person
from sim.whatif.bench import Scraped
from sim.whatif.power import Watch, power_of, try_gates
from sim.whatif.rehearsal import Hold
from sim.whatif.saying import sentence
from sim.whatif.trials import Setting, Trial

GATE, BEHIND, ALONE = Watch("g"), Watch("g", person=True), Watch(None, person=True)
MINUTE, SCRAPE = 60 * S, 15 * S
TEXTBOOK = Path(__file__).parents[2] / "scenarios" / "textbook.yaml"


class Between:
    """A reaction from one to ten minutes, by luck."""

    def quantile(self, luck: float) -> float:
        return (1 + 9 * luck) * MINUTE


class After:
    """A reaction that takes so long whatever the luck."""

    def __init__(self, ns: int) -> None:
        self.ns = ns

    def quantile(self, luck: float) -> float:
        return float(self.ns)


def rule(**words: Any) -> OnCall:
    usual = {"notices_at": 0.05, "reacts": Between(), "window": 60 * S, "per": "service", "min_requests": 50}
    return OnCall(**usual | words)


def setting(minutes: int = 30, share: float = 0.2) -> Setting:
    return Setting(
        streams=("browse", "pay"),
        rate=lambda _: (20.0, 2.0),
        holds=(Hold(start=0, end=minutes * MINUTE, share=share),),
        errors=0.0,
        scrape=SCRAPE,
        seed=3,
        lag=30 * S,
    )


def acts_at(oncall: OnCall, scraped: Scraped, key: Key) -> int:
    """When the person of the bench acts."""
    return Person(rule=oncall).acts_at(scraped, setting(), lambda number: draw(key, Purpose.ON_CALL, 0, number)[0])


def passing(scraped: Scraped, seconds: range) -> Scraped:
    """The same release with errors in these seconds only."""
    more = np.diff(scraped.errors, axis=0, prepend=0)
    away = [at // S not in seconds for at in scraped.times]
    more[away] = 0
    return replace(scraped, errors=more.cumsum(axis=0))


def acted(oncall: OnCall, scraped: Scraped, key: Key) -> int:
    """When the person of a release acts on counters turned like this, after some minutes of the running version."""
    scene, found = scene_of(oncall=oncall, delay=30), list[int]()
    service = Service(scene, start=-300)
    person = OnCallPerson(scenario=scene, observer=service.observer, clock=service.clock, key=key, journal=Journal())
    person.start(lambda: found.append(int(service.clock.now)))
    for second in range(-300, scraped.times[-1] // S + 1):
        if second % 15 == 0 and second <= 0:
            service.answer(0, 300, stream=0)
            service.answer(0, 30, stream=1)
        elif second % 15 == 0:
            place = second // 15
            for version in (0, 1):
                for stream in (0, 1):
                    requests, errors = (
                        int(counts[place, version, stream] - counts[place - 1, version, stream])
                        for counts in (scraped.requests, scraped.errors)
                    )
                    service.answer(version, requests, errors, stream=stream)
        service.play(second)
    return found[0] if found else NEVER


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize(
    ("words", "errors", "seconds"),
    [
        ({}, 1.0, range(3600)),
        ({}, 0.27, range(3600)),
        ({"per": "stream", "min_requests": 20}, 0.3, range(3600)),
        ({"window": 300 * S}, 0.5, range(3600)),
        ({}, 1.0, range(200, 300)),
        ({"clears_after": 600 * S}, 1.0, range(200, 300)),
        ({}, 1.0, [*range(200, 300), *range(800, 1800)]),
        ({}, 0.01, range(3600)),
    ],
)
def test_the_bench_and_a_release_have_the_person_act_at_the_same_moment(
    words: dict[str, Any], errors: float, seconds: Any, index: int
) -> None:
    oncall, scraped, key = rule(**words), passing(Trial(setting(), index).scraped(errors), seconds), Key(3, index)
    assert acts_at(oncall, scraped, key) == acted(oncall, scraped, key)


def test_a_person_who_finds_the_trouble_gone_stands_down_on_the_bench_too() -> None:
    scraped = passing(Trial(setting(), 0).scraped(1.0), range(200, 300))
    late, key = After(10 * MINUTE), Key(1, 1)
    assert acts_at(rule(reacts=late), scraped, key) == NEVER
    assert acts_at(rule(reacts=late, clears_after=600 * S), scraped, key) < NEVER


def stopped(found: dict[Watch, Any], name: Watch) -> list[float]:
    return [grade.stopped.value for grade in found[name]]


def with_person(reacts: int, *, acting: str | None = "g") -> dict[Watch, Any]:
    gate = kinds("gates")["threshold"].model_validate({"success": "70%", "delay": "0s"})
    person = Person(rule=rule(reacts=After(reacts)))
    return try_gates({"g": gate}, setting(), (0.01, 0.26, 0.9), releases=30, person=person, acting=acting)


def test_gate_and_person_stop_whatever_one_of_them_stops_and_nothing_else() -> None:
    found = with_person(2 * MINUTE)
    both, gate, person = (stopped(found, name) for name in (BEHIND, GATE, ALONE))
    for each, pair in zip(both, zip(gate, person, strict=True), strict=True):
        assert max(pair) <= each <= min(1.0, sum(pair))


def test_a_person_behind_the_gate_never_lets_more_errors_happen_than_either_alone() -> None:
    found = with_person(2 * MINUTE)
    for both, gate, person in zip(found[BEHIND], found[GATE], found[ALONE], strict=True):
        assert both.errors.value <= min(gate.errors.value, person.errors.value) + 1e-9
        assert both.seconds.value <= min(gate.seconds.value, person.seconds.value)


def test_a_person_who_reacts_after_the_last_hold_stops_nothing() -> None:
    assert stopped(with_person(40 * MINUTE), ALONE) == [0.0, 0.0, 0.0]


def test_where_no_gate_acts_the_person_is_tried_alone() -> None:
    assert set(with_person(MINUTE, acting=None)) == {GATE, ALONE}


@pytest.fixture
def tried() -> Callable[..., Any]:
    def power(**words: Any) -> Any:
        scenario = load(TEXTBOOK)
        return power_of(replace(scenario, **words), scenario.strategies[1], releases=20)

    return power


def test_the_person_on_call_of_a_scenario_is_tried_last_and_told_of(tried: Callable[..., Any]) -> None:
    powers = tried()
    own = powers[0].watch
    assert [power.watch for power in powers[-2:]] == [own._replace(person=True), ALONE]
    told = sentence(powers)
    assert "with the person on call behind it" in told
    assert "the person on call alone would miss" in told


def test_where_nobody_is_on_call_nobody_is_tried(tried: Callable[..., Any]) -> None:
    assert not any(power.watch.person for power in tried(oncall=None))


def test_who_acts_is_the_strategy_s_own_gate_and_the_person_behind_it_and_nobody_beside(
    tried: Callable[..., Any],
) -> None:
    powers = tried()
    own = powers[0].watch
    assert {power.watch for power in powers if power.acts} == {own, own._replace(person=True)}
