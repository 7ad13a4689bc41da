"""Where a study lives: ``results/<name>-<identity>/``, one folder that explains itself.

======================== ==========================================================================================
``replications.parquet`` all rows, sorted by cell and index: the canonical table, the same bytes whoever computed it
``parts/*.parquet``      rows of a run under way, or of one that was killed; taken into the table when a run ends
``manifest.json``        what is there, and with what it was made: versions, seed, command, when, how long
``scenario.yaml``        the resolved scenario, every default written out
``*.quarantined``        files that were unreadable, altered, of another study or model: set aside, never trusted
======================== ==========================================================================================

Every file is written beside its place and moved there in one step, so that a kill leaves a whole file or none. What is
done is never done again: the next run of the same scenario reads all rows first.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sim.errors import UsageError
from sim.study.model import model_digest
from sim.study.parquet import UnreadableError, decode, encode
from sim.study.rows import Row, Table

TABLE = "replications.parquet"
MANIFEST = "manifest.json"
SCENARIO = "scenario.yaml"
PARTS = "parts"
QUARANTINED = ".quarantined"
FORMAT = 1

FLUSH_ROWS = 512
FLUSH_SECONDS = 2.0
"""Rows wait this long at most before they are on disk: what a kill of everything can cost."""


def slug(name: str) -> str:
    """A scenario's name as part of a folder's name.

    >>> slug("Checkout, evening peak!"), slug("…")
    ('checkout-evening-peak', 'study')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48].rstrip("-") or "study"


def folder_of(results: Path, name: str, identity: str) -> Path:
    """The folder of a study; six digits of its identity, or all of them where another study has those six."""
    short = results / f"{slug(name)}-{identity[:6]}"
    manifest = read_manifest(short)
    return short if manifest.get("identity", identity) == identity else results / f"{slug(name)}-{identity}"


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder says of itself; empty where it says nothing that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Store:
    """The rows of one study on disk."""

    def __init__(self, folder: Path, identity: str) -> None:
        self.folder, self.identity = folder, identity
        self.quarantined: list[str] = []
        """What was set aside, each with the reason."""
        self._waiting: list[Row] = []
        self._flushed = time.monotonic()
        self._taken: set[Path] = set()

    def read(self) -> list[Row]:
        """All rows that can be trusted, from the table and from parts not read before."""
        rows: list[Row] = []
        for path in self._files():
            if path not in self._taken:
                rows += self._trusted(path)
        return rows

    def look(self) -> list[Row]:
        """All rows, whichever model played them, touching nothing.

        Raises :class:`UsageError` for a file that cannot be read.
        """
        rows: list[Row] = []
        for path in self._files():
            try:
                rows += decode(path.read_bytes(), self.identity, None)
            except UnreadableError as error:
                raise UsageError(f"{path}: {error}; run its scenario again") from error
        return rows

    def keep(self, rows: Iterable[Row]) -> None:
        """Put rows on disk, a few at a time."""
        self._waiting += rows
        if len(self._waiting) >= FLUSH_ROWS or time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Put on disk what waits, as a part named by its content."""
        self._flushed = time.monotonic()
        if self._waiting:
            content = encode(self._waiting, self.identity, model_digest())
            path = self.folder / PARTS / f"{blake2b(content, digest_size=10).hexdigest()}.parquet"
            write_whole(path, content)
            self._taken.add(path)
            self._waiting = []

    def settle(self, table: Table) -> None:
        """Write the canonical table, with whatever another run has put here meanwhile, and clear the parts away."""
        self.flush()
        table.add(self.read())
        if len(table):
            write_whole(self.folder / TABLE, encode(list(table.canonical()), self.identity, model_digest()))
        for part in self._taken - {self.folder / TABLE}:
            part.unlink(missing_ok=True)

    def describe(self, manifest: Mapping[str, Any], scenario: str | None = None) -> None:
        """Write the manifest, and the scenario's text where it is given."""
        text = json.dumps({"format": FORMAT, "identity": self.identity, **manifest}, indent=2, ensure_ascii=False)
        write_whole(self.folder / MANIFEST, text.encode() + b"\n")
        if scenario is not None:
            write_whole(self.folder / SCENARIO, scenario.encode())

    def forget(self) -> None:
        """Remove all rows, for a run that was asked to begin afresh."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        found = (self.folder / TABLE, *sorted((self.folder / PARTS).glob("*.parquet")))
        return [path for path in found if path.exists()]

    def _trusted(self, path: Path) -> Sequence[Row]:
        try:
            rows = decode(path.read_bytes(), self.identity, model_digest())
        except UnreadableError as error:
            aside = path.with_name(path.name + QUARANTINED)
            os.replace(path, aside)
            self.quarantined.append(f"{aside.relative_to(self.folder)}: {error}; its replications are played again")
            return []
        if path.name != TABLE:
            self._taken.add(path)
        return rows


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that, whatever happens, it is there as a whole or not at all.

    Raises :class:`UsageError` naming the path where the disk does not take it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
