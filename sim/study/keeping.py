"""A runner that puts aside what is to be kept beyond the rows, and plays again what lacks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sim.study.cells import FATE, Job
from sim.study.executors import Runner, Stop
from sim.study.play import Played, Work
from sim.study.shards import Shards


@dataclass(slots=True)
class Keeping:
    """Hands rows on, and keeps their extras on disk."""

    runner: Runner
    shards: Shards

    @property
    def workers(self) -> int:
        """Those of the real runner."""
        return self.runner.workers

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play, and keep."""
        for played in self.runner.run(work, jobs, stop):
            self.shards.keep(played.extras)
            yield played._replace(extras=())

    def catch_up(self, work: Work, jobs: Iterable[Job], stop: Stop) -> None:
        """Play again those whose row is there and whose extras are not: of earlier runs, or of other studies.

        Good releases that only settle who ships are not played whole, and have none.
        """
        self.shards.flush()
        whole = (job for job in jobs if job.cell.case != FATE)
        for _ in self.run(work, [job for job in whole if job not in self.shards], stop):
            pass
        self.shards.flush()

    def close(self) -> None:
        """Let go of the real runner's workers."""
        self.runner.close()
