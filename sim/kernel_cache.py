"""Where compiled kernels are kept on disk, and whether what lies there may be loaded.

What is loaded from there is executed, and numba reads it without a question. So nothing is loaded before each file has
been compared with the digest that was written beside it when it was compiled; what does not match is removed, said, and
compiled anew. A folder in which other people can write is not used at all. A lock lets one process look or compile at
a time, so that a second one neither compiles the same again nor sees half of what the first one writes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

DIGESTS = "digests.json"
LOCK = "lock"


def base_folder() -> Path:
    """The folder for the caches of all versions: in XDG_CACHE_HOME, or in ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "rollrisk"


def is_filled(folder: Path, kernel: str = "*") -> bool:
    """Whether a kernel lies there, or the one of that name."""
    return folder.is_dir() and any(folder.rglob(f"*.{kernel}-*.nbc"))


def obstacle(folder: Path) -> str:
    """Why kernels cannot be kept in a folder, as the end of a sentence; empty where they can. Makes the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
        found = folder.stat()
    except OSError as error:
        return f"cannot be written ({error.strerror or error})"
    if hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        return "can be written by other users, and what lies there is executed; to use it: chmod -R go-w, and own it"
    return ""


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else looks at the folder or writes there meanwhile. Where files cannot be locked, hope for the best."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        yield
        return
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            lock = stack.enter_context((folder / LOCK).open("ab"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def drop_what_cannot_be_trusted(folder: Path) -> None:
    """Empty the folder unless every file in it is the one that was compiled; says so in a warning.

    Files without a digest are such as a process left that was killed while it wrote, or that somebody else laid there.
    """
    files, known = _kernels(folder), _digests(folder)
    if {name: _digest(path) for name, path in files.items()} == known:
        return
    for path in files.values():
        path.unlink(missing_ok=True)
    (folder / DIGESTS).unlink(missing_ok=True)
    warnings.warn(
        f"compiled code in {folder} was damaged or incomplete: it is removed and compiled anew",
        RuntimeWarning,
        stacklevel=2,
    )


def note_digests(folder: Path) -> None:
    """Write down what lies there now, for :func:`drop_what_cannot_be_trusted`."""
    content = json.dumps({name: _digest(path) for name, path in _kernels(folder).items()}, indent=1).encode()
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(content)
    os.replace(file.name, folder / DIGESTS)


def _kernels(folder: Path) -> dict[str, Path]:
    """numba's index and code files by their place in the folder."""
    found = (path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc"))
    return {path.relative_to(folder).as_posix(): path for path in sorted(found)}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "unreadable"


def _digests(folder: Path) -> dict[str, str] | None:
    """What was written down; None where that cannot be read. An empty folder has nothing to write down."""
    try:
        found = json.loads((folder / DIGESTS).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
