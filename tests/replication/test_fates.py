"""A good release that is played only until it is known whether it ships has the fate of the one played to the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.replication import fate, replicate
from sim.scenario import from_text, load
from sim.scenario.quiet import quiet_after

CASES = Path(__file__).parents[1] / "cases"
SMALL = """
rollrisk: 1
name: small
service: {replicas: 3, concurrency: 4, pod: {app: {start: 5s}}, shutdown: {pre_stop: 10s}}
nodes: {count: 3, cpu: 4, memory: 16Gi}
traffic: {users: {count: 500}, streams: {web: {peak: 20/s, work: 50ms}}}
release: {baseline_errors: 0.1%, change_failure_rate: 0%}
oncall: {notices_at: 5%, reacts: {p50: 8m, p95: 25m}}
gates:
  sane: {kind: threshold, per: version, success: 95%, every: 1m, window: 1m}
  strict: {kind: threshold, per: version, success: 99.9%, every: 1m, window: 1m}
strategies:
  rolling: rolling
  sane: {kind: canary, gate: sane, steps: [{weight: 50%, hold: 5m}]}
  strict: {kind: canary, gate: strict, steps: [{weight: 50%, hold: 5m}]}
  too-long: {kind: canary, steps: [{weight: 50%, hold: 40m}]}
study: {horizon: 30m}
"""


@pytest.mark.parametrize("strategy", ["rolling", "sane", "strict", "too-long"])
def test_the_fate_is_that_of_the_whole_play(strategy: str) -> None:
    scenario = from_text(SMALL)
    for index in range(3):
        whole = replicate(scenario, strategy=strategy, case="good", index=index)
        assert fate(scenario, strategy=strategy, index=index).why == whole.why
    assert bool(whole.why) is (strategy in ("strict", "too-long"))


def test_what_cannot_change_any_more_is_not_played() -> None:
    scenario = from_text(SMALL)
    whole = replicate(scenario, strategy="rolling", case="good", index=0).values["requests"]
    assert fate(scenario, strategy="rolling", index=0).requests < whole / 3
    nobody = replace(scenario, oncall=None)
    assert fate(nobody, strategy="rolling", index=0).requests < fate(scenario, strategy="rolling", index=0).requests


def test_a_person_who_is_paged_by_todays_errors_is_played_to_the_end() -> None:
    scenario = load(CASES / "never-ships-quiet-service.yaml")
    whole = replicate(scenario, strategy="rolling", case="good", index=0)
    noisy = replace(scenario, release=replace(scenario.release, baseline_errors=0.02))
    assert quiet_after(noisy) is None
    assert fate(noisy, strategy="rolling", index=0).requests >= whole.values["requests"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("work: 50ms", "work: 550ms"),
        ("notices_at: 5%", "notices_at: 0.2%"),
        ("peak: 20/s, work: 50ms", "work: 50ms, arrivals: {kind: closed, users: 20, think: 1s}"),
        ("service: {", "service: {autoscaler: {kind: hpa, min: 3, max: 6}, "),
    ],
)
def test_a_promoted_release_may_still_be_taken_back_where_something_happens_anyway(old: str, new: str) -> None:
    assert old in SMALL
    assert quiet_after(from_text(SMALL)) is not None
    assert quiet_after(from_text(SMALL.replace(old, new))) is None


def test_a_condition_that_strikes_is_played_to_the_end() -> None:
    struck = SMALL + "conditions: {slow: {kind: latency, factor: 1.2, at: 20m, lasts: 1m, chance: 100%}}\n"
    calm = SMALL + "conditions: {slow: {kind: latency, factor: 1.2, at: 20m, lasts: 1m, chance: 0.001%}}\n"
    requests = [fate(from_text(each), strategy="rolling", index=0).requests for each in (struck, calm)]
    assert requests[0] > 3 * requests[1]
