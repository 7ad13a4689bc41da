"""What an open descriptor is, and its bytes, within a number of bytes and a time."""

from __future__ import annotations

import os
import select
import stat
import time
from dataclasses import dataclass

PATIENCE = 60.0
"""Seconds for all that a pipe has to say; what makes its text, as ``helm template``, may take a while."""
_AT_ONCE = 1 << 20


class UnreadableError(ValueError):
    """A file is not read; the message says why and what to do, without the file's name."""


class OutsideError(UnreadableError):
    """A file lies where it may not be read."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes that were read, and which file of the system they are of."""

    data: bytes
    file: tuple[int, int]  # device and inode


def refusal(mode: int, *, handed_over: bool = False) -> str:
    """Why what has this mode is not read; empty for what is.

    >>> refusal(stat.S_IFREG), refusal(stat.S_IFIFO, handed_over=True), refusal(stat.S_IFDIR)
    ('', '', 'is a folder; name a file in it')
    """
    if stat.S_ISREG(mode) or (handed_over and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))):
        return ""
    if stat.S_ISDIR(mode):
        return "is a folder; name a file in it"
    if stat.S_ISFIFO(mode):
        return "is a named pipe; write its text to a file"
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return "is a device; name a file, or hand over a pipe"
    return "is neither a file nor a pipe; write its text to a file"


def content_of(number: int, most: int, *, whole: bool = True, handed_over: bool = False) -> Content:
    """All bytes of an open descriptor, or its beginning; raises UnreadableError for what is no file, or too much.

    A pipe may take :data:`PATIENCE` seconds in all, however slowly its bytes come.
    """
    found = os.fstat(number)
    why = refusal(found.st_mode, handed_over=handed_over)
    if why:
        raise UnreadableError(why)
    if whole and stat.S_ISREG(found.st_mode) and found.st_size > most:
        raise UnreadableError(too_large(most))
    deadline, parts, left = time.monotonic() + PATIENCE, [], most + 1
    while left > 0:
        _wait(number, deadline)
        part = os.read(number, min(left, _AT_ONCE))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    data = b"".join(parts)
    if len(data) > most and whole:
        raise UnreadableError(too_large(most))
    return Content(data[:most], (found.st_dev, found.st_ino))


def too_large(most: int) -> str:
    """What is said of too much."""
    return f"is larger than {most:,} bytes"


def _wait(number: int, deadline: float) -> None:
    """Until there is something to read, or the end; a plain file is always ready."""
    left = deadline - time.monotonic()
    if left > 0 and hasattr(select, "poll"):
        asked = select.poll()
        asked.register(number, select.POLLIN | select.POLLHUP)
        if asked.poll(left * 1000):
            return
    elif left > 0:
        return
    raise UnreadableError(f"did not come to its end within {PATIENCE:g} s; write the text to a file first")
