"""A replication told along a time axis: what the pictures show is what the ledger and the journal hold."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import sample

from sim.report.story import Story, failures, story_of
from sim.report.timeline import finding, in_words


def story() -> Story:
    record: Any = SimpleNamespace(
        journal=sample.journal(),
        ledger=sample.ledger(),
        latency=None,
        strategy="canary-80-20",
        case="pay-errors",
        index=3,
    )
    return story_of(record, sample.scenario())


def test_the_failed_share_of_a_window_is_failed_over_arrived() -> None:
    shares, count = failures(sample.ledger())
    assert shares[30] == 60 / 1000
    assert shares[0] == 0.0
    assert count == 50 * 60


def test_windows_without_arrivals_have_no_share() -> None:
    ledger = sample.ledger()
    ledger.requests[5] = 0
    assert np.isnan(failures(ledger)[0][5])


def test_the_time_axis_ends_a_little_after_the_last_thing_that_happened() -> None:
    assert 13 * 60 < story().end < 20 * 60


def test_the_title_says_who_noticed_when_and_what_it_cost() -> None:
    assert finding(story()) == "canary-80-20: the gate notices after 12m; 3,000 requests fail in all"
    assert finding(story(), net=2980.0) == "canary-80-20: the gate notices after 12m; 2,980 requests fail because of it"


def test_the_words_name_the_moments_and_the_worst_window() -> None:
    words = in_words(story())
    assert "detected at 12m" in words
    assert "Highest share of failed requests in a window: 6 %" in words
    assert "aborted" in words
