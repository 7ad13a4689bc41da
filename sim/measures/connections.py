"""Long-lived connections: how many were cut, how many were made again, and how many tries came at once."""

from __future__ import annotations

from collections.abc import Sequence

from sim.ledger import Ledger

CUT, MADE_AGAIN, PEAK = "connections_cut", "connections_made_again", "reconnects_peak"


def connections(ledger: Ledger, names: Sequence[str], places: Sequence[int]) -> dict[str, float]:
    """The figures of the streams at these places, which have these names; nothing where there is none."""
    if not places:
        return {}
    each = {f"{CUT}.{name}": float(ledger.cut[place]) for name, place in zip(names, places, strict=True)}
    return {
        CUT: float(ledger.cut.sum()),
        **each,
        MADE_AGAIN: float(ledger.made_again.sum()),
        PEAK: float(ledger.reconnects.max()),
    }
