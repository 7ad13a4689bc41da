"""Files that a command was told to write: ``--junit``, ``--csv``, ``--plot``, and pages in the folder of ``--results``.

Such a name may be a slip of the pen. So a file is replaced only if it is missing or empty, or if rollrisk wrote it and
it is of the same kind, as its own beginning says; anything else takes ``--force``. An input of the same command is
never replaced, nor is a folder. A link is written through. Pipes, devices and ``/dev/stdout`` are simply written to.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import UsageError
from sim.study import digests
from sim.study.disk import put, write_whole

IN_RESULTS = r"index\.html|overview\.(?:csv|json)|rollrisk\.sha256|[a-z0-9-]+-capacity\.(?:html|md|csv)"
"""The names, as a regular expression, of what is written into a results folder beside the studies."""
LOOKED_AT = 65_536
"""Bytes at the beginning and at the end of a file in which its mark is looked for."""
_OWN_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that commands write, and the mark by which one of ours is known."""

    called: str
    begins: bytes
    """What the file begins with, as a regular expression."""
    holds: bytes = b""
    """What stands somewhere near its beginning or its end."""

    def is_kind_of(self, path: Path) -> bool:
        """Whether rollrisk wrote the file, as this kind."""
        with open(path, "rb") as file:
            beginning = file.read(LOOKED_AT)
            file.seek(max(0, os.fstat(file.fileno()).st_size - LOOKED_AT))
            end = file.read(LOOKED_AT)
        return re.match(self.begins, beginning) is not None and (self.holds in beginning or self.holds in end)


SCENARIO = Kind("scenario", rb"(?s:.*?)^rollrisk:")
BASELINE = Kind("baseline", rb'\{\s*"rollrisk_baseline"')
JUNIT = Kind("JUnit XML", rb'<testsuites name="rollrisk"')
PAGE = Kind("page", rb"(?i)<!doctype html>", b'<meta name="generator" content="rollrisk">')
SWEEP_TABLE = Kind("table of a sweep", rb"[^\n]*\bstrategy,value,low,high,n,recommended\r?\n")
OVERVIEW_TABLE = Kind("overview", rb"file,name,became,today,recommended,")
OVERVIEW_MEMORY = Kind("overview", rb'\{\s*(?:\}|"(?:[^"\\]|\\.)*":\s*\{\s*"file":)')
CAPACITY_TABLE = Kind("table of a capacity review", rb"strategy,growth,")
CAPACITY_TEXT = Kind("capacity review", rb"# Capacity review: ")
SVG = Kind("picture", rb"<\?xml", b"<dc:title>rollrisk</dc:title>")
PNG = Kind("picture", rb"\x89PNG\r\n", b"rollrisk")
PDF = Kind("picture", rb"%PDF-", b"(rollrisk)")


def check(path: Path, kind: Kind, *, inputs: Sequence[Path] = (), force: bool = False) -> None:
    """Refuse to write where something else would be lost.

    Raises :class:`UsageError` saying what stands there and what to do.
    """
    try:
        if _descriptor(path) is not None:
            return
        found = os.stat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    if stat.S_ISDIR(found.st_mode):
        raise UsageError(f"cannot write {path}: it is a folder; name a file in it")
    if any(each.exists() and os.path.samefile(each, path) for each in inputs):
        raise UsageError(f"cannot write {path}: this command reads it; name another file")
    if not stat.S_ISREG(found.st_mode) or not found.st_size or force or _is_ours(path, kind):
        return
    raise UsageError(
        f"{path} is there already and is no {kind.called} of rollrisk; name another file, or add --force to replace it"
    )


def write(path: Path, content: bytes, kind: Kind, *, inputs: Sequence[Path] = (), force: bool = False) -> None:
    """Write an output, whole or not at all where it is a file.

    Raises :class:`UsageError` naming the path where it would destroy something (:func:`check`), or cannot be written.
    """
    check(path, kind, inputs=inputs, force=force)
    descriptor = _descriptor(path)
    try:
        if descriptor is not None:
            _into(os.dup(descriptor), content)
        elif path.exists() and not path.is_file():
            _into(os.open(path, os.O_WRONLY), content)
        else:
            write_whole(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def store(folder: Path, files: Mapping[str, tuple[Kind, bytes]], *, force: bool = False) -> None:
    """Write outputs into a results folder together, with their digests.

    Raises :class:`UsageError` as :func:`write` does; then nothing is written.
    """
    for name, (kind, _) in files.items():
        check(folder / name, kind, force=force)
    digests.put(folder, {name: content for name, (_, content) in files.items()})


def _into(descriptor: int, content: bytes) -> None:
    with open(descriptor, "wb", buffering=0) as file:
        left = memoryview(content)
        while left:
            left = left[put(file, left) :]


def _descriptor(path: Path) -> int | None:
    """The number of an open file of this process that the path names, as ``/dev/fd/63`` of a shell's ``>(…)`` does."""
    name = os.path.abspath(path)
    found = _OWN_DESCRIPTOR.fullmatch(name)
    number = int(found[1]) if found else _STANDARD.get(name)
    if number is not None:
        os.fstat(number)  # raises OSError where it is not open
    return number


def _is_ours(path: Path, kind: Kind) -> bool:
    try:
        return kind.is_kind_of(path)
    except OSError:
        return False
