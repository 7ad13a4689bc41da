"""How large a number is, in doublings: the first half of a bucket that is linear inside each doubling."""

from __future__ import annotations

from sim.jit import rule


@rule
def octaves_above(units: int, limit: int) -> int:
    """By how many places a number below 2**53 must be shifted right to fall below a limit; five comparisons.

    >>> octaves_above(127, 128), octaves_above(128, 128), octaves_above(2**40, 128)
    (0, 1, 34)
    """
    shift = 0
    if units >= limit << 31:
        shift = 32
    if units >> shift >= limit << 15:
        shift += 16
    if units >> shift >= limit << 7:
        shift += 8
    if units >> shift >= limit << 3:
        shift += 4
    if units >> shift >= limit << 1:
        shift += 2
    if units >> shift >= limit:
        shift += 1
    return shift
