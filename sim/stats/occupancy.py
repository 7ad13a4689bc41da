"""Where requests under way are, of pods that are chosen at random: a closed form in which the load cancels out.

Of ``n`` requests under way ``k`` are in one pod with a chance proportional to ``w(k) W(n - k)``, where ``w(k)`` is
``1/k!`` up to the concurrency and falls by its factor beyond, and ``W`` belongs to the other pods (J. R. Jackson, 1963;
F. P. Kelly, *Reversibility and Stochastic Networks*, 1979, chapter 3).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def in_one_pod(concurrency: int, pods: int, most: int) -> Floats:
    """The chance that one pod holds ``k`` of ``n`` requests under way, for ``n`` up to ``most``; shape [n, k].

    In logarithms, for the weights are tiny.

    >>> in_one_pod(1, 2, 2)[2].round(3).tolist()
    [0.333, 0.333, 0.333]
    >>> in_one_pod(9, 2, 2)[2].round(3).tolist()
    [0.25, 0.5, 0.25]
    """
    steps: Floats = np.log(np.minimum(np.maximum(np.arange(most + 1), 1), concurrency))
    steps[0] = 0.0
    weight = -np.cumsum(steps)
    others = _many(weight, pods - 1)
    found = np.zeros((most + 1, most + 1))
    for number in range(most + 1):
        logs = weight[: number + 1] + others[number::-1]
        logs -= logs.max()
        law = np.exp(logs)
        found[number, : number + 1] = law / law.sum()
    return found


def _many(weight: Floats, pods: int) -> Floats:
    """The logarithm of the weights of several pods together, by squaring."""
    found: Floats = np.full(len(weight), -np.inf)
    found[0] = 0.0
    power: Floats = weight
    while pods:
        if pods & 1:
            found = _together(found, power)
        pods >>= 1
        if pods:
            power = _together(power, power)
    return found


def _together(one: Floats, other: Floats) -> Floats:
    """The convolution of two rows of logarithms."""
    found: Floats = np.empty(len(one))
    for number in range(len(one)):
        logs = one[: number + 1] + other[number::-1]
        top = logs.max()
        found[number] = top if np.isinf(top) else top + math.log(np.exp(logs - top).sum())
    return found
