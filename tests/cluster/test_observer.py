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


def test_a_window_goes_from_its_first_scrape_to_its_last_as_late_as_the_delay_says() -> None:
    service = watched()
    service.each_second(lambda second: service.answer(0, 10), until=100)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert (seen.since, seen.until) == (15 * S, 60 * S)  # of the window from 10 to 70
    assert seen.of(version=STABLE).requests == 450


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


def test_there_is_nothing_to_see_before_two_scrapes() -> None:
    service = watched()
    service.play(44)
    assert service.observer.seen(60 * S, 30 * S) is None
    service.play(45)
    assert service.observer.seen(60 * S, 30 * S) is not None


def test_a_window_with_one_scrape_shows_nothing() -> None:
    service = watched()
    service.play(150)
    assert service.observer.seen(14 * S, 10 * S) is None
    assert service.observer.seen(20 * S, 10 * S) is not None


def test_both_ends_belong_to_a_window() -> None:
    service = watched()
    service.play(150)
    seen = service.observer.seen(60 * S, 15 * S)
    assert seen is not None
    assert (seen.since, seen.until) == (75 * S, 135 * S)


def test_what_telemetry_is_late_comes_on_top_of_what_a_gate_is() -> None:
    service = Service(scenario(delay=5))
    service.observer.listen(90 * S)
    service.play(150)
    seen = service.observer.seen(60 * S, 10 * S)
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
    service.play(40)
    service.answer(1, 100)
    service.play(50)
    service.observer.pod_gone(1)
    pod = service.add_pod(NEW)
    service.answer(pod, 7)
    service.play(65)
    service.answer(pod, 5)
    service.play(105)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert seen.of(version=NEW).requests == 100 + 5
    assert int(seen.requests.min()) >= 0


def test_an_attempt_that_no_pod_answered_stands_as_an_error_in_the_proxies_series() -> None:
    service = watched()
    service.play(1)
    service.leave_unanswered(1, version=NEW)
    service.leave_unanswered(1)
    service.play(16)
    service.leave_unanswered(5, version=NEW)
    service.leave_unanswered(3)
    service.play(90)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert (seen.of(version=NEW).errors, seen.of().errors, seen.of().requests) == (5, 8, 8)


def test_what_a_new_pod_counted_before_its_first_scrape_is_unseen_by_a_rate() -> None:
    service = watched(new=0)
    service.play(20)
    pod = service.add_pod(NEW)
    service.answer(pod, 12, 3, stream=1)
    service.play(31)
    service.answer(pod, 10, 2, stream=1)
    service.play(90)
    seen = service.observer.seen(60 * S, 30 * S)
    assert seen is not None
    assert (seen.of(version=NEW).requests, seen.of(version=NEW, stream="pay").errors) == (10, 2)


def test_an_error_series_is_born_with_its_first_error_which_no_rate_sees() -> None:
    service = watched(fresh=True)
    service.answer(1, 10)
    service.play(16)
    service.answer(1, 11, 1)
    service.play(90)
    seen = service.observer.seen(90 * S, 0)
    assert seen is not None
    assert (seen.of(version=NEW).requests, seen.of(version=NEW).errors) == (10, 0)


def test_where_no_error_series_exists_the_ratio_is_empty_and_not_zero() -> None:
    service = watched(fresh=True)
    service.answer(1, 10)
    service.play(16)
    service.answer(1, 10)
    service.play(90)
    series = service.observer.seen(90 * S, 0).of(version=NEW)  # type: ignore[union-attr]
    assert (series.success_ratio, series.error_ratio) == (1.0, None)


def test_where_every_answer_was_bad_the_ratio_of_good_ones_is_empty() -> None:
    service = watched(fresh=True)
    service.answer(1, 10, 10)
    service.play(16)
    service.answer(1, 10, 10)
    service.play(90)
    series = service.observer.seen(90 * S, 0).of(version=NEW)  # type: ignore[union-attr]
    assert (series.success_ratio, series.error_ratio) == (None, 1.0)


def test_series_that_are_there_and_do_not_grow_give_nan() -> None:
    service = watched()
    service.play(90)
    series = service.observer.seen(60 * S, 0).of(version=NEW)  # type: ignore[union-attr]
    assert str(series.success_ratio) == str(series.error_ratio) == "nan"


def test_pods_that_have_served_for_long_have_their_error_series_if_they_ever_erred() -> None:
    seen = []
    for baseline in (0.0, 0.001):
        service = Service(scenario(baseline=baseline))
        service.observer.listen(90 * S)
        service.answer(0, 10)
        service.play(90)
        seen.append(service.observer.seen(90 * S, 0).of(version=STABLE))  # type: ignore[union-attr]
    assert [each.error_ratio for each in seen] == [None, 0.0]
    assert [each.requests for each in seen] == [10, 10]


def test_a_rate_needs_two_samples_of_a_series_in_its_window() -> None:
    service = watched(fresh=True)
    service.play(46)
    service.answer(1, 10, 5)
    service.play(60)
    once = service.observer.seen(45 * S, 0).of(version=NEW)  # type: ignore[union-attr]
    service.play(75)
    twice = service.observer.seen(45 * S, 0).of(version=NEW)  # type: ignore[union-attr]
    assert (once.success_ratio, once.error_ratio) == (None, None)
    assert (str(twice.success_ratio), str(twice.error_ratio)) == ("nan", "nan")


def test_a_pod_that_vanishes_leaves_a_window_when_its_samples_do() -> None:
    service = watched()
    service.play(16)
    service.answer(1, 10)
    service.play(31)
    service.observer.pod_gone(1)
    there, left = [], service.clock
    for until in (75, 76):
        service.play(until)
        there.append(service.observer.seen(60 * S, 0).of(version=NEW))  # type: ignore[union-attr]
    assert left.now == 76 * S
    assert [each.success_ratio for each in there] == [1.0, None]


def test_a_process_started_anew_is_a_reset_and_not_a_fall() -> None:
    service = watched()
    service.play(1)
    service.answer(1, 100, 20)
    service.play(16)
    service.answer(1, 7, 7)  # since the last scrape: dies with the process
    service.observer.process_ended(1)
    service.play(31)
    service.answer(1, 30, 5)
    service.play(90)
    seen = service.observer.seen(90 * S, 0).of(version=NEW)  # type: ignore[union-attr]
    assert (seen.requests, seen.errors) == (130, 25)


def test_a_reset_is_not_noticed_where_the_new_process_shows_no_less_than_the_old_one() -> None:
    service = watched()
    service.play(1)
    service.answer(1, 10)
    service.play(16)
    service.observer.process_ended(1)
    service.answer(1, 30)
    service.play(90)
    seen = service.observer.seen(90 * S, 0).of(version=NEW)  # type: ignore[union-attr]
    assert seen.requests == 10 + 30 - 11  # the old process had shown 11 good answers, one of them before the window


def test_latencies_are_scraped_only_for_those_who_ask() -> None:
    service = watched()
    service.play(100)
    without = service.observer.seen(60 * S, 30 * S)
    service.observer.listen(90 * S, latency=True)
    service.play(150)
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
    assert service.observer.seen(60 * S, 0) is None
    service.observer.listen(90 * S)
    service.play(1200)
    service.observer.forget(90 * S)
    service.play(1300)
    last = service.observer.seen(200 * S, 0)
    assert last is not None
    assert last.until == 1200 * S


def test_one_who_forgets_does_not_stop_the_scrapes_of_another() -> None:
    service = watched()
    service.observer.listen(90 * S)
    service.observer.forget(90 * S)
    service.play(300)
    seen = service.observer.seen(60 * S, 0)
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
    assert len(service.observer._scrapes) <= 2 * (90 // 15 + 3)


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
