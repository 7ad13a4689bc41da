"""Jobs cut into tasks of about the same duration. The size of a task has no say in any result."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.study.cells import Job

TASK_SECONDS = 0.7
"""How long a task should take: long beside the cost of sending it, short beside a person's patience."""
LARGEST_TASK = 256


class Supply:
    """Cuts a list of jobs into tasks by how long jobs have been taking.

    >>> supply = Supply(workers=2)
    >>> supply.load(range(100)); len(supply.cut())      # nothing known: one at a time
    1
    >>> supply.note(jobs=1, seconds=0.07); len(supply.cut())
    10
    """

    def __init__(self, workers: int, *, task_seconds: float = TASK_SECONDS) -> None:
        self.workers, self.task_seconds = workers, task_seconds
        self.seconds_per_job = math.inf
        self._jobs: list[Job] = []
        self._next = 0

    def load(self, jobs: Iterable[Job]) -> None:
        """Begin with a new list."""
        self._jobs, self._next = list(jobs), 0

    def back(self, jobs: Iterable[Job]) -> None:
        """Put jobs back that were cut and not played; they are the next to be cut."""
        self._jobs[self._next : self._next] = jobs

    @property
    def left(self) -> int:
        """Jobs not yet cut."""
        return len(self._jobs) - self._next

    def cut(self) -> tuple[Job, ...]:
        """The next jobs; smaller tasks towards the end, so that no worker waits long for the last one."""
        by_time = min(LARGEST_TASK, max(1, round(self.task_seconds / self.seconds_per_job)))
        by_rest = math.ceil(self.left / (2 * self.workers))
        first, self._next = self._next, self._next + max(1, min(by_time, by_rest))
        return tuple(self._jobs[first : self._next])

    def note(self, *, jobs: int, seconds: float) -> None:
        """Learn from a finished task; the latest counts a third."""
        each = max(seconds / max(jobs, 1), 1e-6)
        known = math.isfinite(self.seconds_per_job)
        self.seconds_per_job = (2 * self.seconds_per_job + each) / 3 if known else each
