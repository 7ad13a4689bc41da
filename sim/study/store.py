"""Where a study lives: ``results/<name>-<identity>/``, one folder that explains itself.

======================== ==========================================================================================
``replications.parquet`` all rows, sorted by cell and index: the canonical table, the same bytes whoever computed it
``parts/*.parquet``      rows of a run under way, or of one that was killed; taken into the table when a run ends
``series``, ``requests`` tables that a run was asked to keep, too (:mod:`sim.study.shards`)
``manifest.json``        what is there, and with what it was made: versions, seed, command, when, how long
``scenario.yaml``        the resolved scenario, every default written out
``*.quarantined``        files that were unreadable, altered, of another study or model: set aside, never trusted,
                         never overwritten
======================== ==========================================================================================

Every file is written beside its place and moved there in one step, so that a kill leaves a whole file or none. What is
done is never done again: the next run of the same scenario reads all rows first. Several runs may share a folder: who
replaces the table is alone there for that moment, and takes in what the others have put there.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from sim.errors import UsageError
from sim.study.alone import alone
from sim.study.folders import MANIFEST, read_manifest
from sim.study.model import changed, model_digest
from sim.study.parquet import OutdatedError, UnreadableError, Verified, encode, encode_into, verified
from sim.study.rows import Row, Table

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "replications.parquet"
SCENARIO = "scenario.yaml"
PARTS = "parts"
QUARANTINED = ".quarantined"
UNFINISHED = ".tmp"
FORMAT = 1

FLUSH_ROWS = 512
FLUSH_SECONDS = 2.0
"""Rows wait this long at most before they are on disk: what a kill of everything can cost."""
MOST_PARTS = 256
"""Parts that a run leaves lying before it takes them into the table: a night would otherwise leave many thousands."""
ABANDONED = 3600.0
"""Seconds after which a file that was never finished is nobody's any more."""
LOOKS = 5

Mark: TypeAlias = tuple[int, int, int]


class Store:
    """The rows of one study on disk."""

    def __init__(self, folder: Path, identity: str) -> None:
        self.folder, self.identity = folder, identity
        self.quarantined: list[str] = []
        """What was set aside, each with the reason."""
        self._waiting: list[Row] = []
        self._flushed = time.monotonic()
        self._taken: set[Path] = set()
        self._in_table: tuple[Mark, int] | None = None

    def read_into(self, table: Table) -> None:
        """All rows that can be trusted into a table, a few at a time: from the table on disk and from parts, but for
        those read before.
        """
        if self.folder.exists():
            with alone(self.folder):
                table.add(self._read())

    def look_into(self, table: Table) -> None:
        """All rows into a table, whichever model played them, touching nothing.

        Raises :class:`UsageError` for a file that cannot be read.
        """
        for _ in range(LOOKS):
            with contextlib.suppress(FileNotFoundError):  # a run has just taken its parts into the table: look again
                for path in self._files():
                    table.add(self._looked(path))
                return
        raise UsageError(f"{self.folder}: its files keep changing; look again when the run in it has ended")

    def keep(self, rows: Iterable[Row]) -> None:
        """Put rows on disk, a few at a time."""
        self._waiting += rows
        if len(self._waiting) >= FLUSH_ROWS or time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Put on disk what waits, as a part named by its content."""
        self._flushed = time.monotonic()
        if self._waiting:
            content = encode(self._waiting, self.identity, model_digest())
            path = self.folder / PARTS / f"{blake2b(content, digest_size=10).hexdigest()}.parquet"
            write_whole(path, content)
            self._taken.add(path)
            self._waiting = []

    @property
    def is_scattered(self) -> bool:
        """Whether so many parts lie about that it is time to settle, though the run goes on."""
        return len(self._taken) >= MOST_PARTS

    def settle(self, table: Table) -> None:
        """Write the canonical table, with whatever another run has put here meanwhile, and clear the parts away."""
        self.flush()
        with alone(self.folder):
            table.add(self._read())
            if len(table) and (self._in_table is None or self._in_table[1] != len(table)):
                write_by(
                    self.folder / TABLE,
                    lambda file: encode_into(file, table.canonical, self.identity, model_digest()),
                )
                self._in_table = (_mark(self.folder / TABLE), len(table))
            for part in self._taken:
                part.unlink(missing_ok=True)
            self._taken.clear()
            self._sweep()

    def describe(self, manifest: Mapping[str, Any], scenario: str | None = None) -> None:
        """Write the manifest, and the scenario's text where it is given."""
        text = json.dumps({"format": FORMAT, "identity": self.identity, **manifest}, indent=2, ensure_ascii=False)
        write_whole(self.folder / MANIFEST, text.encode() + b"\n")
        if scenario is not None:
            write_whole(self.folder / SCENARIO, scenario.encode())

    def forget(self) -> None:
        """Remove all rows, for a run that was asked to begin afresh."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        found = (self.folder / TABLE, *sorted((self.folder / PARTS).glob("*.parquet")))
        return [path for path in found if path.exists()]

    def _read(self) -> Iterator[Row]:
        for path in self._files():
            if path.name == TABLE:
                yield from self._tabled(path)
            elif path not in self._taken:
                found = self._trusted(path)
                if found is not None:
                    yield from found.rows
                    self._taken.add(path)

    def _tabled(self, path: Path) -> Iterator[Row]:
        """The rows of the table, unless it is the one that was read or written last."""
        mark = _mark(path)
        if self._in_table is not None and self._in_table[0] == mark:
            return
        found = self._trusted(path)
        self._in_table = None if found is None else (mark, found.number)
        yield from () if found is None else found.rows

    def _trusted(self, path: Path) -> Verified | None:
        """A file's rows; None when it cannot be trusted and was set aside."""
        try:
            return verified(opened(path), self.identity, model_digest())
        except UnreadableError as error:
            aside = free_name(path)
            os.replace(path, aside)
            why = f"{error}{self._since()}" if isinstance(error, OutdatedError) else str(error)
            self.quarantined.append(f"{aside.relative_to(self.folder)}: {why}; its replications are played again")
            return None
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror or error}") from error

    def _since(self) -> str:
        """What has changed in the model since the last run, where its manifest tells."""
        rooms = changed(read_manifest(self.folder).get("rooms", {}))
        return f" (changed since: {rooms})" if rooms else ""

    def _looked(self, path: Path) -> Iterator[Row]:
        try:
            return verified(opened(path), self.identity, None).rows
        except UnreadableError as error:
            raise UsageError(f"{path}: {error}; run its scenario again") from error

    def _sweep(self) -> None:
        """Clear away what a killed run had begun to write, long ago."""
        for folder in (self.folder, self.folder / PARTS):
            for path in folder.glob(f".*{UNFINISHED}"):
                with contextlib.suppress(OSError):
                    if time.time() - path.stat().st_mtime > ABANDONED:
                        path.unlink()


def _mark(path: Path) -> Mark:
    """What changes when a file is replaced."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def free_name(path: Path) -> Path:
    """A name beside the file that no file set aside has yet."""
    numbers = ("", *(f".{number}" for number in range(2, 10_000)))
    names = (path.with_name(f"{path.name}{number}{QUARANTINED}") for number in numbers)
    return next(name for name in names if not name.exists())


def opened(path: Path) -> pa.NativeFile:
    """A file to be read piece by piece: whoever replaces it meanwhile leaves this one as it was."""
    import pyarrow as pa

    return pa.OSFile(str(path))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that, whatever happens, it is there as a whole or not at all.

    Raises :class:`UsageError` naming the path where the disk does not take it.
    """
    write_by(path, lambda file: file.write(content))


def write_by(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """The same for content that is written piece by piece."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    _remember(path.parent)


def _remember(folder: Path) -> None:
    """Have the disk keep the new name too, so that a power cut never loses the table after its parts."""
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)
