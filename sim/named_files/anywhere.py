"""Whatever the user of the command may read: links are followed, and what the shell hands over is read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from sim.named_files.content import Content, UnreadableError, content_of, refusal

READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
"""A pipe is opened without waiting for its writer, and a terminal does not become ours."""
_HANDED_OVER = re.compile(r"/dev/stdin|/dev/fd/[0-9]+|/proc/(self|[0-9]+)/fd/[0-9]+")


@dataclass(frozen=True, slots=True)
class Anywhere:
    """A file is opened by the system's own rules for paths."""

    def read(self, path: str | os.PathLike[str], most: int, *, whole: bool = True) -> Content:
        """As :class:`sim.named_files.Reach` says; never out of reach."""
        handed_over = _HANDED_OVER.fullmatch(os.path.abspath(path)) is not None
        why = refusal(os.stat(path).st_mode, handed_over=handed_over)  # a device may do something when it is opened
        if why:
            raise UnreadableError(why)
        number = os.open(path, READING)
        try:
            return content_of(number, most, whole=whole, handed_over=handed_over)
        finally:
            os.close(number)


ANYWHERE = Anywhere()
