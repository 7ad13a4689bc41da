"""User-uptime: the share of the time of active users in which the service was up for them, and its worst windows.

From one request of a user to the next the service is for this user what the first request met; a gap longer than the
cutoff is no active time (T. Hauer and others, Meaningful Availability, NSDI 2020; the arithmetic is in
:mod:`sim.stats.uptime`). Requests count at their intended arrival from the release to the horizon, and what a user's
last request met lasts no time. A worst window lies on the ledger's grid; a span that this grid does not divide, or
that is longer than the horizon, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim.ledger import RECORD_FIELDS
from sim.measures.catalogue import SPANS
from sim.outcomes import Outcome
from sim.rows import Ints
from sim.stats.uptime import of_population, worst_window

USER, ARRIVED, OUTCOME = (RECORD_FIELDS.index(name) for name in ("user", "arrived", "outcome"))


def user_uptime(record: Ints, *, cutoff: int, window: int, horizon: int) -> Mapping[str, float]:
    """The measures of one replication from its rows of requests; times in ns, nan where no user was ever active."""
    booked = record[(record[:, ARRIVED] >= 0) & (record[:, ARRIVED] < horizon)]
    good = booked[:, OUTCOME] == Outcome.SUCCEEDED
    bins = horizon // window
    whole, up, active = of_population(booked[:, USER], booked[:, ARRIVED], good, cutoff, length=window, bins=bins)
    values = {"user_uptime": whole.share}
    for name, span in SPANS.items():
        if span % window == 0 and span // window <= bins:
            values[f"user_uptime_worst_{name}"] = worst_window(up, active, span // window).share
    return values
