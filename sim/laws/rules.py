"""The quantile functions both engines share: closed forms where there are some, else a table.

Each rule takes the columns of :class:`sim.world.Laws`, the law's row and a uniform in (0, 1). Only exponential and
Weibull laws call the machine's own logarithm and power while drawing; the tables are plain arithmetic.

A *table* has one half per tail. With t the probability of the nearer tail, octave by octave of t from 2**-33 to 1/2,
each octave in equal cells: as fine in the far tail, relatively, as in the middle. A *broken line* has nodes where they
are needed, searched by halving; two nodes at one place make a jump.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

from sim.jit import Choice, rule

OCTAVES = 32
"""From a tail of 2**-33, the smallest a draw can meet, up to one half."""

SMALLEST_TAIL = 2.0**-33


class Quantile(IntEnum):
    """The rule's place in :data:`QUANTILES`."""

    CONSTANT = 0
    UNIFORM = 1
    EXPONENTIAL = 2
    WEIBULL = 3
    TABLE = 4
    BROKEN_LINE = 5


CLIPPED = 16
"""Added to a rule's place: the value is kept between 0 and 1."""

MOST = 2.0**61
"""No law gives more (73 years in nanoseconds), so that no far tail can carry a time past ``world.NEVER``."""


@rule
def constant(laws: Any, law: Any, u: Any) -> Any:
    """``a``, whatever the luck."""
    return laws.a[law]


@rule
def uniform(laws: Any, law: Any, u: Any) -> Any:
    """From ``a`` to ``b``."""
    return laws.a[law] + (laws.b[law] - laws.a[law]) * u


@rule
def exponential(laws: Any, law: Any, u: Any) -> Any:
    """Mean ``a``; 1 - u is exact on the grid of uniforms, and log is twice as quick as log1p."""
    return -laws.a[law] * math.log(1.0 - u)


@rule
def weibull(laws: Any, law: Any, u: Any) -> Any:
    """Scale ``a``, shape 1 / ``b``."""
    return laws.a[law] * math.pow(-math.log(1.0 - u), laws.b[law])


@rule
def table(laws: Any, law: Any, u: Any) -> Any:
    """Linear between the nodes; ``a`` cells per octave of the nearer tail, the lower tail's nodes first."""
    cells = int(laws.a[law])
    node = laws.start[law]
    tail = u
    if u > 0.5:
        tail = 1.0 - u
        node += OCTAVES * cells + 1
    mantissa, exponent = math.frexp(max(tail, SMALLEST_TAIL))
    place = (mantissa - 0.5) * (2 * cells)
    cell = int(place)
    node += (exponent + OCTAVES) * cells + cell
    here = laws.values[node]
    return here + (place - cell) * (laws.values[node + 1] - here)


@rule
def broken_line(laws: Any, law: Any, u: Any) -> Any:
    """Linear between ``a`` nodes: their places come first, their values after; at a jump the value before it."""
    count = int(laws.a[law])
    left = laws.start[law]
    right = left + count - 1
    while right - left > 1:
        middle = (left + right) // 2
        if laws.values[middle] < u:
            left = middle
        else:
            right = middle
    low, high = laws.values[left + count], laws.values[right + count]
    begin, end = laws.values[left], laws.values[right]
    if u <= begin:
        return low
    if u >= end:
        return high
    return min(high, low + (u - begin) / (end - begin) * (high - low))


QUANTILES = Choice([constant, uniform, exponential, weibull, table, broken_line])


@rule
def value(laws: Any, law: Any, u: Any) -> Any:
    """The value of a packed law at a uniform in (0, 1), in the law's unit; never falls as the uniform rises."""
    number = laws.rule[law]
    found = QUANTILES(number & (CLIPPED - 1), laws, law, u)
    return min(1.0, max(0.0, found)) if number >= CLIPPED else min(MOST, found)
