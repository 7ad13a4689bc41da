"""The kinds that both engines call by number: the folder's order, so that nothing is registered twice."""

from __future__ import annotations

from sim.doors import kinds
from sim.jit import Choice

PICK = Choice([kind.rule for kind in kinds("balancers").values()])
WAIT = Choice([kind.rule for kind in kinds("retries").values()])


def number_of(family: str, word: str) -> int:
    """The number a kind goes by in the columns.

    >>> number_of("balancers", "least_request")
    0
    """
    return list(kinds(family)).index(word)
