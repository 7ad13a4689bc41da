"""Upper bounds for rare windows, with nothing but a logarithm: what is clearly rare needs no exact sum, and no SciPy.

H. Chernoff, A measure of asymptotic efficiency for tests of a hypothesis, Annals of Mathematical Statistics 23, 1952.
"""

from __future__ import annotations

import math


def share_above(expected: float, chance: float, allowed: float) -> float:
    """At most so likely is a window in which more than ``allowed`` of the requests are bad.

    Their number is Poisson with mean ``expected``; each is bad with this ``chance``.

    >>> share_above(600, 0.001, 0.01) < 0.001, share_above(600, 0.02, 0.01), share_above(600, 0.0, 0.01)
    (True, 1.0, 0.0)
    """
    if chance <= 0.0 or allowed >= 1.0:
        return 0.0
    if allowed <= chance:
        return 1.0
    apart = (1.0 - allowed) * math.log((1.0 - allowed) / (1.0 - chance))
    apart += allowed * math.log(allowed / chance)
    return math.exp(expected * math.expm1(-apart))


def fewer_than(expected: float, least: int) -> float:
    """At most so likely is a Poisson number below ``least``.

    >>> fewer_than(100, 50) < 1e-6, fewer_than(100, 101), fewer_than(3, 1) == math.exp(-3)
    (True, 1.0, True)
    """
    most = least - 1
    if most >= expected:
        return 1.0
    return math.exp(most - expected - (most * math.log(most / expected) if most else 0.0))
