"""Rows kept out of memory come back as they were, whatever shapes they have, and take next to none of it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import imagined_studies as imagined
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.errors import UsageError
from sim.study import columns, spill
from sim.study import rows as keeping
from sim.study.cells import TWIN, Cell, Job
from sim.study.play import play_job
from sim.study.rows import Row, Table
from sim.study.spill import Spill

CANARY = Cell("canary", "errors")
figures = some.floats(allow_nan=False)
one_row = some.builds(
    lambda index, values, down: Row.of(Job(CANARY, index), values, down),
    some.integers(0, 60),
    some.dictionaries(some.sampled_from(["requests", "latency_p95", "down_99"]), figures),
    some.dictionaries(some.sampled_from(["99", "99/pay"]), some.binary(max_size=9)),
)


@pytest.fixture(scope="module", autouse=True)
def little_room() -> Iterator[None]:
    """So little memory that a few rows go to disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "CHUNK", 4)
        patch.setattr(spill, "IN_MEMORY", 64)
        patch.setattr(keeping, "JOINED_AT_ONCE", 7)
        yield


@settings(deadline=None)
@given(some.lists(one_row, max_size=100))
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


def test_a_measure_that_only_later_rows_have_is_nan_before_them() -> None:
    work, table = imagined.work(imagined.scenario()), Table(imagined.subtracted)
    for index in range(20):
        twin, row = (play_job(work, Job(cell, index)) for cell in (TWIN, CANARY))
        late = {**row.values, "time_to_restore": float(index)} if index >= 12 else row.values
        table.add([twin, Row.of(Job(CANARY, index), late, row.down)])
    known = table.column("time_to_restore", CANARY, 20)
    assert np.isnan(known[:12]).all()
    assert known[12:].tolist() == list(range(12, 20))
    assert np.isnan(table.column("time_to_restore", CANARY, 9)).all()


def test_fewer_rows_than_are_joined_are_the_first_of_them() -> None:
    work, table = imagined.work(imagined.scenario()), Table(imagined.subtracted)
    table.add(play_job(work, Job(cell, index)) for index in range(9) for cell in (TWIN, CANARY))
    whole = table.column("failed_requests", CANARY, 9)
    assert table.column("failed_requests", CANARY, 4).tolist() == whole[:4].tolist()


def test_more_rows_take_a_few_bytes_of_memory_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "CHUNK", 128)
    monkeypatch.setattr(keeping, "JOINED_AT_ONCE", 512)
    work, table, taken = imagined.work(imagined.scenario()), Table(imagined.subtracted), {}
    like = {cell: play_job(work, Job(cell, 0)) for cell in (TWIN, CANARY)}
    tracemalloc.start()
    try:
        for index in range(6_000):
            table.add(Row(cell, index, row.names, row.figures, row.down) for cell, row in like.items())
            if index in (1_999, 5_999):
                table.columns(CANARY, index + 1)
                taken[index] = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert (taken[5_999] - taken[1_999]) / 8_000 < 30, "a row is over a hundred bytes of figures, its net as many"


def test_what_is_written_aside_leaves_no_file_behind(tmp_path: Path) -> None:
    work, table = imagined.work(imagined.scenario()), Table(imagined.subtracted, tmp_path)
    table.add(play_job(work, Job(TWIN, index)) for index in range(50))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_none_to_write_aside_in(tmp_path: Path) -> None:
    aside = Spill(tmp_path / "not there")
    place = aside.put(b"much more than is kept in memory" * 9)
    assert aside.get(place + 5, 4) == b"more"


def test_a_disk_without_room_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spill.tempfile, "SpooledTemporaryFile", full)
    with pytest.raises(UsageError, match="No space left"):
        Spill().put(b"rows")
