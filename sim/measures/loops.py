"""Requests of closed loops: those that were made, and, beside a twin, those that never were.

Users who ask, wait and think ask less often when answers are slow, and more often when they are refused at once. What
a release does to them shows in its failed requests only in part: a request that nobody came to make cannot fail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.ledger import Ledger

MADE, NEVER_MADE = "requests_made", "requests_never_made"


def made(ledger: Ledger, loops: Sequence[int]) -> dict[str, float]:
    """Requests from the release to the horizon of the streams at these places; nothing where there is no loop."""
    return {MADE: float(ledger.arrived[:, list(loops)].sum())} if loops else {}


def never_made(cell: Mapping[str, float], twin: Mapping[str, float]) -> dict[str, float]:
    """How many more the same users made in the twin; below zero where the release made them ask more often.

    >>> never_made({"requests_made": 90.0}, {"requests_made": 100.0}), never_made({}, {})
    ({'requests_never_made': 10.0}, {})
    """
    return {NEVER_MADE: twin[MADE] - cell[MADE]} if MADE in cell else {}
