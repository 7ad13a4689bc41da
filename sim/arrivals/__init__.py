"""Arrivals: how the requests of a stream come. One file each.

A kind gives the law of the gaps of a renewal process of unit rate, which is run through the inverse of the stream's
rate profile; a gap of exactly 1 makes arrivals as even as the profile allows. A kind may also say how the rate swings
of its own accord, at which instants requests come whatever the profile, or how many users ask in a closed loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

from sim.doors import Kind
from sim.laws import Law

Luck = Callable[[int], float]
"""The n-th uniform of a stream in this replication."""


class Arrivals(Kind):
    """What every arrivals kind gives."""

    def gap(self) -> Law:
        """The law of the gaps between arrivals, of mean 1; in a closed loop of the time a user thinks, in ns."""
        raise NotImplementedError

    def population(self) -> int:
        """Users of a closed loop; 0 where requests come from outside."""
        return 0

    def grown(self, factor: float) -> Self:
        """The same with so many times the traffic; what comes from outside follows the rate it is given."""
        return self

    def rate(self, work: float) -> float | None:
        """Requests per second where the kind itself decides it, ``work`` being a request's mean ns; else None."""
        return None

    def steepest(self) -> float:
        """The highest factor by which the rate swings above the profile."""
        return 1.0

    def swings(self, luck: Luck, length: int) -> Sequence[tuple[int, float]]:
        """How the rate swings by itself over ``length`` ns: (ns from the beginning, factor), constant in between."""
        return ()

    def instants(self) -> Sequence[int] | None:
        """The instants of all requests, ns from the beginning of the warm-up, if the kind itself decides them."""
        return None
