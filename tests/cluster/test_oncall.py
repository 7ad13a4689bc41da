import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sim.cluster.oncall import OnCallPerson
from sim.draws import Key, Purpose, draw
from sim.journal import Journal, Milestone
from sim.steps import Detector

sys.path.insert(0, str(Path(__file__).parent))
from dashboard import S, Service, scenario

KEY = Key(3, 4)


class Fixed:
    """A reaction time that does not depend on luck."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def quantile(self, luck: float) -> float:
        return float(self.seconds * S)


def rule(**words: Any) -> Any:
    usual = {"notices_at": 0.02, "reacts": Fixed(480), "window": 60 * S, "per": "service", "min_requests": 50}
    return SimpleNamespace(**({"clears_after": 300 * 10**9} | usual | words))


class OnDuty:
    """A service with a person on call, and the seconds at which he or she rolled back."""

    def __init__(self, oncall: Any, start: int = 0) -> None:
        scene = scenario(oncall=oncall, delay=30)
        self.service = Service(scene, start=start)
        self.journal, self.acted = Journal(), []
        self.person = OnCallPerson(
            scenario=scene, observer=self.service.observer, clock=self.service.clock, key=KEY, journal=self.journal
        )
        self.person.start(lambda: self.acted.append(int(self.service.clock.now) // S))

    def errors(self, seconds: range, until: int, *, share: float = 1.0, stream: int = 0) -> None:
        def turn(second: int) -> None:
            self.service.answer(0, 100, stream=0)
            self.service.answer(1, 10, stream=1)
            total = 10 if stream else 100
            self.service.world.telemetry.errors[stream, stream] += int(share * total) if second in seconds else 0

        self.service.each_second(turn, until)

    def pages(self) -> list[int]:
        return [event.at // S for event in self.journal.events if event.what.startswith("paged")]


def test_a_page_comes_with_the_first_scrape_that_shows_the_level_and_the_reaction_after_it() -> None:
    duty = OnDuty(rule())
    duty.errors(range(200, 4000), until=2000)
    assert duty.pages() == [240]  # errors from 200 on are in the scrape of 210, seen 30 s late
    assert duty.acted == [240 + 480]


def test_errors_below_the_level_wake_nobody() -> None:
    duty = OnDuty(rule())
    duty.errors(range(4000), until=2000, share=0.01)
    assert duty.pages() == []


def test_a_window_with_too_few_requests_wakes_nobody() -> None:
    duty = OnDuty(rule(min_requests=10_000, clears_after=300 * 10**9))
    duty.errors(range(4000), until=2000)
    assert duty.pages() == []


def test_a_bad_stream_hides_in_the_whole_service_unless_streams_are_watched() -> None:
    service, stream = OnDuty(rule()), OnDuty(rule(per="stream"))
    for duty in (service, stream):
        duty.errors(range(200, 4000), until=1000, share=0.2, stream=1)
    assert service.pages() == []
    assert stream.pages() == [240]


def test_trouble_that_is_over_when_the_person_looks_is_left_alone() -> None:
    duty = OnDuty(rule())
    duty.errors(range(200, 230), until=2000)
    assert duty.pages() == [240]
    assert duty.acted == []
    assert duty.journal.events[-1].what.startswith("stands down")


def test_after_standing_down_the_person_is_paged_anew() -> None:
    duty = OnDuty(rule())
    duty.errors(range(200, 230), until=1000)
    duty.errors(range(1000, 4000), until=2000)
    assert len(duty.pages()) == 2
    assert duty.journal.pages == 2
    assert len(duty.acted) == 1


def test_one_trouble_is_one_page() -> None:
    duty = OnDuty(rule(reacts=Fixed(3000)))
    duty.errors(range(4000), until=2500)
    assert duty.journal.pages == 1


def test_the_reaction_time_is_looked_up_under_the_number_of_the_page() -> None:
    asked = []

    class Noted:
        def quantile(self, luck: float) -> float:
            asked.append(luck)
            return 480.0 * S

    duty = OnDuty(rule(reacts=Noted()))
    duty.errors(range(200, 230), until=1000)
    duty.errors(range(1000, 1030), until=2000)
    assert asked == [draw(KEY, Purpose.ON_CALL, 0, number)[0] for number in (0, 1)]


def test_the_page_is_the_detection_when_nothing_was_detected_before() -> None:
    duty = OnDuty(rule())
    duty.errors(range(200, 4000), until=300)
    assert duty.journal.detected_by == Detector.ON_CALL
    assert duty.journal.milestones[Milestone.DETECTED] == 240 * S


def test_a_page_after_the_gate_detects_nothing_new() -> None:
    duty = OnDuty(rule())
    duty.journal.detected_by = Detector.GATE
    duty.journal.reach(Milestone.DETECTED, 100 * S)
    duty.errors(range(200, 4000), until=300)
    assert duty.journal.detected_by == Detector.GATE
    assert duty.journal.milestones[Milestone.DETECTED] == 100 * S


def test_where_nobody_is_on_call_nothing_is_put_on_the_agenda() -> None:
    duty = OnDuty(None)
    duty.service.play(1)
    assert duty.service.clock.next_at() > 4 * 3600 * S
    duty.person.stop()


def test_a_person_off_duty_drops_the_page() -> None:
    duty = OnDuty(rule())
    duty.errors(range(200, 4000), until=300)
    duty.person.stop()
    duty.errors(range(200, 4000), until=2000)
    assert duty.acted == []


def test_errors_of_the_warm_up_alone_wake_nobody() -> None:
    duty = OnDuty(rule(), start=-300)
    duty.errors(range(-300, -60), until=600)
    assert duty.pages() == []


def test_called_in_the_warm_up_the_person_sees_a_whole_window_soon_after_the_release() -> None:
    duty = OnDuty(rule(), start=-300)
    duty.errors(range(4000), until=600)
    assert duty.pages() == [45]


def test_the_person_is_on_call_to_the_horizon() -> None:
    duty = OnDuty(rule(reacts=Fixed(60)))
    duty.errors(range(14_000, 20_000), until=14_300)
    assert duty.acted == [14_100]
