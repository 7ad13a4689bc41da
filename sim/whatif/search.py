"""The smallest or the largest whole number for which something holds, with few looks.

What is asked must be monotone: if a fleet holds, a larger one does. Each number is asked about once.
"""

from __future__ import annotations

from collections.abc import Callable

Holds = Callable[[int], bool]


def smallest(holds: Holds, *, above: int, most: int) -> int | None:
    """The smallest number from ``above`` up to ``most`` that holds; None where none does.

    >>> smallest(lambda pods: pods >= 37, above=10, most=1000)
    37
    >>> smallest(lambda pods: False, above=10, most=20) is None
    True
    """
    fails, tried, stride = above - 1, above, 1
    while not holds(tried):
        if tried >= most:
            return None
        fails, tried, stride = tried, min(tried + stride, most), 2 * stride
    while tried - fails > 1:
        middle = (fails + tried) // 2
        fails, tried = (fails, middle) if holds(middle) else (middle, tried)
    return tried


def largest(holds: Holds, *, below: int, least: int = 1) -> int | None:
    """The largest number from ``below`` down to ``least`` that holds; None where none does.

    >>> largest(lambda percent: percent <= 83, below=140)
    83
    """
    found = smallest(lambda turned: holds(-turned), above=-below, most=-least)
    return None if found is None else -found
