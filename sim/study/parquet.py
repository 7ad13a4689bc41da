"""Rows as Parquet and back, in a form that proves itself.

One tidy row per replication: strategy, case, index, one column of floats per measure (missing where a replication does
not have the measure), one binary column per kind of down windows (``down.99``: packed bits, one per ledger window), and
the reason where a good release did not ship.
The file's metadata carries the study's identity, the model that played, and a digest over the rows, so that a
truncated, altered, foreign or outdated file is recognised. The same rows give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from sim.study.cells import Cell
from sim.study.rows import Row

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

KEYS = ("strategy", "case", "index")
DOWN = "down."
WHY = "why"
ROW_GROUP = 4096
"""Rows that are in memory at once when a table is written or read."""
WRITTEN: dict[str, Any] = {"compression": "zstd", "write_statistics": False, "write_page_checksum": True}
"""How all tables are written. Statistics would let a reader skip rows on the word of one byte that may be damaged, and
save it nothing that could be measured on tables of this size; checksums of pages let other readers notice damage."""

UNREADABLE = (OSError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError)
"""What reading bytes that are no table may raise, beside Arrow's own errors."""


class UnreadableError(ValueError):
    """A file that is not a whole table of this study; the text says what is wrong with it."""


class OutdatedError(UnreadableError):
    """A whole table of this study that another version of the model has played."""


def encode(rows: Sequence[Row], identity: str, model: str) -> bytes:
    """The bytes of a Parquet file with these rows."""
    sink = io.BytesIO()
    encode_into(sink, lambda: rows, identity, model)
    return sink.getvalue()


def encode_into(sink: BinaryIO, rows: Callable[[], Iterable[Row]], identity: str, model: str) -> None:
    """The same into a file, a group of rows at a time, for rows that can be gone through twice."""
    import pyarrow.parquet as pq

    shape = _Shape()
    marks = {"rollrisk.identity": identity, "rollrisk.model": model, "rollrisk.rows": digest(shape.seen(rows()))}
    schema = _arrow([], shape).schema.with_metadata(marks)
    with pq.ParquetWriter(sink, schema, use_dictionary=list(KEYS[:2]), **WRITTEN) as writer:
        for group in _groups(rows()):
            writer.write_table(_arrow(group, shape).replace_schema_metadata(marks), row_group_size=ROW_GROUP)


class Verified(NamedTuple):
    """The rows of a file that has proved itself, a group at a time."""

    number: int
    rows: Iterator[Row]


def verified(content: bytes | pa.NativeFile, identity: str | None, model: str | None) -> Verified:
    """The rows of a file, of which a group is in memory at a time; with None of whichever study, played by whichever
    model.

    They are gone through once here to be proved, and once more by whoever wants them.

    Raises :class:`UnreadableError` when the bytes are not a table, were altered, or are of another study or model.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(
            io.BytesIO(content) if isinstance(content, bytes) else content, page_checksum_verification=True
        )
        found = digest(_rows_of(file))
    except (pa.ArrowException, *UNREADABLE) as error:
        raise UnreadableError(f"not a whole Parquet table ({(str(error) or 'empty').splitlines()[0]})") from error
    marks = {
        key.decode(errors="replace"): mark.decode(errors="replace")
        for key, mark in (file.schema_arrow.metadata or {}).items()
    }
    if identity not in (None, marks.get("rollrisk.identity")):
        raise UnreadableError(f"belongs to {marks.get('rollrisk.identity', 'no study')}, not to {identity}")
    if marks.get("rollrisk.rows") != found:
        raise UnreadableError("its rows do not match its digest")
    if model not in (None, marks.get("rollrisk.model")):
        raise OutdatedError("was played by another version of the model")
    return Verified(file.metadata.num_rows, _rows_of(file))


def _rows_of(file: pq.ParquetFile) -> Iterator[Row]:
    for group in range(file.num_row_groups):
        yield from _rows(file.read_row_group(group, use_threads=False))


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while group := list(itertools.islice(left, ROW_GROUP)):
        yield group


class _Shape:
    """All measures and kinds of down windows that some rows have."""

    def __init__(self) -> None:
        self._names: set[tuple[str, ...]] = set()
        self._kinds: set[str] = set()
        self.has_reasons = False

    def seen(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, noted as they pass."""
        for row in rows:
            self._names.add(row.names)
            self._kinds.update(row.down)
            self.has_reasons = self.has_reasons or bool(row.why)
            yield row

    @property
    def measures(self) -> list[str]:
        return sorted({name for names in self._names for name in names})

    @property
    def kinds(self) -> list[str]:
        return sorted(self._kinds)


def digest(rows: Iterable[Row]) -> str:
    """A digest over everything in the rows, in their order."""
    total = hashlib.blake2b(digest_size=16)
    for row in rows:
        total.update(repr((row.cell, row.index, row.names, sorted(row.down.items()))).encode())
        total.update(row.figures.tobytes())
        total.update(row.why.encode())
    return total.hexdigest()


def _arrow(rows: Sequence[Row], shape: _Shape) -> pa.Table:
    import pyarrow as pa

    measures = shape.measures
    places = {name: place for place, name in enumerate(measures)}
    grid = np.zeros((len(rows), len(measures)))
    missing = np.ones((len(rows), len(measures)), dtype=bool)
    for line, row in enumerate(rows):
        columns = [places[name] for name in row.names]
        grid[line, columns], missing[line, columns] = row.figures, False
    columns_of: dict[str, Any] = {
        "strategy": pa.array([row.cell.strategy for row in rows], pa.string()),
        "case": pa.array([row.cell.case for row in rows], pa.string()),
        "index": pa.array([row.index for row in rows], pa.int32()),
    }
    for name, place in places.items():
        columns_of[name] = pa.array(grid[:, place], pa.float64(), mask=missing[:, place])
    for kind in shape.kinds:
        columns_of[DOWN + kind] = pa.array([row.down.get(kind) for row in rows], pa.binary())
    if shape.has_reasons:
        columns_of[WHY] = pa.array([row.why or None for row in rows], pa.string())
    return pa.table(columns_of)


def _rows(table: pa.Table) -> list[Row]:
    strategies, cases, indexes = (table.column(name).to_pylist() for name in KEYS)
    kinds = [name for name in table.column_names if name.startswith(DOWN)]
    measures = [name for name in table.column_names if name not in (*KEYS, WHY) and name not in kinds]
    reasons = table.column(WHY).to_pylist() if WHY in table.column_names else [None] * table.num_rows
    down = {kind.removeprefix(DOWN): table.column(kind).to_pylist() for kind in kinds}
    grid, present = _grid(table, measures)
    patterns = {bits.tobytes(): bits for bits in present}
    names = {key: tuple(np.array(measures)[bits].tolist()) for key, bits in patterns.items()}
    return [
        Row(
            cell=Cell(strategies[line], cases[line]),
            index=indexes[line],
            names=names[present[line].tobytes()],
            figures=grid[line, present[line]],
            down={kind: values[line] for kind, values in down.items() if values[line] is not None},
            why=reasons[line] or "",
        )
        for line in range(table.num_rows)
    ]


def _grid(table: pa.Table, measures: Sequence[str]) -> tuple[Any, Any]:
    """All measures as one array [row, measure], and which of them are there."""
    grid = np.zeros((table.num_rows, len(measures)))
    present = np.zeros((table.num_rows, len(measures)), dtype=bool)
    for place, name in enumerate(measures):
        column = table.column(name)
        present[:, place] = np.asarray(column.is_valid())
        grid[:, place] = np.asarray(column.fill_null(0.0), dtype=np.float64)
    return grid, present
