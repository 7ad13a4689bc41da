"""Many laws as columns, for both engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.laws.law import Law, curve_of

if TYPE_CHECKING:
    from sim.world import Laws


def pack(laws: Sequence[Law]) -> Laws:
    """One row per law, in the order given; laws that share a curve share its table.

    >>> from sim.laws.deterministic import Deterministic
    >>> pack([Deterministic(value=2.0), Deterministic(value=3.0)]).a.tolist()
    [2.0, 3.0]
    """
    import numpy as np

    from sim.world import Laws

    curves = [curve_of(law) for law in laws]
    starts: dict[int, int] = {}
    tables: list[float] = []
    for row in curves:
        if id(row) not in starts:
            starts[id(row)] = len(tables)
            tables.extend(row.values)
    return Laws(
        rule=np.array([row.rule[0] for row in curves], dtype=np.int64),
        a=np.array([row.a[0] for row in curves], dtype=np.float64),
        b=np.array([row.b[0] for row in curves], dtype=np.float64),
        start=np.array([starts[id(row)] for row in curves], dtype=np.int64),
        values=np.array(tables or [0.0], dtype=np.float64),
    )
