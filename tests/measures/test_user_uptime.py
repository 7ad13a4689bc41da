"""User-uptime of a replication: from rows of requests, by hand and through both engines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.ledger import RECORD_FIELDS
from sim.measures.user_uptime import user_uptime
from sim.outcomes import Outcome
from sim.rows import Ints

S = 10**9
MINUTE = 60 * S
NAMES = {name: place for place, name in enumerate(RECORD_FIELDS)}


def rows(*requests: tuple[int, int, Outcome]) -> Ints:
    """A row for each (user, second of arrival, outcome)."""
    made = np.zeros((len(requests), len(RECORD_FIELDS)), dtype=np.int64)
    for row, (user, second, outcome) in zip(made, requests, strict=True):
        row[NAMES["user"]], row[NAMES["arrived"]], row[NAMES["outcome"]] = user, second * S, outcome
    return made


def found(record: Ints, **words: Any) -> dict[str, float]:
    return dict(user_uptime(record, **({"cutoff": MINUTE, "window": 10 * S, "horizon": 5 * MINUTE} | words)))


GOOD, BAD = Outcome.SUCCEEDED, Outcome.ERROR


def test_a_user_is_down_from_a_failed_request_to_the_next_one() -> None:
    assert found(rows((1, 0, BAD), (1, 10, GOOD), (1, 40, GOOD)))["user_uptime"] == 30 / 40


def test_a_pause_longer_than_the_cutoff_is_neither_up_nor_down() -> None:
    assert found(rows((1, 0, GOOD), (1, 30, BAD), (1, 200, GOOD)))["user_uptime"] == 1.0


def test_nobody_active_is_no_figure() -> None:
    assert math.isnan(found(rows((1, 0, BAD), (2, 5, GOOD)))["user_uptime"])


def test_the_warm_up_does_not_count() -> None:
    assert found(rows((1, -10, BAD), (1, 5, GOOD), (1, 15, GOOD)))["user_uptime"] == 1.0


def test_requests_may_be_booked_in_any_order() -> None:
    one = rows((1, 0, BAD), (2, 3, GOOD), (1, 10, GOOD), (2, 20, GOOD), (1, 40, GOOD))
    assert found(one) == pytest.approx(found(one[::-1]), nan_ok=True)


def test_the_worst_minute_is_the_minute_in_which_everybody_was_down() -> None:
    up = [(user, second, GOOD) for user in (1, 2) for second in range(0, 300, 30) if not 60 <= second < 120]
    down = [(user, second, BAD) for user in (1, 2) for second in (60, 90)]
    measured = found(rows(*up, *down))
    assert measured["user_uptime_worst_1m"] == 0.0
    assert measured["user_uptime_worst_5m"] == pytest.approx(210 / 270)


def test_a_span_longer_than_the_horizon_or_off_the_grid_is_left_out() -> None:
    assert set(found(rows((1, 0, GOOD)), horizon=3 * MINUTE)) == {"user_uptime", "user_uptime_worst_1m"}
    assert set(found(rows((1, 0, GOOD)), window=25 * S)) == {"user_uptime", "user_uptime_worst_5m"}
