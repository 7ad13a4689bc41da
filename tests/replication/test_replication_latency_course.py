"""Latency along the time axis: it adds up to the ledger's own, and looking at it changes nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from sim.measures.latency_course import LatencyCourse
from sim.replication import Record, replicate
from sim.scenario import load
from sim.scenario.resolved import Scenario
from sim.versions import NEW, STABLE

FILE = Path(__file__).parents[2] / "scenarios" / "textbook.yaml"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(FILE)


@pytest.fixture(scope="module")
def told(scenario: Scenario) -> Record:
    return replicate(scenario, strategy="canary-80-20", case="errors", index=0, story=True)


def course(record: Record) -> LatencyCourse:
    assert record.latency is not None, "a story was asked for"
    return record.latency


def test_a_replication_told_as_a_story_is_the_same_in_every_bit(scenario: Scenario, told: Record) -> None:
    plain = replicate(scenario, strategy="canary-80-20", case="errors", index=0)
    assert plain.latency is None
    assert plain.digest == told.digest
    assert plain.down == told.down
    assert all(value == told.values[name] or math.isnan(value) for name, value in plain.values.items())


def test_there_is_one_figure_per_window_of_the_horizon(scenario: Scenario, told: Record) -> None:
    windows = scenario.study.horizon // scenario.study.window
    assert {len(figures) for figures in course(told).p95.values()} == {windows}


def test_one_window_as_long_as_the_horizon_has_the_whole_quantile(scenario: Scenario) -> None:
    whole = replace(scenario, study=replace(scenario.study, window=scenario.study.horizon))
    record = replicate(whole, strategy="canary-80-20", case="good", index=0, story=True)
    stable, new = (course(record).p95[version][0] for version in (STABLE, NEW))
    assert min(stable, new) * 0.98 <= record.values["latency_p95"] <= max(stable, new) * 1.02


def test_a_version_that_serves_nobody_has_no_figure(told: Record) -> None:
    figures = course(told).p95[NEW]
    assert math.isnan(figures[0])
    assert any(math.isfinite(figure) for figure in figures)
    assert math.isnan(figures[-1])  # it was taken back long ago
