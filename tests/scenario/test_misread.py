"""Keys that may say something else than was meant are told by ``check``; each with a near miss that stays silent."""

from __future__ import annotations

import pytest

from sim.replication import fate
from sim.scenario import from_text
from sim.scenario.misread import misread

WRITTEN = """
rollrisk: 1
name: small
service: {replicas: 3, concurrency: 4, pod: {app: {start: 5s}}}
nodes: {count: 3, cpu: 4, memory: 16Gi}
traffic: {users: {count: 500}, streams: {web: {peak: 20/s, work: 50ms}}}
release:
  baseline_errors: 0.1%
  change_failure_rate: 10%
  defects: {faulty: {share: 100%, kind: error_rate, rate: 5%}}
oncall: none
gates: {g: {kind: argo, metrics: {m: {failure_condition: "result < 90%", interval: 1m}}}}
strategies: {canary: {kind: canary, gate: g, steps: [{weight: 50%, hold: 5m}]}}
study: {horizon: 30m}
"""
ASKS = ('failure_condition: "result < 90%"', 'value: errors, failure_condition: "result > 10%"')
WAITS = ("hold: 5m}]", "hold: 1m, approve: true}]")
ENDS = ("rate: 5%", "rate: 5%, lasts: 30s")
MIXED = ("kind: error_rate, rate: 5%", "kind: mixed_versions")


def told(*changes: tuple[str, str]) -> list[str]:
    text = WRITTEN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [each.replace("\N{NO-BREAK SPACE}", " ") for each in misread(from_text(text))]


def test_nothing_is_told_where_nothing_can_be_misread() -> None:
    assert told() == []


def test_a_ratio_of_errors_that_are_not_there_yet_is_told() -> None:
    """Ten a second on half of the traffic, one in a thousand bad, for 50 s: exp(-0.5) see none."""
    (said,) = told(ASKS)
    assert "asks for errors" in said
    assert "in 61 % of good releases no error comes within 50s" in said


@pytest.mark.parametrize(
    "near", [("baseline_errors: 0.1%", "baseline_errors: 2%"), ("interval: 1m", "interval: 1m, no_data: success")]
)
def test_a_ratio_of_errors_that_always_come_or_need_not_is_not_told(near: tuple[str, str]) -> None:
    assert told(ASKS, near) == []


def test_such_a_gate_does_abort_good_releases() -> None:
    text = WRITTEN.replace(*ASKS)
    lost = [bool(fate(from_text(text), strategy="canary", index=index).why) for index in range(8)]
    assert 2 <= sum(lost) <= 7


def test_a_pause_without_anybody_to_end_it_is_told_and_ships_nothing() -> None:
    (said,) = told(WAITS)
    assert said.startswith("canary cannot ship: it waits for a person")
    why = fate(from_text(WRITTEN.replace(*WAITS)), strategy="canary", index=0).why
    assert why.startswith("approval: waits for a person")


def test_a_pause_with_a_declared_reaction_is_not_told_and_ships() -> None:
    declared = ("oncall: none", "oncall: {notices_at: 5%, reacts: 3m}")
    assert told(WAITS, declared) == []
    text = WRITTEN.replace(*WAITS).replace(*declared)
    assert fate(from_text(text), strategy="canary", index=0).why == ""


def test_bad_answers_that_end_by_themselves_are_told_unless_they_hit_everybody() -> None:
    (said,) = told(ENDS)
    assert "write on: both" in said
    assert told((ENDS[0], f"{ENDS[1]}, on: both")) == []


def test_a_rate_of_mixed_versions_is_told_with_its_meaning_and_the_default_is_not() -> None:
    (said,) = told((MIXED[0], f"{MIXED[1]}, rate: 20%"))
    assert "whose session was last answered by the other version" in said
    assert told(MIXED) == []
