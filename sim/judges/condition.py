"""Conditions on one measured value, as ``result >= 99%`` or ``result[0] < 500ms``."""

from __future__ import annotations

import re

from sim import units

_CONDITION = re.compile(r"^\s*result(?:\[0\])?\s*(<=|>=|==|!=|<|>)\s*([0-9.]+\s*[%a-zµ]*)\s*$")


def holds(condition: str, value: float) -> bool:
    """Whether a value meets a condition; nan meets none but ``!=``, as in Go.

    >>> holds("result >= 99%", 0.99), holds("result[0] < 500ms", 6e8), holds("result >= 99%", float("nan"))
    (True, False, False)
    """
    sign, bound = parts(condition)
    truths = {
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
        "==": value == bound,
        "!=": value != bound,
    }
    return truths[sign]


def parts(condition: str) -> tuple[str, float]:
    """The comparison and its bound (a share, a plain number, or a duration in ns); raises ValueError."""
    found = _CONDITION.match(condition)
    if not found:
        raise ValueError(f"{condition!r} is no condition; write e.g. 'result >= 99%' or 'result < 500ms'")
    written = found[2].strip()
    if written.endswith("%"):
        return found[1], units.share(written)
    return found[1], float(units.duration(written)) if written[-1].isalpha() else float(written)
