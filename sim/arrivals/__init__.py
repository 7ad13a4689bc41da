"""Arrivals: how the requests of a stream come. One file each.

Every kind here is a renewal process of unit rate, run through the inverse of the stream's rate profile: the kind gives
the law of the gaps, with mean 1. A gap of exactly 1 makes arrivals as even as the profile allows.
"""

from __future__ import annotations

from sim.doors import Kind
from sim.laws import Law


class Arrivals(Kind):
    """What every arrivals kind gives."""

    def gap(self) -> Law:
        """The law of the gaps between arrivals, of mean 1."""
        raise NotImplementedError
