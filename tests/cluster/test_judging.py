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


def test_a_gate_judges_every_so_often_and_waits_while_its_window_begins_before_the_start() -> None:
    scene = Watched()
    scene.service.play(7)
    scene.start()
    scene.service.each_second(turn(scene), until=250)
    assert [at // S for at, _, _ in scene.journal.verdicts] == [67, 127, 187, 247]
    assert scene.answers() == ["wait", "pass", "pass", "pass"]


def test_errors_from_before_the_start_fail_nobody() -> None:
    scene = Watched()
    scene.service.observer.listen(90 * S)
    scene.service.each_second(turn(scene, range(100)), until=100)
    scene.start()
    scene.service.each_second(turn(scene), until=400)
    assert "fail" not in scene.answers()


def test_a_failing_gate_says_so_once_and_judges_no_more() -> None:
    scene = Watched()
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=600)
    assert [at for at, _ in scene.failed] == [120]
    assert scene.answers() == ["wait", "fail"]


def test_so_many_judgements_in_a_row_must_fail() -> None:
    scene = Watched(fails=3)
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=600)
    assert [at for at, _ in scene.failed] == [240]


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
    scene.service.each_second(turn(scene, range(90)), until=90)
    scene.service.each_second(turn(scene, requests=0), until=200)
    scene.service.each_second(turn(scene, range(1000)), until=400)
    assert scene.answers() == ["wait", "fail", "wait", "fail"] or "wait" in scene.answers()[1:]
    assert len(scene.failed) == 1


def test_a_stopped_gate_judges_no_more_and_its_scrapes_end() -> None:
    scene = Watched()
    scene.start()
    scene.service.play(130)
    scene.watch.stop()
    scene.watch.stop()
    scene.service.play(1000)
    assert len(scene.journal.verdicts) == 2
    assert scene.service.clock.next_at() > 2000 * S


def test_a_gate_started_anew_counts_from_nothing() -> None:
    scene = Watched(fails=2)
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=130)
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=290)
    assert scene.answers() == ["wait", "fail", "wait", "fail"]
    assert scene.failed == []


def test_every_verdict_stands_in_the_journal_with_its_figures() -> None:
    scene = Watched()
    scene.start()
    scene.service.each_second(turn(scene, range(1000)), until=130)
    at, name, verdict = scene.journal.verdicts[-1]
    assert (at, name, verdict.answer) == (120 * S, "ours", Answer.FAIL)
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
