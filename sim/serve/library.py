"""Which scenario files the page may open: those found in the folders given, and nothing beside them.

A name from an address is only ever looked up in what was found, never made into a path. What a file names (as
``extends:`` and the ``file:`` of a profile) is read by the same way as the file itself, which does not lead out of the
folders.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import UsageError
from sim.named_files import Inside
from sim.scenario import load
from sim.scenario.resolved import Scenario

ENDINGS = (".yaml", ".yml")
MOST = 500
DEEPEST = 4
_BEGINS = re.compile(rb"^rollrisk[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Library:
    """Folders, and files of which only themselves and their own folder's shared files may be read."""

    places: tuple[Path, ...]
    reach: Inside

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Library:
        """Raises UsageError for a path that is not there."""
        for path in paths:
            if not path.exists():
                raise UsageError(f"{path}: there is no such file or folder; name scenario files or their folders")
        return cls(tuple(paths), Inside.of(path if path.is_dir() else path.parent for path in paths))

    def files(self) -> dict[str, Path]:
        """Name in addresses -> file, as they are now."""
        found: dict[str, Path] = {}
        for place in self.places:
            for file in self._scenarios(place):
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
        return load(file, self.reach)

    def _scenarios(self, place: Path) -> Iterator[Path]:
        """A file itself; of a folder all scenarios in it, hidden ones and links that lead out left aside."""
        if not place.is_dir():
            yield place
            return
        for folder, folders, names in os.walk(place):
            depth = len(Path(folder).relative_to(place).parts)
            folders[:] = [] if depth >= DEEPEST else sorted(each for each in folders if not each.startswith("."))
            for name in sorted(names):
                if name.endswith(ENDINGS) and not name.startswith(".") and self._is_scenario(Path(folder, name)):
                    yield Path(folder, name)

    def _is_scenario(self, file: Path) -> bool:
        """Whether it begins as one; what cannot be read, or is no plain file, does not."""
        try:
            return bool(_BEGINS.search(self.reach.read(file, 65_536, whole=False).data))
        except (OSError, ValueError):
            return False
