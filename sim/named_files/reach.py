"""What all ways to a file have in common."""

from __future__ import annotations

import os
from typing import Protocol

from sim.named_files.content import Content


class Reach(Protocol):
    """Which files may be read, and the way to them."""

    def read(self, path: str | os.PathLike[str], most: int, *, whole: bool = True) -> Content:
        """The bytes of a file, ``most`` at most; where not ``whole``, its beginning does.

        Raises UnreadableError that says why it is not read (without the file's name), OutsideError for a file beyond
        reach, OSError where the system refuses.
        """
