"""All studies of a results folder: which there are, how large, by which model, and removing one. Loads no tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.errors import UsageError
from sim.study.digests import DIGESTS, LOCK
from sim.study.disk import QUARANTINED, UNFINISHED
from sim.study.extras import REQUESTS, SERIES
from sim.study.folders import BESIDE, MANIFEST, SWEEP, read_manifest
from sim.study.model import model_digest

PICTURES = tuple(f"report-{name}.svg" for name in ("spread", "tail", "hangs-on", "rate", "sweep", "year"))
REPORT = ("report.html", "report.md", "report.json", *PICTURES)
OURS = ("replications.parquet", MANIFEST, "scenario.yaml", SWEEP, BESIDE, *REPORT, DIGESTS, ".lock", LOCK)
"""What a run writes beside ``parts/`` and what it set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A study on disk, by its manifest."""

    folder: Path
    name: str
    identity: str
    replications: int
    bytes: int
    files_set_aside: int
    last_run: str  # when it ended or, if it was killed, began
    ended: bool
    same_model: bool  # whether a run would go on from these rows


def studies_in(results: Path) -> list[Kept]:
    """All studies of a results folder, the latest first; empty where there is no folder."""
    found = [_kept(folder) for folder in results.glob("*/") if (folder / MANIFEST).exists()]
    return sorted(found, key=lambda each: each.last_run, reverse=True)


def study_named(results: Path, name: str) -> Path:
    """The folder of a study, given as a path, as a folder's name, or as the beginning of either or of its identity.

    Raises :class:`UsageError` for none and for several, naming those there are.
    """
    if (Path(name) / MANIFEST).exists():
        return Path(name)
    kept = studies_in(results)
    exact = [each for each in kept if name in (each.folder.name, each.identity)]
    found = exact or [each for each in kept if each.folder.name.startswith(name) or each.identity.startswith(name)]
    if len(found) == 1:
        return found[0].folder
    there = ", ".join(each.folder.name for each in found or kept) or "nothing"
    problem = "is the beginning of several studies" if found else "is no study"
    raise UsageError(f"{name!r} {problem}; in {results} there is: {there}")


def remove(folder: Path) -> list[str]:
    """Remove what runs wrote into a study's folder; gives back what was left because it is not theirs.

    Raises :class:`UsageError` for a folder without a study, and for files that cannot be removed.
    """
    if not read_manifest(folder):
        raise UsageError(f"{folder} holds no study (its {MANIFEST} is missing or unreadable), so it is left alone")
    try:
        for path in (*_rows(folder), *(folder / name for name in OURS)):
            path.unlink(missing_ok=True)
        for place in (folder / "parts", folder / SERIES, folder / REQUESTS, folder):
            if place.exists() and not any(place.iterdir()):
                place.rmdir()
    except OSError as error:
        raise UsageError(f"cannot remove {folder}: {error.strerror or error}") from error
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def _rows(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f"*{QUARANTINED}")
    yield from folder.glob(f".*{UNFINISHED}")
    for name in ("parts", SERIES, REQUESTS):
        yield from (path for path in (folder / name).glob("*") if ".parquet" in path.name)
        yield from (folder / name).glob(f".*{UNFINISHED}")


def _kept(folder: Path) -> Kept:
    manifest = read_manifest(folder)
    made = manifest.get("made", {})
    return Kept(
        folder=folder,
        name=str(manifest.get("name", "unreadable")),
        identity=str(manifest.get("identity", "")),
        replications=sum(int(row.get("rows", 0)) for row in manifest.get("rows", [])),
        bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        files_set_aside=len(list(folder.rglob(f"*{QUARANTINED}"))),
        last_run=str(made.get("ended") or made.get("started") or ""),
        ended="ended" in made,
        same_model=made.get("model") == model_digest(),
    )
