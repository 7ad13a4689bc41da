"""The words a scenario may use for measures, for what a figure is given, and for names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sim.measures.catalogue import MEASURES

PER_STREAM = ("failed_requests", "down_99")
"""Measures that exist per stream too, as ``failed_requests.pay``."""

GIVEN = ("release", "bad", "good")
"""Over which releases a figure is taken, besides a defect's name."""

LONGEST_NAME = 120
"""Characters of a scenario's name."""

TAKEN_STRATEGIES = ("any", "none", "twin")
TAKEN_CASES = (*GIVEN, "any")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""A name of a stream, container, gate, defect, condition, dependency or strategy."""


def measures(streams: Sequence[str], *, deciding: bool = False) -> list[str]:
    """All measures of a scenario with these streams; ``deciding``: those whose mean can be compared.

    >>> "failed_requests.pay" in measures(["pay"]), "headroom" in measures([], deciding=True)
    (True, False)
    """
    whole = [name for name, measure in MEASURES.items() if measure.averages or not deciding]
    return [*whole, *(f"{measure}.{stream}" for stream in streams for measure in PER_STREAM)]
