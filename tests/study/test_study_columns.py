"""Rows kept side by side come back as they were, whatever shapes they have."""

from __future__ import annotations

import imagined_studies as imagined
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.study.cells import TWIN, Cell, Job
from sim.study.columns import FIRST
from sim.study.play import play_job
from sim.study.rows import Row, Table

CANARY = Cell("canary", "errors")
figures = some.floats(allow_nan=False)
one_row = some.builds(
    lambda index, values, down: Row.of(Job(CANARY, index), values, down),
    some.integers(0, 60),
    some.dictionaries(some.sampled_from(["requests", "latency_p95", "down_99"]), figures),
    some.dictionaries(some.sampled_from(["99", "99/pay"]), some.binary(max_size=9)),
)


@settings(deadline=None)
@given(some.lists(one_row, max_size=3 * FIRST))
def test_the_first_row_of_every_index_comes_back_as_it_was(written: list[Row]) -> None:
    table = Table(imagined.subtracted)
    table.add(written)
    first = {row.index: row for row in reversed(written)}
    assert len(table) == len(first)
    for index, row in first.items():
        found = table[Job(CANARY, index)]
        assert (found.values, found.down, found.names) == (row.values, row.down, row.names)


def test_columns_that_grow_are_those_that_are_joined_at_once() -> None:
    work = imagined.work(imagined.scenario())
    rows = [play_job(work, Job(cell, index)) for index in range(40) for cell in (TWIN, CANARY)]
    grown, whole = Table(imagined.subtracted), Table(imagined.subtracted)
    for row in rows:
        grown.add([row])
        if row.cell == CANARY and row.index % 7 == 0:
            grown.columns(CANARY, row.index + 1)
    whole.add(rows)
    one, other = grown.columns(CANARY, 40), whole.columns(CANARY, 40)
    assert list(one) == list(other)
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def test_fewer_rows_than_are_joined_are_the_first_of_them() -> None:
    work, table = imagined.work(imagined.scenario()), Table(imagined.subtracted)
    table.add(play_job(work, Job(cell, index)) for index in range(9) for cell in (TWIN, CANARY))
    whole = table.column("failed_requests", CANARY, 9)
    assert table.column("failed_requests", CANARY, 4).tolist() == whole[:4].tolist()
