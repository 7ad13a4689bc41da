"""The posterior chance that one error ratio is above another, with a beta prior for each."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NODES = 400


def chance_worse(
    new: tuple[int, int], stable: tuple[int, int], *, margin: float, prior: tuple[float, float] = (1.0, 1.0)
) -> float:
    """The chance that the new ratio exceeds the stable one by more than a margin; pairs are requests and errors.

    The prior is Beta(prior) for either, independently. By Gauss and Legendre's quadrature over the quantiles of the
    stable ratio.

    >>> round(chance_worse((0, 0), (0, 0), margin=0.0), 6)
    0.5
    >>> round(chance_worse((300, 3), (5700, 19), margin=0.0), 3)
    0.974
    """
    import numpy as np
    from scipy.special import betainc, betaincinv

    points, weights = _quadrature()
    a, b = prior
    quantiles = betaincinv(a + stable[1], b + stable[0] - stable[1], points)
    bounds = np.minimum(quantiles + margin, 1.0)
    above = 1.0 - betainc(a + new[1], b + new[0] - new[1], bounds)
    return float((weights * above).sum())


@cache
def _quadrature() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and weights on the unit interval."""
    import numpy as np

    points, weights = np.polynomial.legendre.leggauss(NODES)
    return (points + 1.0) / 2.0, weights / 2.0
