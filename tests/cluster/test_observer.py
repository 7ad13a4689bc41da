import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from dashboard import S, Service, scenario


def watched(**words: int) -> Service:
    service = Service(scenario(), **words)
    service.observer.listen(90 * S)
    return service


def test_a_window_is_the_difference_of_two_scrapes_as_late_as_the_delay_says() -> None:
    service = watched()
    service.each_second(lambda second: service.answer(0, 10), until=100)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert (seen.since, seen.until) == (0, 60 * S)
    assert seen.of(version=STABLE).requests == 600


def test_errors_show_only_after_the_delay() -> None:
    service = watched()
    service.each_second(lambda second: service.answer(0, 10, 10 if second >= 100 else 0), until=129)
    before = service.observer.seen(60 * S, 30 * S)
    service.each_second(lambda second: service.answer(0, 10, 10), until=136)
    after = service.observer.seen(60 * S, 30 * S)
    assert before is not None
    assert after is not None
    assert before.of().errors == 0
    assert after.of().errors == 50  # from second 100 to the scrape at 105


def test_there_is_nothing_to_see_before_two_scrapes_a_window_apart() -> None:
    service = watched()
    service.play(89)
    assert service.observer.seen(60 * S, 30 * S) is None
    service.play(90)
    assert service.observer.seen(60 * S, 30 * S) is not None


def test_where_the_grid_misses_the_window_the_next_older_scrape_is_taken() -> None:
    service = watched()
    service.play(150)
    seen = service.observer.seen(50 * S, 10 * S)
    assert seen is not None
    assert (seen.since, seen.until) == (75 * S, 135 * S)


def test_what_a_pod_counted_since_its_last_scrape_dies_with_it() -> None:
    service = watched()
    service.answer(1, 100, 100)
    service.play(15)
    service.answer(1, 40, 40)
    service.play(20)
    service.observer.pod_gone(1)
    service.play(90)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert seen.of(version=NEW).requests == 100


def test_what_a_gone_pod_had_counted_earlier_never_leaves_the_totals() -> None:
    service = watched()
    service.answer(1, 100)
    service.play(45)
    service.observer.pod_gone(1)
    service.answer(service.add_pod(NEW), 7)
    service.play(105)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert seen.of(version=NEW).requests == 7
    assert int(seen.requests.min()) >= 0


def test_an_attempt_that_no_pod_answered_stands_as_an_error_in_the_proxies_series() -> None:
    service = watched()
    service.play(1)
    service.leave_unanswered(5, version=NEW)
    service.leave_unanswered(3)
    service.play(90)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert (seen.of(version=NEW).errors, seen.of().errors, seen.of().requests) == (5, 8, 8)


def test_a_pod_created_between_scrapes_is_seen_from_its_first_request() -> None:
    service = watched(new=0)
    service.play(20)
    pod = service.add_pod(NEW)
    service.answer(pod, 12, 3, stream=1)
    service.play(90)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert seen.of(version=NEW, stream="pay").errors == 3


def test_latencies_are_scraped_only_for_those_who_ask() -> None:
    service = watched()
    service.play(100)
    without = service.observer.seen(60 * S, 30 * S)
    service.observer.listen(90 * S, latency=True)
    service.play(106)
    service.answer(1, 20, bucket=50)
    service.play(200)
    seen = service.observer.seen(60 * S, 30 * S)
    service.observer.forget(90 * S, latency=True)
    assert without is not None
    assert without.latency is None
    assert seen is not None
    assert seen.of(version=NEW).answers == 20


def test_nobody_listens_nobody_scrapes() -> None:
    service = Service(scenario())
    service.play(1000)
    assert service.observer.seen(0, 0) is None
    service.observer.listen(90 * S)
    service.play(1200)
    service.observer.forget(90 * S)
    service.play(1300)
    last = service.observer.seen(0, 0)
    assert last is not None
    assert last.until == 1200 * S


def test_one_who_forgets_does_not_stop_the_scrapes_of_another() -> None:
    service = watched()
    service.observer.listen(90 * S)
    service.observer.forget(90 * S)
    service.play(300)
    seen = service.observer.seen(0, 0)
    assert seen is not None
    assert seen.until == 300 * S


def test_no_scrape_is_put_on_the_agenda_past_the_horizon() -> None:
    service = Service(scenario(horizon=100))
    service.observer.listen(0)
    service.play(99)
    assert service.clock.next_at() > 100 * S


def test_only_the_scrapes_of_the_longest_window_are_kept() -> None:
    service = watched()
    service.play(4000)
    assert len(service.observer._scrapes) <= 90 // 15 + 3


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(1, 40), st.booleans()), min_size=1, max_size=30
    )
)
def test_counts_seen_never_fall_and_never_exceed_what_happened(turns: list[tuple[int, int, int, bool]]) -> None:
    service = watched(stable=3, new=3)
    gone: set[int] = set()
    happened, last, now = 0, 0, 0
    for pod, requests, pause, dies in turns:
        if pod not in gone:
            service.answer(pod, requests)
            happened += requests
        now += pause
        service.play(now)
        if dies and pod not in gone:
            gone.add(pod)
            service.observer.pod_gone(pod)
        scrape = service.observer._scrapes[-1]
        total = int(np.sum(scrape.requests))
        assert last <= total <= happened
        last = total
