"""Gates that judge dry, gates that remember, and gates that have made up their mind."""

from typing import Any

from dashboard import Service, scenario

from sim.cluster.judging import GateWatch, GateWatches
from sim.gates import Gate, Judgement, PacedGate
from sim.gates.threshold import Threshold
from sim.journal import Journal
from sim.observation import View
from sim.steps import Answer, Verdict


class Counting(PacedGate):
    """Counts its looks and what it has seen; at ``enough`` looks it makes up its mind."""

    enough: int = 100

    def begin(self) -> Any:
        return (0, 0, 0)

    def look(self, view: View, memory: Any) -> Judgement:
        looks, requests, until = memory
        seen = view.since(until)
        requests += seen.of().requests if seen else 0
        verdict = Verdict(answer=Answer.WAIT, reason="counting", figures={"requests": requests})
        after = (looks + 1, requests, seen.until if seen else until)
        return Judgement(verdict=verdict, memory=after, next_in=self.every if looks + 1 < self.enough else None)


class Scene:
    def __init__(self) -> None:
        self.service, self.journal, self.failed = Service(scenario()), Journal(), 0

    def watch(self, gate: Gate, name: str, *, place: int = 0, dry: bool = False) -> GateWatch:
        service = self.service
        return GateWatch(
            gate=gate,
            name=name,
            observer=service.observer,
            clock=service.clock,
            journal=self.journal,
            place=place,
            dry=dry,
        )

    def fail(self, _: Verdict) -> None:
        self.failed += 1

    def bad(self, second: int) -> None:
        self.service.answer(1, 10, 10)

    def good(self, second: int) -> None:
        self.service.answer(1, 10)


GATE = Threshold.model_validate({"success": "99%", "every": "1m", "window": "1m", "delay": "30s"})


def test_a_dry_gate_stops_nothing_and_says_where_it_would_have() -> None:
    scene = Scene()
    GateWatches(None, (scene.watch(GATE, "ours", dry=True),)).start(scene.fail)
    scene.service.each_second(scene.bad, until=400)
    told = [event.what for event in scene.journal.events]
    assert scene.failed == 0
    assert told[-1].startswith("dry: fail (1 of 1)")
    assert told[-1].endswith("it would have stopped the release here")


def test_a_dry_gate_leaves_no_verdict_among_those_that_acted() -> None:
    scene = Scene()
    GateWatches(None, (scene.watch(GATE, "ours", dry=True),)).start(scene.fail)
    scene.service.each_second(scene.bad, until=400)
    assert scene.journal.verdicts == []


def test_a_dry_gate_changes_nothing_for_the_acting_one() -> None:
    alone, beside = Scene(), Scene()
    GateWatches(alone.watch(GATE, "ours"), ()).start(alone.fail)
    dry = beside.watch(Counting(every="30s", delay=0), "dry", place=1, dry=True)
    GateWatches(beside.watch(GATE, "ours"), (dry,)).start(beside.fail)
    for scene in (alone, beside):
        scene.service.each_second(scene.good, until=200)
        scene.service.each_second(scene.bad, until=600)
    assert alone.journal.verdicts == beside.journal.verdicts
    assert (alone.failed, beside.failed) == (1, 1)


def test_a_gate_that_lasts_for_the_release_goes_on_at_the_next_hold() -> None:
    scene = Scene()
    watch = scene.watch(Counting(every="60s", delay=0), "counting")
    for until in (120, 240):
        watch.start(scene.fail)
        scene.service.each_second(scene.good, until=until)
        watch.stop()
    assert [verdict.figures["requests"] for _, _, verdict in scene.journal.verdicts] == [600, 1200, 1800, 2400]


def test_what_is_counted_between_two_holds_is_seen() -> None:
    scene = Scene()
    watch = scene.watch(Counting(every="60s", delay=0), "counting")
    watch.start(scene.fail)
    scene.service.each_second(scene.good, until=60)
    watch.stop()
    scene.service.each_second(scene.bad, until=120)
    watch.start(scene.fail)
    scene.service.each_second(scene.good, until=180)
    assert scene.journal.verdicts[-1][2].figures["requests"] == 1800


def test_a_gate_that_has_made_up_its_mind_looks_no_more_at_any_later_hold() -> None:
    scene = Scene()
    watch = scene.watch(Counting(every="60s", delay=0, enough=2), "counting")
    watch.start(scene.fail)
    scene.service.each_second(scene.good, until=600)
    watch.start(scene.fail)
    scene.service.each_second(scene.good, until=900)
    assert len(scene.journal.verdicts) == 2
