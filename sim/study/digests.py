"""A digest for every file that is stored: ``rollrisk.sha256`` in its folder, in the form ``sha256sum -c`` reads.

The last line is a digest of those above, so that damage to the list itself is found. While files are replaced the list
names their old and their new digests both, so that a kill at any moment leaves no file that looks damaged. Parts have
their digest in their names and no line here.

A file is compared from the very bytes that are used. One without a line, as earlier versions wrote them, is taken as it
is; rows have proofs of their own (:mod:`sim.study.parquet`).
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from sim.study.alone import alone
from sim.study.disk import Staged, Write, set_aside, staged, write_whole

DIGESTS = "rollrisk.sha256"
LOCK = f".{DIGESTS}.lock"
HEAD = "# SHA-256 of what rollrisk wrote in this folder; to check it: sha256sum -c rollrisk.sha256\n"
TAIL = "# SHA-256 of the lines above: "
DIFFERS = "its bytes do not match its digest"
LOOKS = 5
"""So often a file is read anew that is being replaced, before it is called damaged."""
Known: TypeAlias = Mapping[str, tuple[str, ...]]
"""By a file's place in the folder, the digests it may have: two while it is replaced, or where that was cut off."""
Content = TypeVar("Content")
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class DamagedError(ValueError):
    """The bytes of a stored file are not those that were written; the text says so in words."""


class Found(NamedTuple):
    """What a folder says of its files."""

    known: Known
    there: bool  # whether there is a list at all
    damaged: bool = False  # the list itself is: nothing in it is believed


def digests_in(folder: Path) -> Found:
    """The list of a folder; empty where there is none, or none that can be believed."""
    try:
        content = (folder / DIGESTS).read_bytes()
    except OSError:
        return Found({}, there=False)
    try:
        return Found(_parsed(content), there=True)
    except ValueError:
        return Found({}, there=True, damaged=True)


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal figures."""
    return hashlib.sha256(content).hexdigest()


class Compared(NamedTuple, Generic[Content]):
    """What was read of a stored file."""

    content: Content
    digest: str
    listed: bool  # whether the folder's list has a line for it
    sound: bool  # whether it is what was written, as far as a list tells


def compared(
    folder: Path, name: str, read: Callable[[Path], Content], digest: Callable[[Content], str]
) -> Compared[Content]:
    """Read a stored file and compare its digest; looks anew while it is being replaced.

    Raises OSError where it cannot be read.
    """
    seen: tuple[str, Known] | None = None
    for _ in range(LOOKS):
        known, content = digests_in(folder).known, read(folder / name)
        found = digest(content)
        if found in known.get(name, (found,)):
            return Compared(content, found, name in known, sound=True)
        if seen == (found, known):  # nobody is replacing it
            break
        seen = found, known
    return Compared(content, found, listed=True, sound=False)


def checked(folder: Path, name: str) -> bytes:
    """The bytes of a stored file, compared with its digest.

    Raises :class:`DamagedError` where they are others than were written, OSError where they cannot be read.
    """
    found = compared(folder, name, lambda path: path.read_bytes(), digest_of)
    if not found.sound:
        raise DamagedError(DIFFERS)
    return found.content


def put(folder: Path, contents: Mapping[str, bytes | Write]) -> None:
    """Write files into a folder and their digests into its list: each whole or not at all, and never a file that does
    not match.

    Raises :class:`sim.errors.UsageError` naming the path where the disk does not take it.
    """
    with contextlib.ExitStack() as stack:
        files = {}
        for name, content in contents.items():
            files[name] = staged(folder / name, _writer(content))
            stack.callback(files[name].drop)
        stack.enter_context(alone(folder, LOCK))
        _land(folder, files)


def note(folder: Path, contents: Mapping[str, str]) -> None:
    """Add digests of files that have proved themselves otherwise."""
    if contents:
        with alone(folder, LOCK):
            _list(folder, {**_believed(folder), **{name: (digest,) for name, digest in contents.items()}})


def forget(folder: Path, names: Collection[str]) -> None:
    """Take files out of the list that are there no more."""
    with alone(folder, LOCK):
        known = _believed(folder)
        left = {name: digests for name, digests in known.items() if name not in names}
        if left != known:
            _list(folder, left)


def _believed(folder: Path) -> Known:
    """The list, to be written anew; one that cannot be believed is set aside."""
    found = digests_in(folder)
    if found.damaged:
        set_aside(folder / DIGESTS)
    return found.known


def _land(folder: Path, files: Mapping[str, Staged]) -> None:
    before = _believed(folder)
    either = {
        name: tuple(dict.fromkeys((*before.get(name, _as_it_is(folder / name)), file.digest)))
        for name, file in files.items()
    }
    _list(folder, {**before, **either})
    for file in files.values():
        file.land()
    _list(folder, {**before, **{name: (file.digest,) for name, file in files.items()}})


def _as_it_is(path: Path) -> tuple[str, ...]:
    """The digest of a file that has no line yet; it shall not look damaged if we are killed before it is replaced."""
    try:
        with open(path, "rb") as file:
            return (hashlib.file_digest(file, "sha256").hexdigest(),)
    except OSError:
        return ()


def _writer(content: bytes | Write) -> Write:
    return (lambda file: file.write(content)) if isinstance(content, bytes) else content


def _list(folder: Path, known: Known) -> None:
    lines = "".join(_line(name, digest) for name, digests in sorted(known.items()) for digest in digests)
    above = (HEAD + lines).encode()
    write_whole(folder / DIGESTS, above + f"{TAIL}{digest_of(above)}\n".encode())


def _line(name: str, digest: str) -> str:
    return f"{digest}  {name}\n"


def _parsed(content: bytes) -> Known:
    """Raises ValueError for what is not a list that was written here."""
    above, mark, tail = content.rpartition(TAIL.encode())
    if not mark or tail != f"{digest_of(above)}\n".encode():
        raise ValueError("the list does not match its own digest")
    return {name: tuple(digests) for name, digests in _entries(above.decode()).items()}


def _entries(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for digest, name in (match.groups() for line in text.splitlines() if (match := _LINE.fullmatch(line))):
        found.setdefault(name, []).append(digest)
    return found
