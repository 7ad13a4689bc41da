"""Which model played a row: a digest over every source file that can change a result.

A results folder outlives the program that filled it. Rows of another model are not wrong, they answer another question;
mixing them with new ones would be.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.doors import FAMILIES

TELLING = ("study", "report", "cli", "whatif", "serve", "notebook", "__init__.py", "__main__.py")
"""What only counts and tells: it may change without any replication changing."""


@functools.cache
def model_digest() -> str:
    """Twelve hexadecimal figures, alike for programs whose replications are alike.

    >>> len(model_digest())
    12
    """
    return _short("\n".join(f"{room} {digest}" for room, digest in rooms().items()).encode())


@functools.cache
def rooms() -> Mapping[str, str]:
    """A digest by room: each folder and file of the package that can change a result, each installed kind of others.

    >>> "cluster" in rooms(), "study" in rooms()
    (True, False)
    """
    package = Path(__file__).parents[1]
    found = {path.name: _of(path) for path in sorted(package.iterdir()) if _can_change_results(path)}
    return {**found, **{f"kind {module}": _of(path) for module, path in _installed_kinds()}}


def changed(before: Mapping[str, str]) -> str:
    """What has changed since a program whose rooms were these; "" where nobody can say.

    >>> changed({**rooms(), "cluster": "another"})
    'cluster'
    """
    if not before:
        return ""
    names = dict.fromkeys([*before, *rooms()])
    return ", ".join(name for name in names if before.get(name) != rooms().get(name))


def _can_change_results(path: Path) -> bool:
    return path.name not in TELLING and (path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py"))))


def _of(path: Path) -> str:
    """A digest over a file, or over all sources of a folder."""
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return _short(
        b"".join(f"{file.relative_to(path.parent).as_posix()}\n".encode() + file.read_bytes() for file in files)
    )


def _installed_kinds() -> Iterator[tuple[str, Path]]:
    """Modules of other packages that add kinds (:mod:`sim.doors`), found without importing them; packages whole."""
    from importlib import metadata

    entries = metadata.entry_points()
    modules = {entry.module for family in FAMILIES for entry in entries.select(group=f"rollrisk.{family}")}
    for module in sorted(modules):
        found = importlib.util.find_spec(module.partition(".")[0])
        if found is not None and found.origin is not None:
            place = Path(found.origin)
            yield module, place.parent if place.name == "__init__.py" else place


def _short(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=6).hexdigest()
