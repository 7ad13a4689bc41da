"""The drift of response times within a warm-up, from rows of requests."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.ledger import RECORD_FIELDS
from sim.measures.settling import drift
from sim.rows import Ints


def rows(*requests: tuple[int, int]) -> Ints:
    """A row for each (arrival, time taken)."""
    made = np.zeros((len(requests), len(RECORD_FIELDS)), dtype=np.int64)
    for row, (arrived, took) in zip(made, requests, strict=True):
        row[2], row[3] = arrived, arrived + took
    return made


def test_it_compares_the_third_quarter_with_the_last() -> None:
    assert drift(rows((-50, 10), (-26, 10), (-25, 30), (-1, 30)), 100) == pytest.approx(1.0)


def test_the_filling_in_the_first_half_and_the_release_itself_do_not_count() -> None:
    assert drift(rows((-100, 1), (-51, 1), (-40, 10), (-10, 10), (0, 99)), 100) == 0.0


def test_a_quarter_without_requests_says_nothing() -> None:
    assert math.isnan(drift(rows((-40, 10)), 100))
