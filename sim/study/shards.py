"""The tables that a run keeps when asked to (time series, samples of requests), as small files that prove themselves.

A file holds up to ``BLOCK`` neighbouring replications of one cell, sorted by index: ``series/canary-errors-1f2e-000050
.parquet``. Its metadata carries the study's identity, the model, what was asked for, the indexes and a digest over the
rows; so it is found out when it is truncated, altered or foreign, set aside, and played again. The files of two runs
with the same rows are the same bytes, whoever played them in whatever order. No more than a block and what waits to be
written is ever in memory.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sim.errors import UsageError
from sim.study.alone import alone
from sim.study.cells import Cell, Job
from sim.study.digests import DIFFERS, compared, digest_of, forget, note, put
from sim.study.disk import set_aside
from sim.study.extras import Extra, Wanted
from sim.study.folders import slug
from sim.study.model import model_digest
from sim.study.parquet import UNREADABLE, WRITTEN, UnreadableError
from sim.study.store import AGAIN, KEPT

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 50
"""Replications of one cell in a file."""
WAITING = 50
"""Replications that wait to be written: what a kill can cost."""
ASKED = {
    "rollrisk.identity": "study",
    "rollrisk.model": "version of the model",
    "rollrisk.asked": "share of the requests",
}
"""What a file must say of itself, as it is called when it says otherwise."""
Place: TypeAlias = tuple[str, Cell, int]
"""A file: its table, its cell, and the first index it may hold."""


class Shards:
    """The extra tables of one study on disk."""

    def __init__(self, folder: Path, identity: str, wanted: Wanted) -> None:
        self.folder, self.identity = folder, identity
        self.quarantined: list[str] = []
        """What was set aside, each with the reason."""
        self._marks = wanted.marks()
        self._waiting: list[Extra] = []
        self._there: dict[str, set[Job]] = {name: set() for name in self._marks}
        self._unlisted: dict[str, str] = {}

    def look(self) -> None:
        """Find out which replications are there, reading every file once."""
        for name in self._marks:
            for path in sorted((self.folder / name).glob("*.parquet")):
                self._there[name] |= self._trusted(name, path).keys()
        note(self.folder, self._unlisted)

    def __contains__(self, job: Job) -> bool:
        return all(job in there for there in self._there.values())

    def keep(self, extras: Iterable[Extra]) -> None:
        """Put on disk, some dozens at a time."""
        self._waiting += extras
        if len(self._waiting) >= WAITING:
            self.flush()

    def flush(self) -> None:
        """Put on disk what waits.

        Raises :class:`UsageError` naming the path where the disk does not take it.
        """
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        places: dict[Place, dict[Job, Any]] = defaultdict(dict)
        for job, tables in waiting:
            for name, columns in tables.items():
                places[name, job.cell, job.index - job.index % BLOCK][job] = columns
        with alone(self.folder):
            merged = [
                self._merged(place, {job: _table(job, columns) for job, columns in fresh.items()})
                for place, fresh in places.items()
            ]
            put(self.folder, dict(merged))
        for name in self._marks:
            self._there[name] |= {extra.job for extra in waiting if name in extra.tables}

    def forget(self) -> None:
        """Remove what is there, for a run that was asked to begin afresh."""
        found = [path for name in self._marks for path in (self.folder / name).glob("*.parquet")]
        for path in found:
            path.unlink(missing_ok=True)
        if found:
            forget(self.folder, {self._name(path) for path in found})

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _merged(self, place: Place, fresh: dict[Job, pa.Table]) -> tuple[str, bytes]:
        """A file with what it holds and what is to be added: its name and its content."""
        name, cell, first = place
        path = self.folder / name / f"{slug(cell.strategy)}-{slug(cell.case)}-{_short(cell)}-{first:06d}.parquet"
        found = {**fresh, **(self._trusted(name, path) if path.exists() else {})}
        return self._name(path), self._content(name, cell, found)

    def _content(self, name: str, cell: Cell, found: Mapping[Job, pa.Table]) -> bytes:
        import pyarrow as pa

        jobs = sorted(found, key=lambda job: job.index)
        whole = pa.concat_tables([found[job] for job in jobs])
        told = {**self._told(name), "rollrisk.cell": json.dumps(cell), "rollrisk.indexes": _indexes(jobs)}
        return _encoded(whole, {**told, "rollrisk.rows": _digest(whole, told)})

    def _told(self, name: str) -> dict[str, str]:
        return {
            "rollrisk.identity": self.identity,
            "rollrisk.model": model_digest(),
            "rollrisk.asked": f"{name} {self._marks[name]}",
        }

    def _trusted(self, name: str, path: Path) -> dict[Job, pa.Table]:
        """What a file holds; nothing where it cannot be trusted and was set aside."""
        try:
            read = compared(self.folder, self._name(path), lambda place: place.read_bytes(), digest_of)
            found = _decoded(read.content, self._told(name))
        except UnreadableError as error:
            self._aside(path, f"{error}; {AGAIN}")
            return {}
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
        if not read.sound:
            self._aside(path, f"{DIFFERS}; {KEPT}")
            put(self.folder, {self._name(path): self._content(name, next(iter(found)).cell, found)})
        elif not read.listed:
            self._unlisted[self._name(path)] = read.digest
        return found

    def _aside(self, path: Path, why: str) -> None:
        self.quarantined.append(f"{set_aside(path).relative_to(self.folder)}: {why}")


def _table(job: Job, columns: Any) -> pa.Table:
    import pyarrow as pa

    length = len(next(iter(columns.values())))
    found: dict[str, Any] = {
        "strategy": pa.array([job.cell.strategy] * length, pa.string()),
        "case": pa.array([job.cell.case] * length, pa.string()),
        "index": pa.array(np.full(length, job.index), pa.int32()),
    }
    for name, values in columns.items():
        words = isinstance(values, list)
        found[name] = pa.array(values, pa.string() if words else _width(np.asarray(values)))
    return pa.table(found)


def _width(values: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.float64() if values.dtype.kind == "f" else pa.int64()


def _indexes(jobs: Sequence[Job]) -> str:
    return ",".join(str(job.index) for job in jobs)


def _encoded(table: pa.Table, marks: dict[str, str]) -> bytes:
    import pyarrow.parquet as pq

    sink, words = io.BytesIO(), [field.name for field in table.schema if str(field.type) == "string"]
    pq.write_table(table.replace_schema_metadata(marks), sink, use_dictionary=words, **WRITTEN)
    return sink.getvalue()


def _decoded(content: bytes, wanted: dict[str, str]) -> dict[Job, pa.Table]:
    """The rows by replication; one of which no request was in the sample has none.

    Raises :class:`UnreadableError` when the bytes are not the table that is wanted.
    """
    found, marks = _proved(content)
    for key, what in ASKED.items():
        if marks.get(key) != wanted[key]:
            raise UnreadableError(f"is of another {what}")
    return found


def _proved(content: bytes) -> tuple[dict[Job, pa.Table], dict[str, str]]:
    """The rows by replication, and what the file says of itself.

    Raises :class:`UnreadableError` where they do not match the digest it bears.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content), use_threads=False, page_checksum_verification=True)
        marks = {key.decode(): mark.decode() for key, mark in (table.schema.metadata or {}).items()}
        table = table.replace_schema_metadata(None)
        digest = _digest(table, marks)
        found = _apart(table, Cell(*json.loads(marks["rollrisk.cell"])), marks["rollrisk.indexes"])
    except (pa.ArrowException, *UNREADABLE) as error:
        raise UnreadableError(f"not a whole table of ours ({(str(error) or 'empty').splitlines()[0]})") from error
    if marks.get("rollrisk.rows") != digest:
        raise UnreadableError("its rows do not match its digest")
    return found, marks


def is_sound(content: bytes) -> bool:
    """Whether a file's rows match the digest it bears, whatever it is of."""
    try:
        _proved(content)
    except UnreadableError:
        return False
    return True


def _apart(table: pa.Table, cell: Cell, indexes: str) -> dict[Job, pa.Table]:
    numbers, there = [int(word) for word in indexes.split(",")], np.asarray(table.column("index"))
    firsts, ends = (np.searchsorted(there, numbers, side=side) for side in ("left", "right"))
    return {
        Job(cell, number): table.slice(int(first), int(end - first))
        for number, first, end in zip(numbers, firsts, ends, strict=True)
    }


def _digest(table: pa.Table, marks: Mapping[str, str]) -> str:
    """A digest over everything in the rows, in their order, and over which replications they are of."""
    total = hashlib.blake2b(f"{marks['rollrisk.cell']} {marks['rollrisk.indexes']}\n".encode(), digest_size=16)
    for name, column in zip(table.column_names, table.columns, strict=True):
        words = str(column.type) == "string"
        total.update(f"{name} {column.type} {len(column)}\n".encode())
        total.update("\0".join(column.to_pylist()).encode() if words else np.asarray(column).tobytes())
    return total.hexdigest()


def _short(cell: Cell) -> str:
    """Two cells whose names look alike in a file's name have different files."""
    return hashlib.blake2b("\0".join(cell).encode(), digest_size=2).hexdigest()
