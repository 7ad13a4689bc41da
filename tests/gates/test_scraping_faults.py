"""Metrics as they are in life: gaps, old answers, noise, and queries for the wrong series."""

from typing import Any

import numpy as np
import pytest
from dashboard import S, Service, scenario
from gate_bench import MINUTE, gate_of, minutes
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.observer import Observer
from sim.draws import replication_key
from sim.metric_faults import Faults
from sim.observation import Series
from sim.scraping import Course, Noise, noisy_errors, slower
from sim.telemetry import seen_bucket
from sim.versions import NEVER, NEW
from sim.whatif.bench import judge_release
from sim.whatif.rehearsal import Hold
from sim.whatif.trials import Setting, Trial

KEY = replication_key(1, 0)
HOUR = 60 * MINUTE


def course(faults: Faults, *, every: int = 15 * S, last: int = HOUR, index: int = 0) -> Course:
    return Course(faults, replication_key(1, index), every=every, first=0, last=last)


def watched(faults: Faults, *, seconds: int) -> Service:
    """A service scraped with such faults, of which each pod answers one request a second, every tenth badly."""
    service = Service(scenario())
    service.observer = Observer(
        scenario=scenario(), world=service.world, clock=service.clock, course=course(faults, last=seconds * S)
    )
    service.observer.listen(10 * MINUTE)
    service.each_second(lambda second: service.answer(NEW, 10, 1), until=seconds)
    return service


def test_a_missing_scrape_is_caught_up_by_the_next() -> None:
    faults = Faults(missing=0.5)
    seen = watched(faults, seconds=600).observer.counted(0, 600 * S)
    assert seen is not None
    assert seen.of(version=NEW).requests == 10 * (seen.until - seen.since) // S


def test_as_many_scrapes_are_missing_as_is_said() -> None:
    missing = course(Faults(missing=0.2), last=200 * HOUR)
    share = np.mean([missing.missed(at) for at in range(0, 200 * HOUR, 15 * S)])
    assert share == pytest.approx(0.2, abs=0.01)


def test_a_window_over_a_gap_holds_the_scrapes_that_are_there() -> None:
    faults = Faults(missing=0.5)
    service, play = watched(faults, seconds=600), course(faults)
    present = [at for at in range(0, 600 * S + 1, 15 * S) if not play.missed(at)]
    seen = service.observer.seen(MINUTE, 0)
    assert seen is not None
    assert seen.until == present[-1]
    assert seen.since == min(at for at in present if at >= 540 * S)


def test_old_answers_stand_still_while_they_last() -> None:
    faults = Faults(stale_every=20 * MINUTE, stale_lasts=5 * MINUTE)
    play = course(faults)
    asked = [play.asked_at(at) for at in range(0, HOUR, S)]
    begins = next(at for at in range(0, HOUR, S) if play.asked_at(at) != at) - S
    assert asked == sorted(asked)
    assert play.asked_at(begins + 5 * MINUTE - 1) == begins
    assert all(at - play.asked_at(at) <= 5 * MINUTE for at in range(0, HOUR, S))


def test_troubles_begin_as_often_as_is_said() -> None:
    play = course(Faults(stale_every=2 * HOUR, stale_lasts=60 * S), last=2000 * HOUR)
    begun = sum(play.asked_at(at) == at - 15 * S for at in range(0, 2000 * HOUR, 15 * S))
    assert begun == pytest.approx(1000, rel=0.1)


def test_a_gate_sees_nothing_new_while_answers_are_old() -> None:
    faults = Faults(stale_every=10 * MINUTE, stale_lasts=3 * MINUTE)
    service, play = watched(faults, seconds=1800), course(faults, last=1800 * S)
    now = next(at for at in range(10 * MINUTE, 1800 * S, 15 * S) if at - play.asked_at(at) > MINUTE)
    service = watched(faults, seconds=now // S)
    seen = service.observer.seen(MINUTE, 0)
    assert seen is not None
    assert seen.until == play.asked_at(now)


@pytest.mark.parametrize("every", [15 * S, 60 * S])
def test_noise_has_the_deviation_and_the_correlation_it_is_said_to_have(every: int) -> None:
    play = course(Faults(errors=0.3, correlation=0.8), every=every, last=4000 * HOUR // 15)
    factors = np.log([play.error_factors(at)[NEW] for at in range(0, 4000 * HOUR // 15, every)])
    steps = MINUTE // every
    assert np.exp(factors).mean() == pytest.approx(1.0, abs=0.02)
    assert np.exp(factors).std() == pytest.approx(0.3, abs=0.02)
    assert np.corrcoef(factors[steps:], factors[:-steps])[0, 1] == pytest.approx(0.8, abs=0.02)


def test_versions_swing_each_by_itself() -> None:
    play = course(Faults(errors=0.3, correlation=0.5), last=200 * HOUR)
    factors = np.array([play.error_factors(at) for at in range(0, 200 * HOUR, 15 * S)])
    assert abs(np.corrcoef(factors[:, 0], factors[:, 1])[0, 1]) < 0.03


def test_gaps_and_noise_do_not_depend_on_how_long_one_plays() -> None:
    faults = Faults(missing=0.1, stale_every=HOUR, stale_lasts=MINUTE, errors=0.2, correlation=0.9)
    short, long = course(faults, last=HOUR), course(faults, last=9 * HOUR)
    for at in range(0, HOUR + 1, 15 * S):
        assert short.missed(at) == long.missed(at)
        assert short.asked_at(at) == long.asked_at(at)
        assert (short.error_factors(at) == long.error_factors(at)).all()


counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30)


@given(counts, st.floats(0.0, 2.0))
def test_shown_errors_never_fall_and_never_exceed_requests(turns: list[tuple[int, int]], deviation: float) -> None:
    noise = Noise(course(Faults(errors=deviation)))
    requests = errors = np.zeros((3, 1), dtype=np.int64)
    noise.shown(0, requests, errors, None)
    last = errors
    for place, (bad, good) in enumerate(turns, start=1):
        requests, errors = requests + bad + good, errors + bad
        shown, _ = noise.shown(place * 15 * S, requests, errors, None)
        assert (shown >= last).all()
        assert (shown <= requests).all()
        last = shown


@given(counts)
def test_without_deviation_the_truth_is_shown(turns: list[tuple[int, int]]) -> None:
    noise = Noise(course(Faults(latency=0.0, errors=1e-12)))
    requests = errors = np.zeros((3, 1), dtype=np.int64)
    noise.shown(0, requests, errors, None)
    for place, (bad, good) in enumerate(turns, start=1):
        requests, errors = requests + bad + good, errors + bad
        assert (noise.shown(place * 15 * S, requests, errors, None)[0] == errors).all()


def test_over_many_releases_noise_adds_no_errors_and_takes_none_away() -> None:
    shown = []
    for index in range(300):
        noise = Noise(course(Faults(errors=0.5, correlation=0.9), index=index, last=5 * MINUTE))
        for place in range(21):
            total = np.full((3, 1), 100 * place, dtype=np.int64)
            seen, _ = noise.shown(place * 15 * S, 10 * total, total, None)
        shown.append(seen[NEW, 0])
    assert np.mean(shown) == pytest.approx(2000, rel=0.05)


def test_answers_that_seem_slower_are_as_many_and_have_longer_quantiles() -> None:
    histogram = np.zeros((3, 1, 192))
    histogram[:, 0, seen_bucket(100 * 10**6)] = 1000
    moved = slower(histogram, np.array([1.0, 2.0, 0.5]))
    assert moved.sum() == pytest.approx(histogram.sum())
    medians = [Series(requests=0, errors=0, latency=each[0].round().astype(np.int64)).quantile(0.5) for each in moved]
    assert medians[1] == pytest.approx(2 * medians[0], rel=0.02)
    assert medians[2] == pytest.approx(medians[0] / 2, rel=0.02)


def test_more_errors_than_requests_are_never_shown() -> None:
    assert noisy_errors(np.array([5]), np.array([4]), np.array(3.0)).tolist() == [5.0]


WRONG = {"stable": None, "service": None, "nothing": None}


def stopped(reads: str | None, **words: Any) -> bool:
    gate = gate_of({"kind": "threshold", "success": "95%", "min_requests": 10} | words)
    scraped = minutes([(100, 20)] * 6, [(900, 0)] * 6)
    verdicts = judge_release(gate, scraped, [(0, 6 * MINUTE)], reads=reads or "new")  # type: ignore[arg-type]
    return verdicts.stopped_at != NEVER


def test_a_gate_wired_to_the_right_series_stops_a_bad_release() -> None:
    assert stopped(None)


@pytest.mark.parametrize("reads", sorted(WRONG))
def test_a_gate_wired_to_another_series_lets_it_pass(reads: str) -> None:
    assert not stopped(reads)


def test_what_a_gate_reads_is_a_matter_of_luck_where_it_is_said_to_be() -> None:
    gate = gate_of(
        {"kind": "threshold", "success": "95%", "wrong_series": {"reads": "stable", "chance": "30%"}},
    )
    assert [gate.reads(luck) for luck in (0.29, 0.31)] == ["stable", "new"]


def test_a_trial_shows_gaps_and_noise_as_an_observer_does() -> None:
    faults = Faults(missing=0.2, stale_every=10 * MINUTE, stale_lasts=2 * MINUTE, errors=0.5, correlation=0.8)
    setting = Setting(
        streams=("browse", "pay"),
        rate=lambda _: (20.0, 2.0),
        holds=(Hold(start=0, end=15 * MINUTE, share=0.5),),
        errors=0.05,
        scrape=15 * S,
        seed=3,
        faults=faults,
    )
    trial = Trial(setting, 5)
    truth = trial.scraped(0.2)
    shown = trial.seen(truth)
    service = Service(scenario())
    play = Course(faults, replication_key(3, 5), every=15 * S, first=0, last=15 * MINUTE)
    service.observer = Observer(scenario=scenario(), world=service.world, clock=service.clock, course=play)
    service.observer.listen(15 * MINUTE)
    for place in range(1, len(truth.times)):
        for version in (0, 1):
            for stream in (0, 1):
                more = [
                    int(table[place, version, stream] - table[place - 1, version, stream])
                    for table in (truth.requests, truth.errors)
                ]
                service.answer(version, *more, stream=stream)
        service.play(place * 15)
        shown.now = place * 15 * S
        for seen, other in zip(
            (service.observer.seen(MINUTE, 0), service.observer.counted(0, shown.now)),
            (shown.seen(MINUTE, 0), shown.counted(0, shown.now)),
            strict=True,
        ):
            assert (seen is None) == (other is None)
            if seen is not None and other is not None:
                assert (seen.since, seen.until) == (other.since, other.until)
                assert (seen.errors == other.errors).all()
                assert (seen.requests == other.requests).all()
