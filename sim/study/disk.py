"""The one door through which files are written: whole or not at all, and by name when the disk does not take them.

A file is written beside its place under a name of its own and moved there in one step. Whoever writes one holds a lock
on it meanwhile, which ends with the process; so a file that was begun and is held by nobody was left by a process that
has died, and the next run removes it (:func:`sweep`).

Tests put a full disk behind the small functions ``made``, ``put``, ``kept`` and ``moved``: nothing is written without
them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from typing_extensions import Buffer

from sim.errors import UsageError

UNFINISHED = ".tmp"
QUARANTINED = ".quarantined"
SCRATCH = "spill"
Write: TypeAlias = Callable[[BinaryIO], object]
"""Writes a content piece by piece into what it is given."""


def made(path: Path) -> BinaryIO:
    """A new file to write into; the folders above it are made, too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "xb")


def put(file: BinaryIO, content: Buffer) -> int:
    """Append to a file; how many bytes."""
    return file.write(content)


def kept(file: BinaryIO) -> None:
    """Have the disk take what was written, before anything rests on it."""
    file.flush()
    os.fsync(file.fileno())


def moved(source: Path, place: Path) -> None:
    """Give a file its name, in one step."""
    os.replace(source, place)


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that is written and not yet at its place; held until it is there or dropped."""

    path: Path
    beside: Path
    digest: str  # SHA-256
    held: BinaryIO

    def land(self) -> None:
        """Put it there.

        Raises :class:`UsageError` naming the path where that fails.
        """
        with _told(self.path):
            moved(self.beside, self.path)
            self.held.close()
            _remember(self.path.parent)

    def drop(self) -> None:
        """Leave nothing of it; does nothing to a file that is at its place."""
        if not self.held.closed:
            with contextlib.suppress(OSError):
                self.beside.unlink()
            self.held.close()


def staged(path: Path, write: Write) -> Staged:
    """Write a file beside its place.

    Raises :class:`UsageError` naming the path where the disk does not take it.
    """
    with _told(path):
        beside, file = _begun(path)
        try:
            sink = _Sink(file)
            write(sink)  # type: ignore[arg-type]  # all that a writer asks of a file
            kept(file)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            with contextlib.suppress(OSError):  # what is buffered still does not fit
                file.close()
            raise
        return Staged(path, beside, sink.digest, file)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that, whatever happens, it is there as a whole or not at all.

    Raises :class:`UsageError` naming the path where the disk does not take it.
    """
    found = staged(path, lambda file: file.write(content))
    try:
        found.land()
    finally:
        found.drop()


def sweep(folder: Path, ours: str = ".*") -> None:
    """Remove what processes that have died had begun to write there, under names that match the regular expression."""
    begun = re.compile(rf"\.(?:(?:{ours})\.[0-9a-f]{{8}}|{SCRATCH}\.\w+){re.escape(UNFINISHED)}")
    for path in folder.glob(f".*{UNFINISHED}"):
        if begun.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            with contextlib.suppress(OSError), open(path, "rb") as file:
                if _hold(file):
                    path.unlink()


def free_name(path: Path) -> Path:
    """A name beside the file that no file set aside has yet."""
    numbers = ("", *(f".{number}" for number in range(2, 10_000)))
    names = (path.with_name(f"{path.name}{number}{QUARANTINED}") for number in numbers)
    return next(name for name in names if not os.path.lexists(name))


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be trusted, over nothing; its new name.

    Raises :class:`UsageError` naming the path where that fails.
    """
    aside = free_name(path)
    with _told(path):
        os.replace(path, aside)
    return aside


class _Sink(io.RawIOBase):
    """What a writer sees of the file: every byte goes through :func:`put`, and into the digest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._total = file, hashlib.sha256()

    @property
    def digest(self) -> str:
        return self._total.hexdigest()

    def writable(self) -> bool:
        return True

    def write(self, content: Buffer, /) -> int:
        self._total.update(content)
        return put(self._file, content)

    def tell(self) -> int:
        return self._file.tell()


def _begun(path: Path) -> tuple[Path, BinaryIO]:
    """A name nobody has and the file of that name, which is ours: a sweep may have removed it before it was held."""
    while True:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
        file = made(beside)
        _hold(file, wait=True)
        if os.fstat(file.fileno()).st_nlink or os.name == "nt":
            return beside, file
        file.close()


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the system refuses, as a message that names the place."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _remember(folder: Path) -> None:
    """Have the disk keep the new name too, so that a power cut never loses the table after its parts."""
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)


ABANDONED = 3600.0
"""Seconds after which a file that was never finished is nobody's any more, where files cannot be locked."""

try:
    import fcntl
except ImportError:  # not a POSIX system: there an open file cannot be removed

    def _hold(file: BinaryIO, *, wait: bool = False) -> bool:
        return True

else:

    def _hold(file: BinaryIO, *, wait: bool = False) -> bool:
        """Lock it; whether nobody else holds it or, on a file system without locks, has written to it of late."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return time.time() - os.fstat(file.fileno()).st_mtime > ABANDONED
        return True
