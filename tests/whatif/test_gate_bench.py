"""The bench shows a gate what a release would, and its trials are what they are drawn from."""

import numpy as np
import pytest
from dashboard import S, Service, scenario

from sim.cluster.judging import GateWatch
from sim.doors import kinds
from sim.journal import Journal
from sim.whatif.bench import Scraped, judge_release
from sim.whatif.rehearsal import Hold
from sim.whatif.trials import Setting, Trial

WITHOUT_LATENCY = {
    "threshold": {"per": "stream", "success": "97%", "fails": 2, "min_requests": 5},
    "flagger": {"success": "97%", "threshold": 2},
}


def a_setting(*holds: Hold, errors: float = 0.01, rate: float = 20.0) -> Setting:
    return Setting(
        streams=("browse", "pay"),
        rate=lambda _: (rate, rate / 10),
        holds=holds or (Hold(start=0, end=900 * S, share=0.2),),
        errors=errors,
        scrape=15 * S,
        seed=3,
    )


def played(gate: object, scraped: Scraped, holds: list[tuple[int, int]]) -> list[tuple[int, str, str]]:
    """The verdicts of the real watch on a service whose counters are turned as the trial says."""
    scene, journal = Service(scenario()), Journal()
    watch = GateWatch(
        gate=gate,
        name="g",
        observer=scene.observer,
        clock=scene.clock,
        journal=journal,  # type: ignore[arg-type]
    )
    starts = {start // S for start, _ in holds}
    ends = {end // S for _, end in holds}
    stopped: list[object] = []
    for second in range(scraped.times[-1] // S + 1):
        if second % 15 == 0 and second > 0:
            place = second // 15
            for version in (0, 1):
                requests = scraped.requests[place, version] - scraped.requests[place - 1, version]
                errors = scraped.errors[place, version] - scraped.errors[place - 1, version]
                for stream in (0, 1):
                    scene.answer(version, int(requests[stream]), int(errors[stream]), stream=stream)
        scene.play(second)
        if second in ends:
            watch.stop()
        if second in starts and not stopped:
            watch.start(stopped.append)
    return [(at, str(verdict.answer), verdict.reason) for at, _, verdict in journal.verdicts]


@pytest.mark.parametrize("word", sorted(set(kinds("gates"))))
@pytest.mark.parametrize("errors", [0.01, 0.05])
def test_the_bench_and_a_release_show_a_gate_the_same(word: str, errors: float) -> None:
    kind = kinds("gates")[word]
    gate = kind.model_validate(WITHOUT_LATENCY.get(word, kind.example))
    scraped = Trial(a_setting(), 0).scraped(errors)
    spans = [(0, 450 * S), (450 * S, 900 * S)]
    verdicts = judge_release(gate, scraped, spans)
    on_bench = [(at, str(each.verdict.answer), each.verdict.reason) for at, each in verdicts.judgements]
    assert on_bench == played(gate, scraped, spans)


def test_requests_and_errors_are_on_average_what_they_are_drawn_from() -> None:
    setting = a_setting()
    trials = [Trial(setting, index).scraped(0.05) for index in range(60)]
    requests = np.mean([each.requests[-1, 1].sum() for each in trials])
    errors = np.mean([each.errors[-1, 1].sum() for each in trials])
    assert requests == pytest.approx(0.2 * 22 * 900, rel=0.01)
    assert errors == pytest.approx(0.05 * 0.2 * 22 * 900, rel=0.04)


def test_a_worse_release_has_the_same_requests_and_nowhere_fewer_errors() -> None:
    trial = Trial(a_setting(), 5)
    better, worse = trial.scraped(0.02), trial.scraped(0.4)
    assert (better.requests == worse.requests).all()
    assert (np.diff(worse.errors[:, 1], axis=0) >= np.diff(better.errors[:, 1], axis=0)).all()


def test_a_version_that_always_fails_fails_every_request() -> None:
    scraped = Trial(a_setting(), 5).scraped(1.0)
    assert (scraped.errors[:, 1] == scraped.requests[:, 1]).all()


def test_the_same_trial_is_the_same_whoever_asks() -> None:
    assert (Trial(a_setting(), 7).scraped(0.02).errors == Trial(a_setting(), 7).scraped(0.02).errors).all()
