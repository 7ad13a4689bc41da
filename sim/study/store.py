"""Where a study lives: ``results/<name>-<identity>/``, one folder that explains itself.

======================== ==========================================================================================
``replications.parquet`` all rows, sorted by cell and index: the canonical table, the same bytes whoever computed it
``parts/*.parquet``      rows of a run under way, or of one that was killed; taken into the table when a run ends
``series``, ``requests`` tables that a run was asked to keep, too (:mod:`sim.study.shards`)
``manifest.json``        what is there, and with what it was made: versions, seed, command, when, how long
``scenario.yaml``        the resolved scenario, every default written out
``beside``, ``sweep``    ``.json``: what was played beside the study, and its sweep
``report.*``             page, Markdown, JSON and pictures
``rollrisk.sha256``      a digest of every file but the parts, which bear it in their names (:mod:`sim.study.digests`)
``*.quarantined``        files that were unreadable, altered, of another study or model: set aside, never trusted,
                         never overwritten
======================== ==========================================================================================

Every file is written beside its place and moved there in one step, so that a kill leaves a whole file or none. What is
done is never done again: the next run of the same scenario reads all rows first. Several runs may share a folder: who
replaces the table is alone there for that moment, and takes in what the others have put there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sim.errors import UsageError
from sim.study.alone import alone
from sim.study.digests import DIFFERS, Compared, compared, digest_of, forget, note, put
from sim.study.disk import set_aside, write_whole
from sim.study.folders import MANIFEST, read_manifest
from sim.study.model import changed, model_digest
from sim.study.parquet import OutdatedError, UnreadableError, Verified, encode, encode_into, verified
from sim.study.rows import Row, Table

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "replications.parquet"
SCENARIO = "scenario.yaml"
PARTS = "parts"
FORMAT = 1

FLUSH_ROWS = 512
FLUSH_SECONDS = 2.0
"""Rows wait this long at most before they are on disk: what a kill of everything can cost."""
MOST_PARTS = 256
"""Parts that a run leaves lying before it takes them into the table: a night would otherwise leave many thousands."""
LOOKS = 5
IN_MEMORY = 64 * 2**20
"""Bytes up to which a table is read at once; a larger one is compared first, and then read again piece by piece."""
PIECE = 2**20
KEPT = "its rows prove themselves and are kept"
AGAIN = "its replications are played again"

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
        self._unlisted: dict[str, str] = {}

    def read_into(self, table: Table) -> None:
        """All rows that can be trusted into a table, a few at a time: from the table on disk and from parts, but for
        those read before.
        """
        if self.folder.exists():
            with alone(self.folder):
                table.add(self._read())
                note(self.folder, self._unlisted)

    def look_into(self, table: Table) -> None:
        """All rows into a table, whichever model played them, touching nothing.

        Warns of a file that is damaged where that has not touched its rows.

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
            path = self.folder / PARTS / part_name(content)
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
                put(
                    self.folder,
                    {TABLE: lambda file: encode_into(file, table.canonical, self.identity, model_digest())},
                )
                self._in_table = (_mark(self.folder / TABLE), len(table))
            for part in self._taken:
                part.unlink(missing_ok=True)
            self._taken.clear()

    def describe(self, manifest: Mapping[str, Any], scenario: str | None = None) -> None:
        """Write the manifest, and the scenario's text where it is given."""
        text = json.dumps({"format": FORMAT, "identity": self.identity, **manifest}, indent=2, ensure_ascii=False)
        told = {MANIFEST: text.encode() + b"\n"}
        put(self.folder, told if scenario is None else {**told, SCENARIO: scenario.encode()})

    def forget(self) -> None:
        """Remove all rows, for a run that was asked to begin afresh."""
        if self.folder.exists():
            for path in self._files():
                path.unlink(missing_ok=True)
            forget(self.folder, {TABLE})

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
        self._in_table = (mark, found.number) if found is not None and path.exists() else None
        yield from () if found is None else found.rows

    def _trusted(self, path: Path) -> Verified | None:
        """A file's rows; None when it cannot be trusted and was set aside."""
        try:
            found = opened(path)
            rows = verified(found.content, self.identity, model_digest())
        except UnreadableError as error:
            why = f"{error}{self._since()}" if isinstance(error, OutdatedError) else str(error)
            self._aside(path, f"{why}; {AGAIN}")
            return None
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
        if not found.sound:
            self._aside(path, f"{DIFFERS}; {KEPT}")
        elif path.name == TABLE and not found.listed:
            self._unlisted[TABLE] = found.digest
        return rows

    def _aside(self, path: Path, why: str) -> None:
        self.quarantined.append(f"{set_aside(path).relative_to(self.folder)}: {why}")

    def _since(self) -> str:
        """What has changed in the model since the last run, where its manifest tells."""
        rooms = changed(read_manifest(self.folder).get("rooms", {}))
        return f" (changed since: {rooms})" if rooms else ""

    def _looked(self, path: Path) -> Iterator[Row]:
        found = opened(path)
        try:
            rows = verified(found.content, self.identity, None).rows
        except UnreadableError as error:
            raise UsageError(f"{path}: {error}; run its scenario again") from error
        if not found.sound:
            warnings.warn(f"{path}: {DIFFERS}; its rows prove themselves and are used", RuntimeWarning, stacklevel=2)
        return rows


def _mark(path: Path) -> Mark:
    """What changes when a file is replaced."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def opened(path: Path) -> Compared[bytes | pa.NativeFile]:
    """The table of a study or a part, compared with its digest. What is large is open, to be read piece by piece.

    Whoever replaces it meanwhile leaves this one as it was.
    """
    if path.parent.name != PARTS:
        return compared(path.parent, path.name, _content, _sha256)
    content = path.read_bytes()
    return Compared(content, digest_of(content), listed=True, sound=part_name(content) == path.name)


def proof(content: bytes | pa.NativeFile, identity: str | None) -> str:
    """What is wrong with a table of one study, or of any; "" where its rows prove themselves, whoever played them."""
    try:
        verified(content, identity, None)
    except UnreadableError as error:
        return str(error)
    return ""


def _content(path: Path) -> bytes | pa.NativeFile:
    if path.stat().st_size <= IN_MEMORY:
        return path.read_bytes()
    import pyarrow as pa

    return pa.OSFile(str(path))


def _sha256(content: bytes | pa.NativeFile) -> str:
    if isinstance(content, bytes):
        return digest_of(content)
    total = hashlib.sha256()
    while piece := content.read(PIECE):
        total.update(piece)
    content.seek(0)
    return total.hexdigest()


def part_name(content: bytes) -> str:
    """Parts are named by their content, so that none needs a line in the list of digests."""
    return f"{hashlib.blake2b(content, digest_size=10).hexdigest()}.parquet"
