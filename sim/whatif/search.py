"""The smallest or the largest whole number for which something holds, with few looks.

What is asked must be monotone: if a fleet holds, a larger one does. Each number is asked about once.
"""

from __future__ import annotations

from collections.abc import Callable

Holds = Callable[[int], bool]


def smallest(holds: Holds, *, above: int, most: int, guess: int | None = None, stride: int = 1) -> int | None:
    """The smallest number from ``above`` up to ``most`` that holds; None where none does.

    It is near a good guess, which is about ``stride`` off.

    >>> smallest(lambda pods: pods >= 37, above=10, most=1000)
    37
    >>> smallest(lambda pods: False, above=10, most=20) is None
    True
    """
    start = above if guess is None else max(above, min(guess, most))
    if holds(start):
        return _downwards(holds, above, start, stride) if start > above else start
    fails = start
    while fails < most:
        tried = min(fails + stride, most)
        if holds(tried):
            return _between(holds, fails, tried)
        fails, stride = tried, 2 * stride
    return None


def largest(holds: Holds, *, below: int, least: int = 1, guess: int | None = None) -> int | None:
    """The largest number from ``below`` down to ``least`` that holds; None where none does.

    >>> largest(lambda percent: percent <= 83, below=140)
    83
    """
    turned = None if guess is None else -guess
    found = smallest(lambda number: holds(-number), above=-below, most=-least, guess=turned)
    return None if found is None else -found


def nearer(
    glance: Holds, holds: Holds, *, above: int, most: int, guess: int | None = None, stride: int = 1
) -> int | None:
    """The smallest number that holds, where a look costs much: a glance, which costs little, tells where to look.

    It has no say in what is found, for that is looked at itself, and so is the number below it.

    >>> nearer(lambda pods: pods >= 40, lambda pods: pods >= 37, above=1, most=1000)
    37
    """
    found = smallest(glance, above=above, most=most, guess=guess, stride=stride)
    return smallest(holds, above=above, most=most, guess=most if found is None else found)


def _downwards(holds: Holds, above: int, held: int, stride: int) -> int:
    """The smallest that holds, from one that does: in growing strides, then by halves."""
    while held > above:
        tried = max(above, held - stride)
        if not holds(tried):
            return _between(holds, tried, held)
        held, stride = tried, 2 * stride
    return held


def _between(holds: Holds, fails: int, held: int) -> int:
    while held - fails > 1:
        middle = (fails + held) // 2
        fails, held = (fails, middle) if holds(middle) else (middle, held)
    return held
