"""What other studies in the same results folder have played already.

Adding a strategy, or weighing the defects differently, makes another study with a folder of its own; yet most of its
cells are cells of the study before. Their rows are taken over as if they had just been played, and only those that are
asked for, so that the table is the one of a study that began with nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.scenario.kinship import cell_identity
from sim.scenario.resolved import Scenario
from sim.study import folders, store
from sim.study.cells import Cell, Job, cells_played
from sim.study.collect import Progress
from sim.study.executors import Runner, Stop
from sim.study.model import model_digest
from sim.study.parquet import UnreadableError, verified
from sim.study.play import Played, Work
from sim.study.rows import Row

AT_ONCE = 512


def cell_identities(scenario: Scenario) -> dict[Cell, str]:
    """The identity of every cell of a study."""
    return {
        cell: cell_identity(scenario, None if cell.is_twin else cell.strategy, cell.case)
        for cell in cells_played(scenario)
    }


def rows_of_kin(results: Path, own: Path, scenario: Scenario) -> dict[Job, tuple[Row, str]]:
    """Rows of other studies that are this study's too, each with the folder it was found in: same cell, same model.

    What cannot be trusted is passed over.
    """
    wanted = {(cell.strategy, cell.case): identity for cell, identity in cell_identities(scenario).items()}
    found: dict[Job, tuple[Row, str]] = {}
    for folder in sorted(path for path in results.glob("*/") if path != own):
        manifest = folders.read_manifest(folder)
        cells = {(row.get("strategy"), row.get("case")): row.get("identity") for row in manifest.get("rows", [])}
        shared = {cell for cell, identity in cells.items() if wanted.get(cell) == identity}
        if shared and manifest.get("made", {}).get("model") == model_digest():
            for row in _rows(folder, str(manifest.get("identity"))):
                if tuple(row.cell) in shared:
                    found.setdefault(Job(row.cell, row.index), (row, folder.name))
    return found


def _rows(folder: Path, identity: str) -> Iterator[Row]:
    try:
        yield from verified(store.opened(folder / store.TABLE).content, identity, model_digest()).rows
    except (OSError, UnreadableError):
        return


@dataclass(slots=True)
class Borrowing:
    """A runner that hands out what kin have played before it asks the real one."""

    runner: Runner
    rows: dict[Job, tuple[Row, str]]
    borrowed: int = 0

    @property
    def workers(self) -> int:
        """Those of the real runner."""
        return self.runner.workers

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Hand out, then play."""
        known = [self.rows[job][0] for job in jobs if job in self.rows]
        for first in range(0, len(known), AT_ONCE):
            self.borrowed += len(known[first : first + AT_ONCE])
            yield Played(tuple(known[first : first + AT_ONCE]), 0.0)
        yield from self.runner.run(work, [job for job in jobs if job not in self.rows], stop)

    def told(self, progress: Progress) -> Progress:
        """An event in which what was handed out counts as found, not as played."""
        played = progress.played - self.borrowed
        return replace(progress, played=played, reused=progress.reused + self.borrowed)

    def close(self) -> None:
        """Let go of the real runner's workers."""
        self.runner.close()
