import sys
from pathlib import Path

from sim.cluster.judging import GateWatch
from sim.gates.threshold import Threshold
from sim.journal import Journal
from sim.steps import Answer, Verdict

sys.path.insert(0, str(Path(__file__).parent))
from dashboard import S, Service, scenario

GATE = {"success": "99%", "every": "1m", "window": "1m", "delay": "30s"}


class Watched:
    """A service, a gate at work on it, and the moments at which it failed."""

    def __init__(self, **words: object) -> None:
        self.service = Service(scenario())
        self.journal = Journal()
        self.failed: list[tuple[int, Verdict]] = []
        self.watch = GateWatch(
            gate=Threshold.model_validate(GATE | words),
            name="ours",
            observer=self.service.observer,
            clock=self.service.clock,
            journal=self.journal,
        )

    def start(self) -> None:
        self.watch.start(lambda verdict: self.failed.append((int(self.service.clock.now) // S, verdict)))

    def answers(self) -> list[str]:
        return [str(verdict.answer) for _, _, verdict in self.journal.verdicts]


def turn(scene: Watched, errors_in: range = range(0), requests: int = 10) -> object:
    return lambda second: scene.service.answer(1, requests, requests if second in errors_in else 0)


def test_a_gate_judges_every_so_often_from_its_start_on() -> None:
    scene = Watched()
    scene.service.play(7)
    scene.start()
    scene.service.each_second(turn(scene), until=250)
    assert [at // S for at, _, _ in scene.journal.verdicts] == [67, 127, 187, 247]
    assert scene.answers() == ["pass", "pass", "pass", "pass"]


def test_a_window_reaches_back_before_the_hold_as_a_query_does() -> None:
    scene = Watched()
    scene.service.each_second(turn(scene, range(100)), until=100)
    scene.start()
    scene.service.each_second(turn(scene), until=400)
    assert [at for at, _ in scene.failed] == [160]  # its window is that from 70 to 130


def test_a_failing_gate_says_so_once_and_judges_no_more() -> None:
    scene = Watched()
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=600)
    assert [at for at, _ in scene.failed] == [60]
    assert scene.answers() == ["fail"]


def test_so_many_judgements_in_a_row_must_fail() -> None:
    scene = Watched(fails=3)
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=600)
    assert [at for at, _ in scene.failed] == [180]


def test_a_passed_judgement_ends_a_row_of_failures() -> None:
    scene = Watched(fails=2)
    scene.start()
    scene.service.each_second(turn(scene, range(30, 90)), until=180)
    scene.service.each_second(turn(scene, range(210, 270)), until=600)
    assert scene.answers().count("fail") >= 2
    assert len(scene.failed) <= 1
    rows = "".join(answer[0] for answer in scene.answers())
    assert ("ff" in rows) == bool(scene.failed)


def test_a_judgement_that_waits_leaves_the_row_of_failures_as_it_was() -> None:
    scene = Watched(fails=2)
    scene.start()
    scene.service.each_second(turn(scene, range(30)), until=30)
    scene.service.each_second(turn(scene, requests=0), until=200)
    scene.service.each_second(turn(scene, range(1000)), until=400)
    assert scene.answers() == ["fail", "wait", "wait", "fail"]
    assert len(scene.failed) == 1


def test_when_the_rollout_is_over_a_gate_judges_no_more_and_its_scrapes_end() -> None:
    scene = Watched()
    scene.start()
    scene.service.play(130)
    scene.watch.finish()
    scene.watch.finish()
    scene.service.play(1000)
    assert len(scene.journal.verdicts) == 2
    assert scene.service.clock.next_at() > 2000 * S


def test_a_gate_keeps_its_pace_and_its_row_through_holds_shorter_than_its_interval() -> None:
    scene = Watched(fails=3)
    for until in range(25, 300, 25):
        scene.start()
        scene.service.each_second(turn(scene, range(1000)), until=until - 5)
        scene.watch.stop()
        scene.service.each_second(turn(scene, range(1000)), until=until)
    assert [at // S for at, _, _ in scene.journal.verdicts] == [60, 120, 180]
    assert [at for at, _ in scene.failed] == [180]


def test_every_verdict_stands_in_the_journal_with_its_figures() -> None:
    scene = Watched()
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=70)
    at, name, verdict = scene.journal.verdicts[-1]
    assert (at, name, verdict.answer) == (60 * S, "ours", Answer.FAIL)
    assert scene.journal.events[-1].figures["new version: success"] == 0.0
    assert scene.journal.events[-1].what == "fail (1 of 1): new version: success 0 % is below 99 %"


def test_with_or_without_another_listener_a_gate_says_the_same() -> None:
    alone, beside = Watched(fails=3), Watched(fails=3)
    beside.service.observer.listen(90 * S)
    for scene in (alone, beside):
        scene.service.play(30)
        scene.start()
        scene.service.each_second(turn(scene, range(200, 700)), until=900)
    assert alone.answers() == beside.answers()
    assert [at for at, _ in alone.failed] == [at for at, _ in beside.failed]
