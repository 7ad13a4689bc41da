"""Quantile tables, with their error kept: laws without a closed form, and lines through given values.

A table is refined until linear interpolation errs by at most :data:`TOLERANCE` of the value (of a thousandth of the
mean where the value is smaller still), or it has :data:`FINEST` cells per octave.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence

from sim.laws.law import Curve, Law, curve, curve_of
from sim.laws.rules import Quantile

TOLERANCE = 1e-5
COARSEST, FINEST = 64, 1024


class Tabled(Law):
    """A law whose quantiles are exact at the nodes of a table and linear in between."""

    @abstractmethod
    def points(self, cells: int) -> tuple[Sequence[float], Sequence[float]]:
        """Exact quantiles at the lower tails ``tails.lower_tails(cells)``, and at as many upper tails."""

    def curve(self) -> Curve:
        """The coarsest table that keeps the tolerance."""
        cells, floor = COARSEST, self.mean() / 1000
        while True:
            halves = self.points(2 * cells)
            if cells >= FINEST or max(_worst(half, floor) for half in halves) <= TOLERANCE:
                return curve(Quantile.TABLE, cells, values=[*halves[0][::2], *halves[1][::2]])
            cells *= 2

    def knots(self) -> Sequence[float]:
        """The table's own nodes."""
        return curve_of(self).values


def _worst(fine: Sequence[float], floor: float) -> float:
    """The largest relative error of interpolating each odd node from its neighbours."""
    pairs = zip(fine[:-2:2], fine[1:-1:2], fine[2::2], strict=True)
    return max(abs((left + right) / 2 - middle) / max(abs(middle), floor) for left, middle, right in pairs)


def line_through(law: Law, values: Iterable[float]) -> Curve:
    """The inverse of a distribution function, exact at the given values and linear in between."""
    places: list[float] = []
    heights: list[float] = []
    for x in sorted(set(values)):
        for chance in (law.below(x), law.cdf(x)):
            place = max(chance, places[-1]) if places else chance
            if not places or (place, x) != (places[-1], heights[-1]):
                places.append(place)
                heights.append(x)
    if len(places) == 1:
        places, heights = places * 2, heights * 2
    return curve(Quantile.BROKEN_LINE, len(places), values=[*places, *heights])
