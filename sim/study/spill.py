"""Bytes that need not be in memory: appended to a nameless file, read back by their place.

What is small never leaves memory. The file is gone with whoever wrote it, however that ends; what is in it can be
computed anew from the rows of a study.
"""

from __future__ import annotations

import tempfile
import threading
import weakref
from pathlib import Path
from typing import Any, BinaryIO, cast

from sim.errors import UsageError
from sim.study.disk import SCRATCH, UNFINISHED, put

IN_MEMORY = 4 * 2**20
"""Bytes up to which nothing is written to disk."""

NAMED: dict[str, Any] = {"prefix": f".{SCRATCH}.", "suffix": UNFINISHED}
"""Where a system has no nameless files, a name that the next run knows if we die before it is taken away."""


class Spill:
    """Bytes by place.

    >>> spill = Spill()
    >>> place = spill.put(b"rows")
    >>> spill.get(place, 4)
    b'rows'
    """

    def __init__(self, folder: Path | None = None) -> None:
        """In a folder on disk, if it is there when room is needed; else where the system keeps such files."""
        self._folder, self._size = folder, 0
        self._file: tempfile.SpooledTemporaryFile[bytes] | None = None
        self._turn = threading.Lock()

    def put(self, content: bytes | bytearray) -> int:
        """Append; gives back the place.

        Raises :class:`UsageError` where the disk does not take it.
        """
        with self._turn:
            place = self._size
            try:
                file = self._file or self._opened()
                file.seek(place)
                put(cast(BinaryIO, file), content)
                file.flush()
            except OSError as error:
                raise UsageError(f"cannot write a temporary file: {error.strerror or error}") from error
            self._size += len(content)
            return place

    def get(self, place: int, size: int) -> bytes:
        """So many bytes from a place on."""
        if not size:
            return b""
        with self._turn:
            assert self._file is not None, "nothing was put"
            self._file.seek(place)
            return self._file.read(size)

    def _opened(self) -> tempfile.SpooledTemporaryFile[bytes]:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=self._writable(), **NAMED)  # noqa: SIM115 (as long as we)
        weakref.finalize(self, self._file.close)
        return self._file

    def _writable(self) -> str | None:
        """The folder wanted, where a file can be made in it."""
        if self._folder is None:
            return None
        try:
            with tempfile.TemporaryFile(dir=self._folder, **NAMED):
                return str(self._folder)
        except OSError:
            return None
