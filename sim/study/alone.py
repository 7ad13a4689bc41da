"""Being alone in a results folder for a moment, so that two runs of one study never undo each other.

The lock is the operating system's, on an empty file of the folder: it ends with the process that holds it, however that
ends. Parts need no lock, for each has a name of its own; only who reads all rows or replaces the table takes it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sim.errors import UsageError

LOCK = ".lock"


@contextlib.contextmanager
def alone(folder: Path, lock: str = LOCK) -> Iterator[None]:
    """Wait until nobody else is here, then keep others out.

    On a file system that knows no locks (some network shares) nobody is kept out; there, run a study once at a time.

    Raises :class:`UsageError` naming the folder where it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / lock, "ab")  # noqa: SIM115 (closed below; closing it gives the lock back)
    except OSError as error:
        raise UsageError(f"cannot write {folder / lock}: {error.strerror or error}") from error
    with file:
        with contextlib.suppress(OSError):
            _wait_for(file)
        yield


if sys.platform == "win32":
    import msvcrt

    def _wait_for(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _wait_for(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
