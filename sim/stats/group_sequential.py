"""Several looks at one comparison, with the level spent look by look.

Spending functions: K. Lan, D. DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70 (1983), of
the shapes of O'Brien and Fleming's and of Pocock's boundaries. The test at each look is exact: given how many errors
both versions made, each of them is the new version's with the chance of its share of the requests, if both are alike.
So the number of the new version's errors has a known law, whatever the error rate; followed through the looks (and cut
where the release was stopped), it gives boundaries that never exceed the level. A normal approximation does, with few
errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass


def obrien_fleming(progress: float, alpha: float) -> float:
    """The level spent by a share of the way, next to nothing early on.

    >>> round(obrien_fleming(0.2, 0.025), 8), round(obrien_fleming(1.0, 0.025), 3)
    (5.4e-07, 0.025)
    """
    from scipy.special import ndtr, ndtri

    return float(2.0 * ndtr(-ndtri(1.0 - alpha / 2.0) / math.sqrt(progress))) if progress > 0 else 0.0


def pocock(progress: float, alpha: float) -> float:
    """The level spent by a share of the way, nearly evenly.

    >>> round(pocock(0.5, 0.05), 4), round(pocock(1.0, 0.05), 4)
    (0.031, 0.05)
    """
    return alpha * math.log1p((math.e - 1.0) * progress)


SPENDING: Mapping[str, Callable[[float, float], float]] = {"obrien_fleming": obrien_fleming, "pocock": pocock}


REACH = 12
"""Standard deviations beyond which a number of errors has no chance worth counting (below 1e-30)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How far a comparison has come: the law of the new version's errors where both versions are alike.

    ``chances[n]`` is the chance of ``first + n`` errors of the new version and of not having been stopped, ``spent``
    that of having been stopped. Numbers of errors further than :data:`REACH` standard deviations away are left out.
    Long laws are convolved by Fourier transforms, whose rounding (about 1e-16) hides smaller tails: where less than
    that may be spent, hardly any number of errors stops, and the level is kept for a later look.
    """

    chances: tuple[float, ...] = (1.0,)
    first: int = 0
    spent: float = 0.0

    def look(self, *, errors: int, share: float, level: float) -> tuple[Looks, int]:
        """After one more look, and the least number of the new version's errors (in all) that stops.

        ``errors`` are both versions' since the last look, ``share`` the new version's of the requests that were made
        since, ``level`` the chance of a stop that is allowed up to now.

        >>> Looks().look(errors=4, share=0.5, level=0.07)[1], Looks().look(errors=4, share=0.5, level=0.05)[1]
        (4, 5)
        """
        import numpy as np
        from scipy.signal import convolve
        from scipy.stats import binom

        middle, reach = errors * share, REACH * (math.sqrt(errors * share * (1.0 - share)) + 1.0)
        low, high = max(0, math.floor(middle - reach)), min(errors, math.ceil(middle + reach))
        more = binom.pmf(np.arange(low, high + 1), errors, share)
        chances = np.maximum(convolve(np.asarray(self.chances), more), 0.0)
        first = self.first + low
        at_least = np.cumsum(chances[::-1])[::-1]
        allowed = level - self.spent
        enough = np.flatnonzero(at_least <= allowed)
        least = int(enough[0]) if len(enough) else len(chances)
        used = float(at_least[least]) if least < len(chances) else 0.0
        kept = tuple(chances[:least].tolist()) or (0.0,)
        return Looks(chances=kept, first=first, spent=self.spent + used), first + least
