"""Which scenario files the page may open: those found in the folders given, and nothing beside them.

A name from an address is only ever looked up in what was found, never made into a path. A file that names another
(``extends:``, a profile's ``file:``) is refused when that one lies outside, links followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError, UsageError
from sim.scenario import load
from sim.scenario.document import Document
from sim.scenario.resolved import Scenario
from sim.scenario.text import read_file

ENDINGS = (".yaml", ".yml")
MOST = 500
DEEPEST = 4
_BEGINS = re.compile(rb"^rollrisk[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Library:
    """Folders, and files of which only themselves and their own folder's shared files may be read."""

    places: tuple[Path, ...]

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Library:
        """Raises UsageError for a path that is not there."""
        for path in paths:
            if not path.exists():
                raise UsageError(f"{path}: there is no such file or folder; name scenario files or their folders")
        return cls(tuple(paths))

    def files(self) -> dict[str, Path]:
        """Name in addresses -> file, as they are now."""
        found: dict[str, Path] = {}
        for place in self.places:
            for file in _scenarios(place):
                if len(found) >= MOST:
                    return found
                name = (file.relative_to(place) if place.is_dir() else Path(file.name)).with_suffix("").as_posix()
                found.setdefault(name, file)
        return found

    def open(self, name: str) -> Scenario | None:
        """The scenario of that name; None where there is none.

        Raises ScenarioError as ``rollrisk check`` does, and for a file that would read outside the folders.
        """
        file = self.files().get(name)
        if file is None:
            return None
        self._stay_inside(file)
        return load(file)

    def _stay_inside(self, file: Path) -> None:
        document = read_file(file)
        self._refuse_outside(document, file)
        extends = document.data.get("extends") if isinstance(document.data, dict) else None
        if isinstance(extends, str) and extends.strip():
            base = Path(os.path.normpath(file.parent / extends))
            self._refuse_outside(read_file(base), base)

    def _refuse_outside(self, document: Document, file: Path) -> None:
        for path, named in _files_named(document.data):
            try:
                inside = self._is_inside(file.parent / named)
            except (OSError, ValueError):
                inside = False
            if not inside:
                message = f"{named!r} lies outside the folders this page may read; start it with a folder that holds it"
                raise ScenarioError([Problem(file=str(file), path=path, message=message)])

    def _is_inside(self, path: Path) -> bool:
        roots = [os.path.realpath(place if place.is_dir() else place.parent) for place in self.places]
        real = os.path.realpath(path)
        return any(os.path.commonpath([root, real]) == root for root in roots)


def _scenarios(place: Path) -> Iterator[Path]:
    """A file itself; of a folder all scenarios in it, hidden ones and links that lead out left aside."""
    if not place.is_dir():
        yield place
        return
    root = os.path.realpath(place)
    for folder, folders, names in os.walk(place):
        depth = len(Path(folder).relative_to(place).parts)
        folders[:] = [] if depth >= DEEPEST else sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            inside = os.path.commonpath([root, os.path.realpath(file)]) == root
            if name.endswith(ENDINGS) and not name.startswith(".") and inside and _is_scenario(file):
                yield file


def _is_scenario(file: Path) -> bool:
    try:
        if not file.is_file():
            return False
        with open(file, "rb") as stream:
            return bool(_BEGINS.search(stream.read(65_536)))
    except OSError:
        return False


def _files_named(data: Any) -> Iterator[tuple[str, str]]:
    """Every place at which a scenario names another file."""
    if not isinstance(data, dict):
        return
    if isinstance(data.get("extends"), str):
        yield "extends", data["extends"]
    for section, part in data.items():
        yield from _below(part, str(section))


def _below(part: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for key, value in part.items():
            here = f"{path}.{key}"
            if key == "file" and isinstance(value, str):
                yield here, value
            else:
                yield from _below(value, here)
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from _below(value, f"{path}[{place}]")
