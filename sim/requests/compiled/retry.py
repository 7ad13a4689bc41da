"""A client's wait before its next try is over."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.requests.compiled.flight import Flight
from sim.requests.compiled.trial import try_once
from sim.telemetry import Telemetry
from sim.world import Columns


@rule
def try_again(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> None:
    """Make the next attempt; it draws its version and its pods anew."""
    try_once(columns, ledger, telemetry, flight, row, now)
