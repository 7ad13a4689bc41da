"""Files in given folders and nothing beside them, whatever links say, and whatever is moved meanwhile.

A path is walked from the root of the file system, one component after the other, each opened in the descriptor of the
one before and never through a link. A link is read, and what it says is walked likewise; ``..`` goes back to the
descriptor that we came from. So the names walked are the true way to what is opened: there is no moment between a check
and an open in which a link could be put in place (openat2's RESOLVE_BENEATH does the same within the kernel of Linux).
Off the way to a folder of ours not even a name is looked up.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.named_files.anywhere import READING
from sim.named_files.content import Content, OutsideError, UnreadableError, content_of, refusal

MOST_LINKS = 40
"""As Linux allows on one way."""
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_CAN_WALK = {os.open, os.stat, os.readlink} <= os.supports_dir_fd and bool(_NO_LINK)
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0) | _NO_LINK
_OUTSIDE = "lies outside the folders this page may read; start it with a folder that holds it"


@dataclass(frozen=True, slots=True)
class Inside:
    """Folders as they are called, and the true name each had at the start."""

    folders: tuple[tuple[Path, str], ...]

    @classmethod
    def of(cls, folders: Iterable[Path]) -> Inside:
        """Of folders that exist; links in their own names are followed, once."""
        return cls(tuple((folder, os.path.realpath(folder)) for folder in folders))

    def read(self, path: str | os.PathLike[str], most: int, *, whole: bool = True) -> Content:
        """As :class:`sim.named_files.Reach` says."""
        with _opened(self._true_beginning(Path(path)), [_parts(real) for _, real in self.folders]) as number:
            return content_of(number, most, whole=whole)

    def _true_beginning(self, path: Path) -> str:
        """The path with the folder that it is told in by its true name."""
        for folder, real in self.folders:
            for called in (folder, Path(os.path.abspath(folder))):
                count = len(called.parts)
                if called.is_absolute() == path.is_absolute() and path.parts[:count] == called.parts:
                    return os.path.join(real, *path.parts[count:])
        return os.path.abspath(path) if not path.is_absolute() else str(path)


@contextlib.contextmanager
def _opened(path: str, folders: Sequence[tuple[str, ...]]) -> Iterator[int]:
    """A descriptor of the file at the end of an absolute path, opened for reading; closed in the end.

    Raises OutsideError, UnreadableError, or OSError for what is missing inside.
    """
    if not _CAN_WALK:
        raise UnreadableError("cannot be read safely: this system cannot open a file within a folder that is open")
    if "\0" in path:
        raise OutsideError(_OUTSIDE)
    with contextlib.ExitStack() as held:
        number = _Walk(folders, held).to(path)
        held.callback(os.close, number)
        yield number


class _Walk:
    """Where we stand: the folders from the root of the file system down, open, by their true names."""

    def __init__(self, folders: Sequence[tuple[str, ...]], held: contextlib.ExitStack) -> None:
        self._folders, self._held = folders, held
        self._root = self._keep(os.open("/", _FOLDER & ~_NO_LINK))
        self._stack: list[tuple[str, int]] = []
        self._links = 0

    def to(self, path: str) -> int:
        """Walk, and open the last component."""
        todo = deque(_parts(path))
        while todo:
            name = todo.popleft()
            if name == "..":
                del self._stack[-1:]
                continue
            self._may_look_up(name)
            here = self._stack[-1][1] if self._stack else self._root
            found = os.stat(name, dir_fd=here, follow_symlinks=False)
            if stat.S_ISLNK(found.st_mode):
                todo.extendleft(reversed(self._through(name, here)))
            elif todo:
                self._stack.append((name, self._keep(os.open(name, _FOLDER, dir_fd=here))))
            else:
                return self._last(name, here, found)
        raise UnreadableError(refusal(stat.S_IFDIR)) if self._is_inside() else OutsideError(_OUTSIDE)

    def _last(self, name: str, here: int, found: os.stat_result) -> int:
        if not self._is_inside():
            raise OutsideError(_OUTSIDE)
        why = refusal(found.st_mode)  # a device may do something when it is opened
        if why:
            raise UnreadableError(why)
        return os.open(name, READING | _NO_LINK, dir_fd=here)

    def _through(self, name: str, here: int) -> tuple[str, ...]:
        """The components a link stands for; an absolute one begins at the root."""
        self._links += 1
        if self._links > MOST_LINKS:
            raise UnreadableError("is a chain of too many links")
        target = os.readlink(name, dir_fd=here)
        if os.path.isabs(target):
            self._stack.clear()
        return _parts(target)

    def _may_look_up(self, name: str) -> None:
        """Raises OutsideError off the way to, or below, every folder of ours."""
        names = (*self._names(), name)
        if not any(names[: len(folder)] == folder[: len(names)] for folder in self._folders):
            raise OutsideError(_OUTSIDE)

    def _is_inside(self) -> bool:
        names = self._names()
        return any(names[: len(folder)] == folder for folder in self._folders)

    def _names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._stack)

    def _keep(self, number: int) -> int:
        self._held.callback(os.close, number)
        return number


def _parts(path: str) -> tuple[str, ...]:
    """The components of a path, empty ones and ``.`` left out."""
    return tuple(part for part in path.split("/") if part not in ("", "."))
