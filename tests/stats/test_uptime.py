"""User-uptime and its worst windows, against the worked example and by their laws."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.stats.uptime import in_bins, of_population, of_user, of_users, worst_window

REFERENCE = Path(__file__).parents[2].parent / "shared" / "stat_reference.json"
EVENTS = st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=2, max_size=40, unique_by=lambda e: e[0])


@pytest.fixture(scope="module")
def reference() -> Any:
    if not REFERENCE.exists():
        pytest.skip("the reference numbers are not beside the repository")
    return json.loads(REFERENCE.read_text(encoding="utf-8"))["user_uptime"]


def test_the_worked_example_is_met(reference: Any) -> None:
    users = [([time for time, _ in user], [good for _, good in user]) for user in reference["users"]]
    found = [of_user(times, good, reference["cutoff"]) for times, good in users]
    assert [[each.up, each.down] for each in found] == reference["up_down"]
    assert of_users(users, reference["cutoff"]).share == pytest.approx(reference["user_uptime"])


def test_the_worst_windows_of_the_worked_example_are_met(reference: Any) -> None:
    up = reference["mcr_example"]["up_per_bin"]
    active = [reference["mcr_example"]["total_per_bin"]] * len(up)
    for length, share in reference["mcr_example"]["mcr"].items():
        assert worst_window(up, active, int(length)).share == pytest.approx(share)


@given(EVENTS, st.integers(1, 200))
def test_bins_hold_all_the_active_time_and_no_more(events: list[tuple[int, bool]], cutoff: int) -> None:
    times, good = zip(*sorted(events), strict=True)
    whole, (up, active) = of_user(times, good, cutoff), in_bins(times, good, cutoff, np.arange(0, 1001, 50))
    assert (up.sum(), active.sum()) == pytest.approx((whole.up, whole.up + whole.down))


@given(EVENTS)
def test_a_window_of_several_lengths_is_no_worse_than_one_of_its_parts(events: list[tuple[int, bool]]) -> None:
    times, good = zip(*sorted(events), strict=True)
    up, active = in_bins(times, good, 100, np.arange(0, 1201, 100))
    short, long = worst_window(up, active, 2).share, worst_window(up, active, 6).share
    assert math.isnan(long) or short <= long + 1e-12


@given(EVENTS)
def test_repeating_a_failed_request_at_once_changes_nothing(events: list[tuple[int, bool]]) -> None:
    times, good = zip(*sorted(events), strict=True)
    again = sorted([*events, *((time, False) for time, fine in events if not fine)], key=lambda event: event[0])
    assert of_user(*zip(*again, strict=True), 100) == of_user(times, good, 100)


def test_nobody_active_is_no_uptime_at_all() -> None:
    assert math.isnan(of_user([0, 100], [1, 1], 10).share)
    assert math.isnan(worst_window([0, 0], [0, 0], 1).share)


def test_times_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="must not fall"):
        of_user([5, 3], [1, 1], 10)


def test_a_window_longer_than_the_record_is_refused() -> None:
    with pytest.raises(ValueError, match="there are 2"):
        worst_window([1, 1], [1, 1], 3)


@given(st.lists(EVENTS, min_size=1, max_size=5), st.integers(1, 200), st.integers(1, 90), st.randoms())
def test_all_users_at_once_are_the_users_one_by_one(
    users: list[list[tuple[int, bool]]], cutoff: int, length: int, chance: Any
) -> None:
    rows = [(place, time, good) for place, events in enumerate(users) for time, good in events]
    chance.shuffle(rows)
    bins = 1000 // length + 1
    whole, up, active = of_population(*zip(*rows, strict=True), cutoff, length=length, bins=bins)
    apart = [tuple(zip(*sorted(events), strict=True)) for events in users]
    binned = [in_bins(times, good, cutoff, np.arange(bins + 1) * length) for times, good in apart]
    assert whole == of_users(apart, cutoff)  # type: ignore[arg-type]
    assert up.tolist() == pytest.approx(sum(each for each, _ in binned).tolist())
    assert active.tolist() == pytest.approx(sum(each for _, each in binned).tolist())


def test_what_lies_behind_the_last_bin_counts_in_the_whole_only() -> None:
    whole, up, active = of_population([0, 0], [5, 45], [True, True], 100, length=10, bins=2)
    assert (whole.up, up.tolist(), active.tolist()) == (40.0, [5.0, 10.0], [5.0, 10.0])
